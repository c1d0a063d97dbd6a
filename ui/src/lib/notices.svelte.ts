// What somebody must have seen: a payment that was paid, came late, or failed. Each is told once and stays until Enter,
// whatever screen is open.

import { lastSaid, type Payment, type State } from "./api";
import { play, type Sound } from "./sound";

const SOUNDS: Partial<Record<State, Sound>> = {
  paid: "paid",
  settled: "paid",
  "paid-late": "late",
  failed: "failed",
};

/** Money that the bank has confirmed. */
export const COLLECTED: readonly State[] = ["paid", "paid-late", "settled"];

const queue = $state<Payment[]>([]);
let told: string[] = [];
let since = "";

/** Begins at this bank time: what the bank said earlier is no news. */
export function startNotices(now: string): void {
  queue.length = 0;
  told = [];
  since = now;
}

/** The one to be seen next. */
export function notice(): Payment | undefined {
  return queue[0];
}

/** How many stand behind it. */
export function noticesBehind(): number {
  return Math.max(queue.length - 1, 0);
}

/** Takes in a payment that has changed. */
export function takeNotice(payment: Payment): void {
  const at = queue.findIndex((one) => one.payment === payment.payment);
  if (at >= 0) queue[at] = payment;
  const sound = SOUNDS[payment.state];
  const said = lastSaid(payment);
  const key = `${payment.payment} ${sound ?? ""}`;
  if (!sound || !said || said.at < since || told.includes(key)) return;
  told.push(key);
  if (at < 0) queue.push(payment);
  play(sound);
}

/** Somebody has seen it. */
export function seenNotice(): void {
  queue.shift();
}
