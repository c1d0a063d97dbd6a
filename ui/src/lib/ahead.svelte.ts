// Keys that are typed ahead: while the program opens, checks a PIN or issues a slip, no screen can
// take a digit. An amount without its first digits is another amount, so what is typed ahead
// reaches the next screen whole, or not at all.

import { tick } from "svelte";

import { figureOf, nameOf } from "./amount";
import { methodKeyOf } from "./methods";

/** A PIN and an amount fit in. */
const KEYS_MAX = 40;

/** Keys that follow each other faster are of one number. */
const PAUSE_MS = 1000;
/** So long after a start a busy computer may still lose keys of a number. */
const SETTLING_MS = 5000;

/** No finger types so fast: a scanner does, and ends with Enter. */
const BURST_MS = 35;
const BURST_KEYS = 4;

const MODIFIERS = ["Shift", "Control", "Alt", "Meta"];

/** How much is under way, and what was typed meanwhile. */
let waits = 0;
let kept: KeyboardEvent[] = [];
/** When the last key came of a number that has lost its beginning. */
let lost_ms: number | undefined;
/** It may have begun before the window had the keys. */
let elsewhere = false;
/** Until then a number is looked at before it is sold. */
let settled_ms = 0;
let early = false;
/** Keys that came as fast as a scanner's, and the last of them. */
let burst = { keys: 0, at_ms: 0, ended: false };
let replaying = false;
const told = $state({ lost: false, early: false });

/** Whether the last number was not taken; until the next one begins. */
export function isLost(): boolean {
  return told.lost;
}

/** Whether the key that sells is to be pressed again, now that the number is seen. */
export function isEarly(): boolean {
  return told.early;
}

/** A window is seen a moment before the system gives it the keys: a number that goes on then has
 *  begun elsewhere. */
export function startAhead(): () => void {
  settled_ms = 0;
  const begin = ({ timeStamp }: FocusEvent) => {
    lost_ms = timeStamp;
    settled_ms = timeStamp + SETTLING_MS;
    elsewhere = true;
  };
  // a driver types into the page, whatever window has the keys
  if (!document.hasFocus() && !navigator.webdriver) addEventListener("focus", begin, { once: true });
  return () => removeEventListener("focus", begin);
}

/** Keeps what is typed until the work is done. `false`: its screen stays, and what was meant for
 *  the next one is lost whole. */
export async function typedAhead(work: Promise<boolean>): Promise<void> {
  waits += 1;
  const done = await work.catch(() => false);
  // the next screen takes keys after this
  await tick();
  waits -= 1;
  if (!done) return lose(kept.at(-1)?.timeStamp);
  if (waits > 0) return;
  const keys = kept;
  kept = [];
  // a key that sends something keeps those after it once more
  replaying = true;
  for (const key of keys)
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent(key.type, key));
  replaying = false;
}

/** Whether this key is the first of a number, by its pace. */
export function beginsBurst(): boolean {
  return burst.keys <= 1;
}

/** Whether a scanner typed what this key ends: it confirms nothing. */
export function isScanned(): boolean {
  return burst.ended;
}

function follow({ timeStamp, key, repeat }: KeyboardEvent): void {
  if (MODIFIERS.includes(key)) return;
  const quick = !replaying && !repeat && timeStamp - burst.at_ms < BURST_MS;
  const ended = key === "Enter" && quick && burst.keys >= BURST_KEYS;
  const keys = key.length > 1 ? 0 : quick ? burst.keys + 1 : 1;
  burst = { keys, at_ms: timeStamp, ended };
}

/** Whether the screens hear nothing of this key: it is kept, or its number has lost the beginning.
 *  `locked`: nothing is sold, and half a PIN is none. */
export function keepsAhead(event: KeyboardEvent, locked: boolean): boolean {
  follow(event);
  if (event.ctrlKey || event.altKey || MODIFIERS.includes(event.key)) return false;
  if (nameOf(event) === "Escape" || (locked && elsewhere)) forgetAhead();
  const figure = !event.metaKey && figureOf(event) !== undefined;
  const ours = figure || methodKeyOf(event) !== undefined || /^(?:Enter|Backspace)$/.test(nameOf(event));
  if (lost_ms !== undefined) {
    const same = event.timeStamp - lost_ms < PAUSE_MS;
    lost_ms = same ? event.timeStamp : undefined;
    if (same && figure) told.lost = true;
    if (same) return ours;
  }
  if (figure) {
    told.lost = false;
    early ||= event.timeStamp < settled_ms;
  }
  if (waits === 0) {
    told.early = early && !locked && methodKeyOf(event) !== undefined;
    if (told.early) early = false;
    return told.early;
  }
  const scanned = !locked && isScanned() && nameOf(event) === "Enter";
  if (!ours || scanned || kept.length >= KEYS_MAX) lose(kept.length > 0 ? event.timeStamp : undefined);
  // only a figure begins: nothing is confirmed before it is seen
  else if (figure || kept.length > 0) kept.push(event);
  else return false;
  return ours;
}

/** Somebody else begins. */
export function forgetAhead(): void {
  kept = [];
  lost_ms = undefined;
  elsewhere = early = false;
  told.lost = told.early = false;
}

function lose(at_ms: number | undefined): void {
  told.lost ||= kept.length > 0;
  kept = [];
  lost_ms = at_ms ?? lost_ms;
}
