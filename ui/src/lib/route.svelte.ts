// Which screen is seen, and which payment somebody looks at on it.

import { leave, look, type Payment, type State } from "./api";

export const SCREENS = ["counter", "orders", "settings"] as const;
export type Screen = (typeof SCREENS)[number];

const here = $state<{ screen: Screen; payment: Payment | undefined }>({
  screen: "counter",
  payment: undefined,
});

export function screen(): Screen {
  return here.screen;
}

export function goTo(next: Screen): void {
  here.screen = next;
}

/** The payment that is looked at, wherever. */
export function lookedAt(): Payment | undefined {
  return here.payment;
}

const ASKED: readonly State[] = ["awaiting", "authorized"];
let asked: string | undefined;

/** Somebody looks at this payment now, or at none. The bank is asked about it every few seconds, until it is left. */
export async function lookAt(payment: Payment | undefined): Promise<void> {
  here.payment = payment;
  const next = payment && ASKED.includes(payment.state) ? payment.payment : undefined;
  if (next === asked) return;
  const left = asked;
  asked = next;
  if (left) await leave(left);
  if (next) await look(next);
}
