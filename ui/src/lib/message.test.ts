// The text for a customer: it names no time while bank time is unsure, speaks to the customer, and
// says in a shop without real money what is not real.

import { afterEach, expect, test } from "vitest";

import type { RefundView } from "../bindings/views";
import { paymentOf } from "../orders/orders.fixture";
import { setClocks } from "./clock.svelte";
import { message, refundMessage } from "./message";
import { setPractice } from "./practice.svelte";
import { useLanguage } from "./text.svelte";

const LINK = paymentOf(0, {
  rail: "sinopac-card",
  account: null,
  link: "https://pay.example/1",
  created_at: "2026-11-23T14:05:00+08:00",
  expires_at: "2026-11-23T14:15:00+08:00",
});

const REFUND: RefundView = {
  ...{ refund: "r1", payment: "p0", amount: 500, reason: "returned", note: null },
  ...{ requester: "林家瑜", requested_at: "2026-11-23T14:06:00+08:00", approver: null },
  ...{ state: "at-bank", state_zh: "", state_en: "", waiting: null, why: null, steps: [] },
};

function clocks(known: boolean, doubted_by_s: number | null) {
  setClocks([{ bank: "sinopac", now: "2026-11-23T14:05:01+08:00", known, doubted_by_s }]);
}

afterEach(() => clocks(true, null));

test("a link says until when it is valid, and how long while the bank's time is in doubt", () => {
  useLanguage("zh-TW");
  clocks(true, null);
  expect(message(LINK)).toContain("有效到 2026/11/23（一）14:15");
  clocks(false, 7_200);
  expect(message(LINK)).toContain("開立後 10 分鐘內有效");
  expect(message(LINK)).not.toContain("14:15");
});

test("of a refund the customer is told what they will see, by the way that it went", () => {
  useLanguage("zh-TW");
  const said = (way: string) => ({ way, text_zh: "顧客…", text_en: "The customer…" });
  const refund = (more: object) => ({ ...REFUND, ...more });
  const card = paymentOf(0, { rail: "ctbc-card" });
  expect(refundMessage(refund({ told: said("refund") }), card)).toContain("您的帳單會有一筆消費和一筆退款");
  const cancelled = refundMessage(refund({ told: said("refund"), changed: said("cancel") }), card);
  expect(cancelled).toContain("您的卡上不會有這筆消費");
  expect(cancelled).not.toContain("顧客");
  const done = refundMessage(refund({ state: "done", told: said("refund") }), card);
  expect(done).toContain("發卡銀行通常再幾個營業日才入帳");
  // a transfer by the shop goes where the customer wanted it
  const hand = refund({ state: "done", why: { why: "chosen", ...said("") }, told: said("refund") });
  expect(refundMessage(hand, card)).not.toContain("您的");
});

test("in practice a text says first what is not real: the bill, or the refund", () => {
  setPractice("demo", true);
  expect(message(LINK)).toMatch(/^【示範】這不是真的收款，請勿付款。\n/);
  expect(refundMessage(REFUND, LINK)).toMatch(/^【示範】這不是真的退款。\n/);
  setPractice("production", false);
});
