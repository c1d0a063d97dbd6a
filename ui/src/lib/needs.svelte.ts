// How many orders need a person: beside the orders in the side bar, on every screen.

import type { ViewCount } from "../bindings/settings";
import { ask } from "./ask";
import { isLocked } from "./people.svelte";

let needs = $state(0);
let asked = 0;

export function needsMe(): number {
  return needs;
}

/** The numbers of the views, as just read. */
export function takeCounts(counts: ViewCount[]): void {
  asked += 1;
  needs = counts.find(({ view }) => view === "needs-me")?.count ?? 0;
}

/** Reads them again; the answer to an earlier question is dropped. */
export async function readNeeds(): Promise<void> {
  const mine = (asked += 1);
  const counts = isLocked() ? [] : await ask("views").catch(() => []);
  if (mine === asked) takeCounts(counts);
}
