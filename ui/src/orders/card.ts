// What is common to the places that tell about a card at CTBC.

import type { PaymentView } from "../bindings/views";

/** The next time after `ms` on one of these payments: their text may be out of date by then. */
export function nextTime(payments: PaymentView[], ms: number): number {
  const times = payments.flatMap(({ card }) => [card?.batch_at, card?.earliest]);
  return Math.min(...times.map((time) => Date.parse(time ?? "")).filter((at) => at > ms));
}
