// The open order: read once, then updated in place by events. It polls the bank only on
// request; irreversible actions need a second press; an ended order can be issued again.

import { hasMoney } from "../bindings/rules";
import type { CustomerView, OrderInFull, PaymentView } from "../bindings/views";
import { ask, failure } from "../lib/ask";
import { bankMs } from "../lib/clock.svelte";
import { sellHere } from "../lib/recent.svelte";
import { handOver, lookedAt } from "../lib/route.svelte";
import { canBeGiven, isBeingCancelled, isPage } from "../lib/standing";
import { refusal, t, type Said } from "../lib/text.svelte";
import { nextTime } from "./card";
import { telling } from "./orders.svelte";

/** Payments of an order that the bank is asked about at once. */
const ASKED_MAX = 3;
/** After so long without a clear answer, a press polls the bank again. */
const PATIENCE_MS = 30_000;

export class OpenOrder {
  full = $state.raw<OrderInFull>();
  problem = $state<Said>();
  said = $state<Said>();
  /** Whether the action succeeded; otherwise it is still under way. */
  done = $state(false);
  /** The erase key was pressed once. */
  doubted = $state(false);
  sending = $state(false);
  /** How often one of its keys was pressed. */
  pressed = $state(0);
  /** Bank time of the last reading. */
  #readAt = $state(0);
  #order = "";
  /** Whether the bank is being asked, about which payments, and how long that may take. */
  #asking = false;
  #asked: string[] = [];
  #patience: ReturnType<typeof setTimeout> | undefined;
  /** Counts events about this order: an answer requested before one may not include it. */
  #heard = 0;
  readonly #renamed: (order: string, customer: CustomerView | null) => void;

  readonly newest = $derived(this.full?.payments.at(-1));
  /** The payment that decides the order's status. */
  readonly payment = $derived(this.full && telling(this.full));
  readonly collected = $derived(this.full?.payments.some(({ state }) => hasMoney(state)) ?? false);
  /** Whether it may be issued again. Late money may be reported for the older payment only. */
  readonly reissue = $derived(this.newest?.reissue === true && !this.collected);
  /** The payment that can still be handed to the customer. */
  readonly handed = $derived(
    this.newest && canBeGiven(this.newest) && !this.collected && !isPage(this.newest)
      ? this.newest
      : undefined,
  );
  /** When a time on the slip comes, its text goes out of date. */
  readonly stale = $derived(nextTime(this.full?.payments ?? [], this.#readAt));

  /** Calls `renamed` once the customer is erased or corrected. */
  constructor(renamed: (order: string, customer: CustomerView | null) => void) {
    this.#renamed = renamed;
  }

  /** Opens an order and drops all of the one before. Resolves once it was read, or could not be. */
  open(order: string): Promise<void> {
    this.forget();
    this.#order = order;
    this.full = undefined;
    this.problem = this.said = undefined;
    this.done = this.doubted = false;
    return this.load();
  }

  async load(): Promise<void> {
    const wanted = this.#order;
    this.problem = undefined;
    this.#readAt = bankMs();
    try {
      let before: number;
      do {
        before = this.#heard;
        const answer = await ask("order", { order: wanted });
        // the person has already gone on to another order
        if (wanted !== this.#order) return;
        // an event meanwhile may be newer than the answer: reads once more
        if (!this.full || before === this.#heard) this.full = answer;
      } while (before !== this.#heard);
    } catch (thrown) {
      if (wanted === this.#order) this.#tell(thrown);
    }
  }

  /** A payment has changed: its part changes in place. */
  take(changed: PaymentView): void {
    if (changed.order !== this.#order) return;
    this.#heard += 1;
    if (!this.full) return;
    const known = this.full.payments.find((one) => one.payment === changed.payment);
    this.full = replaced(this.full, changed);
    if (!this.#asking || !this.#asked.includes(changed.payment)) return;
    this.#answered();
    const same = known && isSame(known, changed);
    const payable = same && isBeingCancelled(changed);
    this.#say(() => t(payable ? "order.asked.payable" : same ? "order.asked.same" : "order.asked"), true);
  }

  /** Asks the bank about the newest payments. */
  async ask(): Promise<void> {
    this.pressed += 1;
    if (!this.full || this.#patience !== undefined) return;
    const wanted = this.#order;
    this.#asking = true;
    this.#patience = setTimeout(() => {
      this.#patience = undefined;
      this.#say(() => t("order.asked.unclear"), false);
    }, PATIENCE_MS);
    this.#asked = this.full.payments.slice(-ASKED_MAX).map((one) => one.payment);
    this.#say(() => t("order.asking"), false);
    try {
      // an event that has overtaken an answer knows more
      for (const answer of await Promise.all(this.#asked.map((payment) => ask("payment", { payment }))))
        if (wanted === this.#order && this.full && this.#asking) this.full = replaced(this.full, answer);
    } catch (thrown) {
      if (wanted !== this.#order) return;
      this.#answered();
      this.#tell(thrown);
    }
  }

  /** Leaves the order: unless another screen shows it, the engine polls it in the background. */
  forget(): void {
    for (const one of this.#asked)
      if (lookedAt()?.payment !== one) ask("leave", { payment: one }).catch(() => undefined);
    this.#asked = [];
    this.#answered();
    if (!this.done) this.said = undefined;
  }

  /** The same order again, with a new number: if the others ended unpaid or were never shown. */
  async again(): Promise<void> {
    this.pressed += 1;
    const { newest } = this;
    if (!newest || !this.reissue || this.sending) return;
    const wanted = this.#order;
    this.sending = true;
    this.#say(() => t("order.issuing"), false);
    try {
      const { payment } = await sellHere({
        order: wanted,
        rail: newest.rail,
        amount: String(newest.amount),
        again: true,
      });
      if (wanted !== this.#order) return;
      // an event that has overtaken this answer knows more
      const told = this.full?.payments.find((one) => one.payment === payment.payment);
      if (!told) this.take(payment);
      if (isPage(payment)) {
        // the customer pays in this computer's browser: on with it, as if the counter had sold it
        this.said = undefined;
        this.toCounter(told ?? payment, true);
      } else this.#say(() => t("order.issued"), true);
    } catch (thrown) {
      if (wanted === this.#order) this.#tell(thrown);
    } finally {
      this.sending = false;
    }
  }

  toCounter(one: PaymentView, sold = false): void {
    const all = this.full?.payments.map(({ payment }) => payment);
    const others = all?.filter((other) => other !== one.payment);
    handOver(one, others, sold);
  }

  /** Asked twice: what is erased does not come back. */
  async erase(): Promise<void> {
    this.pressed += 1;
    if (!this.doubted) return void (this.doubted = true);
    this.doubted = false;
    const [wanted, before] = [this.#order, this.#heard];
    try {
      const answer = await ask("erase_customer", { order: wanted });
      this.#renamed(wanted, answer.order.customer ?? null);
      if (wanted !== this.#order) return;
      this.full = answer;
      if (before !== this.#heard) void this.load();
      this.#say(() => t("order.erased"), true);
    } catch (thrown) {
      if (wanted === this.#order) this.#tell(thrown);
    }
  }

  /** Another name or note; the old ones are erased. */
  async correct(name: string, note: string): Promise<boolean> {
    this.pressed += 1;
    this.doubted = false;
    const [wanted, before] = [this.#order, this.#heard];
    try {
      const answer = await ask("correct_customer", { order: wanted, name, note });
      this.#renamed(wanted, answer.order.customer ?? null);
      if (wanted !== this.#order) return true;
      this.full = answer;
      if (before !== this.#heard) void this.load();
      this.#say(() => t("order.corrected"), true);
      return true;
    } catch (thrown) {
      if (wanted === this.#order) this.#tell(thrown);
      return false;
    }
  }

  /** A person has closed one of its discrepancies. */
  async settled(said: Said): Promise<void> {
    this.pressed += 1;
    const wanted = this.#order;
    await this.load();
    if (wanted === this.#order && !this.problem) this.#say(said, true);
  }

  async copy(text: string): Promise<void> {
    this.pressed += 1;
    try {
      await navigator.clipboard.writeText(text);
      this.#say(() => t("copied", { text }), true);
    } catch {
      this.said = undefined;
      this.problem = () => t("copy-failed");
    }
  }

  #answered(): void {
    clearTimeout(this.#patience);
    this.#patience = undefined;
    this.#asking = false;
  }

  #tell(thrown: unknown): void {
    this.said = undefined;
    this.problem = refusal(failure(thrown), "order.failed");
  }

  #say(text: Said, well: boolean): void {
    this.problem = undefined;
    this.said = text;
    this.done = well;
  }
}

/** Whether the bank has said nothing new. */
function isSame(known: PaymentView, now: PaymentView): boolean {
  const same = known.discrepancies.length === now.discrepancies.length;
  return same && known.state === now.state && known.evidence.length === now.evidence.length;
}

function replaced(known: OrderInFull, changed: PaymentView): OrderInFull {
  const at = known.payments.findIndex((one) => one.payment === changed.payment);
  const payments = at < 0 ? [...known.payments, changed] : known.payments.with(at, changed);
  return { ...known, payments };
}
