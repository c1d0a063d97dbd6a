// CTBC in the settings: shown, changed, proved, and added to a shop that is open.

import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { Bank, Code } from "../bindings/names";
import { textIn, useLanguage } from "../lib/text.svelte";
import { isTyping } from "../lib/typed";
import {
  BOTH,
  CTBC,
  CTBC_ALONE,
  DEMO,
  KEPT,
  KEYS,
  LETTER,
  SINOPAC,
  alt,
  begin,
  beside,
  fake,
  end,
  failed,
  field,
  noSecret,
  open,
  page,
  paste,
  press,
  proof,
  send,
  settled,
  shut,
  write,
} from "./settings.fixture";

beforeEach(begin);
afterEach(end);

/** The published sample key of the vendor; it protects nothing. */
const MAC_KEY = "123456789012345678901234";

function list(id: string): HTMLTextAreaElement {
  const area = document.querySelector<HTMLTextAreaElement>(`#${id}`);
  if (!area) throw new Error(`no #${id}`);
  return area;
}

function writeLines(id: string, text: string) {
  const area = list(id);
  area.focus();
  area.value = text;
  area.dispatchEvent(new Event("input", { bubbles: true }));
  flushSync();
}

function choose(id: string) {
  field(id).click();
  flushSync();
}

function noMacKey() {
  noSecret();
  const values = [...document.querySelectorAll("input")].map((input) => input.value).join(" ");
  expect(document.documentElement.outerHTML + values).not.toContain(MAC_KEY);
}

const change = () => (fake.sent[0]?.arguments["change"] as { ctbc: unknown; sinopac: unknown }) ?? {};

test("a shop shows the banks that it has, and no others", async () => {
  await open(BOTH);
  for (const id of ["account_limit", "ctbc_terminal_id"]) expect(field(id)).toBeTruthy();
  expect(page()).toContain("網站特店編號 MerID 10000");
  await shut();
  await open(KEPT);
  expect(document.querySelector("#ctbc_terminal_id")).toBeNull();
  await shut();
  await open(CTBC_ALONE);
  expect(document.querySelector("#account_limit")).toBeNull();
  expect(document.querySelector("#goes_to-loopback")).toBeNull();
  expect(page()).toContain("中信的刷卡頁會顯示這個名字");
  expect(page()).not.toContain("虛擬帳號單筆上限");
});

test("the names that the error book uses stand on the screen", async () => {
  await open(BOTH);
  for (const name of ["中信", "檢查設定", "更換中信金鑰", "付款完成轉入網址", "接收埠號", "環境"])
    expect(page()).toContain(name);
});

test("when an address works, how long opening takes, and what the card page means are said", async () => {
  await open(BOTH);
  expect(page()).toContain("星期一送件，星期六生效");
  expect(page()).toContain("新開通的特店約需兩週");
  expect(page()).toContain("屬於 PCI 卡片資料安全的範圍");
});

test("a change of CTBC is sent whole, and SinoPac's as it is kept", async () => {
  await open(BOTH);
  fake.answer = () => BOTH;
  write("ctbc_terminal_id", "９0000002");
  choose("ctbc_goes_to-page");
  write("ctbc_return_url", "https://shop.example/thanks");
  choose("ctbc_reply_mac-require");
  choose("ctbc_refund_remainder-no");
  write("ctbc_start", "２１：30");
  write("ctbc_minutes", "90");
  choose("ctbc_weekdays-6");
  choose("ctbc_weekdays-1");
  choose("ctbc_no_batch_on_public_holidays");
  writeLines("ctbc_holidays", "2026/1/1\n\n2026-12-25");
  expect(page()).toContain("還沒儲存：端末機代號");
  await send();
  expect(change()).toMatchObject({
    sinopac: { return_url: "loopback", loopback_port: 0, account_limit: 30000 },
    ctbc: {
      merchant_id: "8220000000001",
      terminal_id: "90000002",
      return_url: "https://shop.example/thanks",
      loopback_port: 0,
      reply_mac: "require",
      refund_remainder: false,
      batch: {
        start: "21:30",
        minutes: 90,
        margin_minutes: 10,
        weekdays: [2, 3, 4, 5, 6],
        holidays: ["2026/1/1", "", "2026-12-25"],
        extra_workdays: [""],
        no_batch_on_public_holidays: true,
      },
    },
  });
});

test("a shop without SinoPac sends none", async () => {
  await open(CTBC_ALONE);
  fake.answer = () => CTBC_ALONE;
  write("payee_name", "禾日");
  await send();
  expect(change().sinopac).toBeNull();
});

test.each([
  ["ctbc_minutes", "two hours"],
  ["ctbc_margin_minutes", ""],
  ["ctbc_loopback_port", "65536"],
])("%s = %s is named beside the field, is not sent, and stays", async (id, typed) => {
  await open(BOTH);
  write(id, typed);
  await send();
  expect(fake.sent).toHaveLength(0);
  expect(beside(id)).toBeTruthy();
  expect(document.activeElement).toBe(field(id));
  expect(field(id).value).toBe(typed);
});

test.each([
  ["ctbc.batch.start", "ctbc_start", "24 小時制"],
  ["ctbc.batch.minutes", "ctbc_minutes", "1 到 720"],
  ["ctbc.batch.margin_minutes", "ctbc_margin_minutes", "0 到 240"],
  ["ctbc.batch.weekdays", "ctbc_weekdays", "至少要選一天"],
  ["ctbc.batch.extra_workdays", "ctbc_extra_workdays", "不能又是休息日又是補班日"],
  ["ctbc.merchant_id", "ctbc_merchant_id", "13 位數字"],
  ["ctbc.terminal_id", "ctbc_terminal_id", "8 位數字"],
])("what Rust refuses of %s stands beside its field", async (rust, id, words) => {
  await open(BOTH);
  write("payee_name", "禾日");
  fake.answer = () => Promise.reject(failed("shop-field", { field: rust }));
  await send();
  expect(beside(id)).toContain(words);
});

test("lines that are no dates are named, and the list that was pasted stays", async () => {
  await open(BOTH);
  writeLines("ctbc_holidays", "2026-01-01\n元旦");
  fake.answer = () => Promise.reject(failed("shop-field", { field: "ctbc.batch.holidays", lines: "2" }));
  await send();
  expect(beside("ctbc_holidays")).toContain("第 2 行不是日期");
  expect(document.activeElement).toBe(list("ctbc_holidays"));
  expect(list("ctbc_holidays").value).toBe("2026-01-01\n元旦");
  writeLines("ctbc_holidays", "2026-01-01");
  expect(beside("ctbc_holidays")).toBeUndefined();
});

test("a list is typed in lines, and is left by Esc", async () => {
  await open(BOTH);
  list("ctbc_holidays").focus();
  await press("Enter");
  expect(fake.sent).toHaveLength(0);
  await press("Escape");
  expect(document.activeElement).not.toBe(list("ctbc_holidays"));
});

test("single letters are no keys where text is typed, and are beside it", () => {
  const input = (type: string) => Object.assign(document.createElement("input"), { type });
  expect(isTyping(document.createElement("textarea"))).toBe(true);
  expect(isTyping(input("text"))).toBe(true);
  for (const target of [input("radio"), input("checkbox"), document.createElement("div"), null])
    expect(isTyping(target)).toBe(false);
});

test("a text pasted into a list is the list's", async () => {
  await open(BOTH);
  await alt("r");
  expect(paste(LETTER, list("ctbc_holidays"))).toBe(false);
  expect(field("a1").value).toBe("");
});

test("a year without holidays is warned of", async () => {
  await open(BOTH);
  expect(page()).not.toContain("還沒有休息日");
  await shut();
  await open({ ...BOTH, ctbc: { ...CTBC, unlisted_years: [2026, 2027] } });
  expect(page()).toContain("還沒有 2026 / 2027 年的休息日");
});

test("each bank is checked by its own key, and each says its own", async () => {
  await open(BOTH);
  fake.answer = ({ arguments: asked }) => proof({ bank: asked["bank"] as Bank, ok: true, kept: true });
  await alt("t");
  expect(fake.sent).toEqual([{ command: "prove", arguments: { bank: "ctbc" } }]);
  expect(page()).toContain("檢查通過：中信");
  expect(page()).not.toContain("檢查通過：銀行");
  await alt("k");
  expect(page()).toContain("檢查通過：銀行");
  expect(page()).toContain("檢查通過：中信");
});

test.each<[string[], Code, string | undefined]>([
  [["mac_key"], "ctbc-mac-key-wrong", undefined],
  [["mer_id"], "ctbc-mer-id-wrong", "ctbc_mer_id"],
  [["base_url"], "ctbc-base-url-wrong", "ctbc_environment"],
  [[], "ctbc-address-not-listed", undefined],
])("a check of CTBC that found %s (%s) says why, and where", async (fields, code, at) => {
  await open(BOTH);
  fake.answer = () => proof({ bank: "ctbc", kept: true, fields, failure: failed(code) });
  await alt("t");
  expect(page()).toContain("設定還沒有通過檢查");
  expect(page()).toContain(`原因與下一步（${code}）`);
  if (at) expect(beside(at)).toContain("中信");
});

test("the MAC key is sent once, and is gone from the page before the bank has answered", async () => {
  await open(BOTH);
  await alt("m");
  expect(document.activeElement).toBe(field("ctbc_mac_key"));
  expect(field("ctbc_mac_key").type).toBe("password");
  write("ctbc_mac_key", MAC_KEY.slice(1));
  await send();
  expect(fake.sent).toHaveLength(0);
  expect(beside("ctbc_mac_key")).toContain("現在是 23 個字");
  fake.answer = () => proof({ bank: "ctbc", fields: ["mac_key"], failure: failed("ctbc-mac-key-wrong") });
  write("ctbc_mac_key", ` ${MAC_KEY} `);
  await send();
  expect(fake.sent).toEqual([
    { command: "set_card_key", arguments: { merId: "10000", keys: { mac_key: MAC_KEY } } },
  ]);
  noMacKey();
  expect(page()).toContain("中信金鑰沒有更換，原來的還在使用");
  expect(beside("ctbc_mac_key")).toContain("和中信後台的「壓碼字串」不同");
  fake.answer = () => proof({ bank: "ctbc", ok: true, kept: true });
  write("ctbc_mac_key", MAC_KEY);
  await send();
  noMacKey();
  expect(page()).toContain("新的中信金鑰檢查通過");
  expect(document.querySelector("input[type=password]")).toBeNull();
});

test("a MerID that was typed wrong is corrected with its key", async () => {
  await open(BOTH);
  await alt("m");
  expect(field("ctbc_mer_id").value).toBe("10000");
  write("ctbc_mac_key", MAC_KEY);
  write("ctbc_mer_id", "8220000000001");
  await send();
  expect(fake.sent).toHaveLength(0);
  expect(beside("ctbc_mer_id")).toContain("13 位");
  fake.answer = () => Promise.reject(failed("mer-id-in-use"));
  write("ctbc_mer_id", " １0001 ");
  await send();
  expect(fake.sent).toEqual([
    { command: "set_card_key", arguments: { merId: "10001", keys: { mac_key: MAC_KEY } } },
  ]);
  expect(page()).toContain("mer-id-in-use");
});

test("a MAC key that the bank could not be asked about is kept, and said to be unproved", async () => {
  await open(BOTH);
  fake.answer = () => proof({ bank: "ctbc", kept: true, failure: failed("ctbc-key-unproved") });
  await alt("m");
  write("ctbc_mac_key", MAC_KEY);
  await send();
  expect(page()).toContain("中信還沒有證實");
});

test("Esc keeps the old MAC key and forgets what was typed", async () => {
  await open(BOTH);
  await alt("m");
  write("ctbc_mac_key", MAC_KEY);
  await press("Escape");
  noMacKey();
  await alt("m");
  expect(field("ctbc_mac_key").value).toBe("");
  expect(fake.sent).toHaveLength(0);
});

test("CTBC is added to a shop with SinoPac alone, in the world of that shop", async () => {
  await open(KEPT);
  await alt("b");
  expect(document.querySelector("[data-add]")?.textContent).toContain("加入中信");
  await send();
  expect(fake.sent).toHaveLength(0);
  for (const id of ["ctbc_mer_id", "ctbc_merchant_id", "ctbc_terminal_id", "ctbc_mac_key"])
    expect(beside(id), id).toBeTruthy();
  write("ctbc_mer_id", "10000");
  write("ctbc_merchant_id", "8220000000001");
  write("ctbc_terminal_id", "90000001");
  write("ctbc_mac_key", MAC_KEY);
  fake.answer = () => proof({ bank: "ctbc", fields: ["mer_id"], failure: failed("ctbc-mer-id-wrong") });
  await send();
  expect(fake.sent).toEqual([
    {
      command: "add_bank",
      arguments: {
        banks: {
          sinopac: null,
          ctbc: {
            environment: "production",
            mer_id: "10000",
            merchant_id: "8220000000001",
            terminal_id: "90000001",
            keys: { mac_key: MAC_KEY },
            return_url: "loopback",
            loopback_port: 0,
          },
        },
      },
    },
  ]);
  noMacKey();
  expect(page()).toContain("還沒有加入，這間店照舊");
  expect(beside("ctbc_mer_id")).toContain("中信不認得");
  expect(field("ctbc_terminal_id").value).toBe("90000001");
  fake.answer = () => {
    fake.kept = BOTH;
    return proof({ bank: "ctbc", ok: true, kept: true });
  };
  write("ctbc_mac_key", MAC_KEY);
  await send();
  noMacKey();
  expect(page()).toContain("中信已經加入");
  await shut();
  await open();
  expect(page()).toContain("中信已經加入");
  expect(page()).not.toContain("加入中信");
  useLanguage("en");
  await settled();
  expect(page()).toContain(textIn("en", "join.ctbc.done"));
});

test("while the bank is asked, Esc closes no form: what the bank says is read", async () => {
  await open(KEPT);
  await alt("b");
  write("ctbc_mer_id", "10000");
  write("ctbc_merchant_id", "8220000000001");
  write("ctbc_terminal_id", "90000001");
  write("ctbc_mac_key", MAC_KEY);
  let refuse: (answer: unknown) => void = () => undefined;
  fake.answer = () => new Promise((resolve) => (refuse = resolve));
  await send();
  await press("Escape");
  refuse(proof({ bank: "ctbc", fields: ["mer_id"], failure: failed("ctbc-mer-id-wrong") }));
  await settled();
  expect(page()).toContain("還沒有加入，這間店照舊");
  await press("Escape");
  expect(document.querySelector("[data-add]")).toBeNull();
});

test("SinoPac is added to a shop with CTBC alone", async () => {
  await open({ ...CTBC_ALONE, ctbc: { ...CTBC, environment: "sandbox" } });
  await alt("b");
  paste(LETTER);
  fake.answer = () => proof({ kept: true, failure: failed("address-not-listed") });
  await send();
  expect(fake.sent[0]?.arguments["banks"]).toMatchObject({
    sinopac: { environment: "sandbox", shop_no: "NA0249_001", keys: KEYS },
    ctbc: null,
  });
  noSecret();
  expect(page()).toContain("永豐已經加入，金鑰存入系統鑰匙圈，但銀行還沒有證實");
});

test("a shop with both banks, and the demo shop, offer none", async () => {
  for (const settings of [BOTH, DEMO, { ...DEMO, ctbc: null }]) {
    await open(settings);
    await alt("b");
    expect(document.querySelector("[data-add]")).toBeNull();
    await shut();
  }
});

test("a new shop may have CTBC alone, or both", async () => {
  await open(DEMO);
  await alt("n");
  choose("banks-both");
  expect(field("shop_no")).toBeTruthy();
  choose("banks-ctbc");
  expect(document.querySelector("#shop_no")).toBeNull();
  choose("environment-sandbox");
  write("name", "永康店");
  write("payee_name", "禾日茶行");
  write("ctbc_mer_id", "10000");
  write("ctbc_merchant_id", "8220000000001");
  write("ctbc_terminal_id", "90000001");
  write("ctbc_mac_key", MAC_KEY);
  fake.answer = () => proof({ bank: "ctbc", ok: true, kept: true });
  await send();
  expect(fake.sent[0]).toMatchObject({
    command: "add_shop",
    arguments: { shop: { banks: { sinopac: null, ctbc: { environment: "sandbox", mer_id: "10000" } } } },
  });
  noMacKey();
});

test("all of it is in English too", async () => {
  useLanguage("en");
  const bank = { ...CTBC, unlisted_years: [2027] };
  const chinese = ["網站特店編號", "特店代號", "端末機代號", "系統設定", "壓碼設定"];
  const english = () => {
    let text = page();
    for (const name of ["永康店", "禾日茶行", ...chinese]) text = text.replaceAll(name, "");
    expect(text).not.toMatch(/[一-鿿]{2}/);
  };
  await open({ ...BOTH, ctbc: bank });
  await alt("m");
  english();
  await shut();
  await open({ ...KEPT, sinopac: SINOPAC });
  english();
  await alt("b");
  await send();
  english();
});
