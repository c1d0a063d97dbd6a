// The bank's minute of payment, wherever money is told; when the bank was asked comes below it.

import { clearMocks } from "@tauri-apps/api/mocks";
import { flushSync, mount, unmount } from "svelte";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { OrderRowView, PaymentView } from "../bindings/views";
import ResultSlip from "../counter/ResultSlip.svelte";
import { setBankTime } from "../lib/clock.svelte";
import { canBeGiven } from "../lib/standing";
import { useLanguage } from "../lib/text.svelte";
import OrderLine from "../orders/OrderLine.svelte";
import PaidBanner from "./PaidBanner.svelte";

const PAID: PaymentView = {
  ...{
    payment: "p",
    order: "o",
    rail: "sinopac-account",
    bank_order_no: "A1",
    state: "paid",
    amount: 12_600,
  },
  ...{ account: "99922632500581", link: null, payee_name: "禾日茶行", reissue: false, late: false },
  ...{
    expires_at: "2026-11-30T23:59:59+08:00",
    created_at: "2026-11-23T15:12:00+08:00",
    why: null,
    note: null,
  },
  evidence: [{ query: "by-number", at: "2026-11-24T22:00:10+08:00", said: "1A400" }],
  discrepancies: [],
  paid_at: "2026-11-24T12:41:00+08:00",
};
let app: object;

function open(component: typeof PaidBanner, props: object) {
  app = mount(component as never, { target: document.body, props: props as never });
  flushSync();
}
beforeEach(() => {
  useLanguage("zh-TW");
  setBankTime("2026-11-24T22:00:10+08:00");
});
afterEach(async () => {
  await unmount(app);
  clearMocks();
});
const text = () => document.body.textContent.replace(/\s+/g, " ");

test("the banner's stamp is of the payment, and the question stands below", () => {
  open(PaidBanner, { payment: PAID, seen: () => undefined });
  expect(document.querySelector("svg[role=img]")?.getAttribute("aria-label")).toContain("11/24 12:41");
  expect(text()).toContain("付款時間 2026/11/24（二）12:41");
  expect(text()).toContain("22:00:10 確認");
});

test("a row names the day of payment where it is not that of the sale", () => {
  const { order, created_at, amount } = PAID;
  const payment = { ...PAID, refunded: 0, confirmed_at: null };
  const row = { ...{ order, created_at, amount, description: "", customer: null }, payments: [payment] };
  open(OrderLine as never, { row: row as unknown as OrderRowView });
  expect(document.querySelector("[data-paid-on]")?.textContent).toBe("11/24 12:41 付款");
});

test("a slip about which the bank says another amount is not handed out, and says what to do", () => {
  const kind = "amount-differs" as const;
  const odd: PaymentView = {
    ...PAID,
    state: "awaiting",
    expires_at: "2099-11-30T23:59:59+08:00",
    discrepancies: [{ discrepancy: "d1", kind, at: PAID.created_at, detail: "ours 480, bank 481" }],
  };
  expect([canBeGiven(odd), canBeGiven({ ...odd, discrepancies: [] })]).toEqual([false, true]);
  const none = () => undefined;
  open(ResultSlip as never, {
    ...{ payment: odd, customer: "", note: "", linkQr: true, unopened: false, pressed: 0, doubted: false },
    ...{ copied: undefined, problem: undefined, asking: false, copy: none, open: none, next: none },
    ...{ retype: none, again: none, takeBack: none },
  });
  expect(document.querySelector("[data-odd=amount-differs]")?.textContent).toContain("先不要出貨");
  expect([text().includes("複製帳號"), document.querySelector("[data-qr]")]).toEqual([false, null]);
});
