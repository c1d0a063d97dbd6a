// A sale that is being typed: the program fetches the bank's nonce for it, and asks for nothing
// else meanwhile.

import { ask } from "../lib/ask";

/** Digits that follow each other faster are one sign. */
const APART_MS = 1_000;

let told = -Infinity;

/** What is in the field now. */
export function saleNears(digits: string): void {
  const typed = digits !== "";
  if (!typed && told === -Infinity) return;
  const now = performance.now();
  if (typed && now - told < APART_MS) return;
  told = typed ? now : -Infinity;
  // without it the sale takes a moment longer
  ask("sale_nears", { typed }).catch(() => undefined);
}
