// The counter's state and actions: it sells the typed slip and shows the sold one until the next.
// It shows as paid only what the bank has confirmed. Errors keep the amount.

import type { Rail } from "../bindings/names";
import { hasEnded, hasMoney } from "../bindings/rules";
import type { PaymentView, SellRequest, ShopNow } from "../bindings/views";
import { over } from "../lib/amount";
import { typedAhead } from "../lib/ahead.svelte";
import { ask, failure } from "../lib/ask";
import { orderId } from "../lib/ids";
import { noteRecent, sellHere } from "../lib/recent.svelte";
import { showOrder, type Handed } from "../lib/route.svelte";
import { play } from "../lib/sound";
import { cameToNothing, isBeingCancelled, isPage } from "../lib/standing";
import { refusal, t, type Said } from "../lib/text.svelte";
import { limitsOf, METHODS } from "../lib/methods";
import { Draft } from "./draft.svelte";

/** A browser that has not asked for the page after so long did not open. */
const PAGE_PATIENCE_MS = 5000;

const RAILS = METHODS.map(({ rail }) => rail);

/** Said to the clerk with the sound of a failure, once. */
function failed(payment: PaymentView): boolean {
  return payment.state === "not-issued" || (payment.state === "awaiting" && cameToNothing(payment));
}

export class Counter {
  readonly draft = new Draft();
  last = $state<Rail>("sinopac-account");
  /** The order being sent; while it is set, no second one starts. */
  sending = $state<string>();
  /** How often a slip key with a message was pressed. */
  pressed = $state(0);
  shown = $state<PaymentView>();
  /** Whom the slips of an order were sold to, as it was typed here. */
  sold = $state<{ order: string; customer: string; note: string }>();
  /** The account with one cancel press so far, and the one with a cancel request under way. */
  doubted = $state<string>();
  cancelling = $state<string>();
  problem = $state<Said>();
  /** The payment whose page no browser has fetched: a person takes its address there. */
  unopened = $state<string>();
  copied = $state<Said>();
  /** The slip before: B brings it back, and Esc where a digit has put it away. */
  #put: { payment: PaymentView; replaced: string[] } | undefined;
  strayed = false;
  /** Replaced payments of the shown order: later events about them do not bring them back. */
  #replaced: string[] = [];
  /** Payments with a page that no longer opens by itself. */
  readonly #tried: string[] = [];
  /** The payment with its page on the way to a browser, until it is fetched or time is up. */
  #opening: string | undefined;
  #pagePatience: ReturnType<typeof setTimeout> | undefined;
  /** Counts events about the shown slip: an answer requested before one may not include it. */
  #heard = 0;
  readonly #shop: () => ShopNow;
  readonly #focus: () => void;

  readonly limits = $derived.by(() => limitsOf(this.#shop()));
  /** The last method, or the next one that takes so much; nothing when none does. */
  readonly taking = $derived.by(() => [this.last, ...RAILS].find((rail) => this.#takes(rail)));
  /** What Enter does. */
  readonly best = $derived(this.taking ?? [this.last, ...RAILS].find((rail) => this.#has(rail)) ?? this.last);

  /** `focus` leads back to the amount. */
  constructor(shop: () => ShopNow, focus: () => void) {
    this.#shop = shop;
    this.#focus = focus;
  }

  /** Goes on where a counter of the same person was when the window was locked. */
  resume(left: Counter): void {
    this.draft.resume(left.draft);
    this.last = left.last;
    const shown = left.shown;
    if (!shown) return;
    this.#replaced = left.#replaced;
    this.#tried.push(...left.#tried);
    this.shown = shown;
    // what moved meanwhile was told to nobody
    void this.#renew(shown, () => this.shown?.payment === shown.payment).catch(this.tell);
  }

  /** What the program tells about a payment. */
  take(payment: PaymentView): void {
    noteRecent(payment).catch(this.tell);
    // the bank's answer may overtake the answer to the command, so the order that is being sent is
    // ours as well
    if (payment.order !== (this.sending ?? this.shown?.order)) return;
    if (hasMoney(payment.state)) {
      this.next();
      this.#put = undefined;
      return;
    }
    if (this.#replaced.includes(payment.payment)) return;
    if (failed(payment) && !(this.shown && failed(this.shown))) play("failed");
    this.#heard += 1;
    const came = payment.opened === true && this.shown?.opened !== true;
    // what was said of the browser is over
    if (isPage(payment) && (came || hasEnded(payment.state))) this.problem = this.unopened = undefined;
    this.shown = payment;
    // the bank's card page opens only in this computer's browser, and takes its form once
    if (!isPage(payment) || payment.state !== "awaiting" || this.#tried.includes(payment.payment)) return;
    this.open(payment);
  }

  /** Takes a slip handed over from the orders; the typed one stays below it. */
  receive({ payment, others, sold }: Handed): void {
    this.#forget();
    this.#replaced = others;
    this.shown = payment;
    if (sold) this.take(payment);
    // a browser may already show it: from here only its key opens it
    else if (payment.state === "awaiting") this.#tried.push(payment.payment);
  }

  tell = (thrown: unknown): void => {
    this.problem = refusal(failure(thrown), "error.unexpected");
  };

  issue(rail: Rail): void {
    if (!this.#has(rail)) return;
    const { coming, digits, customer, note } = this.draft;
    // nothing is sold without the customer that is on its way back
    if (coming)
      return void typedAhead(
        coming.then((back) => {
          if (back) this.issue(rail);
          return back;
        }),
      );
    if (digits === "") this.problem = () => t("error.amount-missing");
    else {
      this.last = rail;
      this.#send(orderId(), rail, digits, { customer, note });
    }
  }

  /** The same order again, with a new number: only of an ended payment, or one never shown. */
  again(payment: PaymentView, rail = payment.rail): void {
    if (!payment.reissue || this.sending || !this.#has(rail)) return;
    this.#replaced.push(payment.payment);
    this.#send(payment.order, rail, String(payment.amount), { again: true });
  }

  /** The shown slip is done with. */
  next(): void {
    if (this.shown) this.#put = { payment: this.shown, replaced: this.#replaced };
    this.shown = undefined;
    this.#forget();
    // while a new number is on its way, the one that it replaces stays replaced
    if (!this.sending) this.#replaced = [];
    this.#focus();
  }

  /** A digit begins the next one. */
  begin(): void {
    this.draft.clear();
    this.next();
    this.strayed = true;
  }

  /** The slip before comes back as it is now; what was typed is dropped. */
  bringBack(): boolean {
    const put = this.#put;
    this.strayed = false;
    if (!put || this.sending) return false;
    this.draft.clear();
    this.#put = undefined;
    this.receive({ payment: put.payment, others: put.replaced, sold: false });
    void this.#renew(put.payment, () => this.shown?.payment === put.payment.payment).catch(this.tell);
    return true;
  }

  /** Puts the slip of a line of the strip on the counter; what is over is an order to look at. */
  async pick({ order, payment }: { order: string; payment: string }): Promise<void> {
    if (this.sending) return;
    try {
      const { payments } = await ask("order", { order });
      const one = payments.find((other) => other.payment === payment);
      if (!one) return;
      if (hasMoney(one.state) || hasEnded(one.state)) return showOrder(order);
      const others = payments.map((other) => other.payment).filter((other) => other !== payment);
      this.next();
      this.receive({ payment: one, others, sold: false });
    } catch (thrown) {
      this.tell(thrown);
    }
  }

  async copy(text: string): Promise<void> {
    this.pressed += 1;
    try {
      await navigator.clipboard.writeText(text);
      this.problem = undefined;
      this.copied = () => t("copied", { text });
    } catch {
      this.copied = undefined;
      this.problem = () => t("copy-failed");
    }
  }

  open(payment: PaymentView): void {
    this.pressed += 1;
    if (isPage(payment) && payment.opened) return void (this.problem = () => t("page.opened"));
    if (this.#opening === payment.payment) return;
    this.problem = this.copied = undefined;
    this.#tried.push(payment.payment);
    ask("open_link", { payment: payment.payment }).catch((thrown: unknown) => {
      if (!isPage(payment)) return this.tell(thrown);
      this.#unopened(payment);
      if (failure(thrown).code !== "browser-absent") this.tell(thrown);
    });
    if (!isPage(payment)) return;
    this.#opening = payment.payment;
    clearTimeout(this.#pagePatience);
    this.#pagePatience = setTimeout(() => {
      this.#unopened(payment);
    }, PAGE_PATIENCE_MS);
  }

  /** No browser has asked for the page, which can be given to one once. */
  #unopened({ payment }: PaymentView): void {
    clearTimeout(this.#pagePatience);
    this.#opening = undefined;
    const shown = this.shown;
    if (shown?.payment !== payment || shown.state !== "awaiting" || shown.opened) return;
    this.problem = () => t("page.unopened");
    this.unopened = payment;
  }

  /** What has ended comes back as it was typed, with its customer, so that it can be changed. */
  retype(payment: PaymentView): void {
    this.next();
    this.draft.bring(payment, this.tell);
  }

  /** Asked twice: an account that was handed out is taken back. */
  async takeBack(payment: PaymentView): Promise<void> {
    if (this.cancelling === payment.payment) return;
    this.pressed += 1;
    if (this.doubted !== payment.payment) {
      this.doubted = payment.payment;
      this.copied = undefined;
      return;
    }
    this.doubted = this.problem = undefined;
    this.cancelling = payment.payment;
    const before = this.#heard;
    try {
      const answer = await ask("cancel", { payment: payment.payment });
      const same = () => this.shown?.payment === payment.payment;
      if (!same()) return;
      if (answer.note && answer.note !== "old-page-open" && !isBeingCancelled(answer))
        this.problem = () => t("cancel.nothing");
      else if (before === this.#heard) this.take(answer);
      else await this.#renew(payment, same);
    } catch (thrown) {
      this.tell(thrown);
    } finally {
      if (this.cancelling === payment.payment) this.cancelling = undefined;
    }
  }

  /** An event before the answer may be older or newer than it: reads the payment again. */
  async #renew(payment: PaymentView, wanted: () => boolean): Promise<void> {
    let before: number;
    let now: PaymentView | undefined;
    do {
      before = this.#heard;
      now = (await ask("order", { order: payment.order })).payments.find(
        (one) => one.payment === payment.payment,
      );
    } while (before !== this.#heard && wanted());
    if (now && wanted()) this.take(now);
  }

  /** Once: what is typed meanwhile is the next slip's. */
  #send(...slip: Parameters<Counter["sell"]>): void {
    if (!this.sending) void typedAhead(this.sell(...slip));
  }

  /** Returns whether there is a slip now. */
  private async sell(
    order: string,
    rail: Rail,
    amount: string,
    more: Pick<SellRequest, "customer" | "note" | "again">,
  ): Promise<boolean> {
    this.problem = this.copied = undefined;
    this.sending = order;
    try {
      const { payment, overtaken } = await sellHere({ order, rail, amount, ...more });
      if (!more.again) {
        const { customer = "", note = "" } = more;
        this.sold = { order, customer: customer.trim(), note: note.trim() };
        this.draft.clear();
        this.strayed = false;
      }
      if (!overtaken) this.take(payment);
      return true;
    } catch (thrown) {
      if (more.again) this.#replaced.pop();
      this.tell(thrown);
      return false;
    } finally {
      this.sending = undefined;
    }
  }

  /** What was said of a slip, and what was begun with it, is not the next one's. */
  #forget(): void {
    clearTimeout(this.#pagePatience);
    this.#opening = undefined;
    this.copied = this.problem = this.doubted = this.cancelling = this.unopened = undefined;
  }

  #has(rail: Rail): boolean {
    return this.limits[rail] !== undefined;
  }

  /** Whether the shop has this method, and it takes what was typed. */
  #takes(rail: Rail): boolean {
    return this.#has(rail) && over(this.draft.digits, this.limits[rail]) === 0;
  }
}
