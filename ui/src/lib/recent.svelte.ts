// The last ten payments, beside the counter: "did mine arrive?" takes one look. Sales of this
// window come on top, on whatever screen, until a reread: the program lists payments by order. For
// any other payment, only the program knows whether it is one of the last ten.

import { NEWEST_MAX } from "../bindings/rules";
import type { PaymentRowView, PaymentView, SellRequest } from "../bindings/views";
import { ask } from "./ask";

/** One line of the strip. */
export type Recent = Pick<
  PaymentRowView,
  "payment" | "rail" | "bank_order_no" | "amount" | "state" | "expires_at" | "late" | "cancelling"
> & { order: string; refunded?: number };

/** Those of one shop. An answer that comes when another shop is open is lost with them. */
class Strip {
  rows = $state<Recent[]>([]);
  /** How many events came, and payments of events that are not in the strip. */
  #noted = 0;
  #strange: string[] = [];
  /** Whether they were read, and are. */
  #filled = $state(false);
  #reading = false;

  get filled(): boolean {
    return this.#filled;
  }

  holds(payment: PaymentView): boolean {
    return this.rows.some((row) => row.payment === payment.payment);
  }

  /** A line changes in place. */
  async note(payment: PaymentView, soldHere: boolean): Promise<void> {
    this.#noted += 1;
    const at = this.rows.findIndex((row) => row.payment === payment.payment);
    if (at >= 0) this.rows[at] = payment;
    else if (soldHere) this.rows = [payment, ...this.rows].slice(0, NEWEST_MAX);
    else {
      this.#strange.push(payment.payment);
      await this.read();
    }
  }

  /** Reads them from the program; once filled, replaces them only when one is missing. */
  async read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      let before: number;
      let rows: Recent[];
      do {
        before = this.#noted;
        const orders = await ask("newest");
        const all = orders.flatMap(({ order, payments }) => payments.map((one) => ({ ...one, order })));
        rows = all.slice(0, NEWEST_MAX);
        // what was told meanwhile may be newer than the answer: it is read once more
      } while (before !== this.#noted);
      if (!this.#filled || rows.some((row) => this.#strange.includes(row.payment))) this.rows = rows;
      this.#filled = true;
    } finally {
      this.#strange = [];
      this.#reading = false;
    }
  }
}

let strip = $state.raw(new Strip());

/** Orders that are being sold in this window. */
const selling: string[] = [];

/** The last ten, newest first. */
export function recent(): Recent[] {
  return strip.rows;
}

/** They were read. */
export function knowsRecent(): boolean {
  return strip.filled;
}

/** Begins with the shop that is open. */
export function startRecent(): Promise<void> {
  strip = new Strip();
  return strip.read();
}

/** Takes what the program tells about a payment. */
export function noteRecent(payment: PaymentView): Promise<void> {
  return strip.note(payment, selling.includes(payment.order));
}

/** Sells in this window. The screen makes the id of the order, so that pressing twice cannot sell
 *  twice. `overtaken`: an event came before the answer, and knows more. */
export async function sellHere(request: SellRequest): Promise<{ payment: PaymentView; overtaken: boolean }> {
  const { order } = request;
  const mine = strip;
  selling.push(order);
  try {
    const payment = await ask("sell", { request });
    const overtaken = mine.holds(payment);
    if (!overtaken) await mine.note(payment, true);
    return { payment, overtaken };
  } finally {
    selling.splice(selling.indexOf(order), 1);
  }
}
