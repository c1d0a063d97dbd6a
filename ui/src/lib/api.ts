// The commands of the program as the screens call them, and the views that they share.

import type { UnlistenFn } from "@tauri-apps/api/event";

import type { EvidenceView, FilterTyped, SellRequest } from "../bindings/views";
import type {
  BanksTyped,
  Failure,
  HealthView,
  ProofView,
  SettingsChange,
  SettingsView,
  ShopTyped,
  ViewCount,
} from "../bindings/settings";
import {
  ask,
  on,
  type Coverage,
  type OrderInFull,
  type OrderRow,
  type Payment,
  type Rail,
  type Shop,
  type State,
} from "./ask";
import type { Keys } from "./keys";

export { on };
export type { Coverage, OrderInFull, OrderRow, Payment, Rail, Shop, State };

/** Whether the customer pays on the bank's page in this computer's browser: nothing of it is handed out. */
export function isPage(payment: Payment): boolean {
  return payment.rail === "ctbc-card";
}

/** A code, its values, and its sentence in both languages; never a library's sentence. */
export type { Failure };

/** One line of the recent strip. */
export type Recent = Pick<
  OrderRow["payments"][number],
  "payment" | "rail" | "bank_order_no" | "amount" | "state" | "expires_at" | "late" | "cancelling"
>;

/** The most that a way to pay takes at once; a way without a limit is not there. */
export type Limits = Partial<Record<Rail, number | undefined>>;

/** The built-in views, in the order in which they are offered. */
export const VIEWS = ["needs-me", "unpaid-ends-today", "unpaid", "paid", "all"] as const;
export type View = (typeof VIEWS)[number];

/** States in which nothing more is expected, so that the order may be issued anew. */
const ENDED: readonly State[] = ["not-issued", "expired", "cancelled", "failed"];

export function hasEnded(payment: Payment): boolean {
  return ENDED.includes(payment.state);
}

/** What a payment, or its row in a list, tells about a cancellation. */
interface Cancelling {
  state: State;
  note?: string | null;
  cancelling?: boolean;
}

/** The shop has asked to cancel it, and the bank has not replied yet. */
export function isBeingCancelled({ state, note, cancelling }: Cancelling): boolean {
  return state === "awaiting" && (cancelling === true || note === "being-cancelled");
}

/** Money came although the shop had asked to cancel it. */
export function isPaidNotCancelled({ note }: Payment): boolean {
  return note === "paid-not-cancelled";
}

/** Money came after the end; that the bank has paid it out since changes nothing about it. */
export function isLate({ state, late }: { state: State; late: boolean }): boolean {
  return late || state === "paid-late";
}

/** The shop that is open. */
export function shop(): Promise<Shop> {
  return ask("shop");
}

/** The payments of the newest orders, newest first. */
export async function newest(): Promise<Recent[]> {
  const orders = await ask("newest");
  return orders.flatMap((order) => order.payments).slice(0, RECENT_MAX);
}

/** Lines of the recent strip. */
export const RECENT_MAX = 10;

/** Begins a sale. The screen makes the id, so that pressing twice cannot sell twice; what the bank answers comes
 *  through `onPayment`. */
export function sell(
  order: string,
  rail: Rail,
  amount: string,
  more: Pick<SellRequest, "customer" | "note" | "again"> = {},
): Promise<Payment> {
  const request: SellRequest = { order, rail, amount, ...more };
  return ask("sell", { request });
}

/** A payment that somebody looks at: the bank is asked about it every few seconds from now on. */
export function look(payment: string): Promise<Payment> {
  return ask("payment", { payment });
}

/** Nobody looks at it any more: it is asked about as rarely as the others. */
export function leave(payment: string): Promise<void> {
  return ask("leave", { payment });
}

/** Begins to cancel an unpaid account. The note of the answer says that it has begun, or what cannot be done. */
export function cancel(payment: string): Promise<Payment> {
  return ask("cancel", { payment });
}

/** What narrows a list of orders; what is empty does not matter. */
export type Filter = FilterTyped;

export const NO_FILTER: Filter = { rail: "", state: "", from: "", to: "" };

/** A page of a view, or of what a search finds, of those that a filter leaves, behind the order `after`. */
export function orders(view: View, typed: string, filter: Filter, after?: string): Promise<OrderRow[]> {
  return ask("orders", { view, typed, filter, after: after ?? null });
}

/** One order; nobody is asked for it. */
export function order(id: string): Promise<OrderInFull> {
  return ask("order", { order: id });
}

export function coverage(): Promise<Coverage> {
  return ask("coverage");
}

/** What is wrong now; nothing is the normal case. */
export type Health = HealthView;

export function health(): Promise<Health> {
  return ask("health");
}

/** Another try at what could not be opened; the event `shop` follows. */
export function again(): Promise<void> {
  return ask("again");
}

/** Payments that somebody must see and nobody has seen yet, oldest first. */
export function unseen(): Promise<Payment[]> {
  return ask("unseen");
}

/** Somebody has seen it: it is not told again. */
export function seen(payment: string): Promise<void> {
  return ask("seen", { payment });
}

/** Opens the payment's own link in the person's browser; the bank's page never stands inside our window. */
export function openLink(payment: string): Promise<void> {
  return ask("open_link", { payment });
}

/** What the demo bank, its customer or its clock can be made to do. */
export const DEMO_ACTIONS = ["pay", "decline", "expire", "lose-answer", "hour", "day"] as const;
export type DemoAction = (typeof DEMO_ACTIONS)[number];

/** In the demo shop only. */
export function demo(action: DemoAction, payment?: string): Promise<void> {
  return ask("demo", { action, payment: payment ?? null });
}

/** Opens the demo shop in a window of its own; from a shop of one's own only, which goes on. */
export function openDemo(): Promise<void> {
  return ask("open_demo");
}

/** Calls back whenever a payment has changed. */
export function onPayment(heard: (payment: Payment) => void): Promise<UnlistenFn> {
  return on("payment", heard);
}

/** The answer that a payment's state rests on; before there is one, the last that the bank gave. */
export function restsOn({ proof, evidence }: Payment): EvidenceView | undefined {
  return proof ?? evidence.at(-1);
}

/** What was thrown, as a failure of ours. */
export function failure(thrown: unknown): Failure {
  const member = (name: string): unknown =>
    typeof thrown === "object" && thrown !== null ? Reflect.get(thrown, name) : undefined;
  const text = (name: string) => {
    const value = member(name);
    return typeof value === "string" ? value : "";
  };
  const values = { ...(member("values") as object | undefined) };
  return { code: text("code") || "unexpected", values, zh: text("zh"), en: text("en") };
}

/** The settings of the shop. Keys are never among them. */
export type Settings = SettingsView;
/** What can be changed of a shop that is open. */
export type Change = SettingsChange;
/** What the bank says about shop number and keys. */
export type Proof = ProofView;
/** A shop as it is set up. */
export type NewShop = ShopTyped;
/** A bank that a shop may have a contract with, and the contracts as they are typed. */
export type Bank = "sinopac" | "ctbc";
export type NewBanks = BanksTyped;

export function settings(): Promise<Settings> {
  return ask("settings");
}

export function saveSettings(change: Change): Promise<Settings> {
  return ask("save_settings", { change });
}

/** Has a bank prove the settings that are kept. */
export function prove(bank: Bank): Promise<Proof> {
  return ask("prove", { bank });
}

/** Sends new keys to be proved and kept; the old ones stay when the bank says that one is wrong. */
export function setKeys(shopNo: string, keys: Keys): Promise<Proof> {
  return ask("set_keys", { shopNo, keys });
}

/** The same with the key of CTBC and the MerID that it belongs to. */
export function setCardKey(merId: string, mac_key: string): Promise<Proof> {
  return ask("set_card_key", { merId, keys: { mac_key } });
}

/** Adds a bank to the shop that is open. Once kept, the event `shop` follows. */
export function addBank(banks: NewBanks): Promise<Proof> {
  return ask("add_bank", { banks });
}

/** Sets up the real shop. Once kept, the event `shop` follows. */
export function addShop(shop: NewShop): Promise<Proof> {
  return ask("add_shop", { shop });
}

/** How many orders stand in a view that a person works off. */
export type Count = ViewCount;

export function views(): Promise<Count[]> {
  return ask("views");
}

/** Removes name and note of an order's customer for good. */
export function eraseCustomer(order: string): Promise<OrderInFull> {
  return ask("erase_customer", { order });
}

/** What may not fit and waits for a person; the kinds of `DiscrepancyView`. */
export const DOUBTS = [
  "amount-differs",
  "echo-differs",
  "paid-before-created",
  "went-back",
  "unlisted-state",
  "refunded-outside",
  "capture-failed",
  "charged-twice",
  "paid-twice",
  "not-captured",
  "covered-by-number",
  "stays-unknown",
  "paid-late",
] as const;
export type Doubt = (typeof DOUBTS)[number];
