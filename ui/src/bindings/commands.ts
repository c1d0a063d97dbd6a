// Written by `cargo xtask bindings` from crates/commands. Do not edit.

import type { Bank, View, DemoAction } from "./names";
import type { SellRequest, PaymentView, OrderRowView, OrderInFull, FilterTyped, CoverageNow, ShopNow } from "./views";
import type { SettingsView, SettingsChange, KeysTyped, CardKeyTyped, BanksTyped, ShopTyped, ProofView, HealthView, ViewCount } from "./settings";

/** What each command takes and answers. */
export interface Commands {
  shop(): ShopNow;
  health(): HealthView;
  again(): void;
  newest(): OrderRowView[];
  orders(takes: { view: View; typed: string; filter: FilterTyped; after: string | null }): OrderRowView[];
  order(takes: { order: string }): OrderInFull;
  views(): ViewCount[];
  coverage(): CoverageNow;
  unseen(): PaymentView[];
  seen(takes: { payment: string }): void;
  sell(takes: { request: SellRequest }): PaymentView;
  payment(takes: { payment: string }): PaymentView;
  leave(takes: { payment: string }): void;
  cancel(takes: { payment: string }): PaymentView;
  open_link(takes: { payment: string }): void;
  erase_customer(takes: { order: string }): OrderInFull;
  settings(): SettingsView;
  save_settings(takes: { change: SettingsChange }): SettingsView;
  prove(takes: { bank: Bank }): ProofView;
  set_keys(takes: { shopNo: string; keys: KeysTyped }): ProofView;
  set_card_key(takes: { merId: string; keys: CardKeyTyped }): ProofView;
  add_bank(takes: { banks: BanksTyped }): ProofView;
  add_shop(takes: { shop: ShopTyped }): ProofView;
  open_demo(): void;
  demo(takes: { action: DemoAction; payment: string | null }): void;
}
