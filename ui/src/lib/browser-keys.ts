// Keys that a browser takes for itself: find, reload, print, back. In this window they do nothing,
// unless they are ours. And held keys: they move and write, and never send or confirm.

import { composing, digitOf, nameOf } from "./amount";
import { isTyping } from "./typed";
import { methodKeyOf } from "./methods";

const CONTROL = new Set([..."dfghjlnoprstuw", "+", "-", "=", "0"]);

/** What a held key may go on doing: moving, and taking back digits. */
const MOVES = /^(?:Backspace|Tab| |Home|End|(?:Arrow|Page).+)$/;

/** Whether a key is only held where it would repeat its action. One press is one action: a second
 *  confirmation needs a second press, and a held key does not resend what was refused. */
export function isHeld(event: KeyboardEvent): boolean {
  const typing = isTyping(event.target);
  if (!event.repeat || (typing && composing(event))) return false;
  if (event.altKey || /^(?:Enter|Escape|F\d{1,2})$/.test(nameOf(event)) || (event.metaKey && isWayKey(event)))
    return true;
  if (typing || event.ctrlKey || event.metaKey) return false;
  return !MOVES.test(nameOf(event)) && digitOf(event) === undefined;
}

/** The keys of the ways to pay: the counter's own, also those of a way that is not there yet. */
export function isWayKey(event: KeyboardEvent): boolean {
  return methodKeyOf(event) !== undefined;
}

/** Whether a browser would do something of its own with this key. */
export function isTheBrowsers(event: KeyboardEvent): boolean {
  if (/^F\d{1,2}$/.test(event.key)) return true;
  if (event.altKey) return event.key === "ArrowLeft" || event.key === "ArrowRight" || event.key === "Home";
  return (event.ctrlKey || event.metaKey) && CONTROL.has(event.key.toLowerCase());
}
