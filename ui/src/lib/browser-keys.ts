// Keys that a browser takes for itself: finding in a page, loading it anew, printing it, going back. In this window they do
// nothing, unless they are ours. And keys that are held: they move and write, and never send or confirm.

import { composing, digitOf, nameOf } from "./amount";
import { isTyping } from "./typed";
import { methodKeyOf } from "./methods";

const CONTROL = new Set([..."dfghjlnoprstuw", "+", "-", "=", "0"]);

/** What a held key may go on doing: moving, and taking back digits. */
const MOVES = /^(?:Backspace|Tab| |Home|End|(?:Arrow|Page).+)$/;

/** Whether a key is only held where it would do once more what it stands for. One press is one deed: what is asked twice is
 *  pressed twice, and what was refused is not sent again by a key that stays down. */
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
