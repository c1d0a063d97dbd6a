// Written by `cargo xtask bindings` from crates/commands. Do not edit.

import type { PaymentState } from "./names";

/** Orders of the recent strip. */
export const NEWEST_MAX = 10;

/** Rows of a page of the list of orders; a page with fewer is the last one. */
export const PAGE_ROWS = 60;

/** The longest PIN, in digits. */
export const PIN_DIGITS_MAX = 12;

/** What an accountant approves without an own limit, whole dollars. */
export const ACCOUNTANT_APPROVES = 30000;

/** Minutes until the window locks, at most. */
export const LOCK_AFTER_MINS_MAX = 120;

/** Days until a customer is erased by itself, at most. */
export const CUSTOMER_DAYS_MAX = 3650;

/** Least and most of the polling numbers. */
export const POLLING_BOUNDS = {
  screen_s: [3, 30],
  screen_later_s: [5, 120],
  after_expiry_days: [7, 60],
} as const;

/** The bank can still be expected to say something new. */
export function isOpen(state: PaymentState): boolean {
  return (["issuing", "awaiting", "authorized"] as PaymentState[]).includes(state);
}

/** Ended without money; only late money can still come. */
export function hasEnded(state: PaymentState): boolean {
  return (["not-issued", "expired", "cancelled", "failed"] as PaymentState[]).includes(state);
}

/** The bank has confirmed money. */
export function hasMoney(state: PaymentState): boolean {
  return (["paid", "settled", "paid-late"] as PaymentState[]).includes(state);
}

/** The customer may still be given its account or link. */
export function canBeHandedOut(state: PaymentState): boolean {
  return (["awaiting"] as PaymentState[]).includes(state);
}
