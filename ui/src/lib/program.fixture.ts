// What the program answers when nothing in particular is tried: a shop with nothing wrong and
// nothing new.

export const NOW = "2026-11-20T14:05:00+08:00";

export const SHOP = {
  name: "demo",
  payee_name: "禾日茶行",
  environment: "demo",
  account_limit: 30_000,
  card_limit: 9_999_999,
  ctbc_limit: null as number | null,
  link_qr: true,
  demo: true,
  now: NOW,
};

const QUIET: Record<string, unknown> = {
  newest: [],
  orders: [],
  views: [],
  unseen: [],
  seen: null,
  leave: null,
  again: null,
  coverage: { from: "2026-11-20T09:00:00+08:00", to: "2026-11-20T13:55:00+08:00", gaps: [], now: NOW },
  health: { bank: null, clock_off_s: null, paused: null },
};

/** Whether a command is one of those, and then its answer. */
export function quiet(command: string): { answer: unknown } | undefined {
  return command in QUIET ? { answer: QUIET[command] } : undefined;
}
