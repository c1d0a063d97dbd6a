// A customer who is corrected: by key, with the old name erased; and what a clerk is not offered.

import { afterEach, expect, test } from "vitest";

import { takeWho } from "../lib/people.svelte";
import { CLERK, whoOf } from "../lib/program.fixture";
import { asked, fake, full, opens, press, text } from "./orders.fixture";

opens();
afterEach(() => takeWho(undefined));

const field = (id: string) => document.querySelector<HTMLInputElement>(id);
function write(id: string, typed: string) {
  const input = field(id);
  if (!input) throw new Error(`no ${id}`);
  input.value = typed;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

test("N opens name and note, Enter sends them, and the slip shows what is kept now", async () => {
  fake.answer = ({ command, arguments: { order } }) =>
    command === "correct_customer"
      ? { ...full(order), order: { ...full(order).order, customer: { name: "王大明", note: "" } } }
      : undefined;
  await press("Enter", "n");
  expect(document.activeElement?.id).toBe("correct_name");
  expect(field("#correct_name")?.value).toBe("王小姐 5821");
  write("#correct_name", "王大明");
  write("#correct_note", "");
  await press("Enter");
  expect(asked("correct_customer").map(({ arguments: given }) => given)).toEqual([
    { order: "o0", name: "王大明", note: "" },
  ]);
  expect(field("#correct_name")).toBeNull();
  expect(text("[data-slip]")).toContain("王大明");
  expect(text("[data-slip]")).not.toContain("王小姐");
  expect(text("[data-said]")).toContain("已更正");
});

test("letters typed there are no keys, and Escape keeps what was there", async () => {
  await press("Enter", "n", "q", "e", "Escape");
  expect(field("#correct_name")).toBeNull();
  expect([asked("payment"), asked("correct_customer"), asked("erase_customer")]).toEqual([[], [], []]);
  expect(text("[data-slip]")).toContain("王小姐 5821");
});

test("what is refused stays in the fields", async () => {
  fake.answer = ({ command }) => {
    if (command !== "correct_customer") return undefined;
    throw Object.assign(new Error(), { code: "customer-too-long", values: {}, zh: "名字太長。", en: "" });
  };
  await press("Enter", "n");
  write("#correct_name", "長".repeat(61));
  await press("Enter");
  expect(field("#correct_name")?.value).toHaveLength(61);
  expect(text("[data-failed]")).toContain("名字太長。");
});

test("a clerk is offered neither, by button or key", async () => {
  takeWho(whoOf(CLERK));
  await press("Enter", "n", "e");
  expect(field("#correct_name")).toBeNull();
  expect(document.querySelector("[data-doubt-erase]")).toBeNull();
  expect(text("[data-slip]")).not.toMatch(/更正顧客|清除顧客/);
});
