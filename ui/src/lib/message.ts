// What is handed to a customer as text: the whole message for a chat, and the few lines inside the
// QR of an account.

import type { PaymentView, RefundView } from "../bindings/views";
import { isSure } from "./clock.svelte";
import { moment, thousands } from "./format";
import { isByHand } from "./refunds.svelte";
import { practice } from "./practice.svelte";
import { isPage } from "./standing";
import { language, t } from "./text.svelte";
import { bankIdOf } from "./methods";

function values(payment: PaymentView): Record<string, string> {
  return {
    payee: payment.payee_name,
    amount: thousands(String(payment.amount)),
    account: payment.account ?? "",
    link: payment.link ?? "",
    until: moment(payment.expires_at, language()),
  };
}

/** The whole message; nothing before the bank has given an account or a link. */
export function message(payment: PaymentView): string | undefined {
  if (isPage(payment) || (!payment.account && !payment.link)) return undefined;
  if (payment.account) return marked("practice.message", t("message.account", values(payment)));
  // without a sure bank time, an end time would be a guess; the link's life in minutes is not
  const key = isSure(bankIdOf(payment)) ? "message.card" : "message.card.checking";
  return marked("practice.message", t(key, { ...values(payment), minutes: String(lifeMins(payment)) }));
}

/** Whether a customer can be told of a refund: the bank has given it back, or has it. */
export function isTold(state: string): boolean {
  return state === "done" || state === "at-bank";
}

/** What a customer is told of a refund; that it is done only where the bank says so. */
export function refundMessage(
  refund: RefundView,
  { payee_name, bank_order_no, rail }: Pick<PaymentView, "payee_name" | "bank_order_no" | "rail">,
): string {
  const state = refund.state === "done" ? "done" : "at-bank";
  const told = refund.changed ?? refund.told;
  const way = told?.way === "cancel" ? "cancel" : rail === "sinopac-account" ? "transfer" : "refund";
  const values = {
    payee: payee_name,
    amount: thousands(String(refund.amount)),
    number: bank_order_no,
    // a transfer by the shop goes where the customer wanted it
    told: told && !isByHand(refund) ? t(`message.${state}.${way}`) : "",
  };
  return marked("practice.refund", t(state === "done" ? "message.refunded" : "message.refunding", values));
}

function lifeMins(payment: PaymentView): number {
  return Math.round((Date.parse(payment.expires_at) - Date.parse(payment.created_at)) / 60_000);
}

/**
 * What a phone reads from the QR of an account: the same facts that are printed beside it, short so
 * that its dots are large.
 */
export function accountText(payment: PaymentView): string {
  return marked("practice.qr", t("qr.account", values(payment)));
}

/** Of a shop without real money, a text says so first. */
function marked(key: "practice.message" | "practice.refund" | "practice.qr", text: string): string {
  const word = practice();
  return word ? t(key, { word, text }) : text;
}
