// The orders screen's state: the list, and the number of orders in each view. An order that is not
// in the list yet comes on top once the list is at its top: nothing moves while a person reads
// further down.

import type { View } from "../bindings/names";
import type { ForeignRowView } from "../bindings/refunds";
import type { FilterTyped, PaymentView } from "../bindings/views";
import { ask, type Refusal } from "../lib/ask";
import { Counts, Orders } from "./orders.svelte";

export class OrdersScreen {
  readonly list = new Orders();
  readonly counts = new Counts();
  /** Whether the list is scrolled to its top. */
  atTop = $state(true);
  /** Money at the bank that is in no order: a search finds it, or it is a task of the view. */
  foreign = $state.raw<ForeignRowView[]>([]);
  #missing = false;
  /** Answers to an earlier search are dropped. */
  #looked = 0;

  /** An unreadable day shows beside the days, not above the list. */
  get wrongDay(): Refusal | undefined {
    return this.list.problem?.code.startsWith("filter-") ? this.list.problem : undefined;
  }

  /** Goes on with view, search and filter of a person before the window locked. */
  resume(view: View, typed: string, filter: FilterTyped): void {
    Object.assign(this.list, { view, typed, filter });
  }

  /** The screen opens, for the first time or again. */
  async enter(): Promise<void> {
    // what was counted before may be over
    this.counts.known = [];
    void this.counts.read();
    void this.readForeign();
    if (!this.list.ready) await this.list.ask(this.list.view, this.list.typed);
    else await this.renew();
  }

  /** Takes a payment event; `seen`: the list is on screen. */
  take(payment: PaymentView, seen: boolean): void {
    const known = this.list.take(payment);
    if (!known && this.list.typed === "") this.#missing = true;
    if (!seen) return;
    void this.counts.read();
    if (!known) void this.renew();
  }

  /** Money has gone back of one of them; `seen`: the list is on screen. */
  returned(seen: boolean): void {
    this.#missing = true;
    if (!seen) return;
    void this.counts.read();
    void this.renew();
  }

  /** Reads what is missing on top, if it would be visible there. */
  async renew(): Promise<void> {
    if (!this.#missing || !this.atTop) return;
    this.#missing = false;
    await this.list.refresh();
  }

  /** Restarts with a view, a search, or another filter. */
  async ask(view: View, typed = "", filter?: FilterTyped): Promise<void> {
    this.#missing = false;
    const asked = this.list.ask(view, typed, filter);
    await Promise.all([asked, this.readForeign()]);
  }

  /** Reads the money that is in no order; a filter is about orders. */
  async readForeign(): Promise<void> {
    const looked = ++this.#looked;
    const { view, typed, narrowed } = this.list;
    // what cannot be read is told by the list itself
    const found = narrowed ? [] : await ask("foreign_found", { view, typed }).catch(() => []);
    if (looked === this.#looked) this.foreign = found;
  }

  /** Tries again what failed. */
  retry(): void {
    void this.counts.read();
    void this.list.retry();
  }
}
