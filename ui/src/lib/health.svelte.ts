// How far the bank has been asked, and what is wrong now: what every screen says at its edges.

import type { CoverageNow, HealthView } from "../bindings/settings";
import { ask } from "./ask";
import { setBankTime, setClocks } from "./clock.svelte";

const known = $state<{ coverage: CoverageNow | undefined; health: HealthView | undefined }>({
  coverage: undefined,
  health: undefined,
});

export function covered(): CoverageNow | undefined {
  return known.coverage;
}

export function wrongNow(): HealthView | undefined {
  return known.health;
}

export function takeHealth(next: HealthView): void {
  known.health = next;
  setClocks(next.clocks ?? []);
}

/**
 * Minutes were asked about, or time has passed: the answer says how late it is at the bank too.
 * What cannot be read stays as it was, and the strip above says why.
 */
export async function readCoverage(): Promise<void> {
  const answer = await ask("coverage").catch(() => undefined);
  if (!answer) return;
  known.coverage = answer;
  setBankTime(answer.now);
}

export async function readHealth(): Promise<void> {
  const answer = await ask("health").catch(() => undefined);
  if (answer) takeHealth(answer);
}
