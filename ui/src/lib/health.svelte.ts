// How far the bank has been asked, and what is wrong now: what every screen says at its edges.

import { coverage, health, type Coverage, type Health } from "./api";

const known = $state<{ coverage: Coverage | undefined; health: Health | undefined }>({
  coverage: undefined,
  health: undefined,
});

export function covered(): Coverage | undefined {
  return known.coverage;
}

export function wrongNow(): Health | undefined {
  return known.health;
}

export function takeHealth(next: Health): void {
  known.health = next;
}

/** Minutes were asked about, or time has passed. What cannot be read stays as it was, and the strip above says why. */
export async function readCoverage(): Promise<void> {
  known.coverage = await coverage().catch(() => known.coverage);
}

export async function readHealth(): Promise<void> {
  known.health = await health().catch(() => known.health);
}
