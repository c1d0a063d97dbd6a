// The words that name payment methods, keys and banks: only those that the shop has.

import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, expect, test, vi } from "vitest";

import App from "../frame/App.svelte";
import { quiet, SHOP } from "./program.fixture";
import { goTo } from "./route.svelte";
import { useLanguage } from "./text.svelte";

let app: object;

const BOTH = { ctbc_limit: 9_999_999 };
const CTBC = { account_limit: null, card_limit: null, ctbc_limit: 9_999_999 };

async function open(shop: object) {
  goTo("counter");
  useLanguage("zh-TW");
  mockIPC((command) => (command === "shop" ? { ...SHOP, ...shop } : quiet(command)?.answer), {
    shouldMockEvents: true,
  });
  app = mount(App, { target: document.body });
  await vi.waitUntil(() => document.querySelector("#amount"));
  await settled();
}

afterEach(async () => {
  await unmount(app);
  clearMocks();
});

async function press(...keys: string[]) {
  for (const key of keys) {
    const code = /^\d$/.test(key) ? `Digit${key}` : key;
    const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true });
    (document.activeElement ?? document.body).dispatchEvent(event);
    await settled();
  }
}

async function settled() {
  for (let round = 0; round < 12; round += 1) await tick();
  flushSync();
}

const text = (selector: string) => document.querySelector(selector)?.textContent.replace(/\s+/g, " ") ?? "";

test.each([
  [{}, "F2 或 F3"],
  [BOTH, "F2、F3 或 F4"],
  [CTBC, "F4"],
])("a shop names the keys of its own methods: %o", async (shop, keys) => {
  await open(shop);
  expect(text("#amount-note")).toContain(`再按 ${keys}`);
  expect(text("aside")).toContain(`按 ${keys} 開第一張`);
  await press("g", "o");
  expect(text("[data-empty]")).toContain(`按 ${keys} 開第一張`);
});

test.each([
  [{}, true, false],
  [BOTH, true, true],
  [CTBC, false, true],
])(
  "the foot says how far SinoPac was asked, and how CTBC is, where the shop has them: %o",
  async (shop, swept, by) => {
    await open(shop);
    expect(text("footer").includes("永豐")).toBe(swept);
    expect(document.querySelector("[data-covered]") !== null).toBe(swept);
    expect(document.querySelector("footer svg") !== null).toBe(swept);
    expect(text("[data-by-number]")).toBe(by ? "中信逐筆以單號查詢" : "");
  },
);

test("over a limit the method that takes it is named, or that none does", async () => {
  await open({ ...BOTH, account_limit: 30, card_limit: 300, ctbc_limit: 999 });
  await press("3", "1");
  expect(text("#amount-note")).toBe("虛擬帳號單筆上限 NT$30，請改用刷卡連結");
  await press("0");
  expect(text("#amount-note")).toBe("虛擬帳號單筆上限 NT$30，請改用中信刷卡");
  await press("0");
  expect(text("#amount-note")).toContain("沒有別的方式收得下");
});

test("a shop with CTBC alone is told the limit of its one method", async () => {
  await open({ ...CTBC, ctbc_limit: 30 });
  await press("3");
  expect(text("#amount-note")).toBe("單筆上限 NT$30，還可加 NT$27");
  await press("1");
  expect(text("#amount-note")).toContain("中信刷卡單筆上限 NT$30，沒有別的方式收得下");
});
