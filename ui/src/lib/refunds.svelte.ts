// The refunds that people work off: read again whenever the program tells that one has moved. Which
// sale somebody asks for, and what became of refunds since somebody looked. The only file that
// knows the commands of refunds.

import type { RefundReason, RefundState } from "../bindings/names";
import type { BookingTyped, DecisionTyped, RefundRowView, RefundsView } from "../bindings/refunds";
import type { RefundPreview, RefundRequest, RefundRoom } from "../bindings/views";
import { ask } from "./ask";
import { can, isLocked } from "./people.svelte";
import { play } from "./sound";
import { t } from "./text.svelte";

/** What is asked for; amount and reason are a proposal that can be typed over. */
export interface Asking {
  payment: string;
  xid?: string | undefined;
  amount?: number;
  reason?: RefundReason;
}

const known = $state<{
  view: RefundsView | undefined;
  asking: Asking | undefined;
  asked: RefundRowView | undefined;
  told: RefundRowView[];
}>({ view: undefined, asking: undefined, asked: undefined, told: [] });

/** The state of each refund that was seen: what moves since is news. No name and no amount. */
const states: Record<string, RefundState> = {};
let reading = false;
let again = false;
/** They were read once in this run: what moves from here on is news. */
let started = false;

/** What people work off, as it was read last. */
export function refunds(): RefundsView | undefined {
  return known.view;
}

/** Refunds in this state, oldest first. */
export function refundsIn(...wanted: RefundState[]): RefundRowView[] {
  return known.view?.rows.filter(({ refund }) => wanted.includes(refund.state as RefundState)) ?? [];
}

/** Approved, and not over. */
export function underWay(): RefundRowView[] {
  return refundsIn("approved", "waiting", "working", "at-bank");
}

/** Those that whoever is at the counter can approve, now or once they have cooled. */
export function toApprove(): RefundRowView[] {
  return refundsIn("requested").filter(({ approve }) => approve && !approve.refused);
}

/** Reads them; what moved meanwhile is read once more. */
export async function readRefunds(): Promise<void> {
  if (isLocked()) return;
  again = reading;
  if (reading) return;
  reading = true;
  try {
    const view = await ask("refunds");
    if (isLocked()) return;
    for (const row of view.rows) hear(row);
    known.view = view;
    started = true;
  } finally {
    reading = false;
  }
  if (again) await readRefunds();
}

/** One has moved. */
export function takeRefund(row: RefundRowView): void {
  if (isLocked()) return;
  hear(row);
  void readRefunds().catch(() => undefined);
}

/** Locked: nothing of any refund is left here. */
export function forgetRefunds(): void {
  known.view = known.asking = known.asked = undefined;
  known.told = [];
}

/** The next one to acknowledge. */
export function refundNotice(): RefundRowView | undefined {
  return known.told[0];
}

export function seenRefund(): void {
  known.told = known.told.slice(1);
}

/** Opens the request. */
export function requestRefund(asking: Asking): void {
  known.asked = undefined;
  known.asking = asking;
}

/** The request that was taken down last, until it was said long enough. */
export function askedRefund(): RefundRowView | undefined {
  return known.asked;
}

export function forgetAsked(): void {
  known.asked = undefined;
}

export function asking(): Asking | undefined {
  return known.asking;
}

export function closeRequest(): void {
  known.asking = undefined;
}

export function refundRoom({ payment, xid = "" }: Asking): Promise<RefundRoom> {
  return ask("refund_room", { payment, xid });
}

export function previewRefund({ payment, xid = "" }: Asking, amount: string): Promise<RefundPreview> {
  return ask("refund_preview", { payment, xid, amount });
}

export async function sendRequest(request: RefundRequest): Promise<RefundRowView> {
  const row = mine(await ask("request_refund", { request }));
  known.asked = row;
  return row;
}

/** `amount`: typed again, in one-person mode. */
export async function approveRefund(
  refund: string,
  pin: string,
  amount: string | null,
): Promise<RefundRowView> {
  return mine(await ask("approve_refund", { refund, amount, pin }));
}

export async function withdrawRefund(refund: string): Promise<RefundRowView> {
  return mine(await ask("withdraw_refund", { refund }));
}

export async function decideRefund(refund: string, decision: DecisionTyped): Promise<RefundRowView> {
  return mine(await ask("decide_refund", { refund, decision }));
}

/** Records a refund that was made in the bank's back office. */
export async function bookRefund(booking: BookingTyped): Promise<void> {
  known.view = await ask("book_refund", { booking });
}

export async function closeDiscrepancy(discrepancy: string, reason: string): Promise<void> {
  known.view = await ask("close_discrepancy", { discrepancy, reason });
}

/** What somebody did in this window is no news in it. */
function mine(row: RefundRowView): RefundRowView {
  known.told = known.told.filter(({ refund }) => refund.refund !== row.refund.refund);
  states[row.refund.refund] = row.refund.state as RefundState;
  void readRefunds().catch(() => undefined);
  return row;
}

/** The shop transferred it: no bank has returned anything. */
export function isByHand({ state, why }: { state: string; why: unknown }): boolean {
  return state === "done" && why !== null;
}

/** Who asked or approved; before the shop has people it is its owner. */
export function whoIs(name: string): string {
  return name === "owner" ? t("role.owner") : name;
}

/** Tells what moved to whom it concerns; once for each state. */
function hear(row: RefundRowView): void {
  const { refund, state } = row.refund;
  const before = states[refund];
  states[refund] = state as RefundState;
  if (before === state || !started || !concerns(row)) return;
  const others = known.told.filter((one) => one.refund.refund !== refund);
  known.told = [...others, row];
  play(state === "done" || state === "requested" ? "refund" : "person");
}

function concerns({ own, approve, refund }: RefundRowView): boolean {
  const { state } = refund;
  if (isByHand(refund)) return false;
  switch (state as RefundState) {
    case "requested":
      return !own && approve !== undefined && !approve.refused;
    case "needs-person":
      return can("decide-refund");
    case "done":
    case "declined":
      return own || can("decide-refund");
    case "approved":
    case "waiting":
    case "working":
    case "at-bank":
    case "withdrawn":
      return false;
  }
}
