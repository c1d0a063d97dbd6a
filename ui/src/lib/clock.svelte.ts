// Bank time, second by second, for countdowns and for the word "today". Each bank has a clock of
// its own: what ends at a bank ends by that one. Evidence is never dated with it.

import type { Bank } from "../bindings/names";
import type { ClockView } from "../bindings/settings";
import { dated, dayOf, minute } from "./format";
import { t } from "./text.svelte";

interface BankClock {
  bank: Bank;
  ahead: number;
  /** The bank has told it since the start, or this computer's clock was right in the run before. */
  known: boolean;
  /** The bank names a time that is not proved yet. */
  doubted: boolean;
}

const clock = $state<{ ms: number; ahead: number; banks: BankClock[] }>({
  ms: Date.now(),
  ahead: 0,
  banks: [],
});

function of(bank: Bank): BankClock | undefined {
  return clock.banks.find((one) => one.bank === bank);
}

/** Milliseconds of bank time now, of the named bank; its readers redraw every second. */
export function bankMs(bank?: Bank): number {
  return clock.ms + ((bank && of(bank)?.ahead) ?? clock.ahead);
}

/** Whether a bank's time is known and uncontradicted; until then no time based on it shows. */
export function isSure(bank: Bank): boolean {
  const one = of(bank);
  return !one || (one.known && !one.doubted);
}

/** Whether the window's date may be wrong: it comes from the first bank with a known time. */
export function isDateDoubted(): boolean {
  return (clock.banks.find((one) => one.known) ?? clock.banks[0])?.doubted ?? false;
}

/** The bank's day now, or some days before: `2026-11-20`. */
export function bankDay(before = 0): string {
  return dayOf(bankMs() - before * 86_400_000);
}

/** A time with its day: `今天 14:09`, or `11/20 14:09` of another day. */
export function withDay(time: string): string {
  return dated(time, bankDay(), (today) => t("when.today", { time: minute(today) }));
}

/**
 * Rust has said what time it is at the bank, in whole seconds: by less than one no countdown jumps.
 */
export function setBankTime(time: string): void {
  clock.ms = Date.now();
  clock.ahead = steady(clock.ahead, time);
}

/** The same of each bank. */
export function setClocks(views: ClockView[]): void {
  clock.ms = Date.now();
  clock.banks = views.map(({ bank, now, known, doubted_by_s }) => {
    const was = clock.banks.find((one) => one.bank === bank)?.ahead ?? Infinity;
    return { bank, ahead: steady(was, now), known, doubted: doubted_by_s !== null };
  });
}

function steady(was: number, time: string): number {
  const ahead = Date.parse(time) - clock.ms;
  return Math.abs(ahead - was) >= 1000 ? ahead : was;
}

/** Begins to tick, and says when a minute is over; call what it gives back to stop. While nobody
 *  sees the window no second redraws it. */
export function startClock(minute: () => void): () => void {
  const second = () => {
    if (document.visibilityState !== "hidden") clock.ms = Date.now();
  };
  const timers = [setInterval(second, 1000), setInterval(minute, 60_000)];
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}
