import { emit } from "@tauri-apps/api/event";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import App from "../src/App.svelte";
import type { Payment } from "../src/lib/api";
import { useLanguage } from "../src/lib/text.svelte";

const AWAITING: Payment = {
  order: "6f0f7c1e-0000-4000-8000-000000000001",
  payment: "6f0f7c1e-0000-4000-8000-000000000002",
  rail: "sinopac-account",
  bank_order_no: "A1058",
  amount: 12600,
  state: "awaiting",
  account: "99922632500581",
  link: null,
  expires_at: "2026-11-23T23:59:59+08:00",
  evidence: [{ query: "create", at: "2026-11-20T14:05:21+08:00", said: "待付款" }],
};
const PAID: Payment = {
  ...AWAITING,
  state: "paid",
  evidence: [...AWAITING.evidence, { query: "by-number", at: "2026-11-20T14:09:32+08:00", said: "已付款" }],
};

/** A command that the window sent. */
interface Sent {
  command: string;
  arguments: Record<string, unknown>;
}

let sent: Sent[];
let answer: (call: Sent) => unknown;
let app: object;

beforeEach(async () => {
  sent = [];
  answer = () => AWAITING;
  mockIPC(
    (command, payload) => {
      const call = { command, arguments: (payload ?? {}) as Record<string, unknown> };
      if (command === "shop")
        return { name: "demo", payee_name: "禾日茶行", now: "2026-11-20T14:05:00+08:00" };
      sent.push(call);
      return answer(call);
    },
    { shouldMockEvents: true },
  );
  useLanguage("zh-TW");
  app = mount(App, { target: document.body });
  await vi.waitUntil(() => document.querySelector("#amount"));
});

afterEach(async () => {
  await unmount(app);
  clearMocks();
});

function press(...keys: string[]) {
  for (const key of keys) {
    const code = /^\d$/.test(key) ? `Digit${key}` : key;
    document.activeElement?.dispatchEvent(
      new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }),
    );
  }
  flushSync();
}

const page = () => document.body.textContent.replace(/\s+/g, " ");
const field = () => document.querySelector<HTMLInputElement>("#amount");
const settled = async () => {
  for (let round = 0; round < 4; round += 1) await tick();
};

test("the amount has the focus and takes digits", () => {
  expect(document.activeElement).toBe(field());
  press("1", "2", "6", "0", "0", "7", "Backspace");
  expect(field()?.value).toBe("12,600");
});

test("digits and F2 show the account in groups, with amount, deadline and payee", async () => {
  press("1", "2", "6", "0", "0", "F2");
  await settled();
  expect(sent).toHaveLength(1);
  expect(sent[0]?.command).toBe("sell");
  expect(sent[0]?.arguments).toMatchObject({ rail: "sinopac-account", amount: "12600" });
  for (const shown of ["807", "9992 2632 5005 81", "12,600", "2026/11/23（一）23:59", "禾日茶行", "待付款"])
    expect(page()).toContain(shown);
});

test("F3 shows the link and whose it is, and O asks Rust to open it", async () => {
  const link = "https://bank.example/pay/1";
  answer = ({ command }) =>
    command === "sell" ? { ...AWAITING, rail: "sinopac-card", account: null, link } : null;
  press("5", "F3");
  await settled();
  expect(page()).toContain("連結屬於 bank.example");
  press("o");
  expect(sent.at(-1)).toEqual({ command: "open_link", arguments: { payment: AWAITING.payment } });
});

test("a second key while the bank is asked sends nothing", async () => {
  let release: (payment: Payment) => void = () => undefined;
  answer = () => new Promise<Payment>((resolve) => (release = resolve));
  press("5", "F2", "F2", "F3", "Enter");
  await settled();
  expect(sent).toHaveLength(1);
  release(AWAITING);
  await settled();
  expect(page()).toContain("9992 2632 5005 81");
});

test("without an amount nothing is sent", () => {
  press("F2");
  expect(sent).toHaveLength(0);
  expect(page()).toContain("請先輸入金額。");
});

test("a failure is told and the amount stays", async () => {
  answer = () => Promise.reject({ code: "storage", values: {} });
  press("8", "6", "0", "F2");
  await settled();
  expect(page()).toContain("storage");
  expect(field()?.value).toBe("860");
});

test("paid is shown only once the bank said so, with its evidence, until somebody has seen it", async () => {
  press("5", "F2");
  await settled();
  expect(page()).not.toContain("已付款");
  await emit("payment", PAID);
  await settled();
  expect(page()).toContain("已付款");
  expect(page()).toContain("永豐 14:09:32 確認，依訂單編號查詢");
  expect(document.activeElement).toBe(field());
  press("Enter");
  await settled();
  expect(page()).not.toContain("已付款");
});

test("what the bank has not answered clearly has no button that sends it again", async () => {
  answer = () => ({ ...AWAITING, state: "issuing", account: null, evidence: [] });
  press("5", "F2");
  await settled();
  expect(page()).toContain("銀行還沒有清楚回答");
  press("F2", "F3", "Enter", "r");
  await settled();
  expect(sent).toHaveLength(1);
});

test("the other language is one press away", async () => {
  const button = [...document.querySelectorAll("button")].find((one) => one.textContent === "English");
  button?.click();
  await settled();
  expect(page()).toContain("Amount to collect");
});
