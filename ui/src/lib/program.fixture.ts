// What the program answers when nothing in particular is tried: a shop with nothing wrong and
// nothing new.

import { RIGHTS, type Right, type Role } from "../bindings/names";
import type { PersonView, WhoView } from "../bindings/settings";

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

/** Of a shop without people. */
export const NOBODY = { person: null, people: false, rights: RIGHTS, lock_after_mins: 5 };

const of = (name: string, role: Role): PersonView => ({
  person: `id-${name}`,
  name,
  role,
  ask_max: null,
  approve_max: role === "accountant" ? 30_000 : null,
  retired: false,
});
export const CLERK = of("林家瑜", "clerk");
export const ACCOUNTANT = of("黃淑芬", "accountant");
export const OWNER = of("吳明哲", "owner");
export const PEOPLE = [OWNER, CLERK, ACCOUNTANT];

const SELLS: Right[] = ["sell", "cancel", "acknowledge", "ask-refund"];

/** Who is at the counter; nobody: the shop is locked. */
export function whoOf(person: PersonView | null): WhoView {
  const rights = person?.role === "owner" ? [...RIGHTS] : person ? SELLS : [];
  return { person, people: true, rights, lock_after_mins: 5 };
}

const QUIET: Record<string, unknown> = {
  newest: [],
  orders: [],
  foreign_found: [],
  views: [],
  unseen: [],
  refunds: { rows: [], discrepancies: [] },
  seen: null,
  leave: null,
  sale_nears: null,
  again: null,
  who: NOBODY,
  people: [],
  sign_out: null,
  still_here: null,
  speak: null,
  pin_wait: 0,
  coverage: { from: "2026-11-20T09:00:00+08:00", to: "2026-11-20T13:55:00+08:00", gaps: [], now: NOW },
  health: { bank: null, clock_off_s: null, paused: null },
};

/** Whether a command is one of those, and then its answer. */
export function quiet(command: string): { answer: unknown } | undefined {
  return command in QUIET ? { answer: QUIET[command] } : undefined;
}

let typed_ms = 0;

/** A key at the pace of a finger, or of a scanner. */
export function keyOf(key: string, pace_ms = 120): KeyboardEvent {
  const code = /^\d$/.test(key) ? `Digit${key}` : key;
  const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true });
  typed_ms += pace_ms;
  Object.defineProperty(event, "timeStamp", { value: typed_ms });
  return event;
}
