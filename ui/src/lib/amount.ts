// The amount while it is typed: digits and nothing else. What they are worth is read in Rust.

/** NT$999,999,999: beyond every limit of every bank, so that a number is refused by its limit, not cut. */
export const DIGITS_MAX = 9;

/** The digit that a key stands for, also while a Chinese input method is on (then only the key's code is true). */
export function digitOf(event: Pick<KeyboardEvent, "key" | "code">): string | undefined {
  const byKey = digitsIn(event.key);
  if (event.key.length === 1) return byKey === "" ? undefined : byKey;
  return /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1];
}

/** The digits in a text, full-width ones too. Cents, signs and words are left out: `NT$１2,600` -> `12600`. */
export function digitsIn(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/\.\d*$/, "")
    .replace(/\D/g, "");
}

/** The amount with a digit more; a leading nought says nothing, and a full field stays as it is. */
export function append(digits: string, more: string): string {
  const next = (digits + more).replace(/^0+/, "");
  return next.length > DIGITS_MAX ? digits : next;
}
