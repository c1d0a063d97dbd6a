// News to acknowledge: a payment was paid, paid late, or failed. The program keeps news until it is
// acknowledged, also while it is closed; each item sounds once, and stays until Enter, whatever
// screen is open. On top is the money of the slip on screen, then the newest. What nobody saw
// coming, because it came before the window opened or a while ago, is one card with its sum.

import type { PaymentState } from "../bindings/names";
import { hasMoney } from "../bindings/rules";
import type { ArrivedView, PaymentView } from "../bindings/views";
import { ask } from "./ask";
import { bankMs } from "./clock.svelte";
import { isLocked } from "./people.svelte";
import { lastSlip } from "./route.svelte";
import { play, type Sound } from "./sound";
import { isLate } from "./standing";

const SOUNDS: Partial<Record<PaymentState, Sound>> = {
  paid: "paid",
  settled: "paid",
  "paid-late": "late",
  failed: "failed",
};

/** So long an item is the news of now. */
const NOW_MS = 10 * 60_000;

/** In the order in which they came. `at_ms`: when, by bank time; nothing for what came before. */
interface Item {
  payment: PaymentView;
  at_ms: number | undefined;
}

const queue = $state<Item[]>([]);

/** What has sounded. A payment that failed and is paid later sounds once for each. */
const heard: string[] = [];

/** Acknowledged payments in order, and how often the program was asked for the rest. */
const gone: string[] = [];
let asked = 0;

/** Unacknowledged news, also from before the window opened. A reread sounds only for what is new,
 *  once for all of it. Events and acknowledgements before the answer win over it; an earlier
 *  request's answer is dropped. */
export async function startNotices(): Promise<void> {
  if (isLocked()) return;
  const [mine, before, mark] = [(asked += 1), [...queue], gone.length];
  const answer = await ask("unseen");
  if (mine !== asked) return;
  const seenSince = gone.slice(mark);
  const kept = answer.filter((one) => !seenSince.includes(one.payment));
  const told = queue.filter((one) => !before.includes(one));
  const known = before.filter(({ at_ms }) => at_ms !== undefined);
  const of = (items: Item[], { payment }: PaymentView) =>
    items.find((one) => one.payment.payment === payment);
  queue.splice(
    0,
    queue.length,
    ...kept.map((one) => of(told, one) ?? { payment: one, at_ms: of(known, one)?.at_ms }),
    ...told.filter(({ payment }) => !kept.some((one) => one.payment === payment.payment)),
  );
  const [first] = queue.map(({ payment }) => soundOf(payment)).filter((sound) => sound !== undefined);
  if (first) play(first);
}

/** What fits and came earlier needs no look of its own. What was paid while the program was closed
 *  is told only now, and the bank's minute says so. */
function isEarlier({ payment, at_ms }: Item): boolean {
  const paid_ms = payment.paid_at ? Date.parse(payment.paid_at) : at_ms;
  const now = [at_ms, paid_ms].every((at) => at !== undefined && bankMs() - at < NOW_MS);
  return !now && payment.discrepancies.every(({ kind }) => kind === "paid-late");
}

/** What came earlier, the newest first, where there is more than one of it. */
function earlier(): Item[] {
  const found = queue.filter(isEarlier).reverse();
  return found.length > 1 ? found : [];
}

/** The one to acknowledge next. */
export function notice(): PaymentView | undefined {
  const ofSlip = queue.find(({ payment }) => payment.payment === lastSlip()?.payment);
  const card = earlier();
  return (ofSlip ?? queue.findLast((one) => !card.includes(one)))?.payment;
}

/** What is told as one card, once no other one is left. */
export function digest(): PaymentView[] {
  return notice() ? [] : earlier().map(({ payment }) => payment);
}

export function hasNews(): boolean {
  return queue.length > 0;
}

/** How many wait behind it. */
export function noticesBehind(): number {
  return Math.max(queue.length - 1, 0);
}

/** Payments that arrived while the window is locked. */
let arrivals = $state.raw<string[]>([]);

/** Locked: nothing of any payment is left here. */
export function forgetNotices(): void {
  asked += 1;
  queue.length = 0;
}

/** Unlocked: what arrived meanwhile is read with the rest. */
export async function resumeNotices(): Promise<void> {
  arrivals = [];
  await startNotices();
}

export function arrived(): number {
  return arrivals.length;
}

/** Something is news while the window is locked: it sounds, and is counted. */
export function takeArrival(one: ArrivedView): void {
  if (hasMoney(one.state) && !arrivals.includes(one.payment)) arrivals = [...arrivals, one.payment];
  const sound = soundOf(one);
  if (sound) play(sound);
}

/** Something is news. */
export function takeNews(payment: PaymentView): void {
  const at = queue.findIndex((one) => one.payment.payment === payment.payment);
  if (at >= 0) queue.splice(at, 1);
  queue.push({ payment, at_ms: bankMs() });
  const sound = soundOf(payment);
  if (sound) play(sound);
}

/** Updates a payment in the queue. Returns whether it is there. */
export function renew(payment: PaymentView): boolean {
  const item = queue.find((one) => one.payment.payment === payment.payment);
  if (item) item.payment = payment;
  return item !== undefined;
}

/** Acknowledges what is on top: one, or the card. If that cannot be saved now, it shows again at
 *  the next start. */
export function seenNotice(): void {
  const one = notice();
  for (const { payment } of one ? [one] : digest()) {
    queue.splice(
      queue.findIndex((item) => item.payment.payment === payment),
      1,
    );
    gone.push(payment);
    ask("seen", { payment }).catch(() => undefined);
  }
}

/** The sound of a payment that has not sounded in its current state; marks it as sounded. */
function soundOf(one: ArrivedView): Sound | undefined {
  const sound = SOUNDS[isLate(one) ? "paid-late" : one.state];
  const name = `${one.payment} ${sound ?? ""}`;
  if (heard.includes(name)) return undefined;
  heard.push(name);
  return sound;
}
