// Shared by the settings tests: a fake program, a keyboard, and the messages beside the fields.

import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { expect, vi } from "vitest";

import type { Code } from "../bindings/names";
import { POLLING_BOUNDS } from "../bindings/rules";
import type { CtbcSettingsView, ProofView, SettingsView, SinopacSettingsView } from "../bindings/settings";
import type { PaymentView, ShopNow } from "../bindings/views";
import { setPractice } from "../lib/practice.svelte";
import { useLanguage } from "../lib/text.svelte";
import { clearSettings, each } from "./settings.svelte";
import Settings from "./Settings.svelte";

/** The published sample keys of the bank's documents; they protect nothing. */
export const KEYS = {
  key_id: "b5e6986d-8636-4aa0-8c93-441ad14b2098",
  a1: "86D50DEF3EB7400E",
  a2: "01FD27C09E5549E5",
  b1: "9E004965F4244953",
  b2: "7FB3385F414E4F91",
};
export const LETTER = `商店代號：NA0249_001
X-KEY ${KEYS.key_id}
${KEYS.a1}
${KEYS.a2}
${KEYS.b1}
${KEYS.b2}`;

export const SHOP: ShopNow = {
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
export const SINOPAC: SinopacSettingsView = {
  environment: "production",
  shop_no: "NA0249_001",
  base_url: null,
  return_url: "loopback",
  loopback_port: 0,
  auto_billing: true,
  account_limit: 30000,
  keys: null,
};
export const CTBC: CtbcSettingsView = {
  environment: "production",
  base_url: null,
  mer_id: "10000",
  merchant_id: "8220000000001",
  terminal_id: "90000001",
  return_url: "loopback",
  loopback_port: 0,
  reply_mac: "check",
  refund_remainder: true,
  batch: {
    start: "20:00",
    minutes: 120,
    margin_minutes: 10,
    weekdays: [1, 2, 3, 4, 5],
    holidays: ["2026-12-25"],
    extra_workdays: [],
    no_batch_on_public_holidays: false,
  },
  unlisted_years: [],
  key: null,
};
export const KEPT: SettingsView = {
  name: "永康店",
  payee_name: "禾日茶行",
  sinopac: SINOPAC,
  ctbc: null,
  polling: each((pace) => POLLING_BOUNDS[pace][0]),
  folder: "/data/counterfoil",
  can_add: false,
  lock_after_mins: 5,
  customer_days: 0,
};
export const BOTH: SettingsView = { ...KEPT, ctbc: CTBC };
export const CTBC_ALONE: SettingsView = { ...BOTH, sinopac: null };
export const DEMO: SettingsView = {
  ...BOTH,
  name: "demo",
  sinopac: { ...SINOPAC, environment: "demo" },
  ctbc: { ...CTBC, environment: "demo" },
  can_add: true,
};
export const PAYMENT: PaymentView = {
  order: "o",
  payment: "p",
  rail: "sinopac-account",
  bank_order_no: "A1058",
  amount: 12600,
  state: "awaiting",
  account: "99922632500581",
  link: null,
  payee_name: "禾日茶行",
  expires_at: "2026-11-23T23:59:59+08:00",
  created_at: "2026-11-20T14:05:00+08:00",
  evidence: [],
  discrepancies: [],
  why: null,
  reissue: false,
  late: false,
  note: null,
};
/** CTBC's page, which no browser has asked for. */
export const PAGE: PaymentView = {
  ...PAYMENT,
  rail: "ctbc-card",
  account: null,
  link: "http://127.0.0.1:1/x",
};
export const CARD: PaymentView = {
  ...PAYMENT,
  rail: "sinopac-card",
  account: null,
  link: "https://bank.example/1",
};

/** A command that the window sent. */
export interface Sent {
  command: string;
  arguments: Record<string, unknown>;
}

/** What a test looks at and changes. */
export const fake: {
  sent: Sent[];
  kept: SettingsView;
  answer: (call: Sent) => unknown;
  app: object | undefined;
  /** How often the window was told that the shop is not as it was. */
  changed: number;
} = { sent: [], kept: KEPT, answer: () => null, app: undefined, changed: 0 };

export function begin(): void {
  Object.assign(fake, { sent: [], kept: KEPT, answer: () => null, changed: 0 });
  clearSettings();
  setPractice("production");
  useLanguage("zh-TW");
  mockIPC((command, payload) => {
    if (command === "settings") return fake.kept;
    if (command === "shop") return { ...SHOP, now: "2026-11-21T14:05:00+08:00" };
    const call = { command, arguments: (payload ?? {}) as Record<string, unknown> };
    // what goes to Rust is serialized at once
    fake.sent.push(structuredClone(call));
    return fake.answer(call);
  });
}

export async function end(): Promise<void> {
  await shut();
  clearMocks();
}

/** Takes the screen away, as the window does when the shop is another one. */
export async function shut(): Promise<void> {
  if (fake.app) await unmount(fake.app);
  fake.app = undefined;
}

export async function open(settings = fake.kept): Promise<void> {
  fake.kept = settings;
  fake.app = mount(Settings, {
    target: document.body,
    props: { shop: SHOP, active: true, changed: () => (fake.changed += 1) },
  });
  await vi.waitUntil(() => document.querySelector("#payee_name"));
  await settled();
}

export async function settled() {
  for (let round = 0; round < 6; round += 1) await tick();
}

export async function press(key: string, more: KeyboardEventInit = {}) {
  const code = /^\d$/.test(key) ? `Digit${key}` : /^[a-z]$/.test(key) ? `Key${key.toUpperCase()}` : key;
  const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true, ...more });
  (document.activeElement ?? document.body).dispatchEvent(event);
  flushSync();
  await settled();
}
export const alt = (key: string) => press(key, { altKey: true });
export const send = () => press("Enter", { ctrlKey: true });

export function field(id: string): HTMLInputElement {
  const input = document.querySelector<HTMLInputElement>(`#${id}`);
  if (!input) throw new Error(`no #${id}`);
  return input;
}

export function write(id: string, text: string) {
  const input = field(id);
  input.focus();
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  flushSync();
}

export function paste(text: string, into: Element = document.body): boolean {
  const event = new Event("paste", { bubbles: true, cancelable: true });
  Object.assign(event, { clipboardData: { getData: () => text } });
  into.dispatchEvent(event);
  flushSync();
  return event.defaultPrevented;
}

export const page = () => document.body.textContent.replace(/\s+/g, " ");
export const beside = (id: string) => document.querySelector(`[data-wrong=${id}]`)?.textContent;
export const proof = (more: Partial<ProofView>): ProofView => ({
  bank: "sinopac",
  ok: false,
  kept: false,
  fields: [],
  failure: null,
  ...more,
});
export const failed = (code: Code, values = {}) => ({
  code,
  values,
  zh: `原因與下一步（${code}）`,
  en: code,
});

/** No secret is in the page, as text, attribute or value of a field. */
export function noSecret() {
  const values = [...document.querySelectorAll("input")].map((input) => input.value);
  const whole = document.documentElement.outerHTML + values.join(" ");
  for (const secret of Object.values(KEYS)) expect(whole).not.toContain(secret);
}
