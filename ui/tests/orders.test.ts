import { readFileSync } from "node:fs";

import { emit } from "@tauri-apps/api/event";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { DOUBTS, type OrderInFull, type OrderRow, type Payment, type Shop } from "../src/lib/api";
import { PAGE_ROWS, PAGES_KEPT } from "../src/lib/orders.svelte";
import { useLanguage, words } from "../src/lib/text.svelte";
import Orders from "../src/screens/Orders.svelte";

const SHOP: Shop = {
  name: "永康店",
  payee_name: "禾日茶行",
  environment: "production",
  account_limit: 30000,
  card_limit: 9_999_999,
  link_qr: false,
  demo: false,
  now: "2026-11-20T14:05:00+08:00",
};
const FIRST = Date.parse("2026-11-20T14:05:00+08:00");
const HELD_MAX = PAGE_ROWS * PAGES_KEPT;

/** Bank time so many minutes after the newest order. */
function at(minutes: number): string {
  return `${new Date(FIRST + minutes * 60_000 + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
}

/** The order of a number; the newest is 0. */
function row(number: number): OrderRow {
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
        confirmed_at: null,
      },
    ],
  };
}

function paymentOf(number: number, more: Partial<Payment> = {}): Payment {
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
    evidence: [{ query: "create", at: at(1 - number * 30), said: "S0000" }],
    discrepancies: [],
    why: null,
    note: null,
    ...more,
  };
}

const PAID = {
  state: "paid",
  evidence: [
    { query: "create", at: at(1), said: "S0000" },
    { query: "by-window", at: at(9), said: "1A400" },
  ],
} as const satisfies Partial<Payment>;

/** A command that the window sent. */
interface Sent {
  command: string;
  arguments: Record<string, unknown>;
}

let sent: Sent[];
let total: number;
/** Rows of a view or search, instead of all. */
let answer: (call: Sent) => unknown;
let payments: (number: number) => Payment[];
let app: object;

const numberOf = (order: unknown) => Number(String(order).slice(1));

function page({ arguments: { after } }: Sent): OrderRow[] {
  const from = after === null ? 0 : numberOf(after) + 1;
  return Array.from({ length: Math.min(PAGE_ROWS, Math.max(total - from, 0)) }, (_, more) =>
    row(from + more),
  );
}

function full(order: unknown): OrderInFull {
  const number = numberOf(order);
  return {
    order: { ...row(number), refunds: [], discrepancies: [] },
    payments: payments(number),
  };
}

beforeEach(async () => {
  sent = [];
  total = 20_000;
  answer = () => undefined;
  payments = (number) => [paymentOf(number)];
  mockIPC(
    (command, payload) => {
      const call = { command, arguments: (payload ?? {}) as Record<string, unknown> };
      sent.push(call);
      const given = answer(call);
      if (given !== undefined) return given;
      if (command === "orders") return page(call);
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
  await open();
});

afterEach(async () => {
  await unmount(app);
  clearMocks();
  vi.unstubAllGlobals();
});

async function open() {
  app = mount(Orders, { target: document.body, props: { shop: SHOP, active: true } });
  await settled();
}

async function settled() {
  for (let round = 0; round < 12; round += 1) await tick();
  flushSync();
}

async function press(...keys: string[]) {
  for (const key of keys) {
    const code = /^\d$/.test(key) ? `Digit${key}` : /^[a-z]$/.test(key) ? `Key${key.toUpperCase()}` : key;
    document.activeElement?.dispatchEvent(
      new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }),
    );
    await settled();
  }
}

async function type(text: string) {
  const field = document.querySelector<HTMLInputElement>("#search");
  if (!field) throw new Error("no search");
  field.focus();
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
}

const text = (selector = "body") =>
  document.querySelector(selector)?.textContent.replace(/\s+/g, " ").trim() ?? "";
const rows = () => [...document.querySelectorAll<HTMLElement>("[data-row]")].map((one) => one.dataset["row"]);
const list = () => document.getElementsByClassName("list")[0] as HTMLElement;
/** The selected order, which is the one that is read aloud. */
const selected = () => list().getAttribute("aria-activedescendant")?.replace("order-", "");
const held = () => Number(list().dataset["held"]);
/** Rows and headings of days in the page. */
const lines = () => list().firstElementChild?.childElementCount ?? 0;
const asked = (command: string) => sent.filter((one) => one.command === command);

test("the list stands by days, newest first, with amount, customer, bank number, rail, time and state", () => {
  expect(rows()[0]).toBe("o0");
  for (const shown of ["14:05", "王小姐 5821", "A100000", "虛擬帳號", "待付款", "12,600"])
    expect(text("[data-row=o0]")).toContain(shown);
  expect(text("[data-day='2026-11-20']")).toContain("2026/11/20（五）");
  expect(asked("orders")[0]?.arguments).toEqual({ view: "all", typed: "", after: null });
});

test("views have their counts, and their keys", async () => {
  const counts = [...document.querySelectorAll("[data-view]")].map((view) =>
    view.querySelector("[data-count]")?.textContent.trim(),
  );
  expect(counts).toEqual(["3", "0", "999+", undefined, undefined]);
  await press("3");
  expect(asked("orders").at(-1)?.arguments).toMatchObject({ view: "unpaid", typed: "" });
  expect(document.querySelector("[data-view=unpaid]")?.getAttribute("aria-selected")).toBe("true");
});

test("a payment that changes counts anew", async () => {
  const before = asked("views").length;
  await emit("payment", paymentOf(0, PAID));
  await settled();
  expect(asked("views").length).toBe(before + 1);
});

test("a search asks at each change, and an answer that comes too late is dropped", async () => {
  const waiting: ((rows: OrderRow[]) => void)[] = [];
  answer = ({ command }) =>
    command === "orders" ? new Promise<OrderRow[]>((resolve) => waiting.push(resolve)) : undefined;
  await type("1");
  await type("12");
  expect(asked("orders").map((one) => one.arguments["typed"])).toEqual(["", "1", "12"]);
  // what stood there stays until there is an answer
  expect(rows()[0]).toBe("o0");
  waiting[1]?.([row(7)]);
  await settled();
  expect(rows()).toEqual(["o7"]);
  waiting[0]?.([row(1)]);
  await settled();
  expect(rows()).toEqual(["o7"]);
});

test("from the search box the arrows lead into the list, and Escape clears it", async () => {
  await type("王");
  await press("ArrowDown");
  expect(document.activeElement?.getAttribute("role")).toBe("listbox");
  expect(selected()).toBe("o0");
  await press("Escape");
  expect(asked("orders").at(-1)?.arguments).toMatchObject({ typed: "" });
  expect(document.activeElement?.id).toBe("search");
});

test("in the search box letters and digits are typed, and an input method keeps its keys", async () => {
  await type("5");
  const before = asked("orders").length;
  await press("3", "q", "r");
  document.activeElement?.dispatchEvent(
    new KeyboardEvent("keydown", { key: "Enter", bubbles: true, isComposing: true }),
  );
  await settled();
  expect(asked("orders").length).toBe(before);
  expect(document.querySelector("[data-slip]")).toBeNull();
});

test("ten thousand rows down and up again: few rows are in memory, fewer are drawn, and the selection goes along", async () => {
  let most = 0;
  let drawn = 0;
  const walk = async (key: string, until: (number: number) => boolean) => {
    for (let pressed = 0; pressed < 3000; pressed += 1) {
      await press(key);
      most = Math.max(most, held());
      drawn = Math.max(drawn, lines());
      if (until(numberOf(selected()))) return;
    }
  };
  await walk("PageDown", (number) => number >= 500);
  const early = most;
  await walk("PageDown", (number) => number >= 10_000);
  expect(numberOf(selected())).toBeGreaterThanOrEqual(10_000);
  expect(most).toBeLessThanOrEqual(HELD_MAX);
  expect(most).toBeLessThanOrEqual(early * 1.2);
  expect(drawn).toBeLessThan(40);
  const questions = asked("orders").length;
  const far = selected();
  await press("ArrowUp", "ArrowDown");
  expect(selected()).toBe(far);
  // what was dropped from memory is asked for again
  await walk("PageUp", (number) => number <= 9000);
  expect(document.getElementById(`order-${selected() ?? ""}`)).not.toBeNull();
  await press("Home");
  expect(selected()).toBe("o0");
  expect(rows().slice(0, 3)).toEqual(["o0", "o1", "o2"]);
  expect(most).toBeLessThanOrEqual(HELD_MAX);
  expect(asked("orders").length).toBeGreaterThan(questions);
}, 60_000);

test("Home goes to the first row from far below", async () => {
  for (let pressed = 0; pressed < 60; pressed += 1) await press("PageDown");
  expect(numberOf(selected())).toBeGreaterThan(HELD_MAX);
  await press("Home");
  expect(selected()).toBe("o0");
  expect(rows()[0]).toBe("o0");
}, 20_000);

test("the list ends where there is nothing more, and says so", async () => {
  total = 70;
  await press("3");
  for (let pressed = 0; pressed < 20; pressed += 1) await press("PageDown");
  expect(selected()).toBe("o69");
  expect(text()).toContain("沒有更早的訂單了。");
});

test("a page whose end has left the view in the meantime is read without a hole and without a row twice", async () => {
  const gone = new Set<number>();
  answer = ({ command, arguments: { after } }) => {
    if (command !== "orders") return undefined;
    const found: OrderRow[] = [];
    for (let number = after === null ? 0 : numberOf(after) + 1; found.length < PAGE_ROWS; number += 1)
      if (!gone.has(number)) found.push(row(number));
    return found;
  };
  for (let pressed = 0; pressed < 80; pressed += 1) await press("PageDown");
  gone.add(PAGE_ROWS - 1);
  for (let pressed = 0; pressed < 80; pressed += 1) await press("PageUp");
  const down = [numberOf(selected())];
  for (let pressed = 0; pressed < 70; pressed += 1) {
    await press("ArrowDown");
    down.push(numberOf(selected()));
  }
  expect(down).toEqual(
    Array.from({ length: 72 }, (_, number) => number).filter((number) => number !== PAGE_ROWS - 1),
  );
}, 30_000);

test("a payment changes in its row", async () => {
  await emit("payment", paymentOf(2, PAID));
  await settled();
  expect(text("[data-row=o2]")).toContain("已付款");
  expect(text("[data-row=o1]")).toContain("待付款");
});

test("a new order comes on top when the list is at its top, and not before", async () => {
  const fresh: OrderRow = { ...row(0), order: "new", created_at: at(5) };
  answer = (call) =>
    call.command === "orders" && call.arguments["after"] === null
      ? [fresh, ...page(call).slice(1)]
      : undefined;
  for (let pressed = 0; pressed < 6; pressed += 1) await press("PageDown");
  const before = asked("orders").length;
  await emit("payment", { ...paymentOf(0), order: "new", payment: "n" });
  await settled();
  expect(asked("orders").length).toBe(before);
  await press("Home");
  expect(rows()[0]).toBe("new");
});

test("Enter opens the slip of the selected order; it goes along with the selection; Escape goes back", async () => {
  await press("ArrowDown", "ArrowDown", "Enter");
  for (const shown of [
    "A100001",
    "9992 2632 5005 81",
    "12,601",
    "2026/11/23（一）23:59",
    "禮盒 2 組",
    "團購",
  ])
    expect(text("[data-slip]")).toContain(shown);
  expect(asked("payment")).toHaveLength(0);
  await press("ArrowDown");
  expect(text("[data-slip]")).toContain("A100002");
  await press("Escape");
  expect(document.querySelector("[data-slip]")).toBeNull();
  expect(selected()).toBe("o2");
  await press("Escape");
  expect(document.activeElement?.id).toBe("search");
});

test("an order that is answered too late is not shown in the place of another", async () => {
  const waiting: ((order: OrderInFull) => void)[] = [];
  answer = ({ command }) =>
    command === "order" ? new Promise<OrderInFull>((resolve) => waiting.push(resolve)) : undefined;
  await press("ArrowDown", "Enter", "ArrowDown");
  waiting[1]?.(full("o1"));
  await settled();
  waiting[0]?.(full("o0"));
  await settled();
  expect(text("[data-slip]")).toContain("A100001");
  expect(text("[data-slip]")).not.toContain("A100000");
});

test("evidence stands newest first: what the bank said in words with its code, and what we did", async () => {
  payments = (number) => [paymentOf(number, PAID)];
  await press("Enter");
  const entries = [...document.querySelectorAll<HTMLElement>("[data-entry]")].map((entry) => [
    entry.dataset["entry"],
    entry.textContent.replace(/\s+/g, " "),
  ]);
  expect(entries).toEqual([
    ["bank", expect.stringMatching(/永豐：已付款.*依付款時間查詢 · 1A400/)],
    ["bank", expect.stringMatching(/永豐：已核發.*開立時的回覆 · S0000/)],
    ["ours", expect.stringContaining("開單 NT$12,600")],
  ]);
  expect(document.querySelector("[data-slip] svg[role=img]")?.getAttribute("aria-label")).toContain("已付款");
});

test("without the bank's evidence there is neither a stamp nor the word", async () => {
  await press("Enter");
  expect(document.querySelector("[data-slip] svg[role=img]")).toBeNull();
  expect(text("[data-slip]")).not.toContain("已付款");
});

test("why it did not work, and what does not fit, stand with the next step", async () => {
  const why = { code: "E0101", cause_zh: "代號不對。", step_zh: "請檢查。", cause_en: "", step_en: "" };
  const discrepancies = [{ kind: "paid-twice", at: at(9), detail: "A100000 12600" }];
  payments = (number) => [paymentOf(number, { why, discrepancies })];
  await press("Enter");
  expect(text("[data-why]")).toBe("代號不對。 請檢查。 代碼 E0101");
  expect(text("[data-doubt=paid-twice]")).toContain("同一張訂單收到兩次錢");
  expect(text("[data-doubt=paid-twice]")).toContain("建議：貨只出一次。");
});

test.each(["zh-TW", "en"] as const)("every kind of doubt has its words and a next step in %s", (language) => {
  useLanguage(language);
  const source = readFileSync("../crates/domain/src/discrepancy.rs", "utf8");
  const kinds = [...source.matchAll(/Self::\w+ => "([a-z-]+)"/g)].map(([, kind]) => kind);
  expect(kinds).toEqual([...DOUBTS]);
  for (const kind of DOUBTS) {
    expect(words(`doubt.${kind}`), kind).toBeTruthy();
    expect(words(`doubt.${kind}.step`), kind).toBeTruthy();
  }
});

test("C, V and M copy as on the counter, and nothing is copied that has ended", async () => {
  const written: string[] = [];
  vi.stubGlobal("navigator", { clipboard: { writeText: (copied: string) => void written.push(copied) } });
  await press("Enter", "c", "v", "m");
  expect(written.slice(0, 2)).toEqual(["99922632500581", "12600"]);
  for (const part of ["807", "99922632500581", "12,600", "禾日茶行", "23:59"])
    expect(written[2]).toContain(part);
  await emit("payment", paymentOf(0, { state: "expired" }));
  await settled();
  await press("c", "v", "m");
  expect(written).toHaveLength(3);
});

test("Q asks the bank again, says so, and what is new comes in place; then nobody looks any more", async () => {
  await press("Enter");
  expect(text("[data-slip]")).toContain("再查一次");
  await press("q");
  expect(asked("payment").map((one) => one.arguments)).toEqual([{ payment: "p0" }]);
  expect(text("[data-said]")).toContain("正在請銀行再查");
  await emit("payment", paymentOf(0, PAID));
  await settled();
  expect(text("[data-slip]")).toContain("永豐：已付款");
  expect(text("[data-said]")).toContain("已經更新");
  await press("Escape");
  expect(asked("leave").map((one) => one.arguments)).toEqual([{ payment: "p0" }]);
});

test("R issues again what has ended, as the same order", async () => {
  payments = (number) => [paymentOf(number, { state: "expired" })];
  answer = ({ command }) =>
    command === "sell" ? paymentOf(0, { payment: "second", state: "issuing", account: null }) : undefined;
  await press("Enter");
  expect(text("[data-slip]")).toContain("重新開立");
  await press("r");
  expect(asked("sell").map((one) => one.arguments["request"])).toEqual([
    { order: "o0", rail: "sinopac-account", amount: "12600", again: true },
  ]);
  expect(text("[data-slip]")).toContain("第 2 張，共 2 張");
  await press("r");
  expect(asked("sell")).toHaveLength(1);
});

test("what waits, and what brought money, is not issued again", async () => {
  await press("Enter", "r");
  payments = () => [
    paymentOf(1, { ...PAID, payment: "late", state: "paid-late" }),
    paymentOf(1, { state: "expired" }),
  ];
  await press("ArrowDown", "r");
  expect(text("[data-slip]")).not.toContain("重新開立");
  expect(asked("sell")).toHaveLength(0);
});

test("a customer is erased only when asked twice; it says what goes and what stays", async () => {
  answer = ({ command }) => {
    if (command !== "erase_customer") return undefined;
    const { order, payments } = full("o0");
    return { order: { ...order, customer: null }, payments };
  };
  await press("Enter", "e");
  for (const shown of ["王小姐 5821", "永久刪除", "會留下", "再按一次 E"])
    expect(text("[data-doubt-erase]")).toContain(shown);
  await press("Escape", "e");
  expect(asked("erase_customer")).toHaveLength(0);
  await press("e");
  expect(asked("erase_customer").map((one) => one.arguments)).toEqual([{ order: "o0" }]);
  expect(text("[data-slip]")).not.toContain("王小姐");
  expect(text("[data-row=o0]")).not.toContain("王小姐");
  await press("e");
  expect(asked("erase_customer")).toHaveLength(1);
});

test("the second press erases that customer only, not the one of the next order", async () => {
  await press("Enter", "e", "ArrowDown", "e");
  expect(asked("erase_customer")).toHaveLength(0);
});

test("an empty list and an empty search say the next step", async () => {
  answer = ({ command }) => (command === "orders" ? [] : undefined);
  await press("5");
  expect(text("[data-empty]")).toContain("按 F2 或 F3 開第一張");
  await press("1");
  expect(text("[data-empty]")).toContain("沒有要處理的訂單");
  await type("xyz");
  expect(text("[data-empty]")).toContain("找不到「xyz」");
});

test("a failure is told in the words of Rust, and R tries again", async () => {
  answer = ({ command }) =>
    command === "orders"
      ? Promise.reject({ code: "storage", values: {}, zh: "資料檔讀不到。", en: "Cannot be read." })
      : undefined;
  await press("2");
  expect(text("[data-problem=storage]")).toContain("資料檔讀不到。");
  answer = () => undefined;
  await press("r");
  expect(document.querySelector("[data-problem]")).toBeNull();
  expect(rows()[0]).toBe("o0");
});

test("an order that cannot be read says so, and R tries again", async () => {
  answer = ({ command }) => (command === "order" ? Promise.reject("boom") : undefined);
  await press("Enter");
  expect(text("[data-slip]")).toContain("沒有完成（unexpected）");
  answer = () => undefined;
  await press("r");
  expect(text("[data-slip]")).toContain("A100000");
});
