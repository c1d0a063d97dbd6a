// Approvals: two keys and a PIN; one's own says who can, and in one-person mode it takes the amount
// again after it has cooled.

import { expect, test } from "vitest";

import { setBankTime } from "../lib/clock.svelte";
import { takeHealth } from "../lib/health.svelte";
import { OWNER } from "../lib/program.fixture";
import { readRefunds } from "../lib/refunds.svelte";
import Approvals from "./Approvals.svelte";
import {
  OTHERS,
  ALT,
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

answers();

async function approvals(...rows: ReturnType<typeof row>[]) {
  program.answers["refunds"] = queue(...rows);
  await open(Approvals, { active: true }, OWNER);
}
const dots = () => document.querySelector("[data-pin]")?.getAttribute("data-pin");
const PIN = [..."27495810"];

test("one is chosen, the PIN is typed, Enter approves", async () => {
  await approvals(row("1"), row("2", {}, { note: "茶罐凹損" }));
  await press("ArrowDown");
  expect(page()).toContain("退貨 · 茶罐凹損");
  await press(...PIN, "Enter");
  expect(asked("approve_refund")).toEqual([{ refund: "2", amount: null, pin: "27495810" }]);
  expect(document.body.innerHTML).not.toContain("2749");
});

test("another refund clears the PIN, and so does a wrong one", async () => {
  await approvals(row("1"), row("2"));
  await press("2", "7");
  expect(dots()).toBe("2");
  await press("ArrowDown");
  expect(dots()).toBe("0");
  program.answers["approve_refund"] = refused("pin-wrong", "PIN 不對。");
  await press(...PIN, "Enter");
  expect([dots(), page().includes("PIN 不對")]).toEqual(["0", true]);
});

test("another amount of the same refund clears the PIN", async () => {
  await approvals(row("1"));
  await press("2", "7");
  program.answers["refunds"] = queue(row("1", {}, { amount: 400 }));
  await readRefunds();
  await settled();
  expect(dots()).toBe("0");
});

test("without a PIN nothing is approved", async () => {
  await approvals(row("1"));
  await press("Enter");
  expect(page()).toContain("請輸入您的 PIN");
  expect(asked("approve_refund")).toEqual([]);
});

test("one's own comes last, says who can approve it, takes no PIN, and can be withdrawn", async () => {
  const own = { code: "refund-own-request", values: {}, zh: "自己申請的", en: "own" } as const;
  await approvals(row("1", { own: true, approve: { refused: own, others: OTHERS.slice(1) } }), row("2"));
  expect(page()).toContain("等我核准 1 筆");
  const order = [...document.querySelectorAll("[data-approval]")].map((one) =>
    one.getAttribute("data-approval"),
  );
  expect(order).toEqual(["2", "1"]);
  await press("ArrowDown");
  expect([there("[data-own]"), there("[data-pin]")]).toEqual([true, false]);
  // whoever has the right and the limit, and is not who asked
  expect(page()).toContain("要由另一位核准：黃淑芬（會計）。");
  await press(...PIN, "Enter");
  expect(asked("approve_refund")).toEqual([]);
  await press(["n", ALT], ["n", ALT]);
  expect(asked("withdraw_refund")).toEqual([{ refund: "1" }]);
});

test("one that was requested before one-person mode was on says the way out", async () => {
  const own = { code: "refund-own-request", values: {}, zh: "自己申請的", en: "own" } as const;
  const well = { bank: null, clock_off_s: null, paused: null };
  takeHealth({ ...well, one_person: true });
  await approvals(row("1", { own: true, approve: { refused: own, others: [] } }));
  expect(page()).toContain("請撤回，再申請一次");
  takeHealth(well);
});

test("what is above the person's limit says so and takes no PIN", async () => {
  const over = {
    code: "above-limit-of-person",
    values: {},
    zh: "超過您的上限 NT$100。",
    en: "over",
  } as const;
  await approvals(row("1", { approve: { refused: over, others: [] } }));
  expect(page()).toContain("超過您的上限");
  await press(...PIN, "Enter");
  expect([there("[data-pin]"), asked("approve_refund")]).toEqual([false, []]);
});

test("one-person mode waits, then wants the amount again before the PIN", async () => {
  const cooling = { others: [], alone: true, cooled_at: "2026-11-20T14:15:00+08:00" };
  await approvals(row("1", { own: true, approve: cooling }));
  expect(page()).toContain("還要等 10 分 0 秒");
  await press(...PIN, "Enter");
  expect(asked("approve_refund")).toEqual([]);
  setBankTime("2026-11-20T14:15:01+08:00");
  await settled();
  await press("4", "0", "0", "Enter");
  expect(page()).toContain("要等於 NT$500");
  await press("Backspace", "Backspace", "Backspace", "5", "0", "0", ...PIN, "Enter");
  expect(asked("approve_refund")).toEqual([{ refund: "1", amount: "500", pin: "27495810" }]);
});

test("what was said of one does not stay beside a request that comes, nor on the way back", async () => {
  await approvals(row("1"), row("2"));
  await press(["n", ALT], ["n", ALT]);
  expect(page()).toContain("申請已撤回");
  program.answers["refunds"] = queue(row("2"), row("3"));
  await readRefunds();
  await settled();
  expect(page()).not.toContain("申請已撤回");
});

test("declining is asked twice", async () => {
  await approvals(row("1"));
  await press(["n", ALT]);
  expect([there("[data-doubt-decline]"), asked("withdraw_refund")]).toEqual([true, []]);
  await press(["n", ALT]);
  expect(asked("withdraw_refund")).toEqual([{ refund: "1" }]);
});

test("other refunds to the same customer are shown beside it", async () => {
  const other = { refund: "9", bank_order_no: "T9", amount: 1280, requested_at: "2026-11-12T10:00:00+08:00" };
  await approvals(row("1", { others: [{ ...other, text_zh: "已退款", text_en: "Refunded" }] }));
  expect(document.querySelector("[data-others]")?.textContent).toContain("1,280");
});

test("before they are read nothing is called empty", async () => {
  let come: (view: unknown) => void = () => undefined;
  program.answers["refunds"] = new Promise((done) => (come = done));
  await open(Approvals, { active: true }, OWNER);
  expect([there("[data-reading]"), there("[data-empty]")]).toEqual([true, false]);
  come(queue());
  await settled();
  expect([there("[data-reading]"), there("[data-empty]")]).toEqual([false, true]);
});

test("what stands in the way is one callout, with what was tried as a line of it", async () => {
  const own = row("1", { own: true, approve: { others: [] } }, { requester: OWNER.name });
  await approvals(own);
  program.answers["withdraw_refund"] = refused("storage", "磁碟沒有空間。");
  await press(["n", ALT], ["n", ALT]);
  const callouts = [...document.querySelectorAll(".stub [data-callout]")];
  expect(callouts).toHaveLength(1);
  expect(callouts[0]?.querySelectorAll(".line")).toHaveLength(2);
  expect(callouts[0]?.textContent).toContain("磁碟沒有空間。");
});
