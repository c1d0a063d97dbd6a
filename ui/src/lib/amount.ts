// The amount while it is typed: digits and nothing else. What they are worth is read in Rust.

import {
  FIGURES,
  GOES_ON,
  GROUPS,
  LESS,
  LESS_BEHIND,
  OTHERS_MONEY,
  OURS,
  PART,
  PLACES,
  UNIT,
  WHOLE,
  WORTH,
} from "../text/signs";

/**
 * NT$999,999,999: beyond every limit of every bank, so that a number is refused by its limit, not
 * cut.
 */
export const DIGITS_MAX = 9;

/** The digit of a key, also while a Chinese input method is on (then only its code is true). */
export function digitOf(event: Pick<KeyboardEvent, "key" | "code">): string | undefined {
  const byKey = event.key.length === 1 ? digitsIn(event.key) : "";
  if (byKey !== "") return byKey;
  // what the key really types, `%` or a letter, is no digit; the sign of an input method is not
  // what was meant
  if (/^[ -~]$/.test(event.key)) return undefined;
  return /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1];
}

/**
 * A digit, or a sign as it was typed. Rust refuses an amount with a sign that is no thousands'
 * comma, so that `12.5`, `-500` and `12k` are never taken for 125, 500 and 12. A letter or a comma
 * begins no amount: `typed` is what stands in the field.
 */
export function figureOf(event: Pick<KeyboardEvent, "key" | "code">, typed = ""): string | undefined {
  const digit = digitOf(event);
  if (digit !== undefined) return digit;
  const sign = event.key.normalize("NFKC");
  if (event.code === "NumpadDecimal" || /^[.\u3002]$/.test(sign)) return ".";
  if (/^[-\u2212]$/.test(sign)) return "-";
  return typed !== "" && /^\S$/u.test(sign) ? sign : undefined;
}

/** The digits of a typed amount; nothing where more stands in it than the commas of thousands. */
export function plain(typed: string): string | undefined {
  if (/^\d*$/.test(typed)) return typed;
  return /^\d{1,3}(?:,\d{3})+$/.test(typed) ? typed.replaceAll(",", "") : undefined;
}

/** Whether something stands in an amount that no further digit makes right. */
export function isOdd(typed: string): boolean {
  return plain(typed) === undefined && !/^\d{1,3}(?:,\d{3})*,\d{0,2}$/.test(typed);
}

/** The digits in a text, full-width ones too: `１2,600` -> `12600`. */
export function digitsIn(text: string): string {
  return text.normalize("NFKC").replace(/\D/g, "");
}

/** The one whole amount in a text, with signs and words around it and cents that are nought:
 *  `NT$１2,600.00元` -> `12600`. Only thousands take commas. No amount: an ambiguous text, more than
 *  a field can hold, less than nothing, and a number that words make worth something else (`3萬`,
 *  `5角`, `3k`, `US$3`) or part of something (`A1058`, `3盒`). */
export function amountIn(text: string): string | undefined {
  const plain = text.normalize("NFKC").trim();
  const [found, another] = plain.matchAll(/(\d+(?:,\d{3})*)(\.\d+)?/g);
  if (!found || another) return undefined;
  const [whole, figures = "", cents = ""] = found;
  const before = plain.slice(0, found.index).replace(OURS, "");
  const behind = plain.slice(found.index + whole.length);
  const rest = behind.replace(UNIT, "");
  const less = LESS.test(before) || LESS_BEHIND.test(rest) || (/^\($/.test(before) && /^\)$/.test(rest));
  const other = OTHERS_MONEY.test(before) || GOES_ON.test(before) || WORTH.test(rest);
  if (less || other || (rest === behind && PART.test(rest)) || /\.(?!00?$)/.test(cents)) return undefined;
  return append("", digitsIn(figures)) || undefined;
}

/**
 * The amount with a figure more; a leading nought and a second point say nothing, and a full field
 * stays as it is.
 */
export function append(digits: string, more: string): string {
  if (more === "." && digits.includes(".")) return digits;
  const next = (digits + more).replace(/^0+/, "");
  return digitsIn(next).length > DIGITS_MAX || next.length > 2 * DIGITS_MAX ? digits : next;
}

type Pressed = Pick<KeyboardEvent, "key" | "code"> & Partial<Pick<KeyboardEvent, "shiftKey">>;

/** The letter or sign of a key, also while a Chinese input method is on. */
export function letterOf(event: Pressed): string {
  const key = event.key.normalize("NFKC");
  if (/^[!-~]$/.test(key)) return key.toLowerCase();
  if (event.code === "Slash") return event.shiftKey ? "?" : "/";
  return /^Key([A-Z])$/.exec(event.code)?.[1]?.toLowerCase() ?? event.key;
}

/**
 * The name of a key that has one, `Enter`; an input method that keeps it to itself does not hide
 * it.
 */
export function nameOf(event: Pick<KeyboardEvent, "key" | "code">): string {
  return event.key === "Process" ? event.code.replace(/^Numpad(?=Enter$)/, "") : event.key;
}

/**
 * Whether an input method is still at work on this key: in a text field it is no shortcut then, and
 * Enter is its own. Elsewhere nothing is written, and the key is ours.
 */
export function composing(event: Pick<KeyboardEvent, "isComposing" | "key">): boolean {
  return event.isComposing || event.key === "Process";
}

/**
 * By how much the typed amount is over a limit; `0` when it is not. A help for the eye while
 * typing: the limit itself is kept in Rust. Nine digits at most, so every value is exact.
 */
export function over(digits: string, limit: number | undefined): number {
  return limit === undefined ? 0 : Math.max(Number(plain(digits) ?? 0) - limit, 0);
}

/** `12600` -> `壹萬貳仟陸佰元整`: the numerals of cheques, in which a digit too many is seen at once. */
export function formal(digits: string): string {
  const figures = plain(digits);
  if (!figures) return "";
  const groups = [...figures.padStart(12, "0").matchAll(/.{4}/g)].map(([group]) => group);
  let written = "";
  for (const [at, group] of groups.entries()) {
    const text = formalGroup(group, written !== "");
    if (text !== "") written += text + (GROUPS[at] ?? "");
  }
  return `${written}${WHOLE}`;
}

/** Four digits; writes noughts between figures once, and those before the first only behind a
 *  higher group. */
function formalGroup(group: string, behind: boolean): string {
  let written = "";
  let gap = false;
  for (const [at, digit] of [...group].entries()) {
    if (digit === "0") {
      gap = true;
      continue;
    }
    if (gap && (written !== "" || behind)) written += FIGURES.charAt(0);
    written += FIGURES.charAt(Number(digit)) + (PLACES[3 - at] ?? "");
    gap = false;
  }
  return written;
}
