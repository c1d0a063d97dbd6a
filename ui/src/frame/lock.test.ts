// The lock of the whole window: what it takes away, who comes back to what, and what it tells.

import { emit } from "@tauri-apps/api/event";
import { beforeEach, expect, test } from "vitest";

import type { PersonView } from "../bindings/settings";
import { dropDrafts } from "../lib/drafts";
import { takeWho } from "../lib/people.svelte";
import { CLERK, OWNER, PEOPLE, whoOf } from "../lib/program.fixture";
import { goTo } from "../lib/route.svelte";
import { paymentOf } from "../orders/orders.fixture";
import { setPractice } from "../lib/practice.svelte";
import { asked, hold, opens, press, program, settled, value, write } from "./window.fixture";

let seated: PersonView | null;
const page = () => document.body.textContent.replace(/\s+/g, " ");
const there = (selector: string) => document.querySelector(selector) !== null;

opens();
beforeEach(async () => {
  seated = CLERK;
  dropDrafts();
  Object.assign(program.answers, { people: PEOPLE, who: whoOf(CLERK), sign_out: null, still_here: null });
  program.answers["sign_in"] = whoOf(CLERK);
  takeWho(whoOf(seated), PEOPLE);
  await settled();
});

const lock = () => hold("l", { ctrlKey: true }, 1);
async function signIn(number: string, one: PersonView) {
  program.answers["sign_in"] = whoOf(one);
  await press(number, "2", "7", "4", "9", "5", "8", "Enter");
}

test("Ctrl L takes everything off the page, also while a field has the focus", async () => {
  await press("1", "2", "6", "0", "0");
  await write("#customer", "王小姐");
  await lock();
  expect(there("[data-lock]")).toBe(true);
  expect(asked("sign_out")).toHaveLength(1);
  for (const gone of ["12,600", "12600", "王小姐"]) expect(document.body.innerHTML).not.toContain(gone);
  expect(there("#customer")).toBe(false);
});

test("a window that is put away in the tray is locked", async () => {
  await emit("put-away", null);
  await settled();
  expect(there("[data-lock]")).toBe(true);
  expect(asked("sign_out")).toHaveLength(1);
});

test("the only person has no number key: the first digit is the PIN's", async () => {
  program.answers["people"] = [OWNER];
  await lock();
  expect(document.querySelector("[role=option] kbd")?.textContent ?? "").toBe("");
  await press("1", "2", "7", "4", "9", "5", "8", "6", "Enter");
  expect(asked("sign_in").at(-1)?.given).toEqual({ name: OWNER.name, pin: "12749586" });
});

test("a number and the PIN sign in, and what was typed is still there", async () => {
  await press("1", "2", "6", "0", "0");
  await write("#customer", "王小姐");
  await lock();
  await signIn("2", CLERK);
  expect(asked("sign_in").at(-1)?.given).toEqual({ name: CLERK.name, pin: "274958" });
  expect([value("#amount"), value("#customer")]).toEqual(["12,600", "王小姐"]);
});

test("another person gets a clean counter, and the first one's is kept", async () => {
  await press("7", "7");
  await write("#note", "團購");
  goTo("orders");
  await settled();
  await write("#search", "阿明");
  await lock();
  await signIn("1", OWNER);
  expect([value("#amount"), value("#note"), value("#search")]).toEqual(["", "", ""]);
  expect(document.body.innerHTML).not.toContain("阿明");
  goTo("counter");
  await settled();
  await press("5");
  await lock();
  await signIn("2", CLERK);
  expect([value("#amount"), value("#note"), value("#search")]).toEqual(["77", "團購", "阿明"]);
  await lock();
  await signIn("1", OWNER);
  expect(value("#amount")).toBe("5");
});

test("another person begins at the counter, and the same one where the screen was", async () => {
  goTo("orders");
  await settled();
  await lock();
  await signIn("2", CLERK);
  expect(there("[data-place=orders][aria-current]")).toBe(true);
  await lock();
  await signIn("1", OWNER);
  expect(there("[data-place=counter][aria-current]")).toBe(true);
});

test("each screen is found where it was scrolled to, and a new one at its top", async () => {
  const main = document.querySelector("main");
  if (!main) throw new Error("no page");
  main.scrollTop = 300;
  await press("g", "o");
  expect(main.scrollTop).toBe(0);
  await press("g", "c");
  expect(main.scrollTop).toBe(300);
});

test("a PIN that somebody else set leads to its change, and to no other screen", async () => {
  await lock();
  program.answers["sign_in"] = { ...whoOf({ ...OWNER, pin_to_change: true }), rights: [] };
  await press("1", "2", "7", "4", "9", "5", "8", "Enter");
  expect([there("[data-must]"), there("#amount")]).toEqual([true, false]);
  await press("Escape", "g", "c", "/");
  expect(there("[data-place=people][aria-current]")).toBe(true);
  expect(document.querySelectorAll("[data-place]")).toHaveLength(1);
});

test("whoever forgot the PIN reads the way back where it is needed", async () => {
  await lock();
  expect(there("[data-lost]")).toBe(false);
  program.answers["sign_in"] = Object.assign(new Error(), { code: "pin-wrong", values: {}, zh: "", en: "" });
  await press("2", "1", "2", "Enter");
  expect(document.querySelector("[data-lost=clerk]")?.textContent).toContain("請負責人");
  await press("Escape", "1", "1", "2", "Enter");
  const way = () => document.querySelector("[data-lost=owner]")?.textContent;
  // a demo shop starts over with the program
  expect(way()).toContain("全新的示範店");
  setPractice("production");
  await settled();
  expect(way()).toContain(`counterfoil people recover "${OWNER.name}"`);
});

test("the slip on the counter comes back as it is now, for who sold it", async () => {
  program.answers["sell"] = { ...paymentOf(0), order: "o0" };
  await press("5", "F2");
  expect(there("[data-account]")).toBe(true);
  await lock();
  expect(there("[data-account]")).toBe(false);
  await signIn("1", OWNER);
  expect(there("[data-account]")).toBe(false);
  await lock();
  await signIn("2", CLERK);
  expect(there("[data-account]")).toBe(true);
});

test("the PIN is never in the page, and goes with every change of person", async () => {
  await lock();
  await press("2", "2", "7", "4");
  expect(there("[data-pin='3']")).toBe(true);
  expect(document.body.innerHTML).not.toContain("274");
  await press("ArrowDown");
  expect(there("[data-pin='0']")).toBe(true);
  await press("2", "7");
  dispatchEvent(new Event("blur"));
  await settled();
  expect(there("[data-pin='0']")).toBe(true);
  await press("2", "Escape");
  expect(there("[data-pin]")).toBe(false);
  await press("2");
  expect(there("[data-pin='0']")).toBe(true);
});

test("a wrong PIN clears the line and says why; a locked person waits as long as the program says", async () => {
  await lock();
  const wrong = {
    code: "pin-wrong",
    values: {},
    zh: "名字或 PIN 不對。",
    en: "The name or the PIN is wrong.",
  };
  program.answers["sign_in"] = Object.assign(new Error(), wrong);
  await press("2", "1", "2", "Enter");
  expect(page()).toContain("名字或 PIN 不對。");
  expect(there("[data-pin='0']")).toBe(true);
  for (const left of [4, 1]) {
    program.answers["sign_in"] = Object.assign(new Error(), { ...wrong, values: { left } });
    await press("1", "2", "Enter");
    expect(page()).toContain(`再錯 ${String(left)} 次`);
  }
  program.answers["pin_wait"] = 30;
  await press("1", "2", "Enter");
  expect(page()).toContain("還要等 30 秒");
  const before = asked("sign_in").length;
  await press("1", "2", "3", "4", "5", "6", "Enter");
  expect(asked("sign_in")).toHaveLength(before);
  program.answers["pin_wait"] = 0;
  await press("Escape", "1");
  expect(there("[data-wait]")).toBe(false);
});

test("what was paid while locked is counted, without amount and account", async () => {
  await lock();
  expect(there("[data-arrived]")).toBe(false);
  const paid = { ...paymentOf(1), payment: "late", state: "paid" as const, amount: 98_765 };
  await emit("arrived", { payment: "late", state: "paid", late: false });
  await emit("arrived", { payment: "none", state: "failed", late: false });
  // on its way when the window was locked
  await emit("payment", paid);
  await emit("news", paid);
  await settled();
  expect(page()).toContain("鎖定後收到 1 筆付款");
  expect(document.body.innerHTML).not.toMatch(/98,?765/);
  program.answers["unseen"] = [paid];
  await signIn("2", CLERK);
  expect(page()).toContain("98,765");
});

test("news from before the lock are not counted as arrived since", async () => {
  await emit("news", { ...paymentOf(2), payment: "before", state: "paid" as const });
  await settled();
  await lock();
  expect(there("[data-lock]")).toBe(true);
  expect(there("[data-arrived]")).toBe(false);
});

test("locking forgets the news that was shown, and nothing is asked that names a payment", async () => {
  const before = { ...paymentOf(2), payment: "before", state: "paid" as const };
  await emit("news", before);
  await settled();
  expect(there("[data-banner=paid]")).toBe(true);
  program.answers["unseen"] = [before];
  const asks = asked("unseen").length;
  program.answers["who"] = whoOf(null);
  await lock();
  await emit("shop", null);
  await settled();
  expect(asked("unseen")).toHaveLength(asks);
  expect(there("[data-banner=paid]")).toBe(false);
  await signIn("2", CLERK);
  expect(there("[data-banner=paid]")).toBe(true);
});

test("news for a window that the program has locked locks it here too", async () => {
  program.answers["who"] = whoOf(null);
  await emit("arrived", { payment: "late", state: "paid", late: false });
  await settled();
  expect(page()).toContain("鎖定後收到 1 筆付款");
});

test("the lock says what is wrong with the shop", async () => {
  const paused = { code: "storage", values: {}, zh: "磁碟滿了。", en: "The disk is full." };
  await emit("health", { bank: null, clock_off_s: null, paused });
  await lock();
  expect(there("[data-lock] [data-health=paused]")).toBe(true);
  await press("F5");
  expect(asked("again")).toHaveLength(1);
  await emit("health", { bank: null, clock_off_s: null, paused: null });
});

test("a click chooses as well, and the PIN is typed on", async () => {
  await lock();
  const clerk = document.querySelector<HTMLElement>("[data-person='林家瑜']");
  clerk?.focus();
  clerk?.click();
  await settled();
  await press("2", "7", "4", "9", "5", "8", "Enter");
  expect(asked("sign_in").at(-1)?.given).toEqual({ name: CLERK.name, pin: "274958" });
});

test("while a PIN is looked at no other person can be chosen", async () => {
  await lock();
  let answer: (who: unknown) => void = () => undefined;
  program.answers["sign_in"] = new Promise((resolve) => (answer = resolve));
  await press("2", "2", "7", "4", "9", "5", "8", "Enter", "Escape", "ArrowDown", "3");
  document.querySelector<HTMLElement>("[data-person='吳明哲']")?.click();
  await settled();
  expect(document.querySelector("[aria-selected=true]")?.textContent).toContain("林家瑜");
  answer(whoOf(CLERK));
  await settled();
  expect(there("[data-lock]")).toBe(false);
  expect(asked("sign_in")).toHaveLength(1);
});

test.each(["#customer", "#amount", "[data-place=orders]"])(
  "Ctrl L locks with the focus in %s",
  async (id) => {
    document.querySelector<HTMLElement>(id)?.focus();
    await lock();
    expect(there("[data-lock]")).toBe(true);
  },
);

test("Ctrl L locks over the sheet of keys, and it is gone afterwards", async () => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  await press("?");
  expect(there("[data-keys]")).toBe(true);
  await lock();
  expect([there("[data-keys]"), there("[data-lock]")]).toEqual([false, true]);
  await signIn("2", CLERK);
  expect(there("[data-keys]")).toBe(false);
});

test("what is sold while the window locks comes back with its slip, and only to who sold it", async () => {
  let answer: (payment: unknown) => void = () => undefined;
  program.answers["sell"] = new Promise((resolve) => (answer = resolve));
  await press("5", "F2");
  await lock();
  answer({ ...paymentOf(0), order: "o0" });
  await settled();
  expect(there("[data-account]")).toBe(false);
  await signIn("1", OWNER);
  expect([there("[data-account]"), value("#amount")]).toEqual([false, ""]);
  await lock();
  await signIn("2", CLERK);
  expect(there("[data-account]")).toBe(true);
  expect(asked("sell")).toHaveLength(1);
});

test("behind the lock no key does anything", async () => {
  await lock();
  const before = program.sent.length;
  await press("F2", "F3", "F4", "/", "?", "Delete", "c");
  await press("g", "o");
  await hold("Enter", { altKey: true }, 1);
  expect(program.sent.length).toBe(before);
  expect(there("[data-keys]")).toBe(false);
});

test("the side bar says who it is, and what the role does not have is not there", async () => {
  expect(document.querySelector("[data-signed-in]")?.textContent).toContain("林家瑜");
  expect(there("[data-place=settings]")).toBe(false);
  for (const [letter, role] of [
    ["s", "負責人"],
    ["a", "會計"],
    ["v", "會計"],
  ] as const) {
    await press("g", letter);
    expect(there("[data-place=counter][aria-current]")).toBe(true);
    expect(document.querySelector("[data-closed]")?.textContent).toContain(`由${role}使用`);
  }
  await press("ArrowDown");
  expect(there("[data-closed]"), "until the next key").toBe(false);
  await lock();
  await signIn("1", OWNER);
  expect(there("[data-place=settings]")).toBe(true);
});

test("a command refused because nobody has signed in locks the window", async () => {
  program.answers["sell"] = Object.assign(new Error(), { code: "locked", values: {}, zh: "", en: "" });
  program.answers["who"] = whoOf(null);
  await press("5", "F2");
  expect(there("[data-lock]")).toBe(true);
});
