// A counter slip's status when its state is not enough: past its end, being cancelled, paid late.

import { emit } from "@tauri-apps/api/event";
import { expect, test } from "vitest";

import type { PaymentView } from "../bindings/views";
import { asked, opens, press, program, settled } from "../frame/window.fixture";
import { at, PAID, paymentOf } from "../orders/orders.fixture";
import { standing } from "./standing";
import { t, useLanguage } from "./text.svelte";

opens();

const AWAITING = paymentOf(0);
const CANCELLING: PaymentView = paymentOf(0, { note: "being-cancelled" });

const text = () => document.body.textContent.replace(/\s+/g, " ");

async function tell(payment: PaymentView) {
  await emit("payment", payment);
  await settled();
}

test("money that has gone back is told before that it came", () => {
  const paid = paymentOf(0, PAID);
  const told = [0, 1, paid.amount].map((refunded) => standing({ ...paid, refunded }));
  expect(told).toEqual(["state.paid", "state.refunded.part", "state.refunded"]);
});

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
  let release: (payment: PaymentView) => void = () => undefined;
  program.answers["cancel"] = new Promise<PaymentView>((resolve) => (release = resolve));
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

test.each<[Partial<PaymentView>, string, string]>([
  [{}, "請勿再提供這個帳號。", "虛擬帳號"],
  [{ rail: "sinopac-card", account: null, link: "https://b.example/1" }, "請勿再提供這個連結。", "刷卡連結"],
  [{ rail: "ctbc-card", account: null, link: "http://127.0.0.1:1/x" }, "請勿再使用這個付款頁。", "中信刷卡"],
])("past its end a slip is handed out no more: %o", async (more, forbids, title) => {
  program.answers["sell"] = paymentOf(0, { ...more, expires_at: at(-5) });
  await press("5", "F2");
  expect(text()).toContain(`期限已過（14:00），正在向銀行確認是否已付款。${forbids}`);
  expect(document.querySelector(".body")?.textContent).not.toContain("還有");
  expect(document.querySelector(".title")?.textContent).toBe(title);
  expect(document.querySelector("[data-qr]")).toBeNull();
  const caps = [...document.querySelectorAll(".actions kbd")].map(({ textContent }) => textContent);
  expect(caps).toEqual(["Esc"]);
  program.sent = [];
  await press("c", "m", "o", "Delete", "Delete");
  expect(program.sent.filter(({ command }) => ["open_link", "cancel"].includes(command))).toEqual([]);
});

test("a cancel whose answer was lost is told beside the account, and in the last ten", async () => {
  const why = {
    ...{
      code: "reset",
      cause_zh: "取消要求的回覆遺失，不確定是否已取消。",
      step_zh: "請先告知顧客不要轉帳。",
    },
    ...{ cause_en: "", step_en: "" },
  };
  program.answers["sell"] = paymentOf(0, { note: "being-cancelled", why });
  await press("5", "F2");
  expect(document.querySelector("[data-why=reset]")?.textContent).toContain("取消要求的回覆遺失");
  expect(text()).toContain("請先告知顧客不要轉帳。");
  expect(document.querySelector("[data-recent]")?.textContent).toContain("取消中");
  expect(document.querySelector("[data-recent]")?.textContent).not.toContain("待付款");
});

test("money for what was to be cancelled says so in its banner, with the next step", async () => {
  await emit("news", paymentOf(0, { ...PAID, note: "paid-not-cancelled" }));
  await settled();
  expect(document.querySelector("[data-not-cancelled]")?.textContent).toBe(
    "這筆您曾要求取消，但取消沒有成功，顧客已付款。請決定出貨或退款。",
  );
  useLanguage("en");
  await settled();
  expect(document.querySelector("[data-not-cancelled]")?.textContent).toBe(
    "You asked to cancel this; it was not cancelled and the customer has paid. Deliver or refund.",
  );
});

test("what confirms money is the evidence that it rests on, not the newest by a wrong clock", async () => {
  const evidence = [PAID.proof, { query: "create", at: at(480), said: "S0000" } as const];
  await emit("news", paymentOf(0, { ...PAID, evidence }));
  await settled();
  const banner = document.querySelector("[data-banner=paid]");
  expect(banner?.textContent).toContain("永豐 14:14:00 確認，依付款時間查詢（代碼 1A400）");
  expect(banner?.textContent).not.toContain("S0000");
  expect(banner?.querySelector("svg[role=img]")?.getAttribute("aria-label")).toContain("11/20 14:14");
});

test("late money that was paid out at once is late in its banner too", async () => {
  await emit("news", paymentOf(0, { ...PAID, state: "settled", late: true }));
  await settled();
  const banner = document.querySelector("[data-banner=settled]");
  expect(banner?.textContent).toContain(t("paid.late"));
  expect(banner?.textContent).toContain(t("paid.late.step"));
  expect(banner?.querySelector("svg[role=img]")?.getAttribute("aria-label")).toContain("逾期入帳");
});

test("money with a discrepancy is no plain good news: the banner says what does not fit, and what to do", async () => {
  const discrepancies = [
    { discrepancy: "d1", kind: "paid-twice", at: at(500), detail: "ours one, bank two" },
  ] as const;
  await emit("news", paymentOf(0, { ...PAID, discrepancies: [...discrepancies] }));
  await settled();
  const banner = document.querySelector("[data-banner=paid]");
  expect(banner?.getAttribute("role")).toBe("alert");
  expect(banner?.textContent).toContain("同一張訂單收到兩次錢");
  expect(banner?.querySelector("[data-odd=paid-twice]")?.textContent).toContain("貨只出一次");
  expect(banner?.textContent).not.toContain(t("paid.title"));
});
