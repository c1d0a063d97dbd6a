// A PIN while it is typed: by key code, so that no input method composes in it. Its digits stay
// here and never get into the page; the page knows how many there are.

import { PIN_DIGITS_MAX } from "../bindings/rules";
import { digitOf, digitsIn, nameOf } from "./amount";

export class Pin {
  count = $state(0);
  #digits = "";

  /** Takes a digit or takes one back; returns whether the key was one of those. */
  press(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    const digit = digitOf(event);
    if (digit !== undefined && this.count < PIN_DIGITS_MAX) this.#is(this.#digits + digit);
    if (nameOf(event) === "Backspace") this.#is(this.#digits.slice(0, -1));
    else return digit !== undefined;
    return true;
  }

  /** Takes digits from the clipboard, full-width ones and groups too; any other text is no PIN. */
  paste(event: ClipboardEvent): void {
    const text = (event.clipboardData?.getData("text") ?? "").normalize("NFKC");
    const digits = this.#digits + digitsIn(text);
    if (/^[\d\s-]+$/.test(text) && digits.length <= PIN_DIGITS_MAX) this.#is(digits);
    event.preventDefault();
  }

  /** Gives the digits and forgets them. */
  take(): string {
    const digits = this.#digits;
    this.clear();
    return digits;
  }

  /** Whether both are the same, for a new one that is typed twice. */
  equals(other: Pin): boolean {
    return this.#digits === other.#digits;
  }

  clear(): void {
    this.#is("");
  }

  #is(digits: string): void {
    this.#digits = digits;
    this.count = digits.length;
  }
}
