// Typed names with bidirectional control characters: they turn no text beside themselves.

import { expect, test } from "vitest";

import { useLanguage, type Language } from "../lib/text.svelte";
import { fake, full, opens, page, press, settled } from "./orders.fixture";

opens();

/** It would end its isolate and turn all that follows. */
const NAME = "王\u2069\u202e小姐";
const customer = { name: NAME, note: "團購" };

function named() {
  fake.total = 3;
  fake.answer = (call) => {
    if (call.command === "orders") return page(call).map((row) => ({ ...row, customer }));
    if (call.command !== "order") return undefined;
    const { order, payments } = full(call.arguments["order"]);
    return { order: { ...order, customer }, payments };
  };
}

test.each<[Language, string]>([
  ["zh-TW", "要清除顧客「\u2068王小姐\u2069」嗎？"],
  ["en", 'Erase the customer "\u2068王小姐\u2069"?'],
])("in %s the question names the customer, and the name cannot turn it", async (language, begins) => {
  named();
  useLanguage(language);
  await press("Enter", "e");
  const question = document.querySelector("[data-doubt-erase]")?.textContent.trim() ?? "";
  expect(question.startsWith(begins)).toBe(true);
  const signs = question.match(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g);
  expect(signs).toEqual(["\u2068", "\u2069"]);
});

test("on the slip and in the list a name stands by itself", async () => {
  named();
  await press("2", "Enter");
  await settled();
  for (const place of ["[data-slip] dd", "[data-row]"]) {
    const alone = [...document.querySelectorAll(`${place} bdi`)].map(({ textContent }) => textContent);
    expect(alone, place).toContain(NAME);
  }
});
