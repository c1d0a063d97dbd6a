// How a slip on the counter stands when its state alone does not tell: past its end, being cancelled, paid late.

import { emit } from "@tauri-apps/api/event";
import { expect, test } from "vitest";

import type { Payment } from "../src/lib/api";
import { useLanguage } from "../src/lib/text.svelte";
import { at, PAID, paymentOf } from "./orders-desk";
import { asked, opens, press, program, settled } from "./window-desk";

opens();

const AWAITING = paymentOf(0);
const CANCELLING: Payment = paymentOf(0, { note: "being-cancelled" });

const text = () => document.body.textContent.replace(/\s+/g, " ");

async function tell(payment: Payment) {
  await emit("payment", payment);
  await settled();
}

test("while an account is being cancelled it is not handed out, and nothing offers to cancel it again", async () => {
  program.answers["cancel"] = CANCELLING;
  await press("5", "F2");
  expect(text()).toContain("取消帳號");
  await press("Delete", "Delete");
  expect(text()).toContain("取消中，銀行回覆後更新。");
  for (const offered of ["取消帳號", "複製帳號", "再按一次 Del"]) expect(text()).not.toContain(offered);
  expect(document.querySelector("[data-qr]")).toBeNull();
  await press("Delete", "Delete", "Delete");
  expect(asked("cancel")).toHaveLength(1);
});

test("a cancel that was given up is told as the payment: it says so no more, and may be asked again", async () => {
  program.answers["cancel"] = CANCELLING;
  await press("5", "F2", "Delete", "Delete");
  expect(text()).toContain("取消中");
  await tell(AWAITING);
  expect(text()).not.toContain("取消中");
  for (const offered of ["取消帳號", "複製帳號"]) expect(text()).toContain(offered);
});

test("what is told while a cancel is on its way is compared with the program's books", async () => {
  let release: (payment: Payment) => void = () => undefined;
  program.answers["cancel"] = new Promise<Payment>((resolve) => (release = resolve));
  program.answers["order"] = { payments: [CANCELLING] };
  await press("5", "F2", "Delete", "Delete");
  expect(text()).toContain("取消中");
  await tell(AWAITING);
  release(CANCELLING);
  await settled();
  expect(asked("order")).toHaveLength(1);
  expect(text()).toContain("取消中");
});

test("an account that cannot be cancelled any more says so", async () => {
  program.answers["cancel"] = { ...AWAITING, note: "nothing-to-cancel" };
  await press("5", "F2", "Delete", "Delete");
  expect(text()).toContain("這一筆不能取消");
  expect(text()).not.toContain("取消中");
});

test("past its end a slip is being checked, on the counter and beside it, until the bank has said", async () => {
  program.answers["sell"] = paymentOf(0, { expires_at: at(-5) });
  await press("5", "F2");
  for (const place of [".end", "[data-recent]"]) {
    expect(document.querySelector(place)?.textContent, place).toContain("期限已過，確認中");
    expect(document.querySelector(place)?.textContent, place).not.toContain("待付款");
  }
  await tell(paymentOf(0, { expires_at: at(-5), state: "expired" }));
  expect(text()).not.toContain("期限已過，確認中");
});

test("late money that was paid out at once is late in its banner too", async () => {
  await emit("news", paymentOf(0, { ...PAID, state: "settled", late: true }));
  await settled();
  const banner = document.querySelector("[data-banner=settled]");
  expect(banner?.textContent).toContain("逾期後收到款項");
  expect(banner?.querySelector("svg[role=img]")?.getAttribute("aria-label")).toContain("逾期入帳");
});
