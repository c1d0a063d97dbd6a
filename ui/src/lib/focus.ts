// Where the focus goes after something was refused, and what is brought into sight.

import { tick } from "svelte";

/** Scrolls a key's message into view, also in large type: when it appears, and with every press. */
export function inSight(press: unknown): (node: HTMLElement) => void {
  return (node) => {
    if (press !== false) node.scrollIntoView?.({ block: "nearest" });
  };
}

/** The first field of something that has just been opened. */
export async function focusFirst(root: () => HTMLElement | undefined): Promise<void> {
  await tick();
  root()?.querySelector("input")?.focus();
}

/**
 * The first field that is wrong, so that it can be corrected at once and is read aloud with its
 * reason.
 */
export async function focusWrong(root: HTMLElement | undefined): Promise<void> {
  await tick();
  root
    ?.querySelector<HTMLElement>(
      "input[aria-invalid=true], textarea[aria-invalid=true], [aria-invalid=true] input",
    )
    ?.focus();
}
