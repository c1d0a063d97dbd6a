// Time without a key or a touch of the pointer. The window locks by its own reckoning; Rust reckons
// too, by a clock that counts sleep, and refuses a window that slept.

import { ask } from "./ask";
import { hasPeople, idleMinutes, isLocked, lock } from "./people.svelte";

/** Rust hears of a person at most so often. */
const REPORT_MS = 10_000;
const LOOK_MS = 1000;

/** Starts to look; call what it gives back to stop. */
export function startIdle(): () => void {
  let [last, reported] = [Date.now(), 0];
  const touched = () => {
    look();
    last = Date.now();
    if (isLocked() || !hasPeople() || Math.abs(last - reported) < REPORT_MS) return;
    reported = last;
    void ask("still_here").catch(() => undefined);
  };
  const look = () => {
    const minutes = idleMinutes();
    // a clock that was put back counts as time that has passed
    const idle = Math.abs(Date.now() - last);
    if (minutes !== undefined && !isLocked() && idle >= minutes * 60_000) lock();
  };
  const events = ["keydown", "pointerdown", "pointermove", "wheel"] as const;
  for (const kind of events) addEventListener(kind, touched, { capture: true, passive: true });
  const timer = setInterval(look, LOOK_MS);
  return () => {
    clearInterval(timer);
    for (const kind of events) removeEventListener(kind, touched, { capture: true });
  };
}
