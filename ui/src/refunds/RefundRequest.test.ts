// The request: what the keys do, what is told before asking, and that it is sent once.

import { expect, test, vi } from "vitest";

import { setBankTime } from "../lib/clock.svelte";
import { thousands } from "../lib/format";
import { takeWho } from "../lib/people.svelte";
import { ACCOUNTANT, CLERK, OWNER, whoOf } from "../lib/program.fixture";
import { asking, requestRefund } from "../lib/refunds.svelte";
import RefundRequest from "./RefundRequest.svelte";
import {
  ALT,
  answers,
  asked,
  CTRL,
  open,
  page,
  press,
  program,
  refused,
  ROOM,
  TOLD,
  settled,
  there,
} from "./refunds.fixture";

answers();

let taken = 0;
async function request(more: object = {}) {
  taken = 0;
  const of = { payment: "p1", ...more };
  requestRefund(of);
  await open(RefundRequest, { asking: of, done: () => void (taken += 1) }, CLERK);
}
const amount = () => document.querySelector<HTMLInputElement>("#refund_amount")?.value;

test("digits, one key for the reason and one to send", async () => {
  await request();
  expect(document.activeElement?.id).toBe("refund_amount");
  await press("5", "0", "0");
  expect(page()).toContain("由會計或負責人核准");
  expect(page()).toContain("錢會退回顧客轉出的帳戶");
  await press(["2", ALT], ["Enter", CTRL]);
  const [sent] = asked("request_refund") as { request: Record<string, string> }[];
  expect(sent?.request).toMatchObject({ payment: "p1", amount: "500", reason: "duplicate", note: "" });
  expect(sent?.request["refund"]).toMatch(/^[0-9a-f-]{36}$/);
  expect(taken).toBe(1);
});

test("all of it, also before it is known how much that is", async () => {
  let know: (room: unknown) => void = () => undefined;
  program.answers["refund_room"] = new Promise((done) => (know = done));
  await request();
  await press(["a", ALT]);
  expect(amount()).toBe("");
  know(ROOM);
  await press(["1", ALT]);
  expect(amount()).toBe(thousands(String(ROOM.totals.left)));
  // digits that were typed meanwhile are what is meant
  program.answers["refund_room"] = new Promise((done) => (know = done));
  await request({ payment: "p2" });
  await press(["a", ALT], "5");
  know(ROOM);
  await press(["1", ALT]);
  expect(amount()).toBe("5");
});

test("it names the order by number, amount, day and time, and the day of what it waits for", async () => {
  await request();
  expect(page()).toContain("訂單 T1，NT$1,200，2026/11/19（四）17:05 開單");
  const until = (day: string) => ({
    ...TOLD,
    waiting: { why: "batch", until: `${day}T22:10:00+08:00`, text_zh: "", text_en: "" },
  });
  program.answers["refund_preview"] = until("2026-11-20");
  await press("5");
  expect(page()).toContain("最早 今天 22:10");
  program.answers["refund_preview"] = until("2026-11-21");
  await press("0");
  expect(page()).toContain("最早 11/21 22:10");
});

test("it says before asking when the bank gets it and when the customer has it", async () => {
  await request();
  await press("5");
  expect(page()).toContain("核准後幾分鐘內送到銀行");
  expect(page()).toContain("通常要幾個營業日；到 2026/11/27（五）還沒完成");
  // a card of CTBC goes with a batch of a day that is known
  program.answers["refund_room"] = { ...ROOM, rail: "ctbc-card" };
  program.answers["refund_preview"] = { ...TOLD, told: { ...TOLD.told, batch: "2026-11-24" } };
  await request();
  await press("5");
  expect(page()).toContain("隨 2026/11/24（二）的銀行批次退款");
});

test("without an amount or a reason nothing is sent, and it says which", async () => {
  await request();
  await press(["Enter", CTRL]);
  expect(page()).toContain("請先輸入退款金額");
  await press("5", ["Enter", CTRL]);
  expect(page()).toContain("請選原因");
  await press(["1", ALT]);
  expect(page()).not.toContain("請選原因");
  expect(asked("request_refund")).toEqual([]);
});

test("Alt A takes all that is left", async () => {
  await request();
  await press(["a", ALT]);
  expect(amount()).toBe("1,200");
  expect(asked("refund_preview").at(-1)).toEqual({ payment: "p1", xid: "", amount: "1200" });
});

test("what Rust refuses is said under the amount, and nothing is sent", async () => {
  program.answers["refund_preview"] = refused("refund-above-left", "最多還能退 NT$1,200。");
  await request();
  await press("9", "9", "9", "9", ["1", ALT], ["Enter", CTRL]);
  expect(page()).toContain("最多還能退 NT$1,200");
  expect(asked("request_refund")).toEqual([]);
});

test("a sale with nothing to refund says why, and takes no amount", async () => {
  const why = refused("refund-one-is-open", "已有一筆退款進行中。");
  program.answers["refund_room"] = { ...ROOM, refused: { ...why, code: why.code } };
  await request();
  await press("5", ["1", ALT], ["Enter", CTRL]);
  expect(page()).toContain("已有一筆退款進行中");
  expect([amount(), asked("request_refund")]).toEqual(["", []]);
});

test("the batch and a second refund are told before asking", async () => {
  const said = (text: string) => ({ text_zh: text, text_en: text });
  const told = program.answers["refund_preview"] as object;
  program.answers["refund_preview"] = {
    ...told,
    waiting: {
      until: "2026-11-20T22:10:00+08:00",
      why: "batch",
      ...said("銀行批次 20:00 開始，最早 22:10（本機須開機）"),
    },
    warnings: [{ why: "second-may-be-refused", ...said("銀行可能拒絕第二次退款。") }],
  };
  await request();
  await press("5");
  expect(page()).toContain("最早 22:10");
  expect(page()).toContain("銀行批次 20:00 開始");
  expect(page()).toContain("銀行可能拒絕第二次退款");
  expect(document.querySelectorAll("[data-callout]")).toHaveLength(1);
});

test("what is told is told again as time passes, and a reason why not stays", async () => {
  await request();
  await press("5");
  const before = asked("refund_preview").length;
  setBankTime("2026-11-20T14:06:00+08:00");
  await settled();
  expect(asked("refund_preview")).toHaveLength(before + 1);
  await press(["Enter", CTRL]);
  setBankTime("2026-11-20T14:07:00+08:00");
  await settled();
  expect(page()).toContain("請選原因");
  expect(asked("refund_preview")).toHaveLength(before + 1);
});

test("page keys move the slip on, where it is higher than the window", async () => {
  await request();
  const moved = vi.fn();
  const dialog = document.querySelector("dialog");
  if (dialog) dialog.scrollBy = moved;
  await press("PageDown", "PageUp");
  expect(moved).toHaveBeenCalledTimes(2);
});

test("a key pressed twice is one refund, and the same id goes with another try", async () => {
  program.answers["request_refund"] = refused("storage", "磁碟沒有空間。");
  await request({ amount: 500, reason: "returned" });
  await press(["Enter", CTRL], ["Enter", CTRL]);
  expect(page()).toContain("磁碟沒有空間");
  const ids = (asked("request_refund") as { request: { refund: string } }[]).map(
    ({ request }) => request.refund,
  );
  expect(new Set(ids).size).toBe(1);
  expect(taken).toBe(0);
});

test("Esc keeps the money and closes it", async () => {
  await request();
  await press("5", "Escape");
  expect(asking()).toBeUndefined();
});

test("letters and digits in the note are text", async () => {
  await request();
  const note = document.querySelector<HTMLInputElement>("#refund_note");
  note?.focus();
  await press("7");
  expect(amount()).toBe("");
});

test("no key reaches the screen behind", async () => {
  const heard: string[] = [];
  const hear = (event: KeyboardEvent) => void heard.push(event.key);
  window.addEventListener("keydown", hear);
  await request();
  await press("x", "5", ["1", ALT], "ArrowDown");
  window.removeEventListener("keydown", hear);
  expect(heard).toEqual([]);
  expect([ACCOUNTANT.role, there("[data-refund-request]")]).toEqual(["accountant", true]);
});

test("an owner whom nobody else can approve is told where one-person mode is, and what it asks", async () => {
  const of = { payment: "p1" };
  requestRefund(of);
  await open(RefundRequest, { asking: of, done: () => undefined }, OWNER);
  takeWho(whoOf(OWNER), [OWNER, CLERK]);
  await press("5");
  expect(page()).toContain("一人模式");
  expect(page()).toContain("隔 10 分鐘，再輸入一次金額和 PIN");
  takeWho(whoOf(OWNER), [OWNER, CLERK, ACCOUNTANT]);
  await press("0");
  expect(page()).not.toContain("一人模式");
  expect(page()).toContain("由會計或負責人核准");
});
