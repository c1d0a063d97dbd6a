// What a payment shows while the clock of its bank is in doubt, and that each ends by the clock of
// its own bank.

import { emit } from "@tauri-apps/api/event";
import { expect, test } from "vitest";

import type { PaymentView } from "../bindings/views";
import { asked, opens, press, program, settled } from "../frame/window.fixture";
import { at, PAID, paymentOf } from "../orders/orders.fixture";
import { NOW } from "./program.fixture";
import { useLanguage } from "./text.svelte";

opens();

const PAGE: Partial<PaymentView> = {
  rail: "ctbc-card",
  account: null,
  link: "http://127.0.0.1:1/x",
  opened: true,
};
const text = (selector = "body") => document.querySelector(selector)?.textContent.replace(/\s+/g, " ") ?? "";

function clock(bank: string, more: object = {}) {
  return { bank, now: NOW, known: true, doubted_by_s: null, ...more };
}

async function tell(...clocks: object[]) {
  await emit("health", { bank: null, clock_off_s: null, paused: null, clocks });
  await settled();
}

async function sell(more: Partial<PaymentView>) {
  program.answers["sell"] = paymentOf(0, more);
  await press("5", "F2");
}

test("while a bank's time is in doubt a slip counts nothing down and dates nothing", async () => {
  await sell({});
  expect(text("[role=timer]")).toContain("還有 3 天");
  expect(text(".slip")).toContain("開出 2026/11/20");
  expect(text(".said")).toContain("14:06:00");
  for (const unsure of [clock("sinopac", { doubted_by_s: -99_999 }), clock("sinopac", { known: false })]) {
    await tell(unsure, clock("ctbc"));
    expect(document.querySelector("[role=timer]")).toBeNull();
    expect(text("[data-time-checking]")).toBe("時間確認中");
    expect(text(".slip")).toContain("開出 時間確認中");
    expect(text(".said")).toContain("永豐已回覆，開立時的回覆（代碼 S0000）");
    expect(text(".said")).not.toContain("14:06");
    await tell(clock("sinopac"), clock("ctbc", { doubted_by_s: 99_999 }));
    expect(text("[role=timer]"), "the other bank's doubt is not this one's").toContain("還有 3 天");
  }
});

test("while its time is in doubt a link says neither until when nor how long", async () => {
  await sell({ rail: "sinopac-card", account: null, link: "https://sandbox.sinopac.com/a" });
  expect(text(".slip")).toContain("有效到");
  await tell(clock("sinopac", { doubted_by_s: 99_999 }), clock("ctbc"));
  expect(text(".slip")).not.toContain("有效到");
});

test("while its time is in doubt a stamp falls without one", async () => {
  await tell(clock("sinopac", { doubted_by_s: 99_999 }));
  await emit("news", paymentOf(0, PAID));
  await settled();
  const stamp = document.querySelector("[data-banner] svg[role=img]")?.getAttribute("aria-label");
  expect(stamp).toContain("時間確認中");
  expect(text("[data-banner]")).toContain("永豐確認，依付款時間查詢（代碼 1A400）");
  expect(text("[data-banner]")).not.toContain("14:14");
  await tell(clock("sinopac"));
  expect(text("[data-banner]")).toContain("永豐 14:14:00 確認");
});

test("a slip ends by the clock of its own bank, and no slip while that is in doubt", async () => {
  const ends = { expires_at: at(30) };
  const later = at(120);
  await sell({ ...PAGE, ...ends });
  await tell(clock("sinopac", { now: later }), clock("ctbc"));
  expect(text(".end")).toContain("待付款");
  expect(text("[data-recent]")).toContain("待付款");
  await tell(clock("sinopac"), clock("ctbc", { now: later }));
  expect(text(".end")).toContain("期限已過，確認中");
  await tell(clock("sinopac"), clock("ctbc", { now: later, doubted_by_s: 7_200 }));
  expect(text(".end")).toContain("待付款");
});

test("what time it is at a bank is asked after its first answer", async () => {
  await tell(clock("sinopac", { known: false }));
  program.answers["health"] = { bank: null, clock_off_s: null, paused: null, clocks: [clock("sinopac")] };
  await sell({});
  expect(document.querySelector("[role=timer]")).toBeNull();
  const before = asked("health").length;
  await emit("payment", paymentOf(0));
  await settled();
  expect(asked("health").length).toBe(before + 1);
  expect(text("[role=timer]")).toContain("還有 3 天");
  await emit("payment", paymentOf(0));
  await settled();
  expect(asked("health").length).toBe(before + 1);
});

test("a page says when it was made, before any answer and after the last one", async () => {
  const made = { ...PAGE, created_at: "2026-11-20T14:02:00+08:00" };
  await sell({ ...made, evidence: [] });
  expect(text(".slip")).toContain("開出 2026/11/20（五）14:02");
  await emit(
    "payment",
    paymentOf(0, { ...made, evidence: [{ query: "by-number", at: at(20), said: "-1" }] }),
  );
  await settled();
  expect(text(".slip")).toContain("開出 2026/11/20（五）14:02");
  useLanguage("en");
});
