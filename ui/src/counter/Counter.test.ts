import { emit } from "@tauri-apps/api/event";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { PaymentView } from "../bindings/views";
import App from "../frame/App.svelte";
import * as ids from "../lib/ids";
import { quiet, SHOP, keyOf } from "../lib/program.fixture";
import { useLanguage } from "../lib/text.svelte";

const ORDER = "6f0f7c1e-0000-4000-8000-000000000001";
const AWAITING: PaymentView = {
  order: ORDER,
  payment: "6f0f7c1e-0000-4000-8000-000000000002",
  rail: "sinopac-account",
  bank_order_no: "A1058",
  amount: 12600,
  state: "awaiting",
  account: "99922632500581",
  link: null,
  payee_name: "禾日茶行",
  expires_at: "2026-11-23T23:59:59+08:00",
  created_at: "2026-11-20T14:05:00+08:00",
  evidence: [{ query: "create", at: "2026-11-20T14:05:21+08:00", said: "S0000" }],
  discrepancies: [],
  why: null,
  reissue: false,
  late: false,
  note: null,
};
const CANCELLING: PaymentView = { ...AWAITING, note: "being-cancelled" };
const ISSUING: PaymentView = { ...AWAITING, state: "issuing", account: null, evidence: [] };
const WHY = {
  code: "connect",
  cause_zh: "沒有送出。",
  step_zh: "請再試。",
  cause_en: "Not sent.",
  step_en: "Try again.",
};
const PAID: PaymentView = {
  ...AWAITING,
  state: "paid",
  evidence: [...AWAITING.evidence, { query: "by-number", at: "2026-11-20T14:09:32+08:00", said: "1A400" }],
};

const EARLIER = { ...AWAITING, payment: "earlier", bank_order_no: "A1057", amount: 480, state: "expired" };

/** A command that the window sent. */
interface Sent {
  command: string;
  arguments: Record<string, unknown>;
}

let sent: Sent[];
let answer: (call: Sent) => unknown;
let app: object;
let linkQr: boolean;
let ctbcLimit: number | null;

beforeEach(async () => {
  sent = [];
  linkQr = true;
  ctbcLimit = null;
  answer = () => AWAITING;
  vi.spyOn(ids, "orderId").mockReturnValue(ORDER);
  mockIPC(
    (command, payload) => {
      const call = { command, arguments: (payload ?? {}) as Record<string, unknown> };
      if (command === "shop") return { ...SHOP, link_qr: linkQr, ctbc_limit: ctbcLimit };
      if (command === "newest") return [{ order: "o", payments: [EARLIER] }];
      if (command === "payment") return AWAITING;
      // the fake program's time stays put; a test that moves the clock moves the bank's too
      if (command === "coverage" && vi.isFakeTimers()) return null;
      const known = quiet(command);
      if (known) return known.answer;
      sent.push(call);
      return answer(call);
    },
    { shouldMockEvents: true },
  );
  useLanguage("zh-TW");
  app = mount(App, { target: document.body });
  await vi.waitUntil(() => document.querySelector("#amount"));
});

afterEach(async () => {
  await unmount(app);
  clearMocks();
});

function press(...keys: string[]) {
  for (const key of keys) document.activeElement?.dispatchEvent(keyOf(key));
  flushSync();
}

const page = () => document.body.textContent.replace(/\s+/g, " ");
const field = () => document.querySelector<HTMLInputElement>("#amount");
const settled = async () => {
  for (let round = 0; round < 4; round += 1) await tick();
};

/** The program reports that a payment has moved and is news. */
async function tellNews(payment: PaymentView) {
  await emit("payment", payment);
  await emit("news", payment);
  await settled();
}

test("the amount has the focus and takes digits", () => {
  expect(document.activeElement).toBe(field());
  press("1", "2", "6", "0", "0", "7", "Backspace");
  expect(field()?.value).toBe("12,600");
});

test("digits and F2 show the account in groups, with amount, deadline and payee", async () => {
  press("1", "2", "6", "0", "0", "F2");
  await settled();
  expect(sent).toHaveLength(1);
  expect(sent[0]?.command).toBe("sell");
  expect(sent[0]?.arguments["request"]).toMatchObject({ rail: "sinopac-account", amount: "12600" });
  for (const shown of ["807", "9992 2632 5005 81", "12,600", "2026/11/23（一）23:59", "禾日茶行", "待付款"])
    expect(page()).toContain(shown);
});

test("F3 shows the link and whose it is, and O asks Rust to open it", async () => {
  const link = "https://bank.example/pay/1";
  answer = ({ command }) =>
    command === "sell" ? { ...AWAITING, rail: "sinopac-card", account: null, link } : null;
  press("5", "F3");
  await settled();
  expect(page()).toContain("連結屬於 bank.example");
  press("o");
  expect(sent.at(-1)).toEqual({ command: "open_link", arguments: { payment: AWAITING.payment } });
});

test("a second key while the bank is asked sends nothing", async () => {
  let release: (payment: PaymentView) => void = () => undefined;
  answer = () => new Promise<PaymentView>((resolve) => (release = resolve));
  press("5", "F2", "F2", "F3", "Enter");
  await settled();
  expect(sent).toHaveLength(1);
  release(AWAITING);
  await settled();
  expect(page()).toContain("9992 2632 5005 81");
});

test("without an amount nothing is sent", () => {
  press("F2");
  expect(sent).toHaveLength(0);
  expect(page()).toContain("請先輸入金額。");
});

test("a point stands in the amount, is told at once and goes to Rust, which refuses it", () => {
  press("1", "2", ".", "5");
  expect(field()?.value).toBe("12.5");
  expect(document.querySelector("#amount-note.problem")?.textContent).toContain("新臺幣沒有小數");
  press("F2");
  expect(sent[0]?.arguments["request"]).toMatchObject({ amount: "12.5" });
});

test("a failure is told and the amount stays", async () => {
  answer = () =>
    Promise.reject({ code: "storage", values: {}, zh: "資料檔無法寫入。", en: "Cannot be written." });
  press("8", "6", "0", "F2");
  await settled();
  expect(page()).toContain("資料檔無法寫入。");
  expect(field()?.value).toBe("860");
});

test("paid is shown only once the bank said so, with its evidence, until somebody has seen it", async () => {
  press("5", "F2");
  await settled();
  expect(page()).not.toContain("已付款");
  await tellNews(PAID);
  expect(page()).toContain("已付款");
  expect(page()).toContain("永豐 14:09:32 確認，依訂單編號查詢（代碼 1A400）");
  expect(document.activeElement).toBe(field());
  press("Enter");
  await settled();
  expect(document.querySelector("[data-banner]")).toBeNull();
});

test("what may still go by itself has no button that sends it again", async () => {
  answer = () => ISSUING;
  press("5", "F2");
  await settled();
  expect(page()).toContain("正在請銀行開立");
  await emit("payment", { ...ISSUING, why: WHY });
  await settled();
  expect(page()).toContain("還沒有開好，程式正在重試。");
  expect(page()).toContain("沒有送出。 請再試。");
  expect(page()).not.toContain("重新開立");
  press("F2", "F3", "Enter", "r");
  await settled();
  expect(sent).toHaveLength(1);
});

test("what the bank has not answered clearly may have a new number, as the same order", async () => {
  const lost = { ...ISSUING, reissue: true, why: WHY };
  answer = () => lost;
  press("5", "F2");
  await settled();
  expect(page()).toContain("還不知道開好了沒有。");
  answer = () => ({ ...AWAITING, payment: "new" });
  press("r");
  await settled();
  expect(sent.at(-1)).toMatchObject({
    command: "sell",
    arguments: { request: { order: lost.order, again: true } },
  });
  // it turns up after all: the one in the customer's hands stays on the screen
  await emit("payment", { ...lost, state: "awaiting", why: null });
  await settled();
  expect(page()).toContain("9992 2632 5005 81");
});

test("the account appears in place when the bank has answered", async () => {
  answer = () => ISSUING;
  press("5", "F2");
  await settled();
  await emit("payment", AWAITING);
  await settled();
  expect(page()).toContain("9992 2632 5005 81");
});

test("an answer of the bank that overtakes the command is not lost", async () => {
  answer = async () => {
    await emit("payment", AWAITING);
    return ISSUING;
  };
  press("5", "F2");
  await settled();
  await settled();
  expect(page()).toContain("9992 2632 5005 81");
});

test("what was surely not issued says why, and brings the amount back", async () => {
  answer = () => ISSUING;
  press("5", "0", "0", "F3");
  await settled();
  await emit("payment", { ...ISSUING, amount: 500, state: "not-issued", reissue: true, why: WHY });
  await settled();
  expect(page()).toContain("沒有收取任何金額");
  expect(page()).toContain("沒有送出。 請再試。");
  press("e");
  await settled();
  expect(field()?.value).toBe("500");
});

const lines = () =>
  [...document.querySelectorAll("[data-recent]")].map((line) => line.textContent.replace(/\s+/g, " "));

test("the last slips stand beside the counter, and change in place", async () => {
  await vi.waitUntil(() => document.querySelector("[data-recent]"));
  expect(lines()).toEqual([expect.stringContaining("A1057")]);
  press("5", "F2");
  await settled();
  expect(lines()).toEqual([expect.stringContaining("待付款"), expect.stringContaining("已逾期")]);
  await emit("payment", PAID);
  await settled();
  expect(lines()).toEqual([expect.stringContaining("已付款"), expect.stringContaining("已逾期")]);
});

test("a demo shop says so", () => {
  expect(document.querySelector("[data-practice]")?.textContent).toBe("示範");
});

test("the amount stands in formal numerals below, and the limit says what it leaves", () => {
  press("1", "2", "6", "0", "0");
  expect(page()).toContain("壹萬貳仟陸佰元整");
  expect(page()).toContain("單筆上限 NT$30,000，還可加 NT$17,400");
});

test("over the limit: by how much, the next best method takes Enter, and the number stays", async () => {
  press("3", "2", "6", "0", "0");
  expect(page()).toContain("超過上限 NT$2,600");
  expect(document.querySelector("[data-method=sinopac-card]")?.textContent).toContain("Enter");
  expect(field()?.value).toBe("32,600");
  press("Enter");
  await settled();
  expect(sent[0]?.arguments["request"]).toMatchObject({ rail: "sinopac-card", amount: "32600" });
});

test("Enter repeats the last method, and F4 says that it is not there yet", async () => {
  press("5", "F3");
  await settled();
  press("Escape");
  await settled();
  press("F4", "8", "Enter");
  await settled();
  expect(sent.map(({ arguments: { request } }) => (request as { rail: string }).rail)).toEqual([
    "sinopac-card",
    "sinopac-card",
  ]);
  await emit("payment", PAID);
  await settled();
  const method = document.querySelector<HTMLButtonElement>("[data-method=ctbc-card]");
  expect(method?.disabled).toBe(true);
  expect(method?.textContent).toContain("尚未接上");
});

test("F4 opens the bank's card page once, and nothing of it is handed out", async () => {
  await unmount(app);
  ctbcLimit = 9_999_999;
  app = mount(App, { target: document.body });
  await vi.waitUntil(() => document.querySelector("#amount"));
  const page1: PaymentView = {
    ...AWAITING,
    rail: "ctbc-card",
    account: null,
    link: "http://127.0.0.1:1/x",
    state: "issuing",
  };
  answer = ({ command }) => (command === "sell" ? page1 : null);
  press("5", "F4");
  await settled();
  expect(sent[0]?.arguments["request"]).toMatchObject({ rail: "ctbc-card", amount: "5" });
  for (let times = 0; times < 2; times += 1) await emit("payment", { ...page1, state: "awaiting" });
  await settled();
  const openings = () => sent.filter(({ command }) => command === "open_link").length;
  expect(openings()).toBe(1);
  press("o", "c", "m");
  await settled();
  expect(openings(), "a browser has just been asked to").toBe(1);
  expect(page()).not.toContain("付款頁已經開啟過");
  await emit("payment", { ...page1, state: "awaiting", opened: true });
  press("o", "c", "m");
  await settled();
  expect(openings()).toBe(1);
  expect(page()).toContain("付款頁已經開啟過");
  expect(page()).toContain("請顧客在銀行頁面輸入卡號");
  expect(document.querySelector("[data-qr], [data-link]")).toBeNull();
  // the last method is the one that Enter takes
  press("Escape", "7", "Enter");
  await settled();
  expect(sent.at(-1)?.arguments["request"] ?? sent.at(-2)?.arguments["request"]).toMatchObject({
    rail: "ctbc-card",
  });
});

function write(id: string, text: string) {
  const input = document.querySelector<HTMLInputElement>(id);
  if (!input) throw new Error(`no ${id}`);
  input.focus();
  input.value = text;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  flushSync();
  return input;
}

test("customer and note go with the sale, and their fields keep their keys", async () => {
  press("5");
  write("#customer", "王小姐 5821");
  press("7", "c");
  write("#note", "團購");
  press("F2");
  await settled();
  expect(sent[0]?.arguments["request"]).toMatchObject({ amount: "5", customer: "王小姐 5821", note: "團購" });
});

test("while an input method composes, no key is a shortcut", async () => {
  press("5");
  const input = write("#customer", "王");
  for (const key of ["Enter", "F2"])
    input.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, isComposing: true }));
  await settled();
  expect(sent).toHaveLength(0);
  press("Enter");
  await settled();
  expect(sent).toHaveLength(1);
});

test("letters are known by their keys while an input method is on", async () => {
  const written: string[] = [];
  vi.stubGlobal("navigator", { clipboard: { writeText: (text: string) => void written.push(text) } });
  press("5", "F2");
  await settled();
  for (const pressed of [
    { key: "ㄏ", code: "KeyC" },
    { key: "Process", code: "KeyM" },
  ])
    document.body.dispatchEvent(new KeyboardEvent("keydown", { ...pressed, bubbles: true }));
  await settled();
  vi.unstubAllGlobals();
  expect(written[0]).toBe("99922632500581");
  for (const part of ["807", "99922632500581", "12,600", "禾日茶行", "23:59"])
    expect(written[1]).toContain(part);
});

test("the deadline counts down, and five minutes and one are read aloud, nothing between", async () => {
  vi.useFakeTimers({ now: Date.parse("2026-11-20T14:05:00+08:00") });
  await unmount(app);
  app = mount(App, { target: document.body });
  await vi.advanceTimersByTimeAsync(10);
  const until = "2026-11-20T14:15:00+08:00";
  answer = () => ({
    ...AWAITING,
    rail: "sinopac-card",
    account: null,
    link: "https://b.example/",
    expires_at: until,
  });
  press("5", "F3");
  await vi.advanceTimersByTimeAsync(1000);
  const aloud = () => document.querySelector("[role=timer] + .said-only")?.textContent;
  const heard: (string | undefined)[] = [];
  for (let second = 0; second < 600; second += 1) {
    await vi.advanceTimersByTimeAsync(1000);
    if (heard.at(-1) !== aloud()) heard.push(aloud());
    if (second === 88) expect(document.querySelector("[role=timer]")?.textContent).toMatch(/^08:(29|30|31)$/);
  }
  vi.useRealTimers();
  expect(heard).toEqual(["", "付款期限剩不到 5 分鐘", "付款期限剩不到 1 分鐘", undefined]);
  expect(page()).toContain("期限已過，確認中");
});

test("the QR of a link is there only where a phone may open it", async () => {
  const link = "https://bank.example/pay/1";
  answer = () => ({ ...AWAITING, rail: "sinopac-card", account: null, link });
  press("5", "F3");
  await settled();
  expect(document.querySelector("[data-qr]")?.getAttribute("data-qr")).toBe(link);
  await unmount(app);
  linkQr = false;
  app = mount(App, { target: document.body });
  await vi.waitUntil(() => document.querySelector("#amount"));
  press("5", "F3");
  await settled();
  expect(document.querySelector("[data-qr]")).toBeNull();
});

test("what has ended is issued anew as the same order, and the old one does not come back", async () => {
  press("5", "F2");
  await settled();
  press("r");
  expect(sent).toHaveLength(1);
  await emit("payment", { ...AWAITING, state: "expired", reissue: true });
  await settled();
  expect(page()).toContain("已逾期");
  answer = () => ({ ...AWAITING, payment: "second", bank_order_no: "A2000", account: "99922632500599" });
  press("r");
  await settled();
  expect(sent.at(-1)?.arguments["request"]).toMatchObject({ order: ORDER, amount: "12600", again: true });
  await emit("payment", { ...AWAITING, state: "expired", reissue: true });
  await settled();
  expect(page()).toContain("9992 2632 5005 99");
});

test("an account is taken back only when asked twice, and is cancelled only when the bank says so", async () => {
  press("5", "F2");
  await settled();
  press("Delete");
  expect(sent).toHaveLength(1);
  expect(page()).toContain("再按一次 Del 確定取消這個帳號");
  answer = () => CANCELLING;
  press("Escape", "Delete", "Delete");
  await settled();
  expect(sent.at(-1)).toEqual({ command: "cancel", arguments: { payment: AWAITING.payment } });
  expect(page()).toContain("取消中，銀行回覆後更新。");
  expect(page()).not.toContain("已取消");
  await emit("payment", { ...AWAITING, state: "cancelled", reissue: true });
  await settled();
  expect(page()).toContain("已取消");
});

test("late money and a failure have banners of their own, each told once and seen one by one", async () => {
  const late: PaymentView = { ...PAID, payment: "late", order: "x", state: "paid-late" };
  const failed: PaymentView = { ...PAID, payment: "failed", order: "y", state: "failed", reissue: true };
  for (const payment of [late, failed, late]) await tellNews(payment);
  expect(document.querySelector("[data-banner=paid-late]")?.textContent).toContain("後面還有 1 筆通知");
  press("Enter");
  await settled();
  expect(document.querySelector("[data-banner=failed]")?.getAttribute("role")).toBe("alert");
  press("Enter");
  await emit("payment", late);
  await settled();
  expect(document.querySelector("[data-banner]")).toBeNull();
});

test("the other language is one press away, and so is this one", async () => {
  document.querySelector<HTMLButtonElement>("[data-language]")?.click();
  await settled();
  expect(page()).toContain("Amount to collect");
  press("g", "l");
  await settled();
  expect(page()).toContain("收款金額");
});
