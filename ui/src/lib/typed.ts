// What was typed into a form, as a value; and whether it can be one, as far as it can be seen here.
// Rust looks at everything again.

import { digitsIn } from "./amount";
import type { Said } from "./text.svelte";

/** What is wrong with a field, by its name. */
export type Problems = Partial<Record<string, Said>>;

const URL_CHARS_MAX = 255;
const PORT_MAX = 65_535;

/** Clears the problems of fields that are being retyped. */
export function mend(problems: Problems, ...names: string[]): void {
  for (const name of names) Reflect.deleteProperty(problems, name);
}

/** Whether the focus is where text is typed: single letters are not keys there. */
export function isTyping(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement) return !target.readOnly;
  return (
    target instanceof HTMLInputElement && !target.readOnly && !["radio", "checkbox"].includes(target.type)
  );
}

/** A whole number, full-width figures and commas too. */
export function whole(typed: string): number | undefined {
  const text = typed.normalize("NFKC").trim();
  return /^\d[\d,]*$/.test(text) ? Number(digitsIn(text)) : undefined;
}

export function outside(typed: string, least: number, most: number): boolean {
  const number = whole(typed);
  return number === undefined || number < least || number > most;
}

export function portProblem(typed: string): boolean {
  return outside(typed, 0, PORT_MAX);
}

/** An https page that a bank can be told. */
export function isPage(typed: string): boolean {
  const url = typed.trim();
  return /^https:\/\/[^\s'"%\\]+$/.test(url) && url.length <= URL_CHARS_MAX;
}

/** Where the browser returns to, as Rust takes it. */
export function returnOf(
  goes_to: string,
  url: string,
  port: string,
): { return_url: string; loopback_port: number } {
  const loopback_port = portProblem(port) ? 0 : (whole(port) ?? 0);
  return { return_url: goes_to === "page" ? url.trim() : "loopback", loopback_port };
}
