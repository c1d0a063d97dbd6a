// The facts of every kind of row, in both languages.

import { readFileSync } from "node:fs";

import { afterEach, expect, test } from "vitest";

import { DISCREPANCY_KINDS, PAYMENT_STATES, QUERIES, RAILS, ROLES } from "../bindings/names";
import { useLanguage, words } from "../lib/text.svelte";
import { GROUPS } from "./audit.svelte";
import { factsOf } from "./words";

afterEach(() => useLanguage("zh-TW"));

/** One row of each kind as the engine writes it, and what is read in Chinese. */
const ROWS: [what: string, detail: string, zh: string][] = [
  ["sell", "sinopac-account NT$12,600 C1A2B3", "虛擬帳號 · NT$12,600"],
  ["cancel", "C1A2B3", ""],
  ["hand-out", "C1A2B3", ""],
  ["abandon", "account-refund has no object any more", "退回帳戶 · 已經不需要"],
  ["abandon", "its token is over", "退款代碼已經過期"],
  ["abandon", "never left this computer", "沒有離開這台電腦"],
  ["ends", "2026-11-20T14:05:00+08:00", "11/20 14:05"],
  ["refund", "C1A2B3 NT$500 returned", "NT$500 · 退貨"],
  ["refund-approve", "alone", "一人模式，自行核准"],
  ["refund-withdraw", "asked", "已要求銀行撤回"],
  ["refund-decide", "done 20261120", "銀行已退 · 20261120"],
  ["refund-book", "C1A2B3 NT$500", "NT$500"],
  ["refund-unbook", "C1A2B3 NT$500", "NT$500"],
  ["refund-plan", "waiting batch", "等待中 · 等銀行批次"],
  ["refund-plan", "at-bank", "銀行處理中"],
  ["refund-plan", "working told cancel, ran refund", "處理中 · 原定「請款前取消」，實際「請款後退款」"],
  [
    "refund-plan",
    "working told refund 2026-11-20, ran refund 2026-11-21",
    "處理中 · 原定「請款後退款 2026-11-20」，實際「請款後退款 2026-11-21」",
  ],
  ["refund-step", "card-refund", "刷卡退款"],
  ["send", "issue-account attempt 1", "開立帳號 · 第 1 次"],
  ["answer", "issue-account accepted S0000", "開立帳號 · 接受 · S0000"],
  ["reading", "by-number 1A400 paid", "依訂單編號查詢 · 1A400 · 已付款"],
  ["reading", "by-window - ", "依付款時間查詢 · 查無這一筆"],
  ["reading", "by-xid -", "依銀行交易序號查詢 · 查無這一筆"],
  ["reading", "bill", "依帳單"],
  ["reading", "refused", "銀行不回答這張單"],
  ["reading", "unequal", "銀行的資料和這張單不同"],
  ["token", "refused", "銀行不回答這張單"],
  ["uncaptured", "1C300", "1C300"],
  ["cover", "to 2026-11-20T14:05:00+08:00 pass 1", "到 11/20 14:05 · 一天後再對一次"],
  ["coverage-begins", "2026-11-20T14:05:00+08:00", "11/20 14:05"],
  ["return", "verified 10/88", "銀行簽章正確 · 10/88"],
  ["return", "verified 10/88, of another sale", "銀行簽章正確 · 10/88 · 是另一筆的"],
  ["return", "not verified", "沒有銀行的簽章"],
  ["recover", "its program has ended", "上次執行中斷時還沒有結果"],
  ["recover", "was being sent when the program ended", "程式中斷時正在送出"],
  ["erase-customer", "", ""],
  ["erase-order", "", ""],
  ["customer-corrected", "", ""],
  ["retention", "", ""],
  ["seen", "", ""],
  ["charge", "20261120123456", "20261120123456"],
  ["foreign", "3 rows", "3 筆"],
  ["close-discrepancy", "paid-twice", "同一張訂單收到兩次錢"],
  ["people-add", "clerk", "店員"],
  ["people-limits", "ask NT$5,000 approve -", "申請退款 NT$5,000 以下 · 核准退款 依職務"],
  ["people-retire", "", ""],
  ["people-pin", "", ""],
  ["people-recover", "", ""],
  ["sign-in", "", ""],
  ["sign-out", "", ""],
  ["pin-wrong", "", ""],
  ["pin-locked", "", ""],
  ["shop", "", ""],
  ["settings", "", ""],
  ["settings", "one-person-on lock retention payee", "一人模式開啟 · 自動鎖定 · 自動清除顧客 · 戶名"],
  ["settings", "one-person-off polling sinopac ctbc", "一人模式關閉 · 查詢頻率 · 永豐 · 中信"],
  ["settings", "start-at-login-on", "登入電腦時啟動"],
  ["settings", "start-at-login-off", "登入電腦時不再啟動"],
  ["shop-keys", "", ""],
  ["record-accepted", "key 3, holds orders 3 people 2", "5 筆"],
  ["record-accepted", "key 3", ""],
  ["shop-no", "NA0249_001", "NA0249_001"],
  ["mer-id", "10000", "10000"],
  ["shop-add", "", ""],
  ["bank-add", "ctbc", "中信"],
  ["seal", "120 rows", "120 筆"],
  ["record-lost", "01234567890123456789", "0123456789012345"],
];

test.each(ROWS)("%s %s", (what, detail, zh) => {
  expect(factsOf({ what, detail })).toBe(zh);
  expect(zh).not.toMatch(/[a-z]{3,}/);
  useLanguage("en");
  const english = factsOf({ what, detail });
  expect(english === "").toBe(zh === "");
  expect(english).not.toMatch(/\p{Script=Han}|[a-z]-[a-z]/u);
});

test("every kind of row is among them, and has its words", () => {
  const kinds = Object.values(GROUPS).flat();
  expect([...new Set(ROWS.map(([what]) => what))].sort()).toEqual([...kinds].sort());
  expect(kinds.filter((what) => words(`audit.what.${what}`) === undefined)).toEqual([]);
});

/** The names of an enum as Rust writes them. */
function names(file: string, begin: string): string[] {
  const text = readFileSync(`../crates/domain/src/${file}`, "utf8");
  const from = text.indexOf(`pub enum ${begin} {`);
  const part = text.slice(from, text.indexOf("\n    }", from));
  const found = [...part.matchAll(/= "([a-z-]+)"/g)].map(([, name]) => name ?? "");
  expect(found.length).toBeGreaterThan(1);
  return found;
}

test("every code of ours has words", () => {
  const codes: [string, readonly string[]][] = [
    ["rail", RAILS],
    ["state", PAYMENT_STATES],
    ["query", QUERIES],
    ["role", ROLES],
    ["discrepancy", DISCREPANCY_KINDS],
    ["audit.step", names("operation.rs", "OperationKind")],
    ["audit.answered", names("operation.rs", "OperationState")],
    ["audit.refund", names("refund.rs", "RefundState")],
    ["audit.reason", names("refund.rs", "RefundReason")],
    ["audit.choice", names("refund/decide.rs", "Choice")],
    ["audit.way", names("refund/course.rs", "Way")],
    ["audit.why", ["WaitWhy", "PersonWhy", "ByHandWhy"].flatMap((why) => names("refund/why.rs", why))],
  ];
  const bare = codes.flatMap(([kind, list]) =>
    list.filter((code) => words(`${kind}.${code}`) === undefined).map((code) => `${kind}.${code}`),
  );
  expect(bare).toEqual([]);
});
