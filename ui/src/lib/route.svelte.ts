// Which screen is open, and which payment a person views on it.

import { hasEnded, isOpen } from "../bindings/rules";
import type { Role } from "../bindings/names";
import type { PaymentView } from "../bindings/views";
import { ask } from "./ask";

export const SCREENS = ["counter", "orders", "refunds", "approvals", "people", "audit", "settings"] as const;
export type Screen = (typeof SCREENS)[number];

/** The letter behind `G` that leads to each. */
export const PLACES: Record<Screen, string> = {
  counter: "c",
  orders: "o",
  refunds: "f",
  approvals: "v",
  people: "p",
  audit: "a",
  settings: "s",
};

/** The first role that has a screen, where a clerk has none of it. */
export const LEAST: Partial<Record<Screen, Role>> = {
  approvals: "accountant",
  audit: "accountant",
  settings: "owner",
};

/** Where a letter behind `G` leads to. */
export function placeOf(letter: string): Screen | undefined {
  return SCREENS.find((one) => PLACES[one] === letter);
}

interface Here {
  screen: Screen;
  payment: PaymentView | undefined;
  last: PaymentView | undefined;
  slip: PaymentView | undefined;
  handed: Handed | undefined;
  order: string | undefined;
}

/** A slip that another screen puts on the counter. */
export interface Handed {
  payment: PaymentView;
  /** The other payments of its order: their events do not replace it. */
  others: string[];
  /** It was sold just now, so it goes on as if the counter had sold it. */
  sold: boolean;
}

const here = $state<Here>({
  screen: "counter",
  payment: undefined,
  last: undefined,
  slip: undefined,
  handed: undefined,
  order: undefined,
});

export function screen(): Screen {
  return here.screen;
}

export function goTo(next: Screen): void {
  here.screen = next;
}

/** The payment that is looked at, wherever. */
export function lookedAt(): PaymentView | undefined {
  return here.payment;
}

/** The payment of the slip on the counter, or of the last one there: its customer waits. */
export function lastSlip(): PaymentView | undefined {
  return here.last;
}

/**
 * The payment on the slip of the orders, for the demo's customer; the bank is not asked about it by
 * itself.
 */
export function openedSlip(): PaymentView | undefined {
  return here.slip;
}

export function openSlip(payment: PaymentView | undefined): void {
  here.slip = payment;
}

/** Puts a payment on the counter, so that it can be given to the customer. */
export function handOver(payment: PaymentView, others: string[] = [], sold = false): void {
  here.handed = { payment, others, sold };
  here.screen = "counter";
}

/** What the counter is to show; it takes it once. */
export function handed(): Handed | undefined {
  return here.handed;
}

export function takeHanded(): void {
  here.handed = undefined;
}

/** Opens an order's slip on the screen of the orders. */
export function showOrder(order: string): void {
  here.order = order;
  here.screen = "orders";
}

/** The order that the orders are to open; they take it once. */
export function takeOrder(): string | undefined {
  const order = here.order;
  here.order = undefined;
  return order;
}

/** Whether its bank may report something new. The bank does not know what was not issued. */
function isAsked({ state }: PaymentView): boolean {
  const issued = state !== "issuing" && state !== "not-issued";
  return issued && (isOpen(state) || hasEnded(state));
}

let asked: string | undefined;

/** Sets the payment on screen, or none. The engine polls it every few seconds until it leaves;
 *  `anew` reports it again, since a restarted engine knows of no slip, and other screens may have
 *  taken its place. */
export async function lookAt(payment: PaymentView | undefined, anew = false): Promise<void> {
  here.payment = payment;
  here.last = payment ?? here.last;
  const next = payment && isAsked(payment) ? payment.payment : undefined;
  if (next === asked && !anew) return;
  const left = asked === next ? undefined : asked;
  asked = next;
  if (left) await ask("leave", { payment: left });
  if (next) await ask("payment", { payment: next });
}
