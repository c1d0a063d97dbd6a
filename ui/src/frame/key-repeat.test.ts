// A key that stays down does its deed once, on every screen.

import { emit } from "@tauri-apps/api/event";
import { expect, test } from "vitest";

import type { PaymentView } from "../bindings/views";
import { isHeld } from "../lib/browser-keys";
import { goTo } from "../lib/route.svelte";
import { paymentOf } from "../orders/orders.fixture";
import { asked, hold, opens, press, program, settled, value, write } from "./window.fixture";

opens();

test("Delete that is held asks, and cancels nothing", async () => {
  await press("5", "F2");
  await hold("Delete");
  expect(document.querySelector("[data-doubt]")).not.toBeNull();
  expect(asked("cancel")).toHaveLength(0);
  await press("Delete");
  expect(asked("cancel")).toHaveLength(1);
});

test.each(["F2", "Enter"])("%s that is held on a refused sale sells once", async (key) => {
  program.answers["sell"] = new Error("refused");
  await press("5");
  await hold(key);
  expect(asked("sell")).toHaveLength(1);
  await press(key);
  expect(asked("sell")).toHaveLength(2);
});

test.each(["r", "F2"])("%s that is held issues once anew", async (key) => {
  await press("5", "F2");
  const ended = { state: "expired", reissue: true } as const;
  await emit("payment", paymentOf(0, ended));
  await settled();
  program.answers["sell"] = paymentOf(0, ended);
  await hold(key);
  expect(asked("sell")).toHaveLength(2);
});

test("digits and Backspace go on while they are held", async () => {
  await hold("5");
  expect(value("#amount")).toBe("5,555");
  await hold("Backspace", {}, 3);
  expect(value("#amount")).toBe("5");
});

test("Enter that is held has seen one payment, not all", async () => {
  const paid = (number: number): PaymentView =>
    paymentOf(number, { payment: `held-${String(number)}`, state: "paid" });
  for (const number of [1, 2, 3]) await emit("news", paid(number));
  await settled();
  await hold("Enter");
  expect(asked("seen")).toHaveLength(1);
  goTo("orders");
  await settled();
  await hold("Enter", { altKey: true });
  expect(asked("seen")).toHaveLength(2);
  await hold("Enter", { altKey: true }, 1);
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
  expect(asked("erase_customer")).toHaveLength(0);
  await press("e");
  expect(asked("erase_customer")).toHaveLength(1);
});

test("in the settings Ctrl Enter that is held saves once", async () => {
  program.answers["save_settings"] = new Error("refused");
  goTo("settings");
  await settled();
  await write("#payee_name", "另一個名字");
  await hold("Enter", { ctrlKey: true });
  expect(asked("save_settings")).toHaveLength(1);
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
