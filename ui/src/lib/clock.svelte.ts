// Bank time, second by second, for countdowns and for the word "today". Evidence is never dated with it.

import { dayOf } from "./format";

const clock = $state({ ms: Date.now(), ahead: 0 });

/** Milliseconds of bank time now; whoever reads it is drawn anew each second. */
export function bankMs(): number {
  return clock.ms + clock.ahead;
}

/** The bank's day now, or some days before: `2026-11-20`. */
export function bankDay(before = 0): string {
  return dayOf(bankMs() - before * 86_400_000);
}

/** Rust has said what time it is at the bank, in whole seconds: by less than one no countdown jumps. */
export function setBankTime(time: string): void {
  clock.ms = Date.now();
  const ahead = Date.parse(time) - clock.ms;
  if (Math.abs(ahead - clock.ahead) >= 1000) clock.ahead = ahead;
}

/** Begins to tick, and says when a minute is over; call what it gives back to stop. */
export function startClock(minute: () => void): () => void {
  const timers = [setInterval(() => (clock.ms = Date.now()), 1000), setInterval(minute, 60_000)];
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
