import { mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { PaymentView } from "../bindings/views";
import AmountSlip from "../counter/AmountSlip.svelte";
import { bankDay, setBankTime } from "../lib/clock.svelte";
import * as ids from "../lib/ids";
import { accountText, message } from "../lib/message";
import { seenNotice, takeNews } from "../lib/notices.svelte";
import { setPractice } from "../lib/practice.svelte";
import { takeWho } from "../lib/people.svelte";
import { CLERK, PEOPLE, quiet, SHOP as DEMO_SHOP, whoOf } from "../lib/program.fixture";
import { forgetRefunds, readRefunds } from "../lib/refunds.svelte";
import { goTo } from "../lib/route.svelte";
import { textIn, useLanguage } from "../lib/text.svelte";
import Stamp from "../parts/Stamp.svelte";
import { OTHERS, queue, row } from "../refunds/refunds.fixture";
import {
  CARD,
  DEMO,
  PAGE,
  PAYMENT,
  SHOP,
  alt,
  begin,
  fake,
  end,
  failed,
  press,
  settled,
  shut,
} from "../settings/settings.fixture";
import App from "./App.svelte";
import DemoPanel from "./DemoPanel.svelte";

beforeEach(begin);
afterEach(end);

function panel(payment: PaymentView | undefined) {
  fake.app = mount(DemoPanel, { target: document.body, props: { payment } });
  flushSync();
}
const told = () => document.querySelector("[data-demo-told]")?.textContent;
const next = () => document.querySelector("[data-demo-next]")?.textContent;
const button = (action: string) => document.querySelector<HTMLButtonElement>(`.demo[data-demo=${action}]`);

test("the demo's customer acts on the payment shown, by key and by button, and says what to watch", async () => {
  panel(CARD);
  for (const key of ["1", "2", "3", "4", "5", "6"]) {
    await alt(key);
    expect(told()).toMatch(/請|時鐘/);
  }
  button("pay")?.click();
  await settled();
  const actions = ["pay", "decline", "expire", "lose-answer", "hour", "day", "pay"];
  const done = fake.sent.filter(({ command }) => command === "demo");
  expect(done).toEqual(actions.map((action) => ({ command: "demo", arguments: { action, payment: "p" } })));
  expect(told()).toContain("12,600");
});

test("of CTBC's page it hints first that somebody must open it", () => {
  panel(PAGE);
  expect(next()).toContain("請先按 O");
});

test.each([
  ["pay", undefined, "畫面上沒有單"],
  ["decline", PAYMENT, "只有刷卡會被拒"],
  ["pay", { ...PAYMENT, state: "issuing" as const }, "還沒有帳號或連結"],
  ["pay", { ...PAYMENT, state: "paid" as const }, "已經有結果"],
  ["expire", { ...PAYMENT, state: "expired" as const }, "不會再逾期"],
  ["pay", PAGE, "顧客還沒打開中信付款頁，請先按 O。"],
  ["decline", PAGE, "顧客還沒打開中信付款頁，請先按 O。"],
])("%s that cannot be done says why and sends nothing", async (action, payment, why) => {
  panel(payment);
  expect(button(action)?.getAttribute("aria-disabled")).toBe("true");
  expect(button(action)?.title).toContain(why);
  button(action)?.click();
  await settled();
  expect(told()).toContain(why);
  expect(fake.sent).toHaveLength(0);
});

test("a page that has left for the browser may still not have come to the bank", async () => {
  fake.answer = ({ command }) => (command === "demo" ? Promise.reject(failed("not-allowed")) : undefined);
  panel({ ...PAGE, opened: true });
  await alt("1");
  expect(told()).toBe("顧客還沒打開中信付款頁，請先按 O。");
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
  expect(fake.sent[0]).toEqual({ command: "demo", arguments: { action: "day", payment: null } });
  await shut();
  panel({ ...PAYMENT, state: "expired" });
  await alt("1");
  expect(told()).toContain("逾期入帳");
});

test("Alt and a digit is known by its key while an input method is on, and not while it composes", async () => {
  panel(PAYMENT);
  await press("¡", { altKey: true, code: "Digit1" });
  await press("1", { altKey: true, isComposing: true });
  await press("1");
  expect(fake.sent).toHaveLength(1);
});

test("what the demo has told is in the language that is chosen, also when another is chosen later", async () => {
  panel(undefined);
  await alt("1");
  useLanguage("en");
  await settled();
  expect(told()).toBe(textIn("en", "demo.no-slip"));
});

test("what fails in the demo is told", async () => {
  fake.answer = () => Promise.reject(failed("not-allowed"));
  panel(PAYMENT);
  await alt("1");
  expect(told()).toBe("原因與下一步（not-allowed）");
});

test.each([
  ["demo", "示範"],
  ["custom", "示範"],
  ["sandbox", "測試"],
  [null, "示範"],
] as const)("slips, messages and codes of a %s shop carry %s", (environment, word) => {
  setPractice(environment);
  expect(message(PAYMENT)?.startsWith(`【${word}】`)).toBe(true);
  expect(message(CARD)?.startsWith(`【${word}】`)).toBe(true);
  expect(accountText(PAYMENT).startsWith(`【${word}】`)).toBe(true);
  slip();
  expect(document.querySelector("[data-print]")?.textContent).toBe(word);
});

test("the stamp of practice names no bank", async () => {
  const stamp = () => {
    fake.app = mount(Stamp, {
      target: document.body,
      props: { word: "已付款", when: "11/20 14:09", bank: "永豐" },
    });
    return document.querySelector("svg")?.textContent;
  };
  expect(stamp()).toContain("永豐");
  await shut();
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
  fake.app = mount(AmountSlip, {
    target: document.body,
    props: {
      shop: SHOP,
      digits: "",
      problem: undefined,
      rail: "sinopac-account",
      taking: undefined,
      customer: "",
      note: "",
      sending: false,
      back: false,
      below: false,
      field: undefined,
    },
  });
  flushSync();
}

test("in the window: the panel acts on the slip that is shown, and the real shop is three keys away", async () => {
  const order = "6f0f7c1e-0000-4000-8000-000000000001";
  const issued = { ...PAYMENT, order };
  vi.spyOn(ids, "orderId").mockReturnValue(order);
  mockIPC(
    (command, payload) => {
      if (command === "settings") return DEMO;
      if (command === "shop") return DEMO_SHOP;
      if (command === "sell" || command === "payment") return issued;
      if (command === "demo") fake.sent.push({ command, arguments: payload as Record<string, unknown> });
      return quiet(command)?.answer ?? null;
    },
    { shouldMockEvents: true },
  );
  goTo("counter");
  fake.app = mount(App, { target: document.body });
  await vi.waitUntil(() => document.querySelector("#amount"));
  await settled();
  expect(next()).toContain("開一張單");
  await press("5");
  await press("F2");
  await alt("1");
  expect(fake.sent).toEqual([{ command: "demo", arguments: { action: "pay", payment: "p" } }]);
  await press("g");
  await press("s");
  await vi.waitUntil(() => document.querySelector("#payee_name"));
  await alt("n");
  expect(document.querySelector("[data-add]")).not.toBeNull();
});

test("money that came is the next step also once nobody looks at its slip, and an ended slip has its own", async () => {
  takeNews({ ...PAYMENT, state: "paid" });
  panel(undefined);
  await settled();
  expect(next()).toContain("X 試退款");
  seenNotice();
  await settled();
  expect(next()).toContain("X 試退款");
  await shut();
  panel({ ...PAYMENT, state: "expired" });
  expect(next()).toContain("按 R 重新開立");
});

test("the bar keeps its thread from the money to its refund, whatever was pressed", async () => {
  panel({ ...PAYMENT, state: "paid" });
  await settled();
  expect(next()).toContain("X 試退款");
  const refunds = async (state: string, more: object = {}) => {
    const one = row("1", more, { payment: PAYMENT.payment, state });
    fake.answer = ({ command }) => (command === "refunds" ? queue(one) : undefined);
    await readRefunds();
    await settled();
  };
  await refunds("requested");
  expect(next()).toContain("G\u00a0V");
  // a clerk's: who approves, and by which keys
  takeWho(whoOf(CLERK), PEOPLE);
  await refunds("requested", { approve: { refused: failed("role-may-not"), others: OTHERS } });
  for (const word of ["吳明哲", "Ctrl\u00a0L", "G\u00a0V"]) expect(next()).toContain(word);
  takeWho(undefined);
  await refunds("at-bank", { approve: undefined });
  expect(next()).toContain("Alt\u00a06");
  await alt("6");
  await settled();
  expect([told(), next()]).toEqual(["時鐘走了一天。", expect.stringContaining("G\u00a0F") as string]);
  await refunds("needs-person");
  expect(next()).toContain("需要您處理");
  await refunds("done");
  expect(next()).toContain("再收一筆");
  forgetRefunds();
});
