import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { Code } from "../bindings/names";
import type { ProofView } from "../bindings/settings";
import { useLanguage } from "../lib/text.svelte";
import { recognise } from "./keys";
import {
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

test("keys are never shown: kept, or what is wrong with the keyring and the way out", async () => {
  await open();
  expect(document.querySelector("[data-keyring=kept]")?.textContent).toBe("已存在系統鑰匙圈");
  expect(document.querySelector("input[type=password]")).toBeNull();
  await shut();
  await open({ ...KEPT, sinopac: { ...SINOPAC, keys: failed("vault-locked") } });
  expect(page()).toContain("原因與下一步（vault-locked）");
  expect(page()).toContain("不會改存到檔案");
  await shut();
  await open(DEMO);
  expect(document.querySelector("[data-keyring=kept]")?.textContent).toBe("練習用的金鑰，都在");
});

test("the check proves what is kept", async () => {
  await open();
  fake.answer = () => proof({ ok: true, kept: true });
  await alt("k");
  expect(fake.sent).toEqual([{ command: "prove", arguments: { bank: "sinopac" } }]);
  expect(page()).toContain("檢查通過");
});

test.each<[string[], Code, string]>([
  [["key_id"], "keys-wrong", "X-KeyID，或它已過期"],
  [["b1"], "keys-wrong", "B1 不對"],
  [["a1", "a2", "b1", "b2"], "keys-wrong", "至少有一個不對"],
  [["a1", "b2"], "keys-exchanged", "A1 和 B2 的值互換了"],
  [[], "address-not-listed", "固定 IP"],
  [[], "keys-unproved", "原因與下一步（keys-unproved）"],
])("a check that found %s (%s) says so in words", async (fields, code, words) => {
  await open();
  fake.answer = () => proof({ kept: true, fields, failure: failed(code) });
  await alt("k");
  expect(page()).toContain("設定還沒有通過檢查");
  expect(page()).toContain(words);
  expect(page()).not.toContain("檢查通過");
});

test("a wrong shop number is named beside it", async () => {
  await open();
  fake.answer = () =>
    proof({ kept: true, fields: ["shop_no"], failure: failed("keys-wrong", { code: "E0101" }) });
  await alt("k");
  expect(beside("shop_no")).toContain("商店代號");
  expect(page()).toContain("E0101");
});

test("the fields of the keys keep nothing in the browser", async () => {
  await open();
  await alt("r");
  const inputs = [...document.querySelectorAll<HTMLInputElement>("input[type=password]")];
  expect(inputs.map((input) => input.id)).toEqual(Object.keys(KEYS));
  for (const input of inputs) {
    expect(input.getAttribute("autocomplete")).toBe("off");
    expect(input.getAttribute("spellcheck")).toBe("false");
  }
});

test("a truncated key is named by its length before anything is sent", async () => {
  await open();
  await alt("r");
  for (const [id, value] of Object.entries(KEYS)) write(id, id === "b1" ? value.slice(1) : value);
  await send();
  expect(fake.sent).toHaveLength(0);
  expect(beside("b1")).toBe("B1 要 16 個 0–9、A–F；現在是 15 個字。");
  expect(document.activeElement).toBe(field("b1"));
  expect(document.querySelectorAll("[data-wrong]")).toHaveLength(1);
});

test("a shop number that was typed wrong is corrected with its keys", async () => {
  await open();
  fake.answer = () => proof({ ok: true, kept: true });
  await alt("r");
  for (const [id, value] of Object.entries(KEYS)) write(id, value);
  write("shop_no", "no number");
  await send();
  expect(fake.sent).toHaveLength(0);
  expect(beside("shop_no")).toContain("1 到 20 個英數字或底線");
  write("shop_no", " NA0249_002 ");
  await send();
  expect(fake.sent[0]?.arguments["shopNo"]).toBe("NA0249_002");
});

test("keys are sent once, and are gone from the page before the bank has answered", async () => {
  await open();
  let release: (proof: ProofView) => void = () => undefined;
  fake.answer = () => new Promise<ProofView>((resolve) => (release = resolve));
  await alt("r");
  for (const [id, value] of Object.entries(KEYS)) write(id, value);
  await send();
  await send();
  expect(fake.sent).toEqual([{ command: "set_keys", arguments: { shopNo: "NA0249_001", keys: KEYS } }]);
  noSecret();
  release(proof({ ok: true, kept: true }));
  await settled();
  noSecret();
  expect(page()).toContain("新金鑰檢查通過，已存入系統鑰匙圈。");
  expect(document.querySelector("input[type=password]")).toBeNull();
});

test.each([
  ["exchanged", () => proof({ fields: ["a2", "b1"], failure: failed("keys-exchanged") })],
  ["refused", () => Promise.reject(failed("vault-denied"))],
])("keys that were %s leave nothing behind, and the way to try again is open", async (how, given) => {
  await open();
  fake.answer = given;
  await alt("r");
  paste(LETTER);
  await send();
  noSecret();
  expect(field("a1").value).toBe("");
  expect(document.querySelector("[data-callout=failed]")).not.toBeNull();
  if (how === "exchanged") {
    expect(beside("a2")).toBe("A2 和 B1 的值互換了，請對調。");
    expect(beside("b1")).toBe("B1 和 A2 的值互換了，請對調。");
    expect(beside("a1")).toBeUndefined();
    expect(page()).toContain("金鑰沒有更換，原來的還在使用");
  } else expect(page()).toContain("原因與下一步（vault-denied）");
});

test("new keys that the bank could not be asked about are kept, and said to be unproved", async () => {
  await open();
  fake.answer = () => proof({ kept: true, failure: failed("keys-unproved") });
  await alt("r");
  paste(LETTER);
  await send();
  expect(page()).toContain("銀行還沒有證實");
  expect(document.querySelector("input[type=password]")).toBeNull();
});

test("the first field is ready when the keys are opened, and pressing again loses nothing", async () => {
  await open();
  await alt("r");
  expect(document.activeElement).toBe(field("key_id"));
  paste(LETTER);
  await alt("r");
  expect(field("a1").value).toBe(KEYS.a1);
});

test("Esc keeps the old keys and forgets what was typed", async () => {
  await open();
  await alt("r");
  paste(LETTER);
  await press("Escape");
  expect(document.querySelector("input[type=password]")).toBeNull();
  await alt("r");
  expect(field("a1").value).toBe("");
  expect(fake.sent).toHaveLength(0);
});

test("Ctrl+Enter is for the keys while some are typed, else for the settings", async () => {
  await open();
  write("payee_name", "新的戶名");
  await alt("r");
  paste(LETTER);
  fake.answer = ({ command }) => (command === "set_keys" ? proof({ ok: true, kept: true }) : KEPT);
  await send();
  await send();
  expect(fake.sent.map(({ command }) => command)).toEqual(["set_keys", "save_settings"]);
});

test("a letter is recognised: by name, else in order, and from the field it is pasted into", () => {
  expect(recognise(LETTER)).toEqual({ values: { ...KEYS, shop_no: "NA0249_001" }, unclear: false });
  const file = JSON.stringify({ sinopac: { b2: KEYS.b2, a1: KEYS.a1, b1: KEYS.b1, a2: KEYS.a2 } });
  expect(recognise(file)?.values).toEqual({ a1: KEYS.a1, a2: KEYS.a2, b1: KEYS.b1, b2: KEYS.b2 });
  expect(recognise(`Ｂ１：9E00-4965-F424-4953`)?.values).toEqual({ b1: KEYS.b1 });
  expect(recognise(`${KEYS.b1} ${KEYS.b2}`, "b1")?.values).toEqual({ b1: KEYS.b1, b2: KEYS.b2 });
  expect(recognise(`B1 ${KEYS.b1}\n${KEYS.a1}\n${KEYS.a2}\n${KEYS.b2}`)?.values).toEqual({
    a1: KEYS.a1,
    a2: KEYS.a2,
    b1: KEYS.b1,
    b2: KEYS.b2,
  });
});

test("a single value without a name is left to its field, and too many are not guessed at", () => {
  expect(recognise(KEYS.b1, "b1")).toBeUndefined();
  expect(recognise("禾日茶行")).toBeUndefined();
  expect(recognise(`${LETTER}\n${KEYS.a1}`)).toEqual({
    values: { key_id: KEYS.key_id, shop_no: "NA0249_001" },
    unclear: true,
  });
});

async function openNew() {
  await open(DEMO);
  await alt("n");
}

function writeNew() {
  field("environment-sandbox").click();
  flushSync();
  write("name", "永康店");
  write("payee_name", "禾日茶行");
  paste(LETTER, field("shop_no"));
}

test("the real shop can be set up from the demo only", async () => {
  await open();
  expect(page()).not.toContain("設定真正的商店");
  await alt("n");
  expect(document.querySelector("[data-add]")).toBeNull();
});

test("nothing is chosen between test and production, and production says that the money is real", async () => {
  await openNew();
  await send();
  expect(fake.sent).toHaveLength(0);
  for (const id of ["environment", "name", "payee_name", "shop_no", "key_id", "a1", "b2"])
    expect(beside(id), id).toBeTruthy();
  expect(page()).not.toContain("顧客付的是真的錢");
  field("environment-production").click();
  flushSync();
  expect(page()).toContain("顧客付的是真的錢");
});

test("a pasted letter fills the shop's fields, says which, and shows no key", async () => {
  await openNew();
  writeNew();
  expect(field("shop_no").value).toBe("NA0249_001");
  for (const [id, value] of Object.entries(KEYS)) expect(field(id).value).toBe(value);
  expect(page()).toContain("已從貼上的文字填入：商店代號、X-KeyID、A1、A2、B1和B2");
  for (const value of Object.values(KEYS)) expect(page()).not.toContain(value);
});

test("a letter may be pasted while test or production has the focus", async () => {
  await openNew();
  expect(document.activeElement).toBe(field("banks-sinopac"));
  for (const id of ["banks-sinopac", "environment-sandbox"]) expect(paste(LETTER, field(id))).toBe(true);
  expect(field("a1").value).toBe(KEYS.a1);
});

test("a text pasted into a name stays there", async () => {
  await openNew();
  expect(paste(LETTER, field("payee_name"))).toBe(false);
  expect(field("a1").value).toBe("");
});

test("the shop is sent whole, and that it is open is said when the screen shows it", async () => {
  await openNew();
  writeNew();
  fake.answer = () => {
    fake.kept = KEPT;
    return proof({ ok: true, kept: true });
  };
  await send();
  expect(fake.sent).toEqual([
    {
      command: "add_shop",
      arguments: {
        shop: {
          name: "永康店",
          payee_name: "禾日茶行",
          banks: {
            sinopac: {
              environment: "sandbox",
              shop_no: "NA0249_001",
              keys: KEYS,
              return_url: "loopback",
              loopback_port: 0,
            },
            ctbc: null,
          },
        },
      },
    },
  ]);
  noSecret();
  expect(page()).toContain("「永康店」已經開啟");
  // the event `shop`: the window loads everything again
  await shut();
  await open();
  expect(page()).toContain("「永康店」已經開啟");
  expect(document.querySelector("[data-add]")).toBeNull();
});

test("a shop that the bank could not prove is open, says so, and says the next step", async () => {
  await openNew();
  writeNew();
  fake.answer = () => proof({ kept: true, failure: failed("address-not-listed", { code: "http-499" }) });
  await send();
  noSecret();
  expect(page()).toContain("銀行還沒有證實");
  expect(page()).toContain("固定 IP");
});

test("a shop that is not opened keeps everything but its keys, and names what is wrong", async () => {
  await openNew();
  writeNew();
  fake.answer = () => proof({ fields: ["shop_no"], failure: failed("keys-wrong") });
  await send();
  noSecret();
  expect(beside("shop_no")).toContain("商店代號");
  expect(field("name").value).toBe("永康店");
  expect(page()).toContain("商店還沒有開");
  fake.answer = () => Promise.reject(failed("shop-field", { field: "name" }));
  paste(LETTER);
  await send();
  noSecret();
  expect(beside("name")).toContain("1 到 60 個字");
});

test("an address of the bank that is not known is about the environment", async () => {
  await openNew();
  writeNew();
  fake.answer = () => proof({ fields: ["base_url"], failure: failed("keys-wrong") });
  await send();
  expect(beside("environment")).toContain("測試或正式");
});

test("the new shop is in English too", async () => {
  useLanguage("en");
  await openNew();
  await send();
  expect(page()).toContain("Please choose test or production.");
  expect(page()).not.toMatch(/[一-鿿]{2}/);
});
