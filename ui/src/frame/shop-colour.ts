// Which colour a shop has, so that two of them are not taken for each other. Not the colours that
// say paid, failed or practice.

const COLOURS = ["accent", "refund", "unknown", "print"] as const;

/** Always the same one for the same name. */
export function colourOf(name: string): (typeof COLOURS)[number] {
  let sum = 7;
  for (const sign of name) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 65_521;
  return COLOURS[sum % COLOURS.length] ?? "accent";
}
