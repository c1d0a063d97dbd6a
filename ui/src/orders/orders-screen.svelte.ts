// What the screen of the orders works on: the list, and how many orders wait in its views. An order that is not in the list yet
// comes on top once the list stands at its top: nothing moves while somebody reads further down.

import type { View } from "../bindings/names";
import type { FilterTyped, PaymentView } from "../bindings/views";
import type { Refusal } from "../lib/ask";
import { Counts, Orders } from "./orders.svelte";

export class OrdersScreen {
  readonly list = new Orders();
  readonly counts = new Counts();
  /** Whether the list stands at its top. */
  atTop = $state(true);
  #missing = false;

  /** A day that cannot be read stands with the days, not above the list. */
  get wrongDay(): Refusal | undefined {
    return this.list.problem?.code.startsWith("filter-") ? this.list.problem : undefined;
  }

  /** The screen is seen, for the first time or again. */
  async enter(): Promise<void> {
    void this.counts.read();
    if (!this.list.ready) await this.list.ask(this.list.view);
    else this.renew();
  }

  /** What the program tells about a payment, and whether somebody sees the list. */
  take(payment: PaymentView, seen: boolean): void {
    const known = this.list.take(payment);
    if (!known && this.list.typed === "") this.#missing = true;
    if (!seen) return;
    void this.counts.read();
    if (!known) this.renew();
  }

  /** Reads what is missing on top, if somebody would see it there. */
  renew(): void {
    if (!this.#missing || !this.atTop) return;
    this.#missing = false;
    void this.list.refresh();
  }

  /** Begins anew with a view, with what is looked for, or with another filter. */
  async ask(view: View, typed = "", filter?: FilterTyped): Promise<void> {
    this.#missing = false;
    await this.list.ask(view, typed, filter);
  }

  /** Tries again what failed. */
  retry(): void {
    void this.counts.read();
    void this.list.retry();
  }
}
