// What somebody must have seen: a payment that was paid, came late, or failed. The program keeps them until they were seen, also
// while it is closed; each is told once, heard once, and stays until Enter, whatever screen is open.

import type { PaymentState } from "../bindings/names";
import type { PaymentView } from "../bindings/views";
import { ask } from "./ask";
import { play, type Sound } from "./sound";
import { isLate } from "./standing";

const SOUNDS: Partial<Record<PaymentState, Sound>> = {
  paid: "paid",
  settled: "paid",
  "paid-late": "late",
  failed: "failed",
};

const queue = $state<PaymentView[]>([]);

/** What has been heard. A payment that failed and is paid later is heard once for each. */
const heard: string[] = [];

/** What has been seen, as it was seen, and how often the program was asked for what is not. */
const gone: string[] = [];
let asked = 0;

/** What nobody has seen yet, from before the window opened too. Read anew it is silent but for what is new, and one sound stands
 *  for all. What is told or seen before the answer comes counts more than the answer; an earlier question's answer is dropped. */
export async function startNotices(): Promise<void> {
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

/** The one to be seen next. */
export function notice(): PaymentView | undefined {
  return queue[0];
}

/** How many stand behind it. */
export function noticesBehind(): number {
  return Math.max(queue.length - 1, 0);
}

/** Something is news. */
export function takeNews(payment: PaymentView): void {
  if (!renew(payment)) queue.push(payment);
  const sound = soundOf(payment);
  if (sound) play(sound);
}

/** One that stands in the queue has changed. Whether it does stand there. */
export function renew(payment: PaymentView): boolean {
  const at = queue.findIndex((one) => one.payment === payment.payment);
  if (at >= 0) queue[at] = payment;
  return at >= 0;
}

/** Somebody has seen it. When that cannot be written down now, it is told again at the next start. */
export function seenNotice(): void {
  const told = queue.shift();
  if (!told) return;
  gone.push(told.payment);
  ask("seen", { payment: told.payment }).catch(() => undefined);
}

/** The sound of a payment that has not been heard as it stands; from now on it has. */
function soundOf(one: PaymentView): Sound | undefined {
  const sound = SOUNDS[isLate(one) ? "paid-late" : one.state];
  const name = `${one.payment} ${sound ?? ""}`;
  if (heard.includes(name)) return undefined;
  heard.push(name);
  return sound;
}
