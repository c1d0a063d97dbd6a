// Messages beside the settings fields follow the language, whether ours, Rust's or the bank's.

import { afterEach, beforeEach, expect, test } from "vitest";

import { useLanguage } from "../lib/text.svelte";
import {
  BOTH,
  DEMO,
  LETTER,
  alt,
  begin,
  beside,
  fake,
  end,
  failed,
  field,
  open,
  page,
  paste,
  press,
  proof,
  send,
  settled,
  write,
} from "./settings.fixture";

beforeEach(begin);
afterEach(end);

const HAN = /[一-鿿]/;
const said = () => [...document.querySelectorAll("[data-wrong]")].map(({ textContent }) => textContent);

/**
 * As many sentences in English as there were in Chinese, and the same ones when the language comes
 * back.
 */
async function bothWays(least: number) {
  const chinese = said();
  expect(chinese.length).toBeGreaterThanOrEqual(least);
  for (const text of chinese) expect(text).toMatch(HAN);
  useLanguage("en");
  await settled();
  expect(said()).toHaveLength(chinese.length);
  for (const text of said()) expect(text).not.toMatch(HAN);
  useLanguage("zh-TW");
  await settled();
  expect(said()).toEqual(chinese);
}

test("what we see before anything is sent", async () => {
  await open(BOTH);
  for (const id of ["payee_name", "account_limit", "screen_s", "ctbc_minutes", "ctbc_loopback_port"])
    write(id, "");
  await send();
  await bothWays(5);
});

test("what Rust refuses, in our words or in its own", async () => {
  await open(BOTH);
  write("payee_name", "新的戶名");
  for (const refused of [
    { field: "ctbc.holidays", lines: "2" },
    { field: "ctbc.weekdays" },
    { field: "ctbc.reply_mac" },
  ]) {
    fake.answer = () => Promise.reject(failed("shop-field", refused));
    await send();
    await bothWays(1);
  }
});

test("keys that have no form, and keys that the bank refuses", async () => {
  await open(BOTH);
  await alt("r");
  write("a1", "86D5");
  write("shop_no", "no number");
  await send();
  await bothWays(6);
  paste(LETTER);
  write("shop_no", "NA0249_001");
  const fields = ["shop_no", "key_id", "a1", "b2"];
  fake.answer = () => proof({ fields, failure: failed("keys-exchanged") });
  await send();
  await bothWays(4);
});

test("CTBC's key, and what is told of a bank that cannot be changed here", async () => {
  await open(BOTH);
  await alt("m");
  write("ctbc_mac_key", "short");
  await send();
  await bothWays(1);
  await press("Escape");
  fake.answer = () => proof({ bank: "ctbc", kept: true, fields: ["mer_id", "base_url", "terminal_id"] });
  await alt("t");
  await bothWays(3);
  fake.answer = () => proof({ kept: true, fields: ["shop_no", "base_url"], failure: failed("keys-wrong") });
  await alt("k");
  await bothWays(5);
});

test("a new shop, and what a pasted letter has filled in", async () => {
  await open(DEMO);
  await alt("n");
  await send();
  await bothWays(8);
  paste(LETTER);
  await settled();
  expect(page()).toContain("已從貼上的文字填入");
  useLanguage("en");
  await settled();
  expect(page()).toContain("A1, A2, B1, and B2");
  expect(page()).not.toContain("已從貼上的文字填入");
});

test("what was wrong with test or production is no longer said once the other is chosen", async () => {
  await open(DEMO);
  await alt("n");
  await send();
  expect(beside("environment")).toBeTruthy();
  field("environment-sandbox").click();
  await settled();
  expect(beside("environment")).toBeUndefined();
});
