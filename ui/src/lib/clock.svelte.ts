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

/** Rust has said what time it is at the bank. */
export function setBankTime(time: string): void {
  clock.ms = Date.now();
  clock.ahead = Date.parse(time) - clock.ms;
}

/** Begins to tick; call what it gives back to stop. */
export function startClock(): () => void {
  const timer = setInterval(() => (clock.ms = Date.now()), 1000);
  return () => clearInterval(timer);
}
