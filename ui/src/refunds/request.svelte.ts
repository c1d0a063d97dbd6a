// A request for a refund while it is typed. What it comes to is told by Rust with every digit; a
// request is sent once, under an id that was made when it was opened.

import type { RefundReason } from "../bindings/names";
import type { RefundPreview } from "../bindings/refunds";
import type { RefundRoom } from "../bindings/views";
import { failure } from "../lib/ask";
import { leaveDraft, takeDraft } from "../lib/drafts";
import { person } from "../lib/people.svelte";
import { previewRefund, refundRoom, sendRequest, type Asking } from "../lib/refunds.svelte";
import { refusal, type Said } from "../lib/text.svelte";

/** What is typed, as it is kept for its person while the window is locked. */
interface Typed {
  payment: string;
  digits: string;
  reason: RefundReason | "";
  note: string;
}

export class Request {
  digits = $state("");
  reason = $state<RefundReason | "">("");
  note = $state("");
  room = $state.raw<RefundRoom>();
  told = $state.raw<RefundPreview>();
  /** Why it cannot be asked for, or was not. */
  problem = $state<Said>();
  /** What is wrong is the reason, or the note. */
  wrong = $state<"reason" | "note">();
  sending = $state(false);
  readonly #asking: Asking;
  readonly #id = crypto.randomUUID();
  readonly #who = person()?.person;
  /** Counts the questions: an answer to an earlier one is dropped. */
  #questions = 0;
  /** All was asked for before it was known how much that is. */
  #all = false;

  constructor(asking: Asking) {
    this.#asking = asking;
    const left = takeDraft<Typed>(this.#who, "refund");
    if (left?.payment === asking.payment) Object.assign(this, left);
    else {
      this.digits = asking.amount ? String(asking.amount) : "";
      this.reason = asking.reason ?? "";
    }
  }

  async open(): Promise<void> {
    try {
      this.room = await refundRoom(this.#asking);
      const { refused } = this.room;
      if (refused) this.problem = refusal(refused, "refund.failed");
      else if (this.#all) this.all();
      else await this.preview();
    } catch (thrown) {
      this.problem = refusal(failure(thrown), "refund.failed");
    }
  }

  /** The amount is another one. */
  type(digits: string): void {
    if (this.sending || this.room?.refused) return;
    this.digits = digits;
    this.#all = false;
    void this.preview();
  }

  /** All that is left of it. */
  all(): void {
    if (this.room) this.type(String(this.room.totals.left));
    else this.#all = true;
  }

  choose(reason: RefundReason): void {
    this.reason = reason;
    if (this.wrong) this.wrong = this.problem = undefined;
  }

  /** Time has passed: what was told is told again, and what stands in the way stays said. */
  async renew(): Promise<void> {
    if (this.told && !this.sending && !this.problem) await this.preview();
  }

  async preview(): Promise<void> {
    const mine = (this.#questions += 1);
    this.problem = this.wrong = undefined;
    if (this.digits === "") return void (this.told = undefined);
    try {
      const told = await previewRefund(this.#asking, this.digits);
      if (mine === this.#questions) this.told = told;
    } catch (thrown) {
      if (mine !== this.#questions) return;
      this.told = undefined;
      this.problem = refusal(failure(thrown), "refund.failed");
    }
  }

  /** Returns whether it was taken down. */
  async send(missing: { amount: Said; reason: Said }): Promise<boolean> {
    if (this.sending || this.room?.refused) return false;
    if (this.digits === "") return ((this.problem = missing.amount), false);
    if (!this.told && this.problem) return false;
    if (this.reason === "") {
      this.wrong = "reason";
      this.problem = missing.reason;
      return false;
    }
    this.sending = true;
    try {
      const { payment, xid } = this.#asking;
      await sendRequest({
        ...{ refund: this.#id, payment, amount: this.digits, reason: this.reason, note: this.note },
        ...(xid ? { xid } : {}),
      });
      return true;
    } catch (thrown) {
      const refused = failure(thrown);
      if (/note/.test(refused.code)) this.wrong = "note";
      this.problem = refusal(refused, "refund.failed");
      return false;
    } finally {
      this.sending = false;
    }
  }

  /** The window locks: whoever typed it finds it again. */
  leave(): void {
    const { digits, reason, note } = this;
    leaveDraft(this.#who, "refund", { payment: this.#asking.payment, digits, reason, note });
  }
}
