// How numbers and times are written. Everything here works on text: amounts are computed in Rust,
// and bank time is Asia/Taipei whatever the time zone of this computer is, so a time is never put
// through its clock.

import { textIn, type Language } from "./text.svelte";

/** `12600` -> `12,600`. */
export function thousands(digits: string): string {
  // as it was typed
  if (/[^\d.]/.test(digits)) return digits;
  const [whole = "", ...cents] = digits.split(".");
  return [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...cents].join(".");
}

/** `99922632500581` -> `9992 2632 5005 81`: groups of four, the way accounts are read aloud. */
export function groups(account: string): string {
  return account.replace(/\d{4}(?=\d)/g, "$& ");
}

/** `2026-11-23T23:59:59+08:00` -> `2026/11/23（一）23:59`. */
export function moment(time: string, language: Language): string {
  return textIn(language, "moment", { day: day(time, language), time: minute(time) });
}

/** `2026-11-23T23:59:59+08:00` -> `2026/11/23（一）`, in English `2026/11/23 Mon`. */
export function day(time: string, language: Language): string {
  const date = time.slice(0, 10);
  const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() || 7) as 1 | 2 | 3 | 4 | 5 | 6 | 7;
  return textIn(language, "day", {
    date: date.replaceAll("-", "/"),
    weekday: textIn(language, `weekday.${weekday}`),
  });
}

/** `2026-11-20T14:09:32+08:00` -> `14:09:32`. */
export function clock(time: string): string {
  return time.slice(11, 19);
}

/** `2026-11-20T14:09:32+08:00` -> `11/20 14:09`, for the stamp. */
export function short(time: string): string {
  return `${time.slice(5, 10).replace("-", "/")} ${time.slice(11, 16)}`;
}

/** The host of a link; text that is no link stays as it is. */
export function host(link: string): string {
  return URL.canParse(link) ? new URL(link).host : link;
}

/** `2026-11-20T14:09:32+08:00` -> `14:09`. */
export function minute(time: string): string {
  return time.slice(11, 16);
}

/**
 * A time of `today` as `of` writes it, `14:09`; one of another day with its date: `11/20 14:09`.
 */
export function dated(time: string, today: string, of: (time: string) => string = minute): string {
  return time.startsWith(today) ? of(time) : short(time);
}

/** The day at the bank at an instant: `2026-11-20`. Asia/Taipei has no summer time. */
export function dayOf(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(0, 10);
}

/** The time of day at the bank at an instant: `14:12`. */
export function minuteOf(ms: number): string {
  return minute(new Date(ms + 8 * 3_600_000).toISOString());
}

/** What is left of a time, in whole parts. */
export interface Left {
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
}

/** Milliseconds in days, hours, minutes and seconds; nothing is left when they are over. */
export function left(ms: number): Left {
  const all = Math.max(Math.floor(ms / 1000), 0);
  return {
    days: Math.floor(all / 86_400),
    hours: Math.floor(all / 3600) % 24,
    minutes: Math.floor(all / 60) % 60,
    seconds: all % 60,
  };
}

/** `7`, `5` -> `07:05`. */
export function minutesAndSeconds({ minutes, seconds }: Left): string {
  return [minutes, seconds].map((part) => String(part).padStart(2, "0")).join(":");
}

/** The same in words, which nobody takes for a time of day: `9 分 57 秒`. */
export function inWords({ minutes, seconds }: Left, language: Language): string {
  const values = { minutes: String(minutes), seconds: String(seconds) };
  return textIn(language, minutes > 0 ? "left.words" : "left.seconds", values);
}

/** Typed text for use between the isolates of a sentence: without the characters that could end
 *  them and turn the words around it. */
export function oneWay(written: string): string {
  return written.replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "");
}
