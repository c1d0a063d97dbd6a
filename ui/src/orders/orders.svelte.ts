// The virtual-scroll order list. Rust serves pages; each starts after the last order of the
// previous one. Of every page it keeps the start and the days, and the rows of the nearest few
// only: scrolling far costs no memory, and scrolling back reads them again. Nothing on screen moves
// while it is visible.

import type { PaymentState, View } from "../bindings/names";
import { hasMoney, PAGE_ROWS } from "../bindings/rules";
import type { ViewCount } from "../bindings/settings";
import type { CustomerView, FilterTyped, OrderInFull, OrderRowView, PaymentView } from "../bindings/views";
import { ask, failure, type Refusal } from "../lib/ask";
import { takeCounts } from "../lib/needs.svelte";
import { isBeingCancelled, restsOn } from "../lib/standing";

/** What is empty does not matter. */
export const NO_FILTER: FilterTyped = { rail: "", state: "", from: "", to: "" };

/** Pages that keep their rows. */
export const PAGES_KEPT = 6;
/** Pages laid out at once: even in the largest type, lower than what a browser can scroll. */
export const PAPER_PAGES = 200;
/** Pages by which the paper moves along when the scroll comes to its end. */
const STEP = PAPER_PAGES / 2;

/** Heights of a row and of the heading of a day, in pixels. */
export interface Heights {
  row: number;
  day: number;
}

/** A line of the list: the heading of a day, or an order. */
export interface Line {
  top: number;
  key: string;
  day: string | undefined;
  row: OrderRowView | undefined;
}

interface Page {
  size: number;
  /** Where a day begins. */
  days: { at: number; day: string }[];
  /** Its last order, behind which the next page begins, and the day of it. */
  end: string;
  last: string;
  rows: OrderRowView[] | undefined;
}

interface Place {
  page: number;
  at: number;
  order: string;
}

/** The payment that decides an order's status: the one that brought money, else the newest. */
export function telling<One extends { state: PaymentState }>(row: { payments: One[] }): One | undefined {
  return row.payments.findLast((one) => hasMoney(one.state)) ?? row.payments.at(-1);
}

/** Whether more than one payment of an order brought money. */
export function paidTwice(row: { payments: { state: PaymentState }[] }): boolean {
  return row.payments.filter((one) => hasMoney(one.state)).length > 1;
}

/** The discrepancies of an order, as its slip shows them from the top. */
export function openDiscrepancies({ payments }: OrderInFull): string[] {
  return payments.toReversed().flatMap((one) => one.discrepancies.map(({ discrepancy }) => discrepancy));
}

export class Orders {
  view = $state<View>("all");
  typed = $state("");
  filter = $state.raw<FilterTyped>(NO_FILTER);
  problem = $state<Refusal>();
  selected = $state.raw<Place>();
  /** Whether the first page of what was asked last has come. */
  ready = $state(false);

  #pages = $state.raw<Page[]>([]);
  /** The page at which the paper begins. */
  #first = $state(0);
  #ended = $state(false);
  /** Answers to an earlier request are dropped. */
  #question = 0;
  #starting = false;
  /** Whether the lines answer the latest request. */
  #begun = false;
  #again = false;
  #moving = false;
  #reading: (Promise<void> | undefined)[] = [];

  /** Rows that the list is known to have. */
  get known(): number {
    return this.#pages.reduce((sum, page) => sum + page.size, 0);
  }

  /** Rows in memory. */
  get held(): number {
    return this.#pages.reduce((sum, page) => sum + (page.rows?.length ?? 0), 0);
  }

  /** What all of them come to; nothing while some are not in memory. */
  get sum(): number | undefined {
    if (!this.#ended || this.held !== this.known) return undefined;
    const rows = this.#pages.flatMap((page) => page.rows ?? []);
    return rows.reduce((sum, { amount }) => sum + amount, 0);
  }

  /** Whether the paper begins with the first order. */
  get atStart(): boolean {
    return this.#first === 0;
  }

  /** Whether nothing more comes below the paper. */
  get ended(): boolean {
    return this.#ended && this.#pages.length <= this.#first + PAPER_PAGES;
  }

  /** Whether something narrows the list. */
  get narrowed(): boolean {
    return Object.values(this.filter).some((one) => one !== "");
  }

  /** Restarts with a view, a search, or another filter. Old lines stay until the answer comes. */
  async ask(view: View, typed = "", filter = this.filter): Promise<void> {
    this.view = view;
    this.typed = typed;
    this.filter = filter;
    this.selected = undefined;
    this.#again = false;
    await this.#begin();
  }

  /**
   * Reads the top of the list once more; meanwhile asked for again, it is read once more after
   * that.
   */
  async refresh(): Promise<void> {
    if (this.#starting) {
      this.#again = true;
      return;
    }
    await this.#begin();
    if (this.#again) {
      this.#again = false;
      await this.refresh();
    }
  }

  /** Tries again what failed. */
  async retry(): Promise<void> {
    this.problem = undefined;
    if (!this.#begun) await this.#begin();
  }

  /** The height of the paper. */
  height(by: Heights): number {
    return this.#stretch(this.#first, this.#first + PAPER_PAGES, by);
  }

  /**
   * Moves the paper along when its end or its beginning comes near; by so many pixels everything on
   * it moves.
   */
  slide(top: number, bottom: number, by: Heights): number {
    const before = this.#first;
    const full = this.#pages.length >= before + PAPER_PAGES;
    if (full && !this.ended && bottom >= this.height(by)) this.#first += STEP;
    else if (top <= 0) this.#first = Math.max(before - STEP, 0);
    return this.#stretch(this.#first, before, by) - this.#stretch(before, this.#first, by);
  }

  /** Moves the paper back to the first order. */
  rewind(): void {
    this.#first = 0;
  }

  /** The lines between two heights, as far as they are in memory. */
  between(top: number, bottom: number, by: Heights): Line[] {
    const lines: Line[] = [];
    this.#walk(top, bottom, by, (page, start) => {
      let at = start;
      for (const [index, row] of (page.rows ?? []).entries()) {
        const day = page.days.find((one) => one.at === index)?.day;
        if (day && at + by.day > top && at < bottom)
          lines.push({ top: at, key: `day ${day}`, day, row: undefined });
        if (day) at += by.day;
        if (at + by.row > top && at < bottom) lines.push({ top: at, key: row.order, day: undefined, row });
        at += by.row;
      }
    });
    return lines;
  }

  /**
   * Reads what is missing between two heights, and one page more when the end of the paper comes
   * near.
   */
  async reach(top: number, bottom: number, by: Heights): Promise<void> {
    if (!this.ready || this.#starting || this.problem) return;
    const wanted: number[] = [];
    this.#walk(top, bottom, by, (page, _, number) => {
      if (!page.rows) wanted.push(number);
    });
    if (bottom >= this.height(by) && !this.#ended) wanted.push(this.#pages.length);
    await Promise.all(wanted.map((number) => this.#read(number)));
  }

  /**
   * Moves the selection by so many rows; the first press selects the order that is seen, or else
   * the first one.
   */
  async move(by: number, seen?: string): Promise<void> {
    if (this.#moving || this.#starting || this.known === 0) return;
    this.#moving = true;
    try {
      const from = this.selected ? this.#before(this.selected.page) + this.selected.at : -Infinity;
      if (!this.selected && seen) this.select(seen);
      if (from >= 0 || !this.selected) await this.#select(Math.max(from + by, 0));
    } finally {
      this.#moving = false;
    }
  }

  select(order: string): void {
    const place = this.#find(order);
    if (place) this.selected = place;
  }

  /** Selects the first row, and gives its order. */
  async home(): Promise<string | undefined> {
    if (this.known > 0) await this.#select(0);
    return this.selected?.order;
  }

  /** The selected row, from top to bottom; with its day's heading when that is right above it. */
  extent(by: Heights): [top: number, bottom: number] | undefined {
    const place = this.selected;
    const page = place && this.#pages[place.page];
    if (!place || !page) return undefined;
    const days = page.days.filter((one) => one.at <= place.at);
    const bottom =
      this.#stretch(this.#first, place.page, by) + (place.at + 1) * by.row + days.length * by.day;
    return [bottom - by.row - (days.at(-1)?.at === place.at ? by.day : 0), bottom];
  }

  /** A payment has changed: its row changes in place. False when its order is not in memory. */
  take(payment: PaymentView): boolean {
    const place = this.#find(payment.order);
    if (!place) return false;
    this.#change(place.page, (page) => {
      const rows = page.rows?.map((row) => (row.order === payment.order ? renewed(row, payment) : row));
      return { ...page, rows };
    });
    return true;
  }

  /** The customer of an order was corrected, or erased. */
  rename(order: string, customer: CustomerView | null): void {
    const place = this.#find(order);
    if (!place) return;
    this.#change(place.page, (page) => ({
      ...page,
      rows: page.rows?.map((row) =>
        row.order === order ? { ...row, customer, customer_erased: !customer } : row,
      ),
    }));
  }

  async #begin(): Promise<void> {
    this.#question += 1;
    const question = this.#question;
    this.#starting = true;
    this.#begun = false;
    this.problem = undefined;
    this.#reading = [];
    try {
      const rows = await this.#page();
      if (question !== this.#question) return;
      this.#pages = rows.length > 0 ? [pageOf(rows, "")] : [];
      this.#first = 0;
      this.#ended = rows.length < PAGE_ROWS;
      this.selected = this.selected && this.#find(this.selected.order);
      this.#begun = this.ready = true;
    } catch (thrown) {
      if (question !== this.#question) return;
      this.problem = failure(thrown);
    } finally {
      if (question === this.#question) this.#starting = false;
    }
  }

  /** Reads a page, or the one behind the last; only once at a time. */
  #read(number: number): Promise<void> {
    const running = this.#reading[number];
    if (running) return running;
    const question = this.#question;
    const reading = this.#fetch(number, question).finally(() => {
      if (question === this.#question) this.#reading[number] = undefined;
    });
    this.#reading[number] = reading;
    return reading;
  }

  async #fetch(number: number, question: number): Promise<void> {
    try {
      const rows = await this.#page(this.#pages[number - 1]?.end);
      if (question !== this.#question) return;
      this.#put(number, rows);
    } catch (thrown) {
      if (question === this.#question) this.problem = failure(thrown);
    }
  }

  #put(number: number, answer: OrderRowView[]): void {
    const next = this.#pages[number + 1];
    const known = this.#pages[number];
    const end = next ? answer.findIndex((row) => row.order === known?.end) + 1 : answer.length;
    // the last order of this page has left the view: everything below is reread
    const broken = end === 0;
    const rows = broken ? answer : answer.slice(0, end);
    const pages = broken ? this.#pages.slice(0, number + 1) : [...this.#pages];
    if (broken) {
      // requests under way start after an order that no longer ends a page
      this.#question += 1;
      this.#reading = [];
    }
    if (broken || !next) this.#ended = answer.length < PAGE_ROWS;
    if (rows.length > 0) pages[number] = pageOf(rows, pages[number - 1]?.last ?? "");
    else pages.length = number;
    this.#pages = pages.map((page, at) =>
      page.rows && Math.abs(at - number) >= PAGES_KEPT / 2 ? { ...page, rows: undefined } : page,
    );
    if (this.selected?.page === number)
      this.selected = this.#find(this.selected.order) ?? this.#at(number, this.selected.at);
  }

  async #select(index: number): Promise<void> {
    let known = this.known;
    while (index >= known && !this.#ended) {
      await this.#read(this.#pages.length);
      if (this.known === known) break;
      known = this.known;
    }
    let rest = Math.min(index, known - 1);
    const number = this.#pages.findIndex((page) => {
      if (rest < page.size) return true;
      rest -= page.size;
      return false;
    });
    if (number >= 0 && !this.#pages[number]?.rows) await this.#read(number);
    this.selected = this.#at(number, rest) ?? this.selected;
    // however far the list is scrolled: the selected row is on the paper
    const page = this.selected?.page ?? 0;
    while (page < this.#first) this.#first -= STEP;
    while (page >= this.#first + PAPER_PAGES) this.#first += STEP;
  }

  /** What was asked last, behind the order `after`. */
  #page(after: string | null = null): Promise<OrderRowView[]> {
    return ask("orders", { view: this.view, typed: this.typed, filter: this.filter, after });
  }

  #at(page: number, at: number): Place | undefined {
    const rows = this.#pages[page]?.rows;
    const row = rows?.[Math.min(at, rows.length - 1)];
    return row && this.#find(row.order);
  }

  #find(order: string): Place | undefined {
    for (const [page, { rows }] of this.#pages.entries()) {
      const at = rows?.findIndex((row) => row.order === order) ?? -1;
      if (at >= 0) return { page, at, order };
    }
    return undefined;
  }

  /** The height of the pages from one to before another. */
  #stretch(from: number, to: number, by: Heights): number {
    return this.#pages.slice(from, Math.max(from, to)).reduce((sum, page) => sum + heightOf(page, by), 0);
  }

  /** Rows above a page. */
  #before(page: number): number {
    return this.#pages.slice(0, page).reduce((sum, one) => sum + one.size, 0);
  }

  #change(number: number, change: (page: Page) => Page): void {
    this.#pages = this.#pages.map((page, at) => (at === number ? change(page) : page));
  }

  #walk(
    top: number,
    bottom: number,
    by: Heights,
    see: (page: Page, start: number, number: number) => void,
  ): void {
    let start = 0;
    for (const [at, page] of this.#pages.slice(this.#first, this.#first + PAPER_PAGES).entries()) {
      const end = start + heightOf(page, by);
      if (end > top && start < bottom) see(page, start, this.#first + at);
      start = end;
    }
  }
}

/** The number of orders in each view. One request at a time; a change meanwhile causes another. */
export class Counts {
  known = $state.raw<ViewCount[]>([]);
  #asking = false;
  #again = false;

  async read(): Promise<void> {
    this.#again = this.#asking;
    if (this.#asking) return;
    this.#asking = true;
    // the list shows the error; an unknown count does not show
    this.known = await ask("views").catch(() => []);
    takeCounts(this.known);
    this.#asking = false;
    if (this.#again) await this.read();
  }
}

function heightOf(page: Page, by: Heights): number {
  return page.size * by.row + page.days.length * by.day;
}

function pageOf(rows: OrderRowView[], before: string): Page {
  const days: Page["days"] = [];
  let last = before;
  for (const [at, row] of rows.entries()) {
    const day = row.created_at.slice(0, 10);
    if (day !== last) days.push({ at, day: row.created_at });
    last = day;
  }
  return { size: rows.length, days, end: rows.at(-1)?.order ?? "", last, rows };
}

/** A row with one of its payments as the program has just told it. */
function renewed(row: OrderRowView, payment: PaymentView): OrderRowView {
  const proof = restsOn(payment);
  const known = row.payments.find((one) => one.payment === payment.payment);
  const told: OrderRowView["payments"][number] = {
    ...{ payment: payment.payment, rail: payment.rail, bank_order_no: payment.bank_order_no },
    ...{ state: payment.state, amount: payment.amount, refunded: known?.refunded ?? 0 },
    ...(known?.refund && { refund: known.refund }),
    ...{ expires_at: payment.expires_at, late: payment.late },
    ...{ account: payment.account, link: payment.link, confirmed_at: proof?.at ?? null },
    ...(proof && { confirmed_by: proof.query }),
    cancelling: isBeingCancelled(payment),
  };
  const payments = row.payments.map((one) => (one === known ? told : one));
  return { ...row, payments: known ? payments : [...payments, told] };
}
