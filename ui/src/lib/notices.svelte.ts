// News to acknowledge: a payment was paid, paid late, or failed. The program keeps news until it is
// acknowledged, also while it is closed; each item shows once, sounds once, and stays until Enter,
// whatever screen is open.

import type { PaymentState } from "../bindings/names";
import { hasMoney } from "../bindings/rules";
import type { ArrivedView, PaymentView } from "../bindings/views";
import { ask } from "./ask";
import { isLocked } from "./people.svelte";
import { play, type Sound } from "./sound";
import { isLate } from "./standing";

const SOUNDS: Partial<Record<PaymentState, Sound>> = {
  paid: "paid",
  settled: "paid",
  "paid-late": "late",
  failed: "failed",
};

const queue = $state<PaymentView[]>([]);

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
  const is = (one: PaymentView) => (other: PaymentView) => other.payment === one.payment;
  queue.splice(
    0,
    queue.length,
    ...kept.map((one) => told.find(is(one)) ?? one),
    ...told.filter((one) => !kept.some(is(one))),
  );
  const [first] = queue.map(soundOf).filter((sound) => sound !== undefined);
  if (first) play(first);
}

/** The next one to acknowledge. */
export function notice(): PaymentView | undefined {
  return queue[0];
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
  if (!renew(payment)) queue.push(payment);
  const sound = soundOf(payment);
  if (sound) play(sound);
}

/** Updates a payment in the queue. Returns whether it is there. */
export function renew(payment: PaymentView): boolean {
  const at = queue.findIndex((one) => one.payment === payment.payment);
  if (at >= 0) queue[at] = payment;
  return at >= 0;
}

/** Acknowledges the first. If that cannot be saved now, it shows again at the next start. */
export function seenNotice(): void {
  const told = queue.shift();
  if (!told) return;
  gone.push(told.payment);
  ask("seen", { payment: told.payment }).catch(() => undefined);
}

/** The sound of a payment that has not sounded in its current state; marks it as sounded. */
function soundOf(one: ArrivedView): Sound | undefined {
  const sound = SOUNDS[isLate(one) ? "paid-late" : one.state];
  const name = `${one.payment} ${sound ?? ""}`;
  if (heard.includes(name)) return undefined;
  heard.push(name);
  return sound;
}
