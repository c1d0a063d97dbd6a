import { readFileSync } from "node:fs";

import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { Payment, Proof, Settings as Kept, Shop } from "../src/lib/api";
import { bankDay, setBankTime } from "../src/lib/clock.svelte";
import { recognise } from "../src/lib/keys";
import { accountText, message } from "../src/lib/message";
import { setPractice } from "../src/lib/practice.svelte";
import { clearSettings } from "../src/lib/settings.svelte";
import { useLanguage } from "../src/lib/text.svelte";
import Stamp from "../src/parts/Stamp.svelte";
import zhTW from "../src/text/zh-TW.json";
import AmountSlip from "../src/screens/AmountSlip.svelte";
import DemoPanel from "../src/screens/DemoPanel.svelte";
import Settings from "../src/screens/Settings.svelte";

/** The published sample keys of the bank's documents; they protect nothing. */
const KEYS = {
  key_id: "b5e6986d-8636-4aa0-8c93-441ad14b2098",
  a1: "86D50DEF3EB7400E",
  a2: "01FD27C09E5549E5",
  b1: "9E004965F4244953",
  b2: "7FB3385F414E4F91",
};
const LETTER = `商店代號：NA0249_001
X-KEY ${KEYS.key_id}
${KEYS.a1}
${KEYS.a2}
${KEYS.b1}
${KEYS.b2}`;

const SHOP: Shop = {
  name: "永康店",
  payee_name: "禾日茶行",
  environment: "production",
  account_limit: 30000,
  card_limit: 9_999_999,
  link_qr: false,
  demo: false,
  now: "2026-11-20T14:05:00+08:00",
};
const KEPT: Kept = {
  name: "永康店",
  payee_name: "禾日茶行",
  environment: "production",
  shop_no: "NA0249_001",
  base_url: null,
  return_url: "loopback",
  loopback_port: 0,
  auto_billing: true,
  account_limit: 30000,
  polling: { screen_s: 3, screen_later_s: 10, after_expiry_days: 14 },
  keys: null,
  folder: "/home/tea/counterfoil",
  can_add: false,
};
const DEMO: Kept = { ...KEPT, name: "demo", environment: "demo", can_add: true };
const PAYMENT: Payment = {
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
  evidence: [],
  discrepancies: [],
  why: null,
  note: null,
};
const CARD: Payment = { ...PAYMENT, rail: "sinopac-card", account: null, link: "https://bank.example/1" };

/** A command that the window sent. */
interface Sent {
  command: string;
  arguments: Record<string, unknown>;
}

let sent: Sent[];
let kept: Kept;
let answer: (call: Sent) => unknown;
let app: object | undefined;
/** How often the window was told that the shop is not as it was. */
let changed: number;

beforeEach(() => {
  sent = [];
  changed = 0;
  kept = KEPT;
  answer = () => null;
  clearSettings();
  setPractice("production");
  useLanguage("zh-TW");
  mockIPC((command, payload) => {
    if (command === "settings") return kept;
    if (command === "shop") return { ...SHOP, now: "2026-11-21T14:05:00+08:00" };
    const call = { command, arguments: (payload ?? {}) as Record<string, unknown> };
    // what goes to Rust is serialized at once
    sent.push(structuredClone(call));
    return answer(call);
  });
});

afterEach(async () => {
  if (app) await unmount(app);
  app = undefined;
  clearMocks();
});

async function open(settings = kept) {
  kept = settings;
  app = mount(Settings, {
    target: document.body,
    props: { shop: SHOP, active: true, changed: () => (changed += 1) },
  });
  await vi.waitUntil(() => document.querySelector("#payee_name"));
  await settled();
}

async function settled() {
  for (let round = 0; round < 6; round += 1) await tick();
}

async function press(key: string, more: KeyboardEventInit = {}) {
  const code = /^\d$/.test(key) ? `Digit${key}` : /^[a-z]$/.test(key) ? `Key${key.toUpperCase()}` : key;
  const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true, ...more });
  (document.activeElement ?? document.body).dispatchEvent(event);
  flushSync();
  await settled();
}
const alt = (key: string) => press(key, { altKey: true });
const send = () => press("Enter", { ctrlKey: true });

function field(id: string): HTMLInputElement {
  const input = document.querySelector<HTMLInputElement>(`#${id}`);
  if (!input) throw new Error(`no #${id}`);
  return input;
}

function write(id: string, text: string) {
  const input = field(id);
  input.focus();
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  flushSync();
}

function paste(text: string, into: Element = document.body): boolean {
  const event = new Event("paste", { bubbles: true, cancelable: true });
  Object.assign(event, { clipboardData: { getData: () => text } });
  into.dispatchEvent(event);
  flushSync();
  return event.defaultPrevented;
}

const page = () => document.body.textContent.replace(/\s+/g, " ");
const beside = (id: string) => document.querySelector(`[data-wrong=${id}]`)?.textContent;
const proof = (more: Partial<Proof>): Proof => ({
  ok: false,
  kept: false,
  fields: [],
  failure: null,
  ...more,
});
const failed = (code: string, values = {}) => ({ code, values, zh: `原因與下一步（${code}）`, en: code });

/** Nothing of a secret stands in the page, as text, attribute or value of a field. */
function noSecret() {
  const values = [...document.querySelectorAll("input")].map((input) => input.value);
  const whole = document.documentElement.outerHTML + values.join(" ");
  for (const secret of Object.values(KEYS)) expect(whole).not.toContain(secret);
}

test("the names that the error book uses stand on the screen", async () => {
  await open();
  for (const name of [
    "永豐",
    "檢查設定",
    "更換金鑰",
    "付款完成轉入網址",
    "本機",
    "連接埠",
    "自動請款",
    "商店代號",
  ])
    expect(page()).toContain(name);
});

test("every key of the settings that the error book sends somebody to is there, in these words", () => {
  const book = ["errors", "sinopac"].map((name) =>
    readFileSync(`../crates/commands/src/text/${name}.zh-TW.json`, "utf8"),
  );
  const sentences = book.join("").match(/「設定[^」]*」[^。]*。/g) ?? [];
  const pressed = sentences.flatMap((text) => [...text.matchAll(/按「([^」]+)」/g)].map(([, name]) => name));
  expect(new Set(pressed)).toEqual(new Set(["更換金鑰", "檢查設定", "設定真正的商店"]));
  for (const name of pressed) expect(Object.values(zhTW)).toContain(name);
});

test("nothing changed is not sent; a change is saved with Ctrl+Enter, and what was saved is said", async () => {
  await open();
  await send();
  expect(sent).toHaveLength(0);
  answer = ({ arguments: sentWith }) => ({ ...KEPT, ...(sentWith["change"] as object) });
  write("payee_name", "禾日茶行有限公司");
  write("account_limit", "２0,000");
  expect(page()).toContain("還沒儲存：顧客會看到的戶名和虛擬帳號單筆上限");
  await send();
  expect(sent).toEqual([
    {
      command: "save_settings",
      arguments: {
        change: {
          payee_name: "禾日茶行有限公司",
          return_url: "loopback",
          loopback_port: 0,
          account_limit: 20000,
          polling: KEPT.polling,
        },
      },
    },
  ]);
  expect(page()).toContain("已儲存：顧客會看到的戶名和虛擬帳號單筆上限");
  expect(changed).toBe(1);
  await send();
  expect(sent).toHaveLength(1);
});

test("while an input method composes, nothing is saved", async () => {
  await open();
  write("payee_name", "禾");
  await press("Enter", { ctrlKey: true, isComposing: true });
  expect(sent).toHaveLength(0);
});

test.each([
  ["payee_name", " "],
  ["payee_name", "長".repeat(61)],
  ["loopback_port", "65536"],
  ["account_limit", "0"],
  ["account_limit", "10000000"],
  ["screen_s", "2"],
  ["screen_later_s", "121"],
  ["after_expiry_days", "6.5"],
])("%s = %s is named beside the field, is not sent, and stays", async (id, typed) => {
  await open();
  write(id, typed);
  await send();
  expect(sent).toHaveLength(0);
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
    expect(sent).toHaveLength(0);
    expect(beside("return_url")).toContain("https");
  },
);

test("what Rust refuses stands beside its field, and nothing typed is lost", async () => {
  await open();
  answer = () => Promise.reject(failed("shop-field", { field: "sinopac.return_url" }));
  field("goes_to-page").click();
  flushSync();
  write("return_url", "https://shop.example/thanks");
  await send();
  expect(beside("return_url")).toContain("https");
  expect(field("return_url").value).toBe("https://shop.example/thanks");
  answer = () => Promise.reject(failed("storage"));
  await send();
  expect(changed).toBe(0);
  expect(page()).toContain("原因與下一步（storage）");
  expect(field("return_url").value).toBe("https://shop.example/thanks");
});

test("what is not saved survives another screen, and can be dropped", async () => {
  await open();
  write("payee_name", "新的戶名");
  await unmount(app ?? {});
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

test("keys are never shown: kept, or what is wrong with the keyring and the way out", async () => {
  await open();
  expect(document.querySelector("[data-keyring=kept]")?.textContent).toBe("已存在系統鑰匙圈");
  expect(document.querySelector("input[type=password]")).toBeNull();
  await unmount(app ?? {});
  await open({ ...KEPT, keys: failed("vault-locked") });
  expect(page()).toContain("原因與下一步（vault-locked）");
  expect(page()).toContain("不會改存到檔案");
});

test("the check proves what is kept", async () => {
  await open();
  answer = () => proof({ ok: true, kept: true });
  await alt("k");
  expect(sent).toEqual([{ command: "prove", arguments: {} }]);
  expect(page()).toContain("檢查通過");
});

test.each([
  [["key_id"], "keys-wrong", "X-KeyID，或它已過期"],
  [["b1"], "keys-wrong", "B1 不對"],
  [["a1", "a2", "b1", "b2"], "keys-wrong", "至少有一個不對"],
  [["a1", "b2"], "keys-exchanged", "A1 和 B2 的值互換了"],
  [[], "address-not-listed", "固定 IP"],
  [[], "keys-unproved", "原因與下一步（keys-unproved）"],
])("a check that found %s (%s) says so in words", async (fields, code, words) => {
  await open();
  answer = () => proof({ kept: true, fields, failure: failed(code) });
  await alt("k");
  expect(page()).toContain("設定還沒有通過檢查");
  expect(page()).toContain(words);
  expect(page()).not.toContain("檢查通過");
});

test("a wrong shop number is named beside it", async () => {
  await open();
  answer = () => proof({ kept: true, fields: ["shop_no"], failure: failed("keys-wrong", { code: "E0101" }) });
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
  expect(sent).toHaveLength(0);
  expect(beside("b1")).toBe("B1 要 16 個 0–9、A–F；現在是 15 個字。");
  expect(document.activeElement).toBe(field("b1"));
  expect(document.querySelectorAll("[data-wrong]")).toHaveLength(1);
});

test("keys are sent once, and are gone from the page before the bank has answered", async () => {
  await open();
  let release: (proof: Proof) => void = () => undefined;
  answer = () => new Promise<Proof>((resolve) => (release = resolve));
  await alt("r");
  for (const [id, value] of Object.entries(KEYS)) write(id, value);
  await send();
  await send();
  expect(sent).toEqual([{ command: "set_keys", arguments: { keys: KEYS } }]);
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
  answer = given;
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
  answer = () => proof({ kept: true, failure: failed("keys-unproved") });
  await alt("r");
  paste(LETTER);
  await send();
  expect(page()).toContain("銀行還沒有證實");
  expect(document.querySelector("input[type=password]")).toBeNull();
});

test("Esc keeps the old keys and forgets what was typed", async () => {
  await open();
  await alt("r");
  paste(LETTER);
  await press("Escape");
  expect(document.querySelector("input[type=password]")).toBeNull();
  await alt("r");
  expect(field("a1").value).toBe("");
  expect(sent).toHaveLength(0);
});

test("Ctrl+Enter is for the keys while some are typed, else for the settings", async () => {
  await open();
  write("payee_name", "新的戶名");
  await alt("r");
  paste(LETTER);
  answer = ({ command }) => (command === "set_keys" ? proof({ ok: true, kept: true }) : KEPT);
  await send();
  await send();
  expect(sent.map(({ command }) => command)).toEqual(["set_keys", "save_settings"]);
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
  expect(sent).toHaveLength(0);
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

test("a text pasted into a name stays there", async () => {
  await openNew();
  expect(paste(LETTER, field("payee_name"))).toBe(false);
  expect(field("a1").value).toBe("");
});

test("the shop is sent whole, and that it is open is said when the screen shows it", async () => {
  await openNew();
  writeNew();
  answer = () => {
    kept = KEPT;
    return proof({ ok: true, kept: true });
  };
  await send();
  expect(sent).toEqual([
    {
      command: "add_shop",
      arguments: {
        shop: {
          name: "永康店",
          payee_name: "禾日茶行",
          environment: "sandbox",
          shop_no: "NA0249_001",
          ...KEYS,
          return_url: "loopback",
          loopback_port: 0,
        },
      },
    },
  ]);
  noSecret();
  expect(page()).toContain("「永康店」已經開啟");
  // the event `shop`: the window loads everything again
  await unmount(app ?? {});
  await open();
  expect(page()).toContain("「永康店」已經開啟");
  expect(document.querySelector("[data-add]")).toBeNull();
});

test("a shop that the bank could not prove is open, says so, and says the next step", async () => {
  await openNew();
  writeNew();
  answer = () => proof({ kept: true, failure: failed("address-not-listed", { code: "http-499" }) });
  await send();
  noSecret();
  expect(page()).toContain("銀行還沒有證實");
  expect(page()).toContain("固定 IP");
});

test("a shop that is not opened keeps everything but its keys, and names what is wrong", async () => {
  await openNew();
  writeNew();
  answer = () => proof({ fields: ["shop_no"], failure: failed("keys-wrong") });
  await send();
  noSecret();
  expect(beside("shop_no")).toContain("商店代號");
  expect(field("name").value).toBe("永康店");
  expect(page()).toContain("商店還沒有開");
  answer = () => Promise.reject(failed("shop-field", { field: "name" }));
  paste(LETTER);
  await send();
  noSecret();
  expect(beside("name")).toContain("1 到 60 個字");
});

test("an address of the bank that is not known is about the environment", async () => {
  await openNew();
  writeNew();
  answer = () => proof({ fields: ["base_url"], failure: failed("keys-wrong") });
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

function panel(payment: Payment | undefined) {
  app = mount(DemoPanel, { target: document.body, props: { payment } });
  flushSync();
}
const told = () => document.querySelector("[data-demo-told]")?.textContent;
const button = (action: string) => document.querySelector<HTMLButtonElement>(`.demo[data-demo=${action}]`);

test("the demo's customer acts on the payment shown, by key and by button, and says what to watch", async () => {
  panel(CARD);
  for (const key of ["1", "2", "3", "4", "5", "6"]) {
    await alt(key);
    expect(told()).toMatch(/請/);
  }
  button("pay")?.click();
  await settled();
  const actions = ["pay", "decline", "expire", "lose-answer", "hour", "day", "pay"];
  expect(sent).toEqual(actions.map((action) => ({ command: "demo", arguments: { action, payment: "p" } })));
  expect(told()).toContain("12,600");
});

test.each([
  ["pay", undefined, "畫面上沒有單"],
  ["decline", PAYMENT, "只有刷卡會被拒"],
  ["pay", { ...PAYMENT, state: "issuing" as const }, "還沒有帳號或連結"],
  ["pay", { ...PAYMENT, state: "paid" as const }, "已經有結果"],
  ["expire", { ...PAYMENT, state: "expired" as const }, "不會再逾期"],
])("%s that cannot be done says why and sends nothing", async (action, payment, why) => {
  panel(payment);
  expect(button(action)?.getAttribute("aria-disabled")).toBe("true");
  expect(button(action)?.title).toContain(why);
  button(action)?.click();
  await settled();
  expect(told()).toContain(why);
  expect(sent).toHaveLength(0);
});

test("when time has moved, the countdowns follow the bank's clock", async () => {
  setBankTime("2026-11-20T14:05:00+08:00");
  panel(PAYMENT);
  await alt("4");
  expect(bankDay()).toBe("2026-11-20");
  await alt("6");
  expect(bankDay()).toBe("2026-11-21");
});

test("without a slip the clock still goes, and late money can be tried", async () => {
  panel(undefined);
  await alt("6");
  expect(sent).toEqual([{ command: "demo", arguments: { action: "day", payment: null } }]);
  await unmount(app ?? {});
  panel({ ...PAYMENT, state: "expired" });
  await alt("1");
  expect(told()).toContain("逾期後付款");
});

test("Alt and a digit is known by its key while an input method is on, and not while it composes", async () => {
  panel(PAYMENT);
  await press("¡", { altKey: true, code: "Digit1" });
  await press("1", { altKey: true, isComposing: true });
  await press("1");
  expect(sent).toHaveLength(1);
});

test("what fails in the demo is told", async () => {
  answer = () => Promise.reject(failed("not-allowed"));
  panel(PAYMENT);
  await alt("1");
  expect(told()).toBe("原因與下一步（not-allowed）");
});

test.each([
  ["demo", "示範"],
  ["custom", "示範"],
  ["sandbox", "測試"],
  [null, "示範"],
])("slips, messages and codes of a %s shop carry %s", (environment, word) => {
  setPractice(environment);
  expect(message(PAYMENT)?.startsWith(`【${word}】`)).toBe(true);
  expect(message(CARD)?.startsWith(`【${word}】`)).toBe(true);
  expect(accountText(PAYMENT).startsWith(`【${word}】`)).toBe(true);
  slip();
  expect(document.querySelector("[data-print]")?.textContent).toBe(word);
});

test("the stamp of practice names no bank", async () => {
  const stamp = () => {
    app = mount(Stamp, {
      target: document.body,
      props: { word: "已付款", when: "11/20 14:09", bank: "永豐" },
    });
    return document.querySelector("svg")?.textContent;
  };
  expect(stamp()).toContain("永豐");
  await unmount(app ?? {});
  setPractice("demo");
  expect(stamp()).not.toContain("永豐");
  expect(document.querySelector("svg")?.textContent).toContain("示範");
});

test("what is real carries nothing", () => {
  expect(message(PAYMENT)?.startsWith("禾日茶行")).toBe(true);
  expect(accountText(PAYMENT).startsWith("807")).toBe(true);
  slip();
  expect(document.querySelector("[data-print]")).toBeNull();
});

function slip() {
  app = mount(AmountSlip, {
    target: document.body,
    props: {
      shop: SHOP,
      digits: "",
      problem: undefined,
      limit: undefined,
      customer: "",
      note: "",
      sending: false,
      below: false,
      field: undefined,
    },
  });
  flushSync();
}
