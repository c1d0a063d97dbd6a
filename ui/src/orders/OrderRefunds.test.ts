// The refunds of an order on its slip: who may ask for one, what each rests on, and that money
// returned by a bank and money recorded by hand stand apart.

import { afterEach, expect, test, vi } from "vitest";

import type { OrderInFull, RefundView } from "../bindings/views";
import { takeWho } from "../lib/people.svelte";
import { CLERK, PEOPLE, whoOf } from "../lib/program.fixture";
import { asking, forgetRefunds, pointed, readRefunds } from "../lib/refunds.svelte";
import { goTo, screen } from "../lib/route.svelte";
import { OTHERS, queue, row } from "../refunds/refunds.fixture";
import { fake, full, numberOf, opens, PAID, paymentOf, press, settled, text } from "./orders.fixture";

opens();
afterEach(() => {
  forgetRefunds();
  takeWho(undefined);
});

const said = (words: string) => ({ text_zh: words, text_en: words });

function refund(id: string, more: Partial<RefundView> = {}): RefundView {
  return {
    ...{ refund: id, payment: "p0", amount: 500, reason: "returned", note: "茶罐凹損" },
    ...{ requester: "林家瑜", requested_at: "2026-11-20T14:02:00+08:00", approver: "黃淑芬" },
    ...{ state: "done", state_zh: "已退款", state_en: "Refunded", waiting: null, why: null },
    told: { way: "refund", ...said("錢會退回顧客轉出的帳戶。") },
    steps: [
      {
        ...{ operation: "account-refund", operation_zh: "匯款退款", operation_en: "Transfer back" },
        ...{ state: "accepted", code: "S0000", sent_at: "2026-11-20T14:04:00+08:00" },
      },
    ],
    ...more,
  };
}

async function open(refunds: RefundView[], paid = true) {
  fake.payments = (number) => [paymentOf(number, paid ? PAID : {})];
  fake.answer = ({ command, arguments: { order } }) => {
    if (command !== "order") return undefined;
    const answer: OrderInFull = full(order);
    const totals = { captured: 12600, returned: 500, by_hand: 300, in_flight: 0, left: 11_800 };
    return { ...answer, totals, order: { ...answer.order, refunds } };
  };
  await press("Home", "Enter");
  await settled();
}

test("X asks for a refund of the payment that brought money", async () => {
  await open([]);
  await press("x");
  expect(asking()).toEqual({ payment: "p0" });
  expect(numberOf("o0")).toBe(0);
});

test("of a refund that was withdrawn or refused the customer sees nothing", async () => {
  await open([refund("a"), refund("b", { state: "withdrawn" }), refund("c", { state: "declined" })]);
  expect(text().split("錢會退回顧客轉出的帳戶。")).toHaveLength(2);
});

test("without money, or without the right, there is none to ask for", async () => {
  await open([], false);
  await press("x");
  expect(asking()).toBeUndefined();
});

test("whoever may not ask is not offered it", async () => {
  await open([]);
  takeWho({ person: null, people: false, rights: ["sell"], lock_after_mins: 5 });
  await settled();
  await press("x");
  expect([asking(), text("[data-slip]").includes("退款X")]).toEqual([undefined, false]);
});

test("a refund shows its state, who asked and approved, and each step with its code", async () => {
  await open([refund("r1")]);
  const shown = text("[data-refund-of=r1]");
  for (const part of [
    "NT$500",
    "已退款",
    "退貨 · 茶罐凹損 · 林家瑜 · 14:02",
    "核准：黃淑芬",
    "匯款退款 · 14:04 送出 · S0000",
  ])
    expect(shown).toContain(part);
});

test("what the bank returned and what a person recorded are two lines", async () => {
  await open([refund("r1")]);
  const totals = text("[data-totals]");
  expect(totals).toContain("銀行已退 NT$500");
  expect(totals).toContain("人工紀錄 NT$300");
});

test("Y copies what a customer is told, and says done only where the bank did", async () => {
  const written: string[] = [];
  vi.stubGlobal("navigator", { clipboard: { writeText: (copied: string) => void written.push(copied) } });
  await open([refund("r1", { state: "at-bank" })]);
  await press("y");
  expect(written.at(-1)).toContain("已交給銀行處理");
  expect(written.at(-1)).toContain("錢會退回您轉出的帳戶，通常要幾個營業日");
  expect(written.at(-1)).not.toContain("顧客");
  await press("Escape");
  await open([refund("r1")]);
  await press("y");
  expect(written.at(-1)).toContain("已退款 NT$500，訂單編號 A100000。錢已退回您轉出的帳戶。");
  await press("Escape");
  written.length = 0;
  await open([refund("r1", { state: "requested" })]);
  await press("y");
  expect(written).toEqual([]);
});

test("X on an order whose refund has not ended shows that refund, and asks for none", async () => {
  await open([refund("r1"), refund("r2", { state: "waiting" })]);
  expect(text("[data-slip]")).toContain("看這筆退款");
  await press("x");
  expect([asking(), pointed(), screen()]).toEqual([undefined, "r2", "refunds"]);
  goTo("orders");
});

test("X on the list acts on the selected row, which is the first when it opens", async () => {
  await open([]);
  await press("Escape");
  expect(document.querySelector("[data-slip]")).toBeNull();
  await press("x");
  await settled();
  expect(asking()).toEqual({ payment: "p0" });
});

test("an order with nothing left is offered no refund, and says why", async () => {
  await open([refund("r1")]);
  const answer = fake.answer;
  const left = (in_flight: number) => {
    fake.answer = (call) => {
      const order = answer(call) as OrderInFull | undefined;
      return order && { ...order, totals: { ...order.totals, in_flight, left: 0 } };
    };
  };
  for (const [in_flight, why] of [
    [0, "已經全部退還"],
    [500, "還沒結束"],
  ] as const) {
    left(in_flight);
    await press("Escape", "x");
    await settled();
    expect(text("[data-none-left]")).toContain(why);
    expect([asking(), text("[data-slip]").includes("退款X")]).toEqual([undefined, false]);
  }
});

test("erasing a customer whose refund has not ended warns first", async () => {
  await open([refund("r1", { state: "at-bank" })]);
  await press("e");
  expect(text("[data-doubt-erase]")).toContain("退款還沒結束");
  await press("Escape", "Escape");
  await open([refund("r1")]);
  await press("e");
  expect(text("[data-doubt-erase]")).not.toContain("退款還沒結束");
});

test("a clerk's request says whose approval it waits for, and one that is done when the money is there", async () => {
  takeWho(whoOf(CLERK), PEOPLE);
  const refused = { code: "role-may-not", values: {}, zh: "", en: "" } as const;
  fake.answer = ({ command }) =>
    command === "refunds" ? queue(row("r1", { own: true, approve: { refused, others: OTHERS } })) : undefined;
  await readRefunds();
  await open([refund("r1", { state: "requested", approver: null })]);
  expect(text("[data-waits-for]")).toBe("等吳明哲（負責人）或黃淑芬（會計）核准。");
  await press("Escape");
  await open([refund("r1")]);
  expect(text("[data-found]")).toContain("銀行已匯回顧客轉出的帳戶");
});
