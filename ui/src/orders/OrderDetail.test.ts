import { emit } from "@tauri-apps/api/event";
import { expect, test, vi } from "vitest";

import { DISCREPANCY_KINDS } from "../bindings/names";
import type { OrderInFull } from "../bindings/views";
import { textIn, useLanguage, words } from "../lib/text.svelte";
import {
  asked,
  at,
  fake,
  full,
  opens,
  page,
  PAID,
  paymentOf,
  press,
  row,
  selected,
  settled,
  text,
} from "./orders.fixture";

opens();

test("Enter opens the slip of the selected order; it goes along with the selection; Escape goes back", async () => {
  await press("ArrowDown", "Enter");
  for (const shown of [
    "A100001",
    "9992 2632 5005 81",
    "12,601",
    "2026/11/23（一）23:59",
    "禮盒 2 組",
    "團購",
  ])
    expect(text("[data-slip]")).toContain(shown);
  expect(asked("payment")).toHaveLength(0);
  await press("ArrowDown");
  expect(text("[data-slip]")).toContain("A100002");
  await press("Escape");
  expect(document.querySelector("[data-slip]")).toBeNull();
  expect(selected()).toBe("o2");
  // the list is the end: one more must not write the next keys into the search
  await press("Escape");
  expect(document.activeElement?.id).not.toBe("search");
});

test("Enter once more leads into the slip, whose scrolling keys are the window's; Escape leads out", async () => {
  await press("Enter", "Enter");
  expect(document.activeElement?.getAttribute("data-slip")).toBe("o0");
  await press("ArrowDown");
  expect(selected()).toBe("o0");
  await press("Escape");
  expect(document.activeElement?.getAttribute("role")).toBe("listbox");
  expect(text("[data-slip]")).toContain("A100000");
});

test("an order that is answered too late is not shown in the place of another", async () => {
  const waiting: ((order: OrderInFull) => void)[] = [];
  fake.answer = ({ command }) =>
    command === "order" ? new Promise<OrderInFull>((resolve) => waiting.push(resolve)) : undefined;
  await press("ArrowDown", "Enter", "ArrowDown");
  waiting[1]?.(full("o1"));
  await settled();
  waiting[0]?.(full("o0"));
  await settled();
  expect(text("[data-slip]")).toContain("A100001");
  expect(text("[data-slip]")).not.toContain("A100000");
});

test("what is told while a slip is being read is not lost", async () => {
  const waiting: ((order: OrderInFull) => void)[] = [];
  fake.answer = ({ command }) =>
    command === "order" ? new Promise<OrderInFull>((resolve) => waiting.push(resolve)) : undefined;
  await press("Enter");
  const before = full("o0");
  await emit("payment", paymentOf(0, PAID));
  await emit("payment", paymentOf(1, PAID));
  await settled();
  fake.payments = (number) => [paymentOf(number, PAID)];
  waiting[0]?.(before);
  await settled();
  expect(waiting, "the answer may be older than what was told").toHaveLength(2);
  waiting[1]?.(full("o0"));
  await settled();
  expect(text("[data-slip]")).toContain("永豐：已付款");
  expect(waiting).toHaveLength(2);
});

test("what is told while a customer is erased is not lost", async () => {
  let erased: (order: OrderInFull) => void = () => undefined;
  fake.answer = ({ command }) =>
    command === "erase_customer" ? new Promise<OrderInFull>((resolve) => (erased = resolve)) : undefined;
  await press("Enter", "e", "e");
  const before = full("o0");
  fake.payments = (number) => [paymentOf(number, PAID)];
  await emit("payment", paymentOf(0, PAID));
  erased(before);
  await settled();
  expect(text("[data-slip]")).toContain("永豐：已付款");
});

test("evidence stands newest first: what the bank said in words with its code, and what we did", async () => {
  fake.payments = (number) => [paymentOf(number, PAID)];
  await press("Enter");
  const entries = [...document.querySelectorAll<HTMLElement>("[data-entry]")].map((entry) => [
    entry.dataset["entry"],
    entry.textContent.replace(/\s+/g, " "),
  ]);
  expect(entries).toEqual([
    ["bank", expect.stringMatching(/永豐：已付款.*依付款時間查詢 · 1A400/)],
    ["bank", expect.stringMatching(/永豐：已核發.*開立時的回覆 · S0000/)],
    ["ours", expect.stringContaining("開單 NT$12,600")],
  ]);
  expect(document.querySelector("[data-slip] svg[role=img]")?.getAttribute("aria-label")).toContain("已付款");
});

test("who sold and who cancelled stands beside what was done", async () => {
  fake.payments = (number) => [paymentOf(number, PAID)];
  fake.acts = (number) => [
    { at: at(0), who: "陳", what: "sell", payment: `p${number}` },
    { at: at(3), who: "林", what: "cancel", payment: `p${number}` },
  ];
  await press("Enter");
  const ours = [...document.querySelectorAll<HTMLElement>("[data-entry=ours]")].map((entry) =>
    entry.textContent.replace(/\s+/g, " "),
  );
  expect(ours).toEqual([expect.stringMatching(/取消.*林/), expect.stringMatching(/開單 NT\$12,600.*陳/)]);
});

test("what a bank answered within the second of the act is the newer of the two", async () => {
  const [sold, cancelled] = ["2026-11-20T14:05:00.313+08:00", "2026-11-20T14:09:00.900+08:00"];
  fake.acts = (number) => [
    { at: sold, who: "陳", what: "sell", payment: `p${String(number)}` },
    { at: cancelled, who: "林", what: "cancel", payment: `p${String(number)}` },
  ];
  const evidence = [
    { query: "create", at: sold.replace(".313", ".100"), said: "S0000" },
    { query: "maintain", at: cancelled.replace(".900", ""), said: "S0000" },
  ] as const;
  fake.payments = (number) => [paymentOf(number, { evidence: [...evidence] })];
  fake.answer = ({ command, arguments: { order } }) => {
    const answer = full(order);
    return command === "order" ? { ...answer, order: { ...answer.order, created_at: sold } } : undefined;
  };
  await press("Enter");
  const entries = [...document.querySelectorAll<HTMLElement>("[data-entry]")];
  expect(entries.map((entry) => entry.dataset["entry"])).toEqual(["bank", "ours", "bank", "ours"]);
});

test("without the bank's evidence there is neither a stamp nor the word", async () => {
  await press("Enter");
  expect(document.querySelector("[data-slip] svg[role=img]")).toBeNull();
  expect(text("[data-slip]")).not.toContain("已付款");
});

test("why it did not work, and what does not fit, stand with the next step", async () => {
  const why = { code: "E0101", cause_zh: "代號不對。", step_zh: "請檢查。", cause_en: "", step_en: "" };
  const twice = { discrepancy: "d1", kind: "paid-twice", at: at(9), detail: "A100000 12600" } as const;
  const discrepancies = [twice];
  fake.payments = (number) => [paymentOf(number, { why, discrepancies })];
  await press("Enter");
  expect(text("[data-why]")).toBe("代號不對。 請檢查。 代碼 E0101");
  expect(text("[data-discrepancy=paid-twice]")).toContain("同一張訂單收到兩次錢");
  expect(text("[data-discrepancy=paid-twice]")).toContain("建議：貨只出一次。");
});

test("D closes the discrepancy at the top with a reason, a button any other; the slip is read again", async () => {
  const odd = (discrepancy: string, kind: "paid-twice" | "went-back") => ({
    discrepancy,
    kind,
    at: at(9),
    detail: "",
  });
  fake.payments = (number) => [
    paymentOf(number, { discrepancies: [odd("d1", "paid-twice")] }),
    paymentOf(number, { payment: "p9", discrepancies: [odd("d2", "went-back"), odd("d3", "paid-twice")] }),
  ];
  fake.answer = ({ command }) =>
    command === "close_discrepancy" ? { rows: [], discrepancies: [] } : undefined;
  await press("Enter");
  expect(text("[data-discrepancy=went-back] button")).toBe("結案 D");
  expect([...document.querySelectorAll("[data-discrepancy] kbd")]).toHaveLength(1);
  await press("d");
  expect(document.activeElement?.id).toBe("settle_reason");
  expect(document.activeElement?.closest("[data-discrepancy=went-back]")).not.toBeNull();
  await press("Escape");
  expect(document.activeElement?.getAttribute("data-slip")).toBe("o0");
  document.querySelectorAll<HTMLButtonElement>("[data-discrepancy=paid-twice] button")[1]?.click();
  await settled();
  const field = document.querySelector<HTMLInputElement>("#settle_reason");
  if (field) field.value = "已退還顧客";
  field?.dispatchEvent(new Event("input", { bubbles: true }));
  fake.payments = (number) => [paymentOf(number)];
  await press("Enter");
  expect(asked("close_discrepancy").map((sent) => sent.arguments)).toEqual([
    { discrepancy: "d1", reason: "已退還顧客" },
  ]);
  expect(document.querySelector("[data-discrepancy]")).toBeNull();
  expect(text("[data-said]")).toBe("差異已結案。");
  await press("d");
  expect(document.querySelector("[data-settle]")).toBeNull();
});

test.each(["zh-TW", "en"] as const)(
  "every kind of discrepancy has its words and a next step in %s",
  (language) => {
    useLanguage(language);
    for (const kind of DISCREPANCY_KINDS) {
      expect(words(`discrepancy.${kind}`), kind).toBeTruthy();
      expect(words(`discrepancy.${kind}.step`), kind).toBeTruthy();
    }
  },
);

test("a slip that is being cancelled says so and is not handed out, until the program tells that it is over", async () => {
  fake.payments = (number) => [paymentOf(number, { note: "being-cancelled" })];
  await press("Enter");
  expect(text("[data-slip] [data-state]")).toBe("取消中");
  expect(text("[data-cancelling]")).toBe("取消中，銀行回覆後更新。");
  expect(text("[data-slip]")).not.toContain("複製帳號");
  await emit("payment", paymentOf(0));
  await settled();
  expect(text("[data-slip] [data-state]")).toBe("待付款");
  expect(text("[data-slip]")).toContain("複製帳號");
  expect(document.querySelector("[data-cancelling]")).toBeNull();
});

test("a row that is being cancelled says so, read and told, and Q says what the bank shows", async () => {
  fake.answer = (call) => {
    const rows = call.command === "orders" ? page(call) : undefined;
    return rows?.map((one) => ({
      ...one,
      payments: one.payments.map((row) => ({ ...row, cancelling: true })),
    }));
  };
  await press("2");
  await settled();
  expect(text("[data-row=o1] [data-state]")).toBe("取消中");
  fake.payments = (number) => [paymentOf(number, { note: "being-cancelled" })];
  await press("Enter", "q");
  await emit("payment", paymentOf(0, { note: "being-cancelled" }));
  await settled();
  expect(text("[data-row=o0] [data-state]")).toBe("取消中");
  expect(text("[data-said]")).toBe("銀行剛才回覆：仍是「待付款」，顧客還能轉帳。");
  await emit("payment", paymentOf(0));
  await settled();
  expect(text("[data-row=o0] [data-state]")).toBe("待付款");
});

test("the stamp of an order is that of its proof, and an account's change is its cancellation", async () => {
  const create = { query: "create", at: at(480), said: "S0000" } as const;
  const maintain = { query: "maintain", at: at(5), said: "S0000" } as const;
  fake.payments = (number) => [paymentOf(number, { ...PAID, evidence: [maintain, PAID.proof, create] })];
  await press("Enter");
  expect(document.querySelector("[data-slip] svg[role=img]")?.getAttribute("aria-label")).toContain(
    "11/20 14:14",
  );
  expect(text("[data-slip]")).toContain("取消時的回覆 · S0000");
  expect(text("[data-slip]")).toContain("永豐：已接受取消");
});

test("no customer is told apart from one that was erased", async () => {
  const without = (more: object) =>
    (fake.answer = ({ command, arguments: { order } }) => {
      if (command !== "order") return undefined;
      const answer = full(order);
      return { ...answer, order: { ...answer.order, customer: null, ...more } };
    });
  without({});
  await press("Enter");
  expect(text("[data-slip]")).toContain("沒有填顧客資料。");
  without({ customer_erased: true });
  await press("ArrowDown");
  expect(text("[data-slip]")).toContain("顧客資料已經清除。");
  expect(text("[data-slip]")).not.toContain("沒有填");
  const erased = { ...row(3), description: "", customer: null, customer_erased: true };
  fake.answer = ({ command }) => (command === "orders" ? [erased] : undefined);
  await press("Escape", "1");
  expect(text("[data-held]")).toContain("已清除");
});

test("past its end a row and its slip are being checked, by the bank's clock", async () => {
  const over = "2026-11-20T14:04:59+08:00";
  fake.payments = (number) => [paymentOf(number, { expires_at: over })];
  await press("Enter");
  expect(text("[data-slip] [data-state]")).toBe("期限已過，確認中");
  expect(text("[data-row=o0] [data-state]")).toBe("待付款");
  await emit("payment", paymentOf(0, { expires_at: over }));
  await settled();
  expect(text("[data-row=o0] [data-state]")).toBe("期限已過，確認中");
  useLanguage("en");
  await settled();
  expect(text("[data-row=o0] [data-state]")).toBe("Past its end. Checking…");
});

test("money that came late stays late once the bank has paid it out", async () => {
  const late = { ...PAID, state: "settled", late: true } as const;
  fake.payments = (number) => [paymentOf(number, late)];
  await press("Enter");
  await emit("payment", paymentOf(0, late));
  await settled();
  for (const place of ["[data-slip]", "[data-row=o0]"])
    expect(text(`${place} [data-state]`)).toBe("已撥款（逾期入帳）");
  expect(document.querySelector("[data-slip] svg[role=img]")?.getAttribute("aria-label")).toContain(
    "逾期入帳",
  );
});

test("C, V and M copy as on the counter, and nothing is copied that has ended", async () => {
  const written: string[] = [];
  vi.stubGlobal("navigator", { clipboard: { writeText: (copied: string) => void written.push(copied) } });
  await press("Enter", "c", "v", "m");
  expect(written.slice(0, 2)).toEqual(["99922632500581", "12600"]);
  for (const part of ["807", "99922632500581", "12,600", "禾日茶行", "23:59"])
    expect(written[2]).toContain(part);
  await emit("payment", paymentOf(0, { state: "expired", reissue: true }));
  await settled();
  await press("c", "v", "m");
  expect(written).toHaveLength(3);
});

test("Q asks the bank again, says so, and what is new comes in place; then nobody looks any more", async () => {
  await press("Enter");
  expect(text("[data-slip]")).toContain("再查一次");
  await press("q");
  expect(asked("payment").map((one) => one.arguments)).toEqual([{ payment: "p0" }]);
  expect(text("[data-said]")).toContain("正在請銀行再查");
  await emit("payment", paymentOf(0, PAID));
  await settled();
  expect(text("[data-slip]")).toContain("永豐：已付款");
  expect(text("[data-said]")).toContain("已經更新");
  await press("Escape");
  expect(asked("leave").map((one) => one.arguments)).toEqual([{ payment: "p0" }]);
});

test("asked again, nothing new is said too", async () => {
  await press("Enter", "q");
  expect(text("[data-said]")).toContain("正在請銀行再查");
  await emit("payment", paymentOf(0));
  await settled();
  expect(text("[data-said]")).toContain("沒有新的結果");
});

test("a bank that does not answer clearly is no answer for ever: it is said, and Q asks anew", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    await press("Enter", "q", "q");
    expect(asked("payment"), "once while it is being asked").toHaveLength(1);
    await vi.advanceTimersByTimeAsync(30_000);
    await settled();
    expect(text("[data-said]")).toContain("銀行還沒有明確回覆");
    await press("q");
    expect(asked("payment")).toHaveLength(2);
    expect(text("[data-said]")).toContain("正在請銀行再查");
    await emit("payment", paymentOf(0));
    await settled();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(text("[data-said]"), "it has answered").toContain("沒有新的結果");
    await press("q", "Escape", "Enter");
    await vi.advanceTimersByTimeAsync(30_000);
    expect(document.querySelector("[data-said]"), "nobody looks any more").toBeNull();
  } finally {
    vi.useRealTimers();
  }
});

test("R issues again what has ended, as the same order", async () => {
  fake.payments = (number) => [paymentOf(number, { state: "expired", reissue: true })];
  fake.answer = ({ command }) =>
    command === "sell" ? paymentOf(0, { payment: "second", state: "issuing", account: null }) : undefined;
  await press("Enter");
  expect(text("[data-slip]")).toContain("重新開立");
  await press("r");
  expect(asked("sell").map((one) => one.arguments["request"])).toEqual([
    { order: "o0", rail: "sinopac-account", amount: "12600", again: true },
  ]);
  expect(text("[data-slip]")).toContain("第 2 張，共 2 張");
  await press("r");
  expect(asked("sell")).toHaveLength(1);
});

test("what waits, and what brought money, is not issued again", async () => {
  await press("Enter", "r");
  fake.payments = () => [
    paymentOf(1, { ...PAID, payment: "late", state: "paid-late" }),
    paymentOf(1, { state: "expired", reissue: true }),
  ];
  await press("ArrowDown", "r");
  expect(text("[data-slip]")).not.toContain("重新開立");
  expect(asked("sell")).toHaveLength(0);
});

test("a customer is erased only when asked twice; it says what goes and what stays", async () => {
  fake.answer = ({ command }) => {
    if (command !== "erase_customer") return undefined;
    const { order, payments } = full("o0");
    return { order: { ...order, customer: null }, payments };
  };
  await press("Enter", "e");
  for (const shown of ["王小姐 5821", "永久刪除", "會留下", "再按一次 E"])
    expect(text("[data-doubt-erase]")).toContain(shown);
  await press("Escape", "e");
  expect(asked("erase_customer")).toHaveLength(0);
  await press("e");
  expect(asked("erase_customer").map((one) => one.arguments)).toEqual([{ order: "o0" }]);
  expect(text("[data-slip]")).not.toContain("王小姐");
  expect(text("[data-row=o0]")).not.toContain("王小姐");
  await press("e");
  expect(asked("erase_customer")).toHaveLength(1);
});

test("the second press erases that customer only, not the one of the next order", async () => {
  await press("Enter", "e", "ArrowDown", "e");
  expect(asked("erase_customer")).toHaveLength(0);
});

test("an order that cannot be read says so, and R tries again", async () => {
  fake.answer = ({ command }) => (command === "order" ? Promise.reject("boom") : undefined);
  await press("Enter");
  expect(text("[data-slip]")).toContain("請記下代碼 unexpected，告訴負責人");
  fake.answer = () => undefined;
  await press("r");
  expect(text("[data-slip]")).toContain("A100000");
});

test("what was told is in the language that is chosen, also when another is chosen later", async () => {
  await press("Enter", "q");
  useLanguage("en");
  await settled();
  expect(text("[data-said]")).toContain(textIn("en", "order.asking"));
});
