// The one way to Rust and back: every command with what it takes and answers, and what Rust tells by itself. No other file
// knows how the window talks to the program.

import { invoke } from "@tauri-apps/api/core";
import { listen, type UnlistenFn } from "@tauri-apps/api/event";

import type {
  CoverageView,
  FilterTyped,
  OrderRowView,
  OrderView,
  PaymentRowView,
  PaymentView,
  SellRequest,
  ShopView,
} from "../bindings/views";
import type {
  BanksTyped,
  CardKeyTyped,
  HealthView,
  KeysTyped,
  ProofView,
  SettingsChange,
  SettingsView,
  ShopTyped,
  ViewCount,
} from "../bindings/settings";

export type Rail = "sinopac-account" | "sinopac-card" | "ctbc-card";

/** Where a payment stands: only what a bank has confirmed, or that we are asking. */
export type State =
  | "issuing"
  | "not-issued"
  | "awaiting"
  | "authorized"
  | "released"
  | "paid"
  | "paid-late"
  | "settled"
  | "expired"
  | "cancelled"
  | "failed";

/** A view whose names are known. */
type Named<View> = Omit<View, "rail" | "state"> & { rail: Rail; state: State };

export type Payment = Named<PaymentView>;

/** The shop, the bank's date, the most that a card link and a card page take, and whether a customer can be played. */
export type Shop = ShopView & {
  now: string;
  card_limit: number | null;
  ctbc_limit: number | null;
  demo: boolean;
};

/** How far the bank has been asked, at bank time `now`. */
export type Coverage = CoverageView & { now: string };

/** One row of the list of orders. */
export type OrderRow = Omit<OrderRowView, "payments"> & { payments: Named<PaymentRowView>[] };

/** An order with what the states of its payments rest on. */
export interface OrderInFull {
  order: OrderView;
  payments: Payment[];
}

/** What each command takes and answers. `src-tauri/src/every_command.rs` names the same ones. */
interface Commands {
  shop(): Shop;
  health(): HealthView;
  again(): void;
  newest(): OrderRow[];
  orders(takes: { view: string; typed: string; filter: FilterTyped; after: string | null }): OrderRow[];
  order(takes: { order: string }): OrderInFull;
  views(): ViewCount[];
  coverage(): Coverage;
  unseen(): Payment[];
  seen(takes: { payment: string }): void;
  sell(takes: { request: SellRequest }): Payment;
  payment(takes: { payment: string }): Payment;
  leave(takes: { payment: string }): void;
  cancel(takes: { payment: string }): Payment;
  open_link(takes: { payment: string }): void;
  erase_customer(takes: { order: string }): OrderInFull;
  settings(): SettingsView;
  save_settings(takes: { change: SettingsChange }): SettingsView;
  prove(takes: { bank: string }): ProofView;
  set_keys(takes: { shopNo: string; keys: KeysTyped }): ProofView;
  set_card_key(takes: { merId: string; keys: CardKeyTyped }): ProofView;
  add_bank(takes: { banks: BanksTyped }): ProofView;
  add_shop(takes: { shop: ShopTyped }): ProofView;
  open_demo(): void;
  demo(takes: { action: string; payment: string | null }): void;
}

/** Asks for a command. What is refused is thrown: a code, its values, and its sentence in both languages. */
export function ask<Name extends keyof Commands>(
  command: Name,
  ...[takes]: Parameters<Commands[Name]>
): Promise<ReturnType<Commands[Name]>> {
  return invoke<ReturnType<Commands[Name]>>(command, takes);
}

/** What the program tells by itself. */
interface Told {
  /** A payment has changed. */
  payment: Payment;
  /** Somebody must see this one: money came, or will not come. */
  news: Payment;
  /** Minutes of bank time were asked about. */
  covered: null;
  health: HealthView;
  /** Another shop is open, or none: everything is read anew. */
  shop: null;
}

/** Calls back whenever the program tells something of this kind. */
export function on<Kind extends keyof Told>(
  kind: Kind,
  heard: (told: Told[Kind]) => void,
): Promise<UnlistenFn> {
  return listen<Told[Kind]>(kind, (event) => heard(event.payload));
}
