// The text for a customer names no time while bank time is unsure.

import { afterEach, expect, test } from "vitest";

import { paymentOf } from "../orders/orders.fixture";
import { setClocks } from "./clock.svelte";
import { message } from "./message";
import { useLanguage } from "./text.svelte";

const LINK = paymentOf(0, {
  rail: "sinopac-card",
  account: null,
  link: "https://pay.example/1",
  created_at: "2026-11-23T14:05:00+08:00",
  expires_at: "2026-11-23T14:15:00+08:00",
});

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
