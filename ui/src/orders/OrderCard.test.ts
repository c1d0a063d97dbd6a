// A card at CTBC on the slip of its order: what the bank shows, in words with its number, and what
// a refund would be now.

import { readFileSync } from "node:fs";

import { expect, test, vi } from "vitest";

import type { CardView, PaymentView } from "../bindings/views";
import { setBankTime } from "../lib/clock.svelte";
import { useLanguage, words } from "../lib/text.svelte";
import { asked, at, fake, opens, paymentOf, press, settled, text } from "./orders.fixture";

opens();

const XID = "5fa3_C1058";
const CARD: CardView = {
  state: "capture-queued",
  number: "10",
  xid: XID,
  card_tail: "3312",
  refund: "withdraw-tonight",
  batch_at: "2026-11-20T20:00:00+08:00",
  earliest: "2026-11-20T22:10:00+08:00",
};

function paid(card: Partial<CardView> = {}, more: Partial<PaymentView> = {}) {
  fake.payments = (number) => [
    paymentOf(number, {
      ...{ rail: "ctbc-card", account: null, link: "http://127.0.0.1:1/a", state: "paid" },
      evidence: [{ query: "by-number", at: at(9), said: "10" }],
      card: { ...CARD, ...card },
      ...more,
    }),
  ];
}

const entries = () =>
  [...document.querySelectorAll("[data-entry]")].map((entry) =>
    entry.textContent.replace(/\s+/g, " ").trim(),
  );

test("the bank's state by name and number, its number of the transaction, and four digits of the card", async () => {
  setBankTime("2026-11-20T14:30:00+08:00");
  paid();
  await press("Enter");
  expect(text("[data-card]")).toContain("已請款（請款結帳中） 狀態 10");
  expect(text("[data-card]")).toContain("•••• 3312");
  expect(text("[data-xid]")).toBe(XID);
  expect(text("[data-refund]")).toContain("今天 20:00 批次請款。");
  expect(text("[data-refund]")).toContain("今天 22:10 以後才可以。");
  useLanguage("en");
  await settled();
  expect(text("[data-card]")).toContain("Captured (waiting for the batch) state 10");
  expect(text("[data-refund]")).toContain("captures it at 20:00 today");
});

test("on another day the times carry their date", async () => {
  setBankTime("2026-11-19T21:00:00+08:00");
  paid();
  await press("Enter");
  expect(text("[data-refund]")).toContain("11/20 20:00 批次請款");
});

test("I copies the number of the transaction, and nothing where there is none", async () => {
  const written: string[] = [];
  vi.stubGlobal("navigator", { clipboard: { writeText: (copied: string) => void written.push(copied) } });
  paid();
  await press("Enter", "i");
  expect(written).toEqual([XID]);
  paid({ xid: null, card_tail: null, state: "failed", number: "-1", refund: "nothing-collected" });
  await press("ArrowDown", "i");
  expect(written).toHaveLength(1);
  expect(text("[data-card]")).toContain("授權失敗 狀態 -1");
  expect(text("[data-card]")).not.toContain("••••");
});

test("beside the batch it says from when", async () => {
  setBankTime("2026-11-20T20:30:00+08:00");
  paid({
    state: "captured",
    number: "12",
    refund: "refund-whole-or-part",
    batch_at: "2026-11-23T20:00:00+08:00",
  });
  await press("Enter");
  expect(text("[data-refund]")).toContain("11/23 20:00 批次退");
  expect(text("[data-refund]")).toContain("銀行批次前後不收，今天 22:10 以後才可以。");
});

test("when a time that it tells has come, the slip is read again", async () => {
  setBankTime("2026-11-20T19:59:00+08:00");
  paid();
  await press("Enter");
  expect(asked("order")).toHaveLength(1);
  paid({ state: "capture-locked", number: "11", refund: "wait-batch" });
  setBankTime("2026-11-20T20:00:00+08:00");
  await settled();
  expect(asked("order")).toHaveLength(2);
  expect(text("[data-refund]")).toContain("現在不能取消，也不能退款");
  await settled();
  expect(asked("order"), "once").toHaveLength(2);
});

test("the timeline says the bank's numbers in words, what its book knows, and what nobody knows", async () => {
  const said = ["QueryCode 0", "-1", "10", "12", "9/zz"];
  const evidence = said.map((one, minutes) => ({ query: "by-number" as const, at: at(minutes), said: one }));
  const nz = { cause_zh: "這個網路位址沒有登記。", cause_en: "This address is not registered." };
  paid({}, { evidence: [...evidence, { query: "by-number", at: at(7), said: "9/nz", ...nz }] });
  await press("Enter");
  expect(entries().filter((entry) => entry.startsWith("銀行的回覆"))).toEqual([
    expect.stringMatching(/中信：這個網路位址沒有登記。.*依訂單編號查詢 · 9\/nz$/),
    expect.stringMatching(/中信：有回覆.* · 9\/zz$/),
    expect.stringMatching(/中信：請款成功.* · 12$/),
    expect.stringMatching(/中信：已進請款檔.* · 10$/),
    expect.stringMatching(/中信：授權失敗.* · -1$/),
    expect.stringMatching(/中信：查無這一筆.* · QueryCode 0$/),
  ]);
});

test("that nobody asks any more is a line of its own", async () => {
  fake.payments = (number) => [
    paymentOf(number, { rail: "ctbc-card", account: null, state: "expired", stopped_at: at(20) }),
  ];
  await press("Enter");
  expect(entries()[0]).toMatch(/^本店的操作 到這時都沒有核准/);
});

test.each(["zh-TW", "en"] as const)(
  "every state of a card and every meaning has its words in %s",
  (language) => {
    useLanguage(language);
    const names = (file: string) =>
      [
        ...readFileSync(`../crates/domain/src/${file}`, "utf8").matchAll(
          /^ +(?:Self::\w+ =>|\w+ =) "([a-z-]+)",$/gm,
        ),
      ].map(([, name]) => name ?? "");
    expect([names("card.rs").length, names("card_refund.rs").length]).toEqual([12, 8]);
    for (const state of names("card.rs")) {
      expect(words(`card.state.${state}`), state).toBeTruthy();
      if (state !== "unlisted") expect(words(`card.said.${state}`), state).toBeTruthy();
    }
    for (const meaning of names("card_refund.rs")) expect(words(`refund.${meaning}`), meaning).toBeTruthy();
  },
);
