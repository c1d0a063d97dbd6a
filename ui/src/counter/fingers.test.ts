// What a finger or a scanner does by mistake: no other amount is sold, and no slip is lost.

import { emit } from "@tauri-apps/api/event";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { PaymentView } from "../bindings/views";
import App from "../frame/App.svelte";
import * as ids from "../lib/ids";
import { keyOf, quiet, SHOP } from "../lib/program.fixture";
import { goTo, screen } from "../lib/route.svelte";
import { useLanguage } from "../lib/text.svelte";

const ACCOUNTS = ["99922632500581", "99922632500599"];
const OPEN = {
  rail: "sinopac-account",
  state: "awaiting",
  link: null,
  payee_name: "禾日茶行",
  expires_at: "2099-11-23T23:59:59+08:00",
  created_at: "2026-11-20T14:05:00+08:00",
  evidence: [{ query: "create", at: "2026-11-20T14:05:21+08:00", said: "S0000" }],
  discrepancies: [],
  why: null,
  reissue: false,
  late: false,
  note: null,
} as const;

let sold: PaymentView[];
let asked: string[];
let app: object;

async function open() {
  app = mount(App, { target: document.body });
  await vi.waitUntil(() => document.querySelector("#amount"));
  await settled();
}

beforeEach(async () => {
  [sold, asked] = [[], []];
  let made = 0;
  vi.spyOn(ids, "orderId").mockImplementation(() => `o-0-0-0-${String((made += 1))}`);
  mockIPC(
    (command, payload) => {
      const { request, order } = (payload ?? {}) as {
        request?: { order: string; amount: string; rail: string };
        order?: string;
      };
      if (command === "shop") return SHOP;
      if (command === "newest") return [];
      if (command === "order")
        return {
          payments: sold.filter((one) => one.order === order),
          order: { order, created_at: OPEN.created_at, amount: 800, description: "", refunds: [] },
        };
      if (command === "payment") return sold.at(-1);
      const known = quiet(command);
      if (known) return known.answer;
      if (command !== "sell" || !request) return undefined;
      asked.push(request.amount);
      if (request.rail === "sinopac-account" && Number(request.amount) > 30_000)
        return Promise.reject({
          code: "amount-above-account-limit",
          values: {},
          zh: "超過虛擬帳號的上限。",
          en: "Above the limit.",
        });
      if (!/^\d{1,3}(?:,\d{3})+$|^\d+$/.test(request.amount))
        return Promise.reject({
          code: "amount-not-a-number",
          values: {},
          zh: "金額看不懂。",
          en: "Not a number.",
        });
      const amount = Number(request.amount.replaceAll(",", ""));
      const number = sold.length;
      const account = ACCOUNTS[number] ?? null;
      const one = {
        ...OPEN,
        payment: `p${String(number)}`,
        order: request.order,
        bank_order_no: `A${String(number)}`,
      };
      sold.push({ ...one, discrepancies: [], evidence: [...OPEN.evidence], account, amount });
      return sold.at(-1);
    },
    { shouldMockEvents: true },
  );
  useLanguage("zh-TW");
  goTo("counter");
  await open();
});
afterEach(async () => {
  await unmount(app);
  sessionStorage.clear();
  clearMocks();
});

async function settled() {
  for (let round = 0; round < 12; round += 1) await tick();
  flushSync();
}
async function press(...keys: string[]) {
  for (const key of keys) (document.activeElement ?? document.body).dispatchEvent(keyOf(key));
  await settled();
}
async function scan(text: string) {
  for (const [at, key] of [...text, "Enter"].entries())
    (document.activeElement ?? document.body).dispatchEvent(keyOf(key, at === 0 ? 120 : 5));
  await settled();
}
const field = () => document.querySelector<HTMLInputElement>("#amount")?.value;
const note = () => document.querySelector("#amount-note.problem")?.textContent ?? "";
const account = () => document.querySelector("[data-account]")?.getAttribute("data-account");

test.each(["12.50", "1,200.00", "99.9", "-500", "12k", "12,50", "1,2000", "1.2.3", "5-3"])(
  "%s stands as it was typed and sells no other amount",
  async (typed) => {
    await press(...typed);
    expect(field()).toBe(typed === "1.2.3" ? "1.23" : typed);
    await press("F2", "Enter");
    for (const amount of asked) expect(amount).not.toMatch(/^\d+$/);
    expect([sold, account()]).toEqual([[], undefined]);
  },
);

test("Enter after a refusal has seen it, and sells in no other way", async () => {
  await press(..."40000", "F2");
  expect(asked).toEqual(["40000"]);
  expect(note()).toContain("上限");
  await press("Enter");
  expect([asked.length, sold]).toEqual([1, []]);
  // then it is a key like any other
  await press("Enter");
  expect(sold).toHaveLength(1);
});

test("Esc leaves no refusal below an empty amount", async () => {
  await press(..."12k", "F2");
  expect(note()).not.toBe("");
  await press("Escape");
  expect(note()).toBe("");
});

test("what is no digit is told at once, and a comma of thousands is none of it", async () => {
  for (const typed of ["-5", "12k", "12,50"]) {
    await press(...typed);
    expect(note(), typed).toContain(typed === "12,50" ? "" : "金額只收數字");
    await press("Escape");
  }
  await press(..."1,2");
  expect(note()).toBe("");
  await press("0", "0", "F2");
  expect(sold.map(({ amount }) => amount)).toEqual([1200]);
});

test("a minus over a slip begins the next one, and sells nothing", async () => {
  await press("5", "F2");
  await press("-", "5", "0", "0", "F2");
  expect(sold.map(({ amount }) => amount)).toEqual([5]);
  expect(field()).toBe("-500");
});

test("a scanner sells nothing, and leaves the amount and the slip that were there", async () => {
  await scan("4712345678901");
  expect([asked, field()]).toEqual([[], ""]);
  expect(note()).toContain("掃描器");
  await press("5", "0", "0");
  await scan("A1058");
  expect([asked, field()]).toEqual([[], "500"]);
  await press("F2");
  await scan("12345678");
  expect([asked, account()]).toEqual([["500"], ACCOUNTS[0]]);
  // in a text field it writes, and its Enter is not the clerk's
  await press("Escape", "7", "0", "0");
  document.querySelector<HTMLInputElement>("#customer")?.focus();
  await scan("/ABC1234");
  expect(asked).toEqual(["500"]);
  await press("Enter");
  expect(asked).toEqual(["500", "700"]);
});

test("a stray digit puts the slip away, and Esc brings it back as it is now", async () => {
  await press("5", "0", "0", "F2");
  await press("7");
  expect([account(), field()]).toEqual([undefined, "7"]);
  expect(document.querySelector("#amount-note")?.textContent).toContain("要回到上一張，按 Esc");
  sold = sold.map((one) => ({ ...one, note: "being-cancelled" }));
  await press("Escape");
  expect(account()).toBe(ACCOUNTS[0]);
  expect(document.body.textContent).toContain("取消");
  await press("Escape");
  expect([account(), field()]).toEqual([undefined, ""]);
  // closed by Esc it stays closed, so that Esc never goes back and forth
  await press("Escape");
  expect(account()).toBeUndefined();
});

test("B brings the last slip back, also after Esc, and none that was paid", async () => {
  await press("5", "0", "0", "F2");
  await press("Escape", "b");
  expect(account()).toBe(ACCOUNTS[0]);
  await press("8", "0", "0", "F2");
  await press("Escape", "b");
  expect(account()).toBe(ACCOUNTS[1]);
  const [, last] = sold;
  if (last) await emit("payment", { ...last, state: "paid" });
  await settled();
  await press("b");
  expect(account()).toBeUndefined();
});

test("a line of the strip opens its slip, and what is over opens its order", async () => {
  for (const amount of ["500", "800"]) {
    await press(...amount, "F2");
    await press("Escape");
  }
  await press("ArrowDown", "ArrowDown");
  const line = document.activeElement as HTMLElement;
  expect(line.closest("[data-recent]")?.getAttribute("data-recent")).toBe("p0");
  line.click();
  await settled();
  expect(account()).toBe(ACCOUNTS[0]);
  sold = sold.map((one) => (one.payment === "p1" ? { ...one, state: "paid" as const } : one));
  document.querySelector<HTMLElement>("[data-recent=p1] button")?.click();
  await settled();
  expect(screen()).toBe("orders");
});

test("an amount outlives its page, and nothing of the customer does", async () => {
  await press("8", "6", "0");
  const customer = document.querySelector<HTMLInputElement>("#customer");
  if (customer) customer.value = "王小姐";
  customer?.dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
  expect(JSON.stringify({ ...sessionStorage })).not.toContain("王");
  // another page of the same window
  const kept = { ...sessionStorage } as Record<string, string>;
  await unmount(app);
  for (const [name, value] of Object.entries(kept)) sessionStorage.setItem(name, value);
  await open();
  expect(field()).toBe("860");
});
