// What is common to the places that tell about a card at CTBC.

import type { Payment } from "./api";

/** The next time after `ms` that is told of one of these payments: then what is told of it may be true no longer. */
export function nextTime(payments: Payment[], ms: number): number {
  const times = payments.flatMap(({ card }) => [card?.batch_at, card?.earliest]);
  return Math.min(...times.map((time) => Date.parse(time ?? "")).filter((at) => at > ms));
}
