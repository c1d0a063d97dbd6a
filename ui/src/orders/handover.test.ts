// From the orders to the counter: a slip is handed over, and what was typed there is not lost.

import { emit } from "@tauri-apps/api/event";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { OrderInFull, PaymentView } from "../bindings/views";
import App from "../frame/App.svelte";
import { NOW, quiet, SHOP } from "../lib/program.fixture";
import { goTo } from "../lib/route.svelte";
import { useLanguage } from "../lib/text.svelte";

const PAYMENT: PaymentView = {
  order: "order",
  payment: "payment",
  rail: "sinopac-account",
  bank_order_no: "A1058",
  amount: 12_600,
  state: "awaiting",
  account: "99922632500581",
  link: null,
  payee_name: "禾日茶行",
  expires_at: "2026-11-23T23:59:59+08:00",
  created_at: "2026-11-20T14:05:00+08:00",
  evidence: [{ query: "create", at: NOW, said: "S0000" }],
  discrepancies: [],
  why: null,
  reissue: false,
  late: false,
  note: null,
};

let payment: PaymentView;
let sold: PaymentView;
let sent: { command: string; payload: unknown }[];
let app: object;

beforeEach(async () => {
  payment = PAYMENT;
  sent = [];
  goTo("counter");
  useLanguage("zh-TW");
  mockIPC(
    (command, payload) => {
      sent.push({ command, payload });
      const row = { ...payment, refunded: 0, confirmed_at: NOW };
      const order: OrderInFull["order"] = {
        order: "order",
        amount: 12_600,
        description: "",
        customer: null,
        created_at: NOW,
        state: "open",
        payments: [row],
        refunds: [],
        discrepancies: [],
      };
      if (command === "orders") return [order];
      if (command === "order") return { order, payments: [payment] };
      if (command === "payment") return payment;
      if (command === "sell") return sold;
      return command === "shop" ? SHOP : quiet(command)?.answer;
    },
    { shouldMockEvents: true },
  );
  app = mount(App, { target: document.body });
  await vi.waitUntil(() => document.querySelector("#amount"));
});

afterEach(async () => {
  await unmount(app);
  clearMocks();
});

async function press(...keys: string[]) {
  for (const key of keys) {
    const code = /^\d$/.test(key) ? `Digit${key}` : key;
    (document.activeElement ?? document.body).dispatchEvent(
      new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }),
    );
    flushSync();
    for (let round = 0; round < 8; round += 1) await tick();
  }
}

const account = () => document.querySelector("div:not([hidden]) > .counter [data-account]");

test("a slip of the orders is put on the counter, asked about there, and the typed amount stays below it", async () => {
  await press("4", "8", "0", "g", "o", "ArrowDown", "Enter");
  expect(document.querySelector("[data-slip=order]")).not.toBeNull();
  expect(sent.filter(({ command }) => command === "payment")).toEqual([]);
  await press("t");
  expect(account()?.getAttribute("data-account")).toBe(PAYMENT.account);
  expect(sent.at(-1)).toEqual({ command: "payment", payload: { payment: "payment" } });
  await press("Escape");
  expect(document.querySelector<HTMLInputElement>("#amount")?.value).toBe("480");
});

const typed = (id: string) => document.querySelector<HTMLInputElement>(id)?.value;

function write(id: string, text: string) {
  const field = document.querySelector<HTMLInputElement>(id);
  if (!field) throw new Error(`no ${id}`);
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

test("a digit leaves the slip for the next customer: nothing that was typed below it goes into that sale", async () => {
  await press("4", "8", "0");
  write("#customer", "王小姐");
  write("#note", "團購");
  sold = { ...PAYMENT, payment: "next", order: "next" };
  await press("g", "o", "ArrowDown", "Enter", "t", "Backspace", "5", "0", "0", "F2");
  expect(sent.find(({ command }) => command === "sell")?.payload).toMatchObject({
    request: { amount: "500", customer: "", note: "" },
  });
});

test("R on a slip that was handed over leaves what was typed below it", async () => {
  payment = { ...PAYMENT, state: "expired", reissue: true };
  sold = { ...PAYMENT, payment: "anew", account: "99922632500599" };
  await press("4", "8", "0");
  write("#customer", "王小姐");
  write("#note", "團購");
  await press("g", "o", "ArrowDown", "Enter", "t", "Backspace", "r");
  expect(account()?.getAttribute("data-account")).toBe("99922632500599");
  await press("Escape");
  expect(["#amount", "#customer", "#note"].map(typed)).toEqual(["480", "王小姐", "團購"]);
});

test("what the bank said on another day stands on the counter with its date", async () => {
  await press("g", "o", "ArrowDown", "Enter", "t");
  const said = () => document.querySelector("div:not([hidden]) > .counter .said")?.textContent;
  expect(said()).toContain("永豐 14:05:00 回覆");
  payment = { ...PAYMENT, evidence: [{ query: "create", at: "2026-11-18T14:05:21+08:00", said: "S0000" }] };
  await emit("payment", payment);
  await press("g");
  expect(said()).toContain("永豐 11/18 14:05 回覆");
  const ended = {
    state: "expired",
    account: null,
    link: "https://b.example/",
    expires_at: "2026-11-18T14:15:21+08:00",
  } as const;
  await emit("payment", { ...payment, ...ended });
  await press("g");
  expect(document.querySelector(".counter")?.textContent).toContain("有效到 11/18 14:15");
});

test("R sells an ended card page anew and opens it on the counter, as F4 does; the old one does not come back", async () => {
  const old: PaymentView = {
    ...PAYMENT,
    rail: "ctbc-card",
    state: "expired",
    reissue: true,
    account: null,
    link: "http://127.0.0.1:1/a",
  };
  const anew: PaymentView = { ...old, payment: "anew", bank_order_no: "A2", state: "awaiting", evidence: [] };
  payment = old;
  sold = anew;
  await press("g", "o", "ArrowDown", "Enter", "r");
  expect(document.querySelector("[data-place=counter]")?.getAttribute("aria-current")).toBe("page");
  const count = (name: string) => sent.filter(({ command }) => command === name).length;
  expect([count("sell"), count("open_link")]).toEqual([1, 1]);
  expect(sent.find(({ command }) => command === "open_link")?.payload).toEqual({ payment: "anew" });
  await emit("payment", { ...old, evidence: [{ query: "by-number", at: NOW, said: "QueryCode 0" }] });
  await emit("payment", anew);
  await press("o");
  expect(count("open_link"), "once").toBe(1);
  expect(document.querySelector("div:not([hidden]) > .counter [data-page]")?.getAttribute("data-page")).toBe(
    "anew",
  );
});

test("a card page that is only put on the counter is opened by its key", async () => {
  payment = { ...PAYMENT, rail: "ctbc-card", account: null, link: "http://127.0.0.1:1/a" };
  await press("g", "o", "ArrowDown", "Enter", "t");
  expect(sent.map(({ command }) => command)).not.toContain("open_link");
  await press("o");
  expect(sent.map(({ command }) => command)).toContain("open_link");
});

test("what was paid is not put on the counter once more", async () => {
  payment = { ...PAYMENT, state: "paid", evidence: [{ query: "by-window", at: NOW, said: "1A400" }] };
  await press("g", "o", "ArrowDown", "Enter", "t");
  expect(account()).toBeNull();
  expect(document.querySelector("[data-place=orders]")?.getAttribute("aria-current")).toBe("page");
});

test("the demo's customer acts on the slip that is seen", async () => {
  await press("g", "o", "ArrowDown", "Enter");
  document.querySelector<HTMLButtonElement>("[data-demo=pay]")?.click();
  expect(sent.at(-1)).toEqual({ command: "demo", payload: { action: "pay", payment: "payment" } });
  await press("g", "c");
  document.querySelector<HTMLButtonElement>("[data-demo=pay]")?.click();
  expect(sent.filter(({ command }) => command === "demo")).toHaveLength(1);
});
