// Whether the open shop is one to practise with: then the window, every slip and every text that is
// handed out say so, so that a picture of them is never taken for a real one.

import type { Environment } from "../bindings/names";
import { t } from "./text.svelte";

const open = $state<{ environment: Environment | null }>({ environment: "demo" });

/** Another shop is open. Before the first one nothing is real. */
export function setPractice(environment: Environment | null): void {
  open.environment = environment;
}

/** The word on the window and on everything that is handed out; nothing where the money is real. */
export function practice(): string | undefined {
  if (open.environment === "production") return undefined;
  return t(open.environment === "sandbox" ? "practice.sandbox" : "practice.demo");
}
