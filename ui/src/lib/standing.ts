// How a payment stands, in a word of the catalogue: the bank's last word, and what is still being found out about it.

import { isBeingCancelled, isLate, type Payment, type State } from "./api";
import { bankMs, isSure } from "./clock.svelte";
import type { TextKey } from "./text.svelte";
import { bankIdOf } from "./ways";

/** What a list knows of a payment is enough for it. */
export type Standing = Pick<Payment, "state" | "late" | "expires_at" | "rail"> & {
  note?: string | null;
  cancelling?: boolean;
};

/** Its time is over by the clock of its bank, and the bank has not yet said what came of it. */
export function isOver({ state, expires_at, rail }: Standing): boolean {
  const bank = bankIdOf({ rail });
  return state === "awaiting" && isSure(bank) && Date.parse(expires_at) <= bankMs(bank);
}

/** Whether a customer may still be given its account or link: not past its end, once a card was authorized with it, or while the
 *  shop takes it back. */
export function canBeHandedOut(payment: Standing): boolean {
  return payment.state === "awaiting" && !isBeingCancelled(payment) && !isOver(payment);
}

export function standing(one: Standing, cancelling = isBeingCancelled(one)): TextKey {
  if (cancelling) return "state.cancelling";
  if (isOver(one)) return "left.over";
  if (one.state === "settled" && one.late) return "state.settled.late";
  return stamped(one);
}

/** The word of a stamp: what the bank has confirmed. */
export function stamped(one: { state: State; late: boolean }): TextKey {
  return isLate(one) ? "state.paid-late" : `state.${one.state}`;
}
