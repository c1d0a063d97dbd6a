// The audit record as it is read: one page of it, newest first, of what a filter leaves; and what a
// check of all of it says.

import type { AuditAsked, AuditExported, AuditPage, AuditView } from "../bindings/settings";
import { ask, failure, type Refusal } from "../lib/ask";
import { t } from "../lib/text.svelte";

/** What was done, by the part of the shop that it is about. */
export const GROUPS = {
  sales: ["sell", "cancel", "hand-out", "abandon", "ends"],
  refunds: [
    "refund",
    "refund-approve",
    "refund-withdraw",
    "refund-decide",
    "refund-book",
    "refund-unbook",
    "refund-plan",
    "refund-step",
  ],
  bank: ["send", "answer", "reading", "token", "uncaptured", "cover", "coverage-begins", "return", "recover"],
  customers: ["erase-customer", "erase-order", "customer-corrected", "retention", "seen"],
  odd: ["charge", "foreign", "close-discrepancy"],
  people: [
    "people-add",
    "people-limits",
    "people-retire",
    "people-pin",
    "people-recover",
    "sign-in",
    "sign-out",
    "pin-wrong",
    "pin-locked",
  ],
  shop: [
    "shop",
    "settings",
    "shop-keys",
    "shop-no",
    "mer-id",
    "shop-add",
    "bank-add",
    "seal",
    "record-lost",
    "record-accepted",
  ],
} as const;
export type Group = keyof typeof GROUPS;
/** Who acts and is no person. */
const ACTORS = ["engine", "browser", "owner"] as const;
export const GROUP_NAMES = Object.keys(GROUPS) as Group[];

export interface Typed {
  who: string;
  group: Group | "";
  from: string;
  to: string;
  order: string;
}

export const NOTHING: Typed = { who: "", group: "", from: "", to: "", order: "" };

export class Audit {
  typed = $state<Typed>({ ...NOTHING });
  page = $state.raw<AuditPage>();
  problem = $state<Refusal>();
  verdict = $state.raw<AuditView>();
  verifying = $state(false);
  /** The file that was written last. */
  exported = $state.raw<AuditExported>();
  exporting = $state(false);
  /** Rows that the check has walked. */
  walked = $state(0);
  /** Where the pages begin that lie before this one. */
  #before: (number | null)[] = [null];
  #question = 0;

  get narrowed(): boolean {
    return Object.values(this.typed).some((one: string) => one.trim() !== "");
  }

  /** Whether this page is the newest one. */
  get isFirst(): boolean {
    return this.#before.length === 1;
  }

  /** Starts over with the newest. */
  async begin(): Promise<void> {
    this.#before = [null];
    await this.#read();
  }

  async clear(): Promise<void> {
    this.typed = { ...NOTHING };
    await this.begin();
  }

  async older(): Promise<void> {
    const last = this.page?.rows.at(-1);
    if (!last || last.row <= 1 || !this.page?.more) return;
    this.#before.push(last.row);
    await this.#read();
  }

  async newer(): Promise<void> {
    if (this.isFirst) return;
    this.#before.pop();
    await this.#read();
  }

  /** Walks the whole record. */
  async verify(): Promise<void> {
    if (this.verifying) return;
    Object.assign(this, { verifying: true, verdict: undefined, problem: undefined, walked: 0 });
    try {
      this.verdict = await ask("audit_verify");
    } catch (thrown) {
      this.problem = failure(thrown);
    } finally {
      this.verifying = false;
    }
  }

  /** Writes all rows that the filter leaves to a file. */
  async export(): Promise<void> {
    if (this.exporting) return;
    Object.assign(this, { exporting: true, exported: undefined, problem: undefined });
    try {
      this.exported = await ask("audit_export", { filter: this.#filter() });
    } catch (thrown) {
      this.problem = failure(thrown);
    } finally {
      this.exporting = false;
    }
  }

  #filter(): AuditAsked {
    const { who, group, from, to, order } = this.typed;
    return {
      who: ACTORS.find((actor) => t(`audit.who.${actor}`) === who.trim()) ?? who.trim(),
      what: group === "" ? [] : [...GROUPS[group]],
      from: from.trim(),
      to: to.trim(),
      order: order.trim(),
    };
  }

  async #read(): Promise<void> {
    const mine = (this.#question += 1);
    try {
      const answer = await ask("audit", { filter: this.#filter(), before: this.#before.at(-1) ?? null });
      if (mine !== this.#question) return;
      this.page = answer;
      this.problem = undefined;
    } catch (thrown) {
      if (mine === this.#question) this.problem = failure(thrown);
    }
  }
}
