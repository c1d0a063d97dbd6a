// A key that stays down does its deed once, on every screen.

import { emit } from "@tauri-apps/api/event";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import App from "../src/App.svelte";
import type { Payment } from "../src/lib/api";
import { isHeld } from "../src/lib/browser-keys";
import { goTo } from "../src/lib/route.svelte";
import { clearSettings } from "../src/lib/settings.svelte";
import { useLanguage } from "../src/lib/text.svelte";
import { desk, full, page, paymentOf } from "./orders-desk";
import { quiet, SHOP } from "./program";
import { DEMO } from "./settings-desk";

let sent: string[];
let answers: Record<string, unknown>;
let app: object;

beforeEach(async () => {
  sent = [];
  answers = { sell: paymentOf(0) };
  desk.total = 3;
  vi.spyOn(crypto, "randomUUID").mockReturnValue("o0" as never);
  goTo("counter");
  clearSettings();
  useLanguage("zh-TW");
  mockIPC(
    (command, payload) => {
      const given = (payload ?? {}) as Record<string, unknown>;
      if (command === "shop") return SHOP;
      if (command === "settings") return DEMO;
      if (command === "orders") return page({ command, arguments: given });
      if (command === "order") return full(given["order"]);
      if (!(command in answers)) {
        const known = quiet(command);
        if (known && command !== "seen") return known.answer;
      }
      sent.push(command);
      return answers[command] instanceof Error
        ? Promise.reject(answers[command])
        : (answers[command] ?? null);
    },
    { shouldMockEvents: true },
  );
  app = mount(App, { target: document.body });
  await vi.waitUntil(() => document.querySelector("#amount"));
  await settled();
});

afterEach(async () => {
  await unmount(app);
  clearMocks();
});

const settled = async () => {
  for (let round = 0; round < 12; round += 1) await tick();
  flushSync();
};
const times = (command: string) => sent.filter((one) => one === command).length;
const amount = () => document.querySelector<HTMLInputElement>("#amount")?.value;

/** One key goes down, and stays so long that it comes so often. */
async function hold(key: string, more: KeyboardEventInit = {}, often = 4) {
  const code = /^\d$/.test(key) ? `Digit${key}` : /^[a-z]$/.test(key) ? `Key${key.toUpperCase()}` : key;
  for (let round = 0; round < often; round += 1) {
    const event = { key, code, bubbles: true, cancelable: true, repeat: round > 0, ...more };
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", event));
    await settled();
  }
}

const press = (key: string, more: KeyboardEventInit = {}) => hold(key, more, 1);

test("Delete that is held asks, and cancels nothing", async () => {
  await press("5");
  await press("F2");
  await hold("Delete");
  expect(document.querySelector("[data-doubt]")).not.toBeNull();
  expect(times("cancel")).toBe(0);
  await press("Delete");
  expect(times("cancel")).toBe(1);
});

test.each(["F2", "Enter"])("%s that is held on a refused sale sells once", async (key) => {
  answers["sell"] = new Error("refused");
  await press("5");
  await hold(key);
  expect(times("sell")).toBe(1);
  await press(key);
  expect(times("sell")).toBe(2);
});

test.each(["r", "F2"])("%s that is held issues once anew", async (key) => {
  await press("5");
  await press("F2");
  const ended = { state: "expired" } as const;
  await emit("payment", paymentOf(0, ended));
  await settled();
  answers["sell"] = paymentOf(0, ended);
  await hold(key);
  expect(times("sell")).toBe(2);
});

test("digits and Backspace go on while they are held", async () => {
  await hold("5");
  expect(amount()).toBe("5,555");
  await hold("Backspace", {}, 3);
  expect(amount()).toBe("5");
});

test("Enter that is held has seen one payment, not all", async () => {
  const paid = (number: number): Payment =>
    paymentOf(number, { payment: `held-${String(number)}`, state: "paid" });
  for (const number of [1, 2, 3]) await emit("news", paid(number));
  await settled();
  await hold("Enter");
  expect(times("seen")).toBe(1);
  goTo("orders");
  await settled();
  await hold("Enter", { altKey: true });
  expect(times("seen")).toBe(2);
  await press("Enter", { altKey: true });
});

test("E that is held in the orders asks, and erases nobody; the arrows go on", async () => {
  goTo("orders");
  await settled();
  await press("Home");
  await hold("ArrowDown", {}, 3);
  await press("Enter");
  expect(document.querySelector("[data-slip]")?.getAttribute("data-slip")).toBe("o2");
  await hold("e");
  expect(document.querySelector("[data-doubt-erase]")).not.toBeNull();
  expect(times("erase_customer")).toBe(0);
  await press("e");
  expect(times("erase_customer")).toBe(1);
});

test("in the settings Ctrl Enter that is held saves once", async () => {
  answers["save_settings"] = new Error("refused");
  goTo("settings");
  await settled();
  const name = document.querySelector<HTMLInputElement>("#payee_name");
  if (!name) throw new Error("no name");
  name.focus();
  name.value = "另一個名字";
  name.dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
  await hold("Enter", { ctrlKey: true });
  expect(times("save_settings")).toBe(1);
});

test("what is held in a field of text is text, and an input method's own", () => {
  const input = document.body.appendChild(document.createElement("input"));
  const held = (key: string, more: KeyboardEventInit = {}) => {
    const event = new KeyboardEvent("keydown", { key, repeat: true, bubbles: true, ...more });
    input.dispatchEvent(event);
    return isHeld(event);
  };
  expect(["a", "Delete", "Backspace", "/"].map((key) => held(key))).toEqual([false, false, false, false]);
  expect(held("v", { ctrlKey: true })).toBe(false);
  expect(held("Enter", { isComposing: true })).toBe(false);
  expect([held("Enter"), held("F2"), held("k", { altKey: true })]).toEqual([true, true, true]);
  input.remove();
});
