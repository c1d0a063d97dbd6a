// What the tests of the orders share: a program that answers with as many orders as are wanted, and
// a keyboard.

import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, beforeEach, vi } from "vitest";

import { PAGE_ROWS } from "../bindings/rules";
import type { ActView, OrderInFull, OrderRowView, PaymentView, ShopNow } from "../bindings/views";
import { setBankTime } from "../lib/clock.svelte";
import { useLanguage } from "../lib/text.svelte";
import Orders from "./Orders.svelte";

const SHOP: ShopNow = {
  name: "永康店",
  payee_name: "禾日茶行",
  environment: "production",
  account_limit: 30000,
  card_limit: 9_999_999,
  ctbc_limit: null,
  link_qr: false,
  demo: false,
  now: "2026-11-20T14:05:00+08:00",
};
const FIRST = Date.parse("2026-11-20T14:05:00+08:00");

/** Bank time so many minutes after the newest order. */
export function at(minutes: number): string {
  return `${new Date(FIRST + minutes * 60_000 + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
}

/** The order of a number; the newest is 0. */
export function row(number: number): OrderRowView {
  const name = number === 0 ? "王小姐 5821" : `顧客 ${String(number)}`;
  return {
    order: `o${String(number)}`,
    amount: 12600 + number,
    description: "禮盒 2 組",
    customer: { name, note: "團購" },
    created_at: at(-number * 30),
    state: "open",
    payments: [
      {
        payment: `p${String(number)}`,
        rail: "sinopac-account",
        bank_order_no: `A${String(100_000 + number)}`,
        state: "awaiting",
        amount: 12600 + number,
        refunded: 0,
        account: "99922632500581",
        link: null,
        expires_at: "2026-11-23T23:59:59+08:00",
        late: false,
        confirmed_at: null,
      },
    ],
  };
}

export function paymentOf(number: number, more: Partial<PaymentView> = {}): PaymentView {
  return {
    order: `o${String(number)}`,
    payment: `p${String(number)}`,
    rail: "sinopac-account",
    bank_order_no: `A${String(100_000 + number)}`,
    state: "awaiting",
    amount: 12600 + number,
    account: "99922632500581",
    link: null,
    payee_name: "禾日茶行",
    expires_at: "2026-11-23T23:59:59+08:00",
    created_at: "2026-11-20T14:05:00+08:00",
    evidence: [{ query: "create", at: at(1 - number * 30), said: "S0000" }],
    discrepancies: [],
    why: null,
    reissue: false,
    late: false,
    note: null,
    ...more,
  };
}

export const PAID = {
  state: "paid",
  proof: { query: "by-window", at: at(9), said: "1A400" },
  evidence: [
    { query: "create", at: at(1), said: "S0000" },
    { query: "by-window", at: at(9), said: "1A400" },
  ],
} as const satisfies Partial<PaymentView>;

/** A command that the window sent. */
interface Sent {
  command: string;
  arguments: Record<string, unknown>;
}

/** What the program has been asked, and what it answers. */
export const fake = {
  sent: [] as Sent[],
  total: 0,
  /** Instead of the usual answer; nothing for that one. */
  answer: (() => undefined) as (call: Sent) => unknown,
  payments: (number: number): PaymentView[] => [paymentOf(number)],
  acts: (() => []) as (number: number) => ActView[],
};
let app: object;

export const numberOf = (order: unknown) => Number(String(order).slice(1));

export function page({ arguments: { after } }: Sent): OrderRowView[] {
  const from = after === null ? 0 : numberOf(after) + 1;
  return Array.from({ length: Math.min(PAGE_ROWS, Math.max(fake.total - from, 0)) }, (_, more) =>
    row(from + more),
  );
}

export function full(order: unknown): OrderInFull {
  const number = numberOf(order);
  return {
    order: { ...row(number), refunds: [], discrepancies: [], acts: fake.acts(number) },
    payments: fake.payments(number),
    totals: { captured: 12_600, returned: 0, by_hand: 0, in_flight: 0, left: 12_600 },
  };
}

/** Mounts the list before each test and removes it after. */
export function opens(): void {
  beforeEach(start);
  afterEach(stop);
}

async function start() {
  fake.sent = [];
  fake.total = 20_000;
  fake.answer = () => undefined;
  fake.payments = (number) => [paymentOf(number)];
  fake.acts = () => [];
  mockIPC(
    (command, payload) => {
      const call = { command, arguments: (payload ?? {}) as Record<string, unknown> };
      fake.sent.push(call);
      const given = fake.answer(call);
      if (given !== undefined) return given;
      if (command === "orders") return page(call);
      if (command === "foreign_found") return [];
      if (command === "order") return full(call.arguments["order"]);
      if (command === "payment") return full(call.arguments["payment"]).payments.at(-1);
      if (command === "views")
        return [
          { view: "needs-me", count: 3, more: false },
          { view: "unpaid-ends-today", count: 0, more: false },
          { view: "unpaid", count: 999, more: true },
        ];
      return null;
    },
    { shouldMockEvents: true },
  );
  useLanguage("zh-TW");
  setBankTime(SHOP.now);
  app = mount(Orders, { target: document.body, props: { shop: SHOP, active: true } });
  await settled();
}

async function stop() {
  await unmount(app);
  clearMocks();
  vi.unstubAllGlobals();
}

export async function settled() {
  for (let round = 0; round < 24; round += 1) await tick();
  flushSync();
}

export async function press(...keys: string[]) {
  for (const key of keys) {
    const code = /^\d$/.test(key) ? `Digit${key}` : /^[a-z]$/.test(key) ? `Key${key.toUpperCase()}` : key;
    document.activeElement?.dispatchEvent(
      new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }),
    );
    await settled();
  }
}

export async function type(text: string) {
  const field = document.querySelector<HTMLInputElement>("#search");
  if (!field) throw new Error("no search");
  field.focus();
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
}

export const text = (selector = "body") =>
  document.querySelector(selector)?.textContent.replace(/\s+/g, " ").trim() ?? "";
export const rows = () =>
  [...document.querySelectorAll<HTMLElement>("[data-row]")].map((one) => one.dataset["row"]);
const list = () => document.getElementsByClassName("list")[0] as HTMLElement;
/** The selected order, which is the one that is read aloud. */
export const selected = () => list().getAttribute("aria-activedescendant")?.replace("order-", "");
export const held = () => Number(list().dataset["held"]);
/** Rows and headings of days in the page. */
export const lines = () => list().firstElementChild?.childElementCount ?? 0;
export const asked = (command: string) => fake.sent.filter((one) => one.command === command);
