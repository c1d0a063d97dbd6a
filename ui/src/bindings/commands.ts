// Written by `cargo xtask bindings` from crates/commands. Do not edit.

import type { Bank, Role, View, DemoAction } from "./names";
import type { SellRequest, PaymentView, RefundRequest, RefundRoom, OrderRowView, OrderInFull, FilterTyped, ShopNow } from "./views";
import type { SettingsView, SettingsChange, KeysTyped, CardKeyTyped, BanksTyped, ShopTyped, ProofView, HealthView, CoverageNow, AuditView, AuditAsked, AuditPage, AuditExported, PersonView, WhoView, PinTyped, ViewCount } from "./settings";
import type { RefundPreview, RefundsView, RefundRowView, DecisionTyped, BookingTyped, ForeignRowView } from "./refunds";

/** What each command takes and answers. */
export interface Commands {
  shop(): ShopNow;
  health(): HealthView;
  again(): void;
  speak(takes: { language: string }): void;
  newest(): OrderRowView[];
  orders(takes: { view: View; typed: string; filter: FilterTyped; after: string | null }): OrderRowView[];
  foreign_found(takes: { view: View; typed: string }): ForeignRowView[];
  order(takes: { order: string }): OrderInFull;
  views(): ViewCount[];
  coverage(): CoverageNow;
  unseen(): PaymentView[];
  seen(takes: { payment: string }): void;
  sell(takes: { request: SellRequest }): PaymentView;
  sale_nears(takes: { typed: boolean }): void;
  payment(takes: { payment: string }): PaymentView;
  leave(takes: { payment: string }): void;
  cancel(takes: { payment: string }): PaymentView;
  open_link(takes: { payment: string }): void;
  erase_customer(takes: { order: string }): OrderInFull;
  correct_customer(takes: { order: string; name: string; note: string }): OrderInFull;
  refund_room(takes: { payment: string; xid: string }): RefundRoom;
  refund_preview(takes: { payment: string; xid: string; amount: string }): RefundPreview;
  request_refund(takes: { request: RefundRequest }): RefundRowView;
  refunds(): RefundsView;
  refund(takes: { refund: string }): RefundRowView;
  approve_refund(takes: { refund: string; amount: string | null; pin: PinTyped }): RefundRowView;
  withdraw_refund(takes: { refund: string }): RefundRowView;
  decide_refund(takes: { refund: string; decision: DecisionTyped }): RefundRowView;
  book_refund(takes: { booking: BookingTyped }): RefundsView;
  close_discrepancy(takes: { discrepancy: string; reason: string }): RefundsView;
  audit(takes: { filter: AuditAsked; before: number | null }): AuditPage;
  audit_export(takes: { filter: AuditAsked }): AuditExported;
  audit_verify(): AuditView;
  audit_accept(takes: { pin: PinTyped }): void;
  people(): PersonView[];
  who(): WhoView;
  sign_in(takes: { name: string; pin: PinTyped }): WhoView;
  sign_out(): WhoView;
  pin_wait(takes: { name: string }): number;
  still_here(): void;
  add_person(takes: { name: string; role: Role; pin: PinTyped }): PersonView;
  limit_person(takes: { person: string; ask: number | null; approve: number | null }): PersonView;
  retire_person(takes: { person: string }): PersonView;
  set_pin(takes: { person: string; pin: PinTyped }): PersonView;
  settings(): SettingsView;
  save_settings(takes: { change: SettingsChange }): SettingsView;
  prove(takes: { bank: Bank }): ProofView;
  set_keys(takes: { shopNo: string; keys: KeysTyped }): ProofView;
  set_card_key(takes: { merId: string; keys: CardKeyTyped }): ProofView;
  add_bank(takes: { banks: BanksTyped }): ProofView;
  add_shop(takes: { shop: ShopTyped }): ProofView;
  close_window(): void;
  quit(takes: { sure: boolean }): void;
  open_demo(): void;
  demo(takes: { action: DemoAction; payment: string | null }): void;
}
