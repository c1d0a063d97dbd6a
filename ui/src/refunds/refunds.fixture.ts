// What the tests of refunds share: a program with refunds of its own, and a keyboard.

import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount, type Component } from "svelte";
import { afterEach, beforeEach } from "vitest";

import type { PersonView } from "../bindings/settings";
import type { RefundPreview, RefundRowView, RefundsView } from "../bindings/refunds";
import type { RefundRoom } from "../bindings/views";
import { setBankTime } from "../lib/clock.svelte";
import { dropDrafts } from "../lib/drafts";
import { takeWho } from "../lib/people.svelte";
import { NOW, PEOPLE, whoOf } from "../lib/program.fixture";
import { forgetRefunds } from "../lib/refunds.svelte";
import { useLanguage } from "../lib/text.svelte";

/** What the window has sent, and what is answered; an `Error` refuses. */
export const program = {
  sent: [] as { command: string; given: Record<string, unknown> }[],
  answers: {} as Record<string, unknown>,
};
let app: object | undefined;

const said = (text: string) => ({ text_zh: text, text_en: text });

/** A refund of NT$500 of a sale of NT$1,200; `more` in its place. */
export function row(
  id: string,
  more: Partial<RefundRowView> = {},
  refund: Partial<RefundRowView["refund"]> = {},
): RefundRowView {
  return {
    refund: {
      ...{ refund: id, payment: `p-${id}`, amount: 500, reason: "returned", note: null },
      ...{ requester: "林家瑜", requested_at: "2026-11-20T14:02:00+08:00", approver: null },
      ...{ state: "requested", state_zh: "待核准", state_en: "Waiting for approval" },
      ...{ waiting: null, why: null, steps: [] },
      ...refund,
    },
    ...{ order: `o-${id}`, bank_order_no: `T${id}`, rail: "sinopac-account", customer: null },
    totals: { captured: 1200, returned: 0, by_hand: 0, in_flight: 500, left: 700 },
    whole: false,
    progress: [
      { state: "now", ...said("核准") },
      { state: "next", ...said("匯款退款") },
      { state: "next", ...said("銀行確認") },
    ],
    ...{ next_at: null, since: null, own: false, withdraw: true, approve: { others: [] }, others: [] },
    reminds: "2026-11-27",
    ...more,
  };
}

/** Those who may approve what a clerk asks for. */
export const OTHERS: NonNullable<RefundRowView["approve"]>["others"] = [
  { name: "吳明哲", role: "owner" },
  { name: "黃淑芬", role: "accountant" },
];

export const queue = (...rows: RefundRowView[]): RefundsView => ({ rows, discrepancies: [] });

export const ROOM: RefundRoom = {
  ...{ payment: "p1", order: "o1", bank_order_no: "T1", rail: "sinopac-account", customer: null },
  totals: { captured: 1200, returned: 0, by_hand: 0, in_flight: 0, left: 1200 },
  sold_at: "2026-11-19T17:05:00+08:00",
  ask_max: null,
};

export const TOLD: RefundPreview = {
  ...{ payment: "p1", amount: 500, reminds: "2026-11-27", waiting: null, warnings: [] },
  now: said("現在只記下申請，由會計或負責人核准。"),
  then: said("核准後先查詢，再請永豐把錢匯回。"),
  told: { way: "refund", ...said("錢會退回顧客轉出的帳戶。") },
};

export const refused = (code: string, zh: string) =>
  Object.assign(new Error(), { code, values: {}, zh, en: zh });

/** Answers for each test, and none after it. */
export function answers(): void {
  beforeEach(() => {
    program.sent = [];
    program.answers = {
      ...{ refund_room: ROOM, refund_preview: TOLD, refunds: queue() },
      ...{ request_refund: row("1"), approve_refund: row("1", {}, { state: "approved" }) },
      withdraw_refund: row("1", {}, { state: "withdrawn" }),
      decide_refund: row("1", {}, { state: "done" }),
    };
    useLanguage("zh-TW");
    setBankTime(NOW);
    mockIPC((command, payload) => {
      program.sent.push({ command, given: (payload ?? {}) as Record<string, unknown> });
      const answer = program.answers[command];
      return answer instanceof Error ? Promise.reject(answer) : (answer ?? null);
    });
  });
  afterEach(async () => {
    if (app) await unmount(app);
    app = undefined;
    forgetRefunds();
    dropDrafts();
    clearMocks();
    takeWho(undefined);
  });
}

/** Mounts a screen for a person. */
export async function open<Props extends Record<string, unknown>>(
  screen: Component<Props>,
  props: Props,
  who: PersonView,
): Promise<void> {
  takeWho(whoOf(who), PEOPLE);
  if (app) await unmount(app);
  app = mount(screen, { target: document.body, props });
  await settled();
}

export async function settled() {
  for (let round = 0; round < 24; round += 1) await tick();
  flushSync();
}

export async function press(...keys: (string | [string, KeyboardEventInit])[]) {
  for (const one of keys) {
    const [key, more] = typeof one === "string" ? [one, {}] : one;
    const code = /^\d$/.test(key) ? `Digit${key}` : /^[a-z]$/.test(key) ? `Key${key.toUpperCase()}` : key;
    const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true, ...more });
    (document.activeElement ?? document.body).dispatchEvent(event);
    await settled();
  }
}

export const ALT = { altKey: true };
export const CTRL = { ctrlKey: true };
export const asked = (command: string) =>
  program.sent.filter((one) => one.command === command).map(({ given }) => given);
export const page = () => document.body.textContent.replace(/\s+/g, " ");
export const there = (selector: string) => document.querySelector(selector) !== null;
