// What is handed to a customer as text: the whole message for a chat, and the few lines inside the QR of an account.

import type { Payment } from "./api";
import { moment, thousands } from "./format";
import { language, t } from "./text.svelte";

function values(payment: Payment): Record<string, string> {
  return {
    payee: payment.payee_name,
    amount: thousands(String(payment.amount)),
    account: payment.account ?? "",
    link: payment.link ?? "",
    until: moment(payment.expires_at, language()),
  };
}

/** The whole message; nothing before the bank has given an account or a link. */
export function message(payment: Payment): string | undefined {
  if (payment.account) return t("message.account", values(payment));
  return payment.link ? t("message.card", values(payment)) : undefined;
}

/** What a phone reads from the QR of an account: the same facts that are printed beside it, short so that its dots are large. */
export function accountText(payment: Payment): string {
  return t("qr.account", values(payment));
}
