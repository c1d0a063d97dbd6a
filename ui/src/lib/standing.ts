// A payment's status, as a key of the catalogue: the bank's last answer, and what is still open.

import type { Note, PaymentState } from "../bindings/names";
import { canBeHandedOut } from "../bindings/rules";
import type { EvidenceView, PaymentView } from "../bindings/views";
import { bankMs, isSure } from "./clock.svelte";
import type { TextKey } from "./text.svelte";
import { bankIdOf } from "./methods";

/** Whether the customer pays on the bank's page in this computer's browser. */
export function isPage(payment: PaymentView): boolean {
  return payment.rail === "ctbc-card";
}

/** A page that a browser has, and that a person may say is closed. */
export function mayBeClosed(payment: PaymentView): boolean {
  return isPage(payment) && payment.opened === true && payment.state === "awaiting" && !payment.reissue;
}

/** No money so far: the customer came back without, or the bank shows a card that failed. */
export function cameToNothing({ left, card }: PaymentView): boolean {
  return (left !== undefined && left.code !== "0/00") || card?.state === "failed";
}

/** What a payment, or its row in a list, tells about a cancellation. */
interface Cancelling {
  state: PaymentState;
  note?: Note | null;
  cancelling?: boolean;
}

/** The shop has asked to cancel it, and the bank has not replied yet. */
export function isBeingCancelled({ state, note, cancelling }: Cancelling): boolean {
  return state === "awaiting" && (cancelling === true || note === "being-cancelled");
}

/** Money came although the shop had asked to cancel it. */
export function isPaidNotCancelled({ note }: PaymentView): boolean {
  return note === "paid-not-cancelled";
}

/** Money came after the end; that the bank has paid it out since changes nothing about it. */
export function isLate({ state, late }: { state: PaymentState; late: boolean }): boolean {
  return late || state === "paid-late";
}

/** The answer that a payment's state rests on; before there is one, the last that the bank gave. */
export function restsOn({ proof, evidence }: PaymentView): EvidenceView | undefined {
  return proof ?? evidence.at(-1);
}

/** What a stamp is dated by: the bank's minute of payment, or else when it confirmed the money. */
export function stampedAt(payment: PaymentView): string | undefined {
  return payment.paid_at ?? restsOn(payment)?.at;
}

/** Something about it does not fit, so it is not handed out before a person has looked. */
export function isDoubted({ discrepancies }: Pick<PaymentView, "discrepancies">): boolean {
  return discrepancies.some(({ kind }) => kind !== "paid-late");
}

/** What a list knows of a payment is enough for it. */
export type Standing = Pick<PaymentView, "state" | "late" | "expires_at" | "rail"> & {
  note?: Note | null;
  cancelling?: boolean;
  amount?: number;
  refunded?: number;
};

/** How much of it has gone back to the customer, as far as that is confirmed. */
export function givenBack({ amount = 0, refunded = 0 }: Standing): "all" | "part" | undefined {
  if (refunded <= 0) return undefined;
  return refunded >= amount ? "all" : "part";
}

/** Its time is over by the clock of its bank, and the bank has not yet said what came of it. */
export function isOver({ state, expires_at, rail }: Standing): boolean {
  const bank = bankIdOf({ rail });
  return state === "awaiting" && isSure(bank) && Date.parse(expires_at) <= bankMs(bank);
}

/** Whether a customer may still get its account or link: not past its end, nor being cancelled. */
export function canBeGiven(payment: Standing & Partial<Pick<PaymentView, "discrepancies">>): boolean {
  if (isDoubted({ discrepancies: payment.discrepancies ?? [] })) return false;
  return canBeHandedOut(payment.state) && !isBeingCancelled(payment) && !isOver(payment);
}

export function standing(one: Standing, cancelling = isBeingCancelled(one)): TextKey {
  if (cancelling) return "state.cancelling";
  if (isOver(one)) return "left.over";
  const back = givenBack(one);
  if (back) return back === "all" ? "state.refunded" : "state.refunded.part";
  if (one.state === "settled" && one.late) return "state.settled.late";
  return stamped(one);
}

/** The word of a stamp: what the bank has confirmed. */
export function stamped(one: { state: PaymentState; late: boolean }): TextKey {
  return isLate(one) ? "state.paid-late" : `state.${one.state}`;
}
