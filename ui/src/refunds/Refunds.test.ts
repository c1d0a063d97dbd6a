// The queue: how far each is, withdrawing with two keys, and what a person decides.

import { expect, test } from "vitest";

import { CLERK, OWNER, PEOPLE, whoOf } from "../lib/program.fixture";
import { takeWho } from "../lib/people.svelte";
import { setPractice } from "../lib/practice.svelte";
import { asking, readRefunds, refundNotice, seenRefund, takeRefund } from "../lib/refunds.svelte";
import {
  OTHERS,
  answers,
  asked,
  open,
  page,
  press,
  program,
  queue,
  refused,
  row,
  settled,
  there,
} from "./refunds.fixture";
import Refunds from "./Refunds.svelte";

answers();

const said = (text: string) => ({ text_zh: text, text_en: text });
const way = (choice: string, key: string) => ({
  ...{ choice, typed: `refund decide --${choice}`, key_zh: key, key_en: key },
  ...said(`${key}的意思`),
});
const CHOICES = [
  way("done", "銀行說已退"),
  way("not-done", "銀行說沒退"),
  way("keep-asking", "繼續查"),
  way("by-hand", "本店自行轉帳"),
];
const person = (id: string) =>
  row(
    id,
    {},
    { state: "needs-person", choices: CHOICES, why: { why: "undecided", ...said("查不出銀行有沒有完成。") } },
  );

async function refunds(view: ReturnType<typeof queue>, who = OWNER) {
  program.answers["refunds"] = view;
  await open(Refunds, { active: true }, who);
}

test("a refund that waits says which step, why, and when the bank is asked next", async () => {
  const waiting = {
    until: "2026-11-20T22:10:00+08:00",
    why: "batch",
    ...said("銀行批次 20:00 開始，最早 22:10"),
  };
  await refunds(queue(row("1", { next_at: "2026-11-20T22:10:00+08:00" }, { state: "waiting", waiting })));
  expect(page()).toContain("第 1 步，共 3 步");
  expect(page()).toContain("最早 22:10");
  expect(page()).toContain("下次查詢 22:10");
});

test("a card refund that the bank has taken says with which batch it goes", async () => {
  const told = { way: "refund", batch: "2026-11-24", ...said("一筆消費和一筆退款") };
  await refunds(queue(row("1", { rail: "ctbc-card" }, { state: "at-bank", told })));
  expect(document.querySelector("[data-when]")?.textContent).toContain("11/24");
});

test("the batch is drawn only while a refund waits for it", async () => {
  const at = (time: string) => `2026-11-20T${time}:00+08:00`;
  const batch = { from: at("19:50"), starts: at("20:00"), ends: at("22:00"), until: at("22:10") };
  const card = (state: string) => ({ ...queue(row("1", { rail: "ctbc-card" }, { state })), batch });
  await refunds({ ...queue(row("1", {}, { state: "waiting" })), batch });
  expect(there("[data-batch-until]")).toBe(false);
  await refunds(card("at-bank"));
  expect(there("[data-batch-until]")).toBe(false);
  await refunds(card("waiting"));
  expect(there("[data-batch-until]")).toBe(true);
});

test("whoever decides a refund finds its withdrawal once, among the choices", async () => {
  const choices = [...CHOICES, way("withdraw", "撤回")];
  const asks = (id: string) => row(id, {}, { ...person(id).refund, choices });
  const withdrawals = () =>
    [...document.querySelectorAll("button")].filter(({ textContent }) => textContent.includes("撤回")).length;
  await refunds(queue(asks("1")));
  expect(withdrawals()).toBe(1);
  // a clerk decides nothing, and can withdraw
  await refunds(queue(asks("1")), CLERK);
  expect(withdrawals()).toBe(1);
});

test("the evidence of one that is done ends with the bank's confirmation, and says when it was approved", async () => {
  const sides = [{ at: "2026-11-20T14:06:00+08:00", bank: true, ...said("已收款；已退 NT$500") }];
  const approved = { approver: "吳明哲", approved_at: "2026-11-20T14:03:07+08:00" };
  await refunds(queue(row("1", { sides }, { state: "done", ...approved })));
  await press("Enter");
  const text = document.querySelector("[data-sides]")?.textContent ?? "";
  expect(text).toContain("14:03:07");
  expect(text).toContain("已退 NT$500");
});

test("Del and Enter withdraw, Esc keeps it", async () => {
  await refunds(queue(row("1")));
  await press("Delete", "Escape", "Enter");
  expect(asked("withdraw_refund")).toEqual([]);
  await press("Delete");
  expect(there("[data-doubt-withdraw]")).toBe(true);
  await press("Enter");
  expect(asked("withdraw_refund")).toEqual([{ refund: "1" }]);
  expect(page()).toContain("已撤回");
});

test("that one was withdrawn is not said beside a new one", async () => {
  await refunds(queue(row("1")));
  await press("Delete", "Enter");
  program.answers["refunds"] = queue(row("1", {}, { state: "withdrawn" }));
  await readRefunds();
  await settled();
  expect(page()).toContain("沒有送出任何退款");
  program.answers["refunds"] = queue(row("1", {}, { state: "withdrawn" }), row("2"));
  await readRefunds();
  await settled();
  expect(page()).not.toContain("沒有送出任何退款");
});

test("what was sent is not withdrawn", async () => {
  await refunds(queue(row("1", { withdraw: false }, { state: "at-bank" })));
  await press("Delete", "Enter");
  expect(asked("withdraw_refund")).toEqual([]);
});

test("the bank's word is typed, and Enter records it", async () => {
  await refunds(queue(person("1")));
  // in the words of Rust
  expect(document.querySelector("[data-way=not-done]")?.textContent).toMatch(/銀行說沒退.*銀行說沒退的意思/);
  await press("1");
  const field = document.querySelector<HTMLInputElement>("#decide_text");
  expect(document.activeElement).toBe(field);
  if (field) field.value = "REF-77";
  field?.dispatchEvent(new Event("input", { bubbles: true }));
  await press("Enter");
  expect(asked("decide_refund")).toEqual([{ refund: "1", decision: { choice: "done", text: "REF-77" } }]);
});

test("a transfer by hand is guided, and without a proof Rust's refusal stands beside the field", async () => {
  program.answers["decide_refund"] = refused("reason-empty", "請填寫。");
  await refunds(queue(person("1")));
  await press("4");
  expect(page()).toContain("從本店帳戶轉帳 NT$500");
  await press("Enter");
  expect(document.querySelector("[data-wrong=decide_text]")?.textContent).toBe("請填寫。");
});

test("a clerk sees what needs a person and decides nothing", async () => {
  await refunds(queue(person("1")), CLERK);
  expect(there("[data-decide]")).toBe(false);
  expect(page()).toContain("由會計或負責人決定");
  await press("1", "Enter");
  expect(asked("decide_refund")).toEqual([]);
});

test("both sides stand beside each other", async () => {
  const sides = [
    { at: "2026-11-20T13:00:00+08:00", bank: false, ...said("送出：刷卡退款") },
    { at: "2026-11-20T13:00:09+08:00", bank: true, ...said("已請款"), code: "12" },
  ];
  await refunds(queue({ ...person("1"), sides }));
  await press("Enter");
  const text = document.querySelector("[data-sides]")?.textContent ?? "";
  expect(text).toContain("已請款");
  expect(text).toContain("銀行的回覆");
});

test("money that came twice proposes its refund", async () => {
  const proposed = { payment: "p9", amount: 800, reason: "duplicate" };
  const twice = {
    ...{ discrepancy: "d1", kind: "paid-twice" as const, detail: "", since: "2026-11-20T12:00:00+08:00" },
    ...{
      order: "o9",
      payment: "p9",
      bank: "sinopac" as const,
      bank_order_no: "T9",
      amount: 800,
      closed: null,
    },
    refunds: [proposed],
  };
  await refunds({ rows: [], discrepancies: [twice] });
  await press("x");
  expect(asking()).toMatchObject(proposed);
});

test("what moved is told to whom it concerns, and to nobody else", async () => {
  await refunds(queue(row("1", {}, { state: "at-bank" })));
  takeRefund(row("1", { own: true }, { state: "done" }));
  expect(refundNotice()?.refund.state).toBe("done");
  seenRefund();
  takeRefund(person("2"));
  expect(refundNotice()?.refund.refund).toBe("2");
  seenRefund();
  takeWho(whoOf(CLERK), PEOPLE);
  takeRefund(person("3"));
  takeRefund(row("4", { own: false }, { state: "done" }));
  takeRefund(row("5", { own: true }, { state: "requested" }));
  expect(refundNotice()).toBeUndefined();
  await settled();
});

const outside = {
  ...{ discrepancy: "d2", kind: "refunded-outside" as const, detail: "", since: "2026-11-20T12:00:00+08:00" },
  ...{ order: "o8", payment: "p8", bank: "sinopac" as const, bank_order_no: "T8", amount: 800, closed: null },
  refunds: [],
};

test("a refund made in the bank's back office is recorded, and the difference closed with a reason", async () => {
  program.answers["book_refund"] = program.answers["close_discrepancy"] = {
    rows: [],
    discrepancies: [outside],
  };
  await refunds({ rows: [], discrepancies: [outside] });
  await press("b");
  for (const [id, text] of [
    ["book_amount", "300"],
    ["settle_reason", "後台退的"],
  ] as const) {
    const field = document.querySelector<HTMLInputElement>(`#${id}`);
    if (field) field.value = text;
    field?.dispatchEvent(new Event("input", { bubbles: true }));
    field?.focus();
  }
  await press("Enter");
  expect(asked("book_refund")).toEqual([
    { booking: { payment: "p8", amount: "300", refund_no: "", reason: "後台退的" } },
  ]);
  await press("c", "Enter");
  expect(asked("close_discrepancy")).toEqual([{ discrepancy: "d2", reason: "" }]);
});

test("money that no order explains says when, how much and what to do, and is closed by key", async () => {
  const money = {
    ...outside,
    discrepancy: "d9",
    kind: "foreign-money" as const,
    order: null,
    payment: null,
    bank_order_no: "WEB8",
    amount: 88000,
    paid_at: "2026-11-19T12:00:00+08:00",
  };
  program.answers["close_discrepancy"] = { rows: [], discrepancies: [] };
  await refunds({ rows: [], discrepancies: [money] });
  const text = document.querySelector("[data-discrepancy=foreign-money]")?.textContent ?? "";
  for (const said of ["WEB8", "88,000", "11/19", "這裡沒有這張訂單", "在銀行後台查"])
    expect(text).toContain(said);
  await press("c");
  const field = document.querySelector<HTMLInputElement>("#settle_reason");
  if (field) field.value = "網路商店";
  field?.dispatchEvent(new Event("input", { bubbles: true }));
  field?.focus();
  await press("Enter");
  expect(asked("close_discrepancy")).toEqual([{ discrepancy: "d9", reason: "網路商店" }]);
});

test("money of a prefix of one's own is listed, and no key acts on it", async () => {
  const foreign = [{ bank_order_no: "WEB9", amount: 560, paid_at: "2026-11-20T12:00:00+08:00" }];
  await refunds({ rows: [], discrepancies: [], foreign });
  const text = document.querySelector("[data-foreign=WEB9]")?.textContent ?? "";
  for (const said of ["560", "在別處賣的", "只列出，不提醒"]) expect(text).toContain(said);
  await press("ArrowDown", "x", "b", "c", "Enter");
  expect([there("[data-settle]"), asking()]).toEqual([false, undefined]);
});

test("a clerk neither records nor closes what does not fit", async () => {
  await refunds({ rows: [], discrepancies: [outside] }, CLERK);
  await press("b", "c");
  expect(there("[data-settle]")).toBe(false);
});

test("whoever comes to the screen begins with what needs a person", async () => {
  await refunds(queue(row("1"), row("2"), person("3")));
  expect(there("[data-decide]")).toBe(true);
  await press("ArrowDown");
  expect(there("[data-decide]")).toBe(false);
  await press("ArrowUp");
  expect(there("[data-decide]")).toBe(true);
});

test("what is said after a decision names its own amount, though another row takes its place", async () => {
  await refunds(queue(person("1"), row("2", {}, { ...person("2").refund, amount: 800 })));
  await press("4");
  program.answers["refunds"] = queue(row("2", {}, { ...person("2").refund, amount: 800 }));
  await press("Enter");
  expect(page()).toContain("本店轉帳退還 NT$500");
});

test("a transfer by the shop is not called refunded, and shows its proof", async () => {
  const word = {
    confirmed: "done",
    confirmed_zh: "本店轉帳的憑證",
    confirmed_en: "",
    text: "0042",
    who: "吳明哲",
  };
  const why = { why: "too-old", ...said("請自行匯款後在這裡確認。") };
  await refunds(queue(row("1", {}, { state: "done", state_zh: "已退款", why, word })));
  expect(page()).toContain("本店已轉帳");
  expect(page()).toContain("0042");
  for (const wrong of ["已退款", "請自行匯款"]) expect(page()).not.toContain(wrong);
});

test("whoever approved is among what we did", async () => {
  await refunds(queue(row("1", {}, { state: "at-bank", approver: "黃淑芬" })));
  await press("Enter");
  expect(document.querySelector("[data-sides]")?.textContent).toContain("核准：黃淑芬");
});

test("a transfer at the bank tells how long it takes, and in the demo the keys of time", async () => {
  const since = "2026-11-19T10:00:00+08:00";
  const at = (rail: "sinopac-account" | "ctbc-card") =>
    row("1", { rail, since, reminds: "2026-11-26" }, { state: "at-bank" });
  const when = () => document.querySelector("[data-when]")?.textContent;
  const usual = () => document.querySelector("[data-usual]")?.textContent;
  setPractice("production");
  await refunds(queue(at("sinopac-account")));
  expect(when()).toContain("幾個營業日");
  expect(when(), "the day that Rust names").toContain("到 2026/11/26（四）還沒完成");
  expect(usual()).toBeUndefined();
  setPractice("demo", true);
  await settled();
  expect(usual()).toContain("Alt\u00a06");
  setPractice("production");
  program.answers["refunds"] = queue(at("ctbc-card"));
  await readRefunds();
  await settled();
  expect(usual()).toBeUndefined();
});

test("a request says whose approval it waits for, as whoever looks needs to know it", async () => {
  const waits = () => document.querySelector("[data-waits-for]")?.textContent;
  const refused = { code: "role-may-not", values: {}, zh: "", en: "" } as const;
  const cannot = { refused, others: OTHERS };
  await refunds(queue(row("1", { own: true, approve: cannot })), CLERK);
  expect(waits()).toBe("等吳明哲（負責人）或黃淑芬（會計）核准。");
  // Rust names those who may, such as above the accountant's limit
  await refunds(queue(row("1", { own: true, approve: { refused, others: OTHERS.slice(0, 1) } })), CLERK);
  expect(waits()).toBe("等吳明哲（負責人）核准。");
  await refunds(queue(row("1", {}, { requester: "林家瑜" })));
  expect(waits()).toBe("等您核准：按 G\u00a0V。");
  const cooled_at = "2026-11-20T14:15:00+08:00";
  await refunds(
    queue(
      row("1", { own: true, approve: { alone: true, cooled_at, others: [] } }, { requester: OWNER.name }),
    ),
  );
  expect(waits()).toBe("14:15 起可以自己核准：按 G\u00a0V。");
  // another accountant is there, and counts as the same hand
  takeWho(whoOf(OWNER), PEOPLE);
  const none = { refused, others: [] };
  program.answers["refunds"] = queue(row("1", { own: true, approve: none }, { requester: OWNER.name }));
  await readRefunds();
  await settled();
  expect(waits()).toContain("現在沒有別人能核准");
});

test("before the refunds are read nothing is called empty, and nothing is counted", async () => {
  let come: (view: unknown) => void = () => undefined;
  program.answers["refunds"] = new Promise((done) => (come = done));
  await open(Refunds, { active: true }, OWNER);
  expect(document.querySelector("[data-reading]")?.textContent).toContain("正在讀取退款。");
  expect([there("[data-empty]"), page().includes("0 筆"), page().includes("沒有要處理")]).toEqual([
    false,
    false,
    false,
  ]);
  come(queue());
  await settled();
  expect([there("[data-reading]"), there("[data-empty]")]).toEqual([false, true]);
});

test("one that is done says when the customer finds the money", async () => {
  const done = (way: string, rail: "sinopac-account" | "ctbc-card", more: object = {}) =>
    refunds(queue(row("1", { rail }, { state: "done", told: { way, ...said("") }, ...more })));
  const found = () => document.querySelector("[data-found]")?.textContent;
  await done("refund", "ctbc-card");
  expect(found()).toBe("銀行已退。顧客的發卡銀行通常再幾個營業日才入帳。");
  await done("cancel", "ctbc-card");
  expect(found()).toContain("先前占用的額度由發卡銀行放回");
  await done("refund", "sinopac-account");
  expect(found()).toContain("銀行已匯回顧客轉出的帳戶");
  // the shop transferred it itself
  await done("refund", "ctbc-card", { why: { why: "chosen", ...said("") } });
  expect(found()).toBeUndefined();
});
