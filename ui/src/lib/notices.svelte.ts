// What somebody must have seen: a payment that was paid, came late, or failed. The program keeps them until they were seen, also
// while it is closed; each is told once, heard once, and stays until Enter, whatever screen is open.

import { seen, unseen, type Payment, type State } from "./api";
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

/** What has been heard. A payment that failed and is paid later is heard once for each. */
const heard: string[] = [];

/** What nobody has seen yet, from before the window opened too. Read anew it is silent but for what is new, and one sound stands
 *  for all. */
export async function startNotices(): Promise<void> {
  queue.splice(0, queue.length, ...(await unseen()));
  const [first] = queue.map(soundOf).filter((sound) => sound !== undefined);
  if (first) play(first);
}

/** The one to be seen next. */
export function notice(): Payment | undefined {
  return queue[0];
}

/** How many stand behind it. */
export function noticesBehind(): number {
  return Math.max(queue.length - 1, 0);
}

/** Something is news. */
export function takeNews(payment: Payment): void {
  if (renew(payment)) return;
  queue.push(payment);
  const sound = soundOf(payment);
  if (sound) play(sound);
}

/** One that stands in the queue has changed. Whether it does stand there. */
export function renew(payment: Payment): boolean {
  const at = queue.findIndex((one) => one.payment === payment.payment);
  if (at >= 0) queue[at] = payment;
  return at >= 0;
}

/** Somebody has seen it. When that cannot be written down now, it is told again at the next start. */
export function seenNotice(): void {
  const told = queue.shift();
  if (told) seen(told.payment).catch(() => undefined);
}

/** The sound of a payment that has not been heard as it stands; from now on it has. */
function soundOf({ payment, state }: Payment): Sound | undefined {
  const sound = SOUNDS[state];
  const name = `${payment} ${sound ?? ""}`;
  if (heard.includes(name)) return undefined;
  heard.push(name);
  return sound;
}
