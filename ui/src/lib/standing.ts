// How a payment stands, in a word of the catalogue: the bank's last word, and what is still being found out about it.

import { isLate, type Payment, type State } from "./api";
import { bankMs } from "./clock.svelte";
import type { TextKey } from "./text.svelte";

/** What a list knows of a payment is enough for it. */
export type Standing = Pick<Payment, "state" | "late" | "expires_at">;

/** Its time is over, and the bank has not yet said what came of it. */
export function isOver({ state, expires_at }: Standing): boolean {
  return state === "awaiting" && Date.parse(expires_at) <= bankMs();
}

export function standing(one: Standing, cancelling = false): TextKey {
  if (cancelling) return "state.cancelling";
  if (isOver(one)) return "left.over";
  if (one.state === "settled" && one.late) return "state.settled.late";
  return stamped(one);
}

/** The word of a stamp: what the bank has confirmed. */
export function stamped(one: { state: State; late: boolean }): TextKey {
  return isLate(one) ? "state.paid-late" : `state.${one.state}`;
}
