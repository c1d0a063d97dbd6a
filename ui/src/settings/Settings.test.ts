import { readFileSync } from "node:fs";

import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test } from "vitest";

import { textIn, useLanguage } from "../lib/text.svelte";
import zhTW from "../text/zh-TW.json";
import {
  KEPT,
  SINOPAC,
  alt,
  begin,
  beside,
  fake,
  end,
  failed,
  field,
  open,
  page,
  press,
  send,
  settled,
  shut,
  write,
} from "./settings.fixture";

beforeEach(begin);
afterEach(end);

test("the names that the error book uses stand on the screen", async () => {
  await open();
  for (const name of [
    "永豐",
    "檢查設定",
    "更換金鑰",
    "付款完成轉入網址",
    "本機",
    "接收埠號",
    "自動請款",
    "商店代號",
  ])
    expect(page()).toContain(name);
});

test("every key of the settings that the error book sends somebody to is there, in these words", () => {
  const book = ["errors.zh-TW", "sinopac"].map((name) =>
    readFileSync(`../crates/commands/src/text/${name}.json`, "utf8"),
  );
  const sentences = book.join("").match(/「設定[^」]*」[^。]*。/g) ?? [];
  const pressed = sentences.flatMap((text) => [...text.matchAll(/按「([^」]+)」/g)].map(([, name]) => name));
  expect(new Set(pressed)).toEqual(new Set(["更換金鑰", "更換中信金鑰", "檢查設定", "設定真正的商店"]));
  for (const name of pressed) expect(Object.values(zhTW)).toContain(name);
});

test("nothing changed is not sent; a change is saved with Ctrl+Enter, and what was saved is said", async () => {
  await open();
  await send();
  expect(fake.sent).toHaveLength(0);
  const saved = { ...KEPT, payee_name: "禾日茶行有限公司" };
  fake.answer = () => ({ ...saved, sinopac: { ...SINOPAC, account_limit: 20000 } });
  write("payee_name", "禾日茶行有限公司");
  write("account_limit", "２0,000");
  expect(page()).toContain("還沒儲存：顧客會看到的戶名和虛擬帳號單筆上限");
  await send();
  expect(fake.sent).toEqual([
    {
      command: "save_settings",
      arguments: {
        change: {
          payee_name: "禾日茶行有限公司",
          sinopac: { return_url: "loopback", loopback_port: 0, account_limit: 20000 },
          ctbc: null,
          polling: KEPT.polling,
          lock_after_mins: 5,
          customer_days: 0,
          one_person: false,
        },
      },
    },
  ]);
  expect(page()).toContain("已儲存：顧客會看到的戶名和虛擬帳號單筆上限");
  expect(fake.changed).toBe(1);
  await send();
  expect(fake.sent).toHaveLength(1);
  useLanguage("en");
  await settled();
  expect(page()).toContain(textIn("en", "settings.saved", { fields: "" }).trim());
  expect(page()).not.toContain("已儲存");
});

test("while an input method composes, nothing is saved", async () => {
  await open();
  write("payee_name", "禾");
  await press("Enter", { ctrlKey: true, isComposing: true });
  expect(fake.sent).toHaveLength(0);
});

test.each([
  ["payee_name", " "],
  ["payee_name", "長".repeat(61)],
  ["loopback_port", "65536"],
  ["account_limit", "0"],
  ["account_limit", "10000000"],
  ["customer_days", "3651"],
  ["customer_days", "-1"],
  ["screen_s", "2"],
  ["screen_later_s", "121"],
  ["after_expiry_days", "6.5"],
])("%s = %s is named beside the field, is not sent, and stays", async (id, typed) => {
  await open();
  write(id, typed);
  await send();
  expect(fake.sent).toHaveLength(0);
  expect(beside(id)).toBeTruthy();
  expect(document.activeElement).toBe(field(id));
  expect(field(id).value).toBe(typed);
});

test.each(["http://shop.example", "https://", "https://shop.example/%20", "https://s.example/a b", ""])(
  "the thank-you page %s is refused",
  async (typed) => {
    await open();
    field("goes_to-page").click();
    flushSync();
    write("return_url", typed);
    await send();
    expect(fake.sent).toHaveLength(0);
    expect(beside("return_url")).toContain("https");
  },
);

test("what Rust refuses stands beside its field, and nothing typed is lost", async () => {
  await open();
  fake.answer = () => Promise.reject(failed("shop-field", { field: "sinopac.return_url" }));
  field("goes_to-page").click();
  flushSync();
  write("return_url", "https://shop.example/thanks");
  await send();
  expect(beside("return_url")).toContain("https");
  expect(field("return_url").value).toBe("https://shop.example/thanks");
  fake.answer = () => Promise.reject(failed("storage"));
  await send();
  expect(fake.changed).toBe(0);
  expect(page()).toContain("原因與下一步（storage）");
  expect(field("return_url").value).toBe("https://shop.example/thanks");
});

test("what is not saved survives another screen, and can be dropped", async () => {
  await open();
  write("payee_name", "新的戶名");
  await shut();
  await open();
  expect(field("payee_name").value).toBe("新的戶名");
  await alt("z");
  expect(field("payee_name").value).toBe("禾日茶行");
});

test("the return address says what it means for the customer's phone", async () => {
  await open();
  expect(page()).toContain("刷卡連結不顯示 QR");
  expect(page()).toContain("刷卡連結會顯示 QR");
});

test("Alt D opens the demo shop beside this one, and says when it cannot", async () => {
  await open();
  await alt("d");
  expect(fake.sent.map((one) => one.command)).toEqual(["open_demo"]);
  expect(page()).toContain("示範商店會開在另一個視窗");
  fake.answer = () => Promise.reject(failed("demo-not-opened"));
  await alt("d");
  expect(page()).toContain("原因與下一步（demo-not-opened）");
  expect(page()).not.toContain("示範商店會開在另一個視窗");
});

test("starting at sign-in is shown and sent only where this computer can do it", async () => {
  await open();
  expect(document.querySelector("#start_at_login-no")).toBeNull();
  write("payee_name", "禾日");
  await send();
  expect(JSON.stringify(fake.sent[0]?.arguments)).not.toContain("start_at_login");
  await shut();
  begin();
  await open({ ...KEPT, start_at_login: false });
  expect(field("start_at_login-no").checked).toBe(true);
  field("start_at_login-yes").click();
  flushSync();
  fake.answer = () => ({ ...KEPT, start_at_login: true });
  await send();
  expect(fake.sent[0]?.arguments["change"]).toMatchObject({ start_at_login: true });
  expect(field("start_at_login-yes").checked).toBe(true);
});
