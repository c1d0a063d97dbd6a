// The refunds that people work off: read again whenever the program tells that one has moved. Which
// sale somebody asks for, and what became of refunds since somebody looked. The only file that
// knows the commands of refunds.

import { untrack } from "svelte";

import type { Rail, RefundReason, RefundState } from "../bindings/names";
import type {
  BookingTyped,
  DecisionTyped,
  RefundPreview,
  RefundRowView,
  RefundsView,
} from "../bindings/refunds";
import type { RefundRequest, RefundRoom, RefundView, ToldView } from "../bindings/views";
import { ask, failure } from "./ask";
import { bankDay } from "./clock.svelte";
import { dated, day, oneWay, thousands } from "./format";
import { wrongNow } from "./health.svelte";
import { active, can, isLocked, offers, person } from "./people.svelte";
import { goTo, type Screen } from "./route.svelte";
import { play } from "./sound";
import { language, list, t } from "./text.svelte";

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
  pointed: string | undefined;
}>({ view: undefined, asking: undefined, asked: undefined, told: [], pointed: undefined });

/** How far whoever is at the counter has seen each refund: its state, and what of its plan has
 *  changed. What moves since is news, also what moved while the program was closed. This computer
 *  keeps it for each person; no name and no amount. */
let marks: Record<string, string> | undefined;
let whose: string | undefined;
let shop = "";
/** What has sounded in this run. */
const heard: string[] = [];
let reading = false;
let again = false;

const STATE = /^[a-z-]+/;
const OVER: readonly RefundState[] = ["done", "declined", "withdrawn"];

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

/** Whoever is at the counter could approve, and no one else can: only one-person mode helps. */
export function isAloneToApprove(): boolean {
  const [me, mode] = [person(), wrongNow()?.one_person];
  const others = active().filter((one) => one.person !== me?.person && one.role !== "clerk");
  return me !== undefined && me.role !== "clerk" && !mode && others.length === 0;
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
    view.rows.forEach(takeMarks() ? mark : hear);
    await hearEnded(view.rows);
    known.view = view;
  } finally {
    reading = false;
  }
  if (again) await readRefunds();
}

/** One has moved. */
export function takeRefund(row: RefundRowView): void {
  if (isLocked()) return;
  if (marks) hear(row);
  void readRefunds().catch(() => undefined);
}

/** Locked: nothing of any refund is left here. */
export function forgetRefunds(): void {
  known.view = known.asking = known.asked = known.pointed = undefined;
  known.told = [];
  marks = undefined;
}

/** Which shop is open: what was seen of another is not mixed with it. */
export function refundsAreOf(name: string): void {
  shop = name;
}

/** The next one to acknowledge. */
export function refundNotice(): RefundRowView | undefined {
  return known.told[0];
}

export function seenRefund(): void {
  const [seen, ...rest] = known.told;
  if (seen) mark(seen);
  known.told = rest;
}

/** What a row is told as: its state, unless only its plan has changed. */
export type RefundNews = "requested" | "needs-person" | "done" | "declined" | "changed";

export function newsOf({ refund }: RefundRowView): RefundNews {
  const state = refund.state as RefundState;
  return state === "requested" || state === "needs-person" || state === "done" || state === "declined"
    ? state
    : "changed";
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

/** That it was taken down, and whose approval it waits for. */
export function askedText(): string | undefined {
  const row = known.asked;
  if (!row) return undefined;
  const amount = thousands(String(row.refund.amount));
  if (row.refund.state !== "requested") return t("refund.asked", { amount });
  return t("refund.asked.waits", { amount, waits: waitsForOf(row) });
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
  const row = mine(await ask("request_refund", { request }), true);
  known.asked = row;
  return row;
}

/** `amount`: typed again, in one-person mode. */
export async function approveRefund(
  refund: string,
  pin: string,
  amount: string | null,
): Promise<RefundRowView> {
  return mine(await ask("approve_refund", { refund, amount, pin }), true);
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

/** What somebody did in this window is no news in it; what has come of it meanwhile is. `begins`:
 *  they asked or approved, and the bank may have refused already. */
function mine(row: RefundRowView, begins = false): RefundRowView {
  known.told = known.told.filter(({ refund }) => refund.refund !== row.refund.refund);
  const failed = ["declined", "needs-person"].includes(row.refund.state);
  if (begins && failed) hear(row);
  else mark(row);
  void readRefunds().catch(() => undefined);
  return row;
}

/** The shop transferred it: no bank has returned anything. */
export function isByHand({ state, why }: { state: string; why: unknown }): boolean {
  return state === "done" && why !== null;
}

/** When the bank gets it and the customer has it, as far as that is known. `sent`: it is known when
 *  the bank gets it, or it has got it. `reminds`: the day after which a person asks the bank. */
export function whenOf(rail: Rail, told: ToldView | undefined, reminds: string, sent: boolean): string[] {
  const when = sent ? [] : [t("refund.when.soon")];
  if (told?.batch) return [t("refund.when.batch", { day: day(told.batch, language()) })];
  if (rail === "ctbc-card" || (told?.way === "cancel" && rail === "sinopac-card")) return when;
  return [...when, t(`refund.when.${rail}`, { day: day(reminds, language()) })];
}

/** Of one that is done: when the customer finds it, which no bank tells us. */
export function foundOf(rail: Rail, { state, why, changed, told }: RefundView): string | undefined {
  if (isByHand({ state, why })) return undefined;
  const way = (changed ?? told)?.way;
  if (way === undefined) return undefined;
  return t(way === "cancel" ? "refund.found.cancel" : `refund.found.${rail}`);
}

/** Leads to a refund that something moved: its screen selects it. */
export function goToRefund(row: RefundRowView): void {
  showRefund(row.refund, placeOfRefund(row));
}

/** Leads to a refund: to its approval, where it waits for one and whoever is at the counter may. */
export function showRefund(
  { refund, state }: Pick<RefundView, "refund" | "state">,
  place: Screen = state === "requested" && offers("approvals") ? "approvals" : "refunds",
): void {
  known.pointed = refund;
  goTo(place);
}

/** It has not ended. */
export function isUnderWay({ state }: Pick<RefundView, "state">): boolean {
  return !OVER.includes(state as RefundState);
}

/** Calls `came` when a refund comes that was not among them; while a component is mounted. */
export function onNewRefund(rows: () => RefundRowView[], came: () => void): void {
  let seen: string[] = [];
  $effect(() => {
    const now = rows().map(({ refund }) => refund.refund);
    if (now.some((refund) => !seen.includes(refund))) untrack(came);
    seen = now;
  });
}

export function placeOfRefund(row: RefundRowView): Screen {
  return newsOf(row) === "requested" ? "approvals" : "refunds";
}

/** The refund to select; a screen takes it once. */
export function pointed(): string | undefined {
  return known.pointed;
}

export function takePointed(): string | undefined {
  const refund = known.pointed;
  known.pointed = undefined;
  return refund;
}

/** Whose approval a request waits for, as whoever is at the counter needs to know it. */
export function waitsFor({ refund }: Pick<RefundView, "refund">): string {
  const row = known.view?.rows.find((one) => one.refund.refund === refund);
  return row ? waitsForOf(row) : "";
}

/** The same of its row. */
export function waitsForOf(row: RefundRowView): string {
  const { own, approve } = row;
  if (!approve || approve.refused) {
    const names = approversOf(row);
    return names ? t("refund.waits", { names }) : t("refund.waits.none");
  }
  if (own && approve.cooled_at) return t("refund.waits.cools", { time: dated(approve.cooled_at, bankDay()) });
  return t("refund.waits.you");
}

/** Those who may approve it now; whoever asked is none of them. */
export function approversOf({ approve }: RefundRowView): string {
  const named = (approve?.others ?? []).map(({ name, role }) =>
    t("refund.approver", { name: oneWay(name), role: t(`role.${role}`) }),
  );
  return named.length > 0 ? list(named, "disjunction") : "";
}

/** Who asked or approved; before the shop has people it is its owner. */
export function whoIs(name: string): string {
  return name === "owner" ? t("role.owner") : name;
}

/** Takes what was kept of whoever is at the counter; true: nothing was, and nothing is news. */
function takeMarks(): boolean {
  const now = `refunds ${shop} ${person()?.person ?? "owner"}`;
  if (marks && whose === now) return false;
  whose = now;
  // eslint-disable-next-line no-restricted-globals -- what was seen on this computer
  const kept = localStorage.getItem(now);
  try {
    marks = { ...(JSON.parse(kept ?? "{}") as Record<string, string>) };
  } catch {
    marks = {};
  }
  return kept === null;
}

/** It was seen as it is. */
function mark({ refund }: RefundRowView): void {
  takeMarks();
  marks = { ...marks, [refund.refund]: markOf(refund) };
  keep();
}

function keep(): void {
  // eslint-disable-next-line no-restricted-globals -- see above
  if (whose) localStorage.setItem(whose, JSON.stringify(marks));
}

function markOf({ state, changed }: RefundRowView["refund"]): string {
  return changed ? `${state} ${planOf(changed)}` : state;
}

function planOf({ way, batch }: { way: string; batch?: string }): string {
  return `${way} ${batch ?? ""}`;
}

/** What was open when it was seen last, and ended on an earlier day, is in no list any more: it is
 *  told, and then forgotten. */
async function hearEnded(rows: RefundRowView[]): Promise<void> {
  const listed = new Set(rows.map(({ refund }) => refund.refund));
  for (const [refund, seen] of Object.entries(marks ?? {})) {
    if (listed.has(refund)) continue;
    const over = OVER.includes(STATE.exec(seen)?.[0] as RefundState);
    // nothing: another data file has it; not known: it is asked about at the next look
    const row = over ? null : await ask("refund", { refund }).catch(gone);
    if (isLocked()) return;
    if (row === undefined) continue;
    if (row && concerns(row)) hear(row);
    else {
      marks = Object.fromEntries(Object.entries(marks ?? {}).filter(([one]) => one !== refund));
      keep();
    }
  }
}

function gone(thrown: unknown): null | undefined {
  return failure(thrown).code === "not-found" ? null : undefined;
}

/** Tells what moved to whom it concerns, until it is acknowledged. */
function hear(row: RefundRowView): void {
  const { refund } = row.refund;
  const [before, now] = [marks?.[refund] ?? "", markOf(row.refund)];
  const others = known.told.filter((one) => one.refund.refund !== refund);
  if (before === now || !isNews(row, before) || !concerns(row)) {
    known.told = others;
    if (before !== now) mark(row);
    return;
  }
  known.told = [...others, row];
  if (heard.includes(`${refund} ${now}`)) return;
  heard.push(`${refund} ${now}`);
  const asks = ["needs-person", "declined"].includes(newsOf(row));
  play(asks ? "person" : "refund");
}

/** Another state, or another plan than was seen. */
function isNews(row: RefundRowView, before: string): boolean {
  const { state, changed } = row.refund;
  if (newsOf(row) !== "changed") return STATE.exec(before)?.[0] !== state;
  return changed !== undefined && !before.endsWith(planOf(changed));
}

function concerns(row: RefundRowView): boolean {
  const { own, approve, refund } = row;
  if (isByHand(refund)) return false;
  switch (newsOf(row)) {
    case "requested":
      return !own && approve !== undefined && !approve.refused;
    case "needs-person":
      return can("decide-refund");
    case "done":
    case "declined":
    case "changed":
      return own || can("decide-refund");
  }
}
