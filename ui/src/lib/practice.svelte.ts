// Whether the open shop is one to practise with: then the window, every slip and every text that is
// handed out say so, so that a picture of them is never taken for a real one.

import type { Environment } from "../bindings/names";
import { t } from "./text.svelte";

const open = $state<{ environment: Environment | null; demo: boolean }>({ environment: "demo", demo: false });

/** Another shop is open. Before the first one nothing is real. */
export function setPractice(environment: Environment | null, demo = false): void {
  open.environment = environment;
  open.demo = demo;
}

/** Its bank is inside the program: it starts over with it, and its keys let time pass. */
export function isDemo(): boolean {
  return open.demo;
}

/** The word on the window and on everything that is handed out; nothing where the money is real. */
export function practice(): string | undefined {
  if (open.environment === "production") return undefined;
  return t(open.environment === "sandbox" ? "practice.sandbox" : "practice.demo");
}
