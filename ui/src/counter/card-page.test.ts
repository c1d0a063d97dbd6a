// CTBC's card page in this computer's browser: sold by F4, opened once, and never handed out.

import { emit } from "@tauri-apps/api/event";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, expect, test, vi } from "vitest";

import type { PaymentView } from "../bindings/views";
import App from "../frame/App.svelte";
import * as ids from "../lib/ids";
import * as sound from "../lib/sound";
import { quiet, SHOP, keyOf } from "../lib/program.fixture";
import { handOver } from "../lib/route.svelte";
import { useLanguage } from "../lib/text.svelte";

const PAGE: PaymentView = {
  order: "o-0-0-0-1",
  payment: "p1",
  rail: "ctbc-card",
  bank_order_no: "A1",
  amount: 5,
  state: "awaiting",
  account: null,
  link: "http://127.0.0.1:1/x",
  payee_name: "禾日茶行",
  expires_at: "2026-11-20T14:35:00+08:00",
  created_at: "2026-11-20T14:05:00+08:00",
  evidence: [],
  discrepancies: [],
  why: null,
  reissue: false,
  late: false,
  note: null,
};

let sent: { command: string; rail: string | undefined }[];
let app: object;

async function open(shop: object, answer: (command: string) => unknown) {
  sent = [];
  let made = 0;
  useLanguage("zh-TW");
  vi.spyOn(ids, "orderId").mockImplementation(() => `o-0-0-0-${String((made += 1))}`);
  mockIPC(
    (command, payload) => {
      if (command === "shop") return { ...SHOP, ...shop };
      if (command === "payment") return PAGE;
      const known = quiet(command);
      if (known) return known.answer;
      const { request } = (payload ?? {}) as { request?: { rail: string } };
      sent.push({ command, rail: request?.rail });
      return answer(command);
    },
    { shouldMockEvents: true },
  );
  app = mount(App, { target: document.body });
  await vi.waitUntil(() => document.querySelector("#amount"));
}

afterEach(async () => {
  await unmount(app);
  clearMocks();
});

async function press(...keys: string[]) {
  for (const key of keys) {
    document.activeElement?.dispatchEvent(keyOf(key));
    flushSync();
  }
  await settled();
}

const settled = async () => {
  for (let round = 0; round < 12; round += 1) await tick();
};
const count = (command: string) => sent.filter((one) => one.command === command).length;
const rails = () => sent.flatMap(({ rail }) => (rail ? [rail] : []));

test("a shop without CTBC sells nothing by F4, and its last method stays", async () => {
  await open({ ctbc_limit: null }, () => PAGE);
  await press("5", "F4");
  expect(sent).toEqual([]);
  await press("Enter");
  expect(rails()).toEqual(["sinopac-account"]);
});

test("F4 sells from the field of the customer too", async () => {
  await open({ ctbc_limit: 999_999 }, () => PAGE);
  await press("5");
  document.querySelector<HTMLInputElement>("#customer")?.focus();
  await press("F4");
  expect(rails()).toEqual(["ctbc-card"]);
});

test("a shop with CTBC alone never sells by another method", async () => {
  const refused = Promise.reject(new Error("over the limit"));
  refused.catch(() => undefined);
  await open({ account_limit: null, card_limit: null, ctbc_limit: 1_000 }, () => refused);
  await press("5", "0", "0", "0", "F2", "F3", "Enter");
  expect(rails()).toEqual(["ctbc-card"]);
});

test("a page is not opened again by an event, also after another sale", async () => {
  let next = PAGE;
  await open({ ctbc_limit: 999_999 }, (command) => (command === "sell" ? next : null));
  await press("5", "F4", "Escape");
  next = { ...PAGE, order: "o-0-0-0-2", payment: "p2" };
  await press("6", "F4");
  expect(count("open_link")).toBe(2);
  await press("Escape");
  handOver(PAGE);
  await settled();
  await emit("payment", PAGE);
  await settled();
  expect(count("open_link")).toBe(2);
});

const UNOPENED = "瀏覽器沒有打開。請按 O 再試一次；";
const OPENED = "付款頁已經開啟過";
const body = () => document.body.textContent;

test("a page is called opened only once its form was handed out", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    await open({ ctbc_limit: 999_999 }, (command) => (command === "sell" ? PAGE : null));
    await press("5", "F4");
    await vi.advanceTimersByTimeAsync(4_000);
    expect(body()).not.toContain(UNOPENED);
    await vi.advanceTimersByTimeAsync(1_100);
    await settled();
    expect(body()).toContain(UNOPENED);
    await press("o");
    expect(count("open_link")).toBe(2);
    expect(body()).not.toContain(OPENED);
    await emit("payment", { ...PAGE, opened: true });
    await vi.advanceTimersByTimeAsync(6_000);
    await settled();
    expect(body()).not.toContain(UNOPENED);
    await press("o");
    expect(count("open_link")).toBe(2);
    expect(body()).toContain(OPENED);
    await emit("payment", { ...PAGE, opened: true });
    await settled();
    expect(body(), "an event does not wipe what was said").toContain(OPENED);
    await emit("payment", { ...PAGE, opened: true, state: "failed", reissue: true });
    await settled();
    expect(body()).not.toContain(OPENED);
  } finally {
    vi.useRealTimers();
  }
});

test("a browser that cannot be started is tried again by its key, not by every event", async () => {
  const absent = { code: "browser-absent", values: {}, zh: "打不開瀏覽器。", en: "No browser." };
  await open({ ctbc_limit: 999_999 }, (command) => (command === "sell" ? PAGE : Promise.reject(absent)));
  await press("5", "F4");
  for (let times = 0; times < 2; times += 1) await emit("payment", PAGE);
  await settled();
  expect(count("open_link")).toBe(1);
  expect(body()).toContain(UNOPENED);
  await press("o");
  expect(count("open_link")).toBe(2);
});

test("where no browser opens, the address of the page is shown and C copies it, until it was fetched", async () => {
  const written: string[] = [];
  vi.stubGlobal("navigator", { clipboard: { writeText: (copied: string) => void written.push(copied) } });
  const absent = { code: "browser-absent", values: {}, zh: "打不開瀏覽器。", en: "No browser." };
  await open({ ctbc_limit: 999_999 }, (command) => (command === "sell" ? PAGE : Promise.reject(absent)));
  await press("5", "F4");
  await settled();
  expect(document.querySelector("[data-link]")?.textContent).toBe(PAGE.link);
  // one sentence and the way out; nothing says that the page is there
  expect(body().split("瀏覽器沒有打開")).toHaveLength(2);
  for (const other of ["請顧客在銀行頁面輸入卡號", "付款頁，在這台電腦的瀏覽器"])
    expect(body()).not.toContain(other);
  await press("c");
  expect(written).toEqual([PAGE.link]);
  await emit("payment", { ...PAGE, opened: true });
  await settled();
  expect(document.querySelector("[data-link]")).toBeNull();
  await press("c");
  expect(written).toHaveLength(1);
  vi.unstubAllGlobals();
});

const LEFT = { at: "2026-11-20T14:06:00+08:00", who: "browser", code: "8/05" };
const WHY = {
  code: "8/05",
  cause_zh: "發卡銀行不核准",
  step_zh: "請換一張卡",
  cause_en: "no",
  step_en: "another",
};

test("a page that came back without money is told with the bank's reason and its sound, and then replaced", async () => {
  const played = vi.spyOn(sound, "play").mockReturnValue(undefined);
  await open({ ctbc_limit: 999_999 }, (command) => (command === "sell" ? { ...PAGE, opened: true } : null));
  await press("5", "F4");
  const unread = { ...PAGE, opened: true, left: { ...LEFT, read: false }, why: WHY };
  await emit("payment", unread);
  await settled();
  expect(body()).toContain("發卡銀行不核准");
  expect(body()).not.toContain("重新開立R");
  await press("r");
  expect(count("sell")).toBe(1);
  await emit("payment", { ...unread, left: { ...LEFT, read: true }, reissue: true });
  await settled();
  expect(played.mock.calls).toEqual([["failed"]]);
  expect(body()).toContain("舊的付款頁請先關掉");
  // a page that is closed has no time left, and its key gives way to the next page's
  expect([body().includes("付款頁還有"), body().includes("開啟瀏覽器")]).toEqual([false, false]);
  expect(document.querySelector("button.main")?.textContent).toContain("重新開立");
  await press("r");
  expect(sent.at(-1)).toEqual({ command: "sell", rail: "ctbc-card" });
});

test("a clerk says that the page is closed by Del, asked twice", async () => {
  let cancelled = 0;
  await open({ ctbc_limit: 999_999 }, (command) => {
    if (command === "cancel") cancelled += 1;
    return {
      ...PAGE,
      opened: true,
      ...(command === "cancel" ? { left: { ...LEFT, code: undefined, read: false } } : {}),
    };
  });
  await press("5", "F4");
  await press("Delete");
  expect(cancelled).toBe(0);
  expect(body()).toContain("真的關掉了嗎");
  await press("Delete");
  expect(cancelled).toBe(1);
  expect(body()).toContain("正在向銀行確認沒有收款");
});
