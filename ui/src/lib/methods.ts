// The payment methods with their keys, and which of them a shop has.

import type { Bank, Rail } from "../bindings/names";
import type { ShopNow } from "../bindings/views";
import { nameOf } from "./amount";
import { t, words } from "./text.svelte";

/**
 * In the order in which they are offered. A Mac keeps its F keys to itself: ⌘ with `mac` does the
 * same.
 */
export const METHODS = [
  { rail: "sinopac-account", key: "F2", mac: "1" },
  { rail: "sinopac-card", key: "F3", mac: "2" },
  { rail: "ctbc-card", key: "F4", mac: "3" },
] as const satisfies { rail: Rail; key: string; mac: string }[];

/** The most that a method takes at once; a method without a limit is not there. */
export type Limits = Partial<Record<Rail, number | undefined>>;

/** The most that each method of a shop takes at once; a method without a limit is not there. */
export function limitsOf(shop: ShopNow): Limits {
  return {
    "sinopac-account": shop.account_limit ?? undefined,
    "sinopac-card": shop.card_limit ?? undefined,
    "ctbc-card": shop.ctbc_limit ?? undefined,
  };
}

/** The methods that a shop has. */
export function methodsOf(shop: ShopNow): (typeof METHODS)[number][] {
  const limits = limitsOf(shop);
  return METHODS.filter(({ rail }) => limits[rail] !== undefined);
}

/** The keys of them, as a sentence names them: `F2 或 F4`. */
export function methodKeys(shop: ShopNow): string {
  const [a = "", b = "", c = ""] = methodsOf(shop).map(({ key }) => key);
  return c ? t("methods.three", { a, b, c }) : b ? t("methods.two", { a, b }) : a;
}

/** The bank that takes it. */
export function bankIdOf({ rail }: { rail: Rail }): Bank {
  return rail === "ctbc-card" ? "ctbc" : "sinopac";
}

/** The same by its name. */
export function bankOf(payment: { rail: Rail }): string {
  return t(`bank.${bankIdOf(payment)}`);
}

/** Which question was answered. Of an account the one change is its cancellation. */
export function questionOf({ rail }: { rail: Rail }, query: string): string {
  const cancel = query === "maintain" && rail === "sinopac-account";
  return words(cancel ? "query.cancel" : `query.${query}`) ?? query;
}

/** The name of the key of a method that was pressed: `F2`, and ⌘1 for it. */
export function methodKeyOf(event: KeyboardEvent): string | undefined {
  const { key, code, metaKey, ctrlKey, altKey, shiftKey } = event;
  if (!metaKey) return METHODS.find((method) => method.key === nameOf(event))?.key;
  if (ctrlKey || altKey || shiftKey) return undefined;
  return METHODS.find(({ mac }) => key === mac || code === `Digit${mac}`)?.key;
}

/** Whether a shop has this bank at all. */
export function has(shop: ShopNow, bank: Bank): boolean {
  return methodsOf(shop).some(({ rail }) => rail.startsWith(bank));
}
