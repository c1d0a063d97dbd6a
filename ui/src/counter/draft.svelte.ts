// The slip as it is typed, before it is issued: an amount and a customer. Clearing empties it
// whole, so that no customer's data reaches the next slip; an ended slip comes back here to be
// changed.

import type { PaymentView } from "../bindings/views";
import { ask } from "../lib/ask";
import { can } from "../lib/people.svelte";

export class Draft {
  digits = $state("");
  customer = $state("");
  note = $state("");
  /** How often it was cleared, and the customer that is being brought back. */
  #cleared = 0;
  #coming: Promise<boolean> | undefined;

  /** Goes on with what was typed in another one. */
  resume({ digits, customer, note }: Draft): void {
    Object.assign(this, { digits, customer, note });
  }

  clear(): void {
    this.#cleared += 1;
    this.#coming = undefined;
    this.digits = this.customer = this.note = "";
  }

  /**
   * What was sold comes back as it was typed; its customer as soon as the program has said who that
   * was.
   */
  bring(payment: PaymentView, refused: (thrown: unknown) => void): void {
    this.clear();
    this.digits = String(payment.amount);
    // a name that is shown masked is not the name
    if (!can("see-customers")) return;
    this.#coming = this.#customerOf(payment.order, refused);
  }

  /** The customer that is still on the way back: whether it came. */
  get coming(): Promise<boolean> | undefined {
    return this.#coming;
  }

  /** A slip that was cleared meanwhile stays clear. */
  async #customerOf(order: string, refused: (thrown: unknown) => void): Promise<boolean> {
    const before = this.#cleared;
    try {
      const { customer } = (await ask("order", { order })).order;
      if (before !== this.#cleared) return false;
      this.customer ||= customer?.name ?? "";
      this.note ||= customer?.note ?? "";
      return true;
    } catch (thrown) {
      if (before === this.#cleared) refused(thrown);
      return false;
    } finally {
      if (before === this.#cleared) this.#coming = undefined;
    }
  }
}
