// The settings while they are changed. What was typed stays here when another screen is looked at;
// keys never come here.

import type { Bank } from "../bindings/names";
import { CUSTOMER_DAYS_MAX, LOCK_AFTER_MINS_MAX, POLLING_BOUNDS } from "../bindings/rules";
import type { SettingsChange, SettingsView } from "../bindings/settings";
import { failure } from "../lib/ask";
import { said, t, type Said } from "../lib/text.svelte";
import { isPage, outside, portProblem, returnOf, whole, type Problems } from "../lib/typed";
import {
  cardChangeOf,
  cardDraftOf,
  cardProblems,
  cardReturnProblems,
  type CardDraft,
  type CardReturn,
} from "./card-settings";

export { mend, type Problems } from "../lib/typed";

/** The fields as they are typed; those of a bank without a contract are empty. */
export interface Draft extends Return, CardDraft, Record<Pace, string> {
  payee_name: string;
  account_limit: string;
  lock_after_mins: string;
  customer_days: string;
  one_person: "yes" | "no";
  start_at_login: "yes" | "no";
}

/** Where the customer's browser returns to, as it is typed. */
export interface Return {
  goes_to: "page" | "loopback";
  return_url: string;
  loopback_port: string;
}

/** The fields of a new shop, or of one more bank, but the keys. */
export interface NewDraft extends Return, CardReturn {
  name: string;
  payee_name: string;
  environment: "sandbox" | "production" | "";
  banks: Bank | "both";
  shop_no: string;
  ctbc_mer_id: string;
  ctbc_merchant_id: string;
  ctbc_terminal_id: string;
}

export const has = (banks: NewDraft["banks"], bank: Bank): boolean => banks === "both" || banks === bank;

/** A sentence about what was done, or why not; then cause and next step. */
export interface Told {
  done: boolean;
  text: Said;
  reason: Said;
}

export type Pace = keyof typeof POLLING_BOUNDS;
export const PACES = Object.keys(POLLING_BOUNDS) as Pace[];

/** Something of each pace, by its name. */
export function each<T>(of: (pace: Pace) => T): Record<Pace, T> {
  return Object.fromEntries(PACES.map((pace) => [pace, of(pace)])) as Record<Pace, T>;
}

const NAME_CHARS_MAX = 60;
const LIMIT_MAX = 9_999_999;

interface SettingsScreen {
  settings: SettingsView | undefined;
  draft: Draft | undefined;
  adding: boolean;
  /** The bank that is being added to the shop. */
  joining: Bank | undefined;
  add: NewDraft;
  /** That the real shop, or one more bank, is open; it outlives the change of the shop. */
  opened: Told | undefined;
  /** What each bank said about its keys. */
  proved: Partial<Record<Bank, Told | undefined>>;
}

const screen = $state<SettingsScreen>(empty());

function empty(): SettingsScreen {
  const add: NewDraft = {
    name: "",
    payee_name: "",
    environment: "",
    banks: "sinopac",
    shop_no: "",
    goes_to: "loopback",
    return_url: "",
    loopback_port: "0",
    ctbc_mer_id: "",
    ctbc_merchant_id: "",
    ctbc_terminal_id: "",
    ctbc_goes_to: "loopback",
    ctbc_return_url: "",
    ctbc_loopback_port: "0",
  };
  return {
    settings: undefined,
    draft: undefined,
    adding: false,
    joining: undefined,
    add,
    opened: undefined,
    proved: {},
  };
}

/** What the settings screen works on. */
export function settingsScreen(): SettingsScreen {
  return screen;
}

/** Starts over: another shop is open. Keeps the message that it was opened. */
export function clearSettings(opened?: Told): void {
  Object.assign(screen, empty(), { opened });
}

/** Takes the settings that the program now has. Fields being changed keep what was typed. */
export function takeSettings(answer: SettingsView): void {
  if (screen.settings && screen.settings.name !== answer.name) clearSettings(screen.opened);
  const [before, now] = [screen.settings && draftOf(screen.settings), draftOf(answer)];
  screen.settings = answer;
  if (!screen.draft || !before) screen.draft = now;
  else for (const name of names(now)) if (screen.draft[name] === before[name]) put(screen.draft, name, now);
}

/** What was saved is no change any more; what was typed meanwhile stays. */
export function takeSaved(answer: SettingsView, sent: Draft): void {
  const now = draftOf(answer);
  screen.settings = answer;
  if (screen.draft)
    for (const name of names(now)) if (screen.draft[name] === sent[name]) put(screen.draft, name, now);
}

function put<Name extends keyof Draft>(draft: Draft, name: Name, from: Draft): void {
  draft[name] = from[name];
}

function names(draft: Draft): (keyof Draft)[] {
  return Object.keys(draft) as (keyof Draft)[];
}

/** The fields as the settings fill them. */
export function draftOf(settings: SettingsView): Draft {
  const { sinopac, polling } = settings;
  const loopback = sinopac === null || sinopac.return_url === "loopback";
  return {
    payee_name: settings.payee_name,
    goes_to: loopback ? "loopback" : "page",
    return_url: loopback ? "" : sinopac.return_url,
    loopback_port: String(sinopac?.loopback_port ?? 0),
    account_limit: String(sinopac?.account_limit ?? ""),
    lock_after_mins: String(settings.lock_after_mins),
    customer_days: String(settings.customer_days),
    one_person: settings.one_person ? "yes" : "no",
    start_at_login: settings.start_at_login ? "yes" : "no",
    ...cardDraftOf(settings.ctbc),
    ...each((pace) => String(polling[pace])),
  };
}

/** The words of the fields that are not as they are kept. */
export function changedFields(draft: Draft, settings: SettingsView): string[] {
  const kept = draftOf(settings);
  const unused = [
    draft.goes_to === "page" ? "loopback_port" : "return_url",
    draft.ctbc_goes_to === "page" ? "ctbc_loopback_port" : "ctbc_return_url",
  ];
  const changed = names(kept).filter((name) => !unused.includes(name) && draft[name].trim() !== kept[name]);
  return changed.map((name) => {
    const shown = name === "goes_to" ? "return" : name === "ctbc_goes_to" ? "ctbc_return" : name;
    return t(`settings.${shown}`);
  });
}

/** What is wrong with the fields, as far as it can be seen here; Rust looks at everything again. */
export function problemsOf(draft: Draft, settings: SettingsView): Problems {
  const problems: Problems = nameProblem("payee_name", draft.payee_name);
  if (settings.sinopac) {
    Object.assign(problems, returnProblems(draft));
    if (outside(draft.account_limit, 1, LIMIT_MAX)) problems["account_limit"] = wrong("account_limit");
  }
  if (settings.ctbc) Object.assign(problems, cardProblems(draft));
  if (outside(draft.lock_after_mins, 0, LOCK_AFTER_MINS_MAX))
    problems["lock_after_mins"] = wrong("lock_after_mins");
  if (outside(draft.customer_days, 0, CUSTOMER_DAYS_MAX)) problems["customer_days"] = wrong("customer_days");
  for (const pace of PACES)
    if (outside(draft[pace], POLLING_BOUNDS[pace][0], POLLING_BOUNDS[pace][1])) problems[pace] = wrong(pace);
  return problems;
}

/** The same of a new shop, its keys left out. */
export function newProblems(add: NewDraft): Problems {
  const problems: Problems = {
    ...nameProblem("name", add.name),
    ...nameProblem("payee_name", add.payee_name),
    ...bankProblems(add),
  };
  if (add.environment === "") problems["environment"] = wrong("environment");
  return problems;
}

/** The same of the banks alone. */
export function bankProblems(add: NewDraft): Problems {
  const problems: Problems = {};
  if (has(add.banks, "sinopac")) {
    Object.assign(problems, returnProblems(add));
    if (!/^\w{1,20}$/.test(add.shop_no.trim())) problems["shop_no"] = wrong("shop_no");
  }
  if (has(add.banks, "ctbc")) {
    Object.assign(problems, cardReturnProblems(add));
    for (const [name, least, most] of NUMBERS)
      if (!digits(add[name], least, most)) problems[name] = wrong(name);
  }
  return problems;
}

/** The numbers of a shop at CTBC, and how many digits they have. */
const NUMBERS = [
  ["ctbc_mer_id", 1, 10],
  ["ctbc_merchant_id", 13, 13],
  ["ctbc_terminal_id", 8, 8],
] as const;

function digits(typed: string, least: number, most: number): boolean {
  const text = typed.normalize("NFKC").trim();
  return /^\d*$/.test(text) && text.length >= least && text.length <= most;
}

function nameProblem(name: string, typed: string): Problems {
  const length = [...typed.trim()].length;
  return length === 0 || length > NAME_CHARS_MAX ? { [name]: wrong(name) } : {};
}

function returnProblems({ goes_to, return_url, loopback_port }: Return): Problems {
  if (goes_to === "loopback")
    return portProblem(loopback_port) ? { loopback_port: wrong("loopback_port") } : {};
  return isPage(return_url) ? {} : { return_url: wrong("return_url") };
}

/** The sentence beside a field that is wrong; `lines` are those of a list. */
export function wrong(name: string, lines = ""): Said | undefined {
  const [least, most] = (POLLING_BOUNDS as Partial<Record<string, readonly [number, number]>>)[name] ?? [
    0, 0,
  ];
  return said(`wrong.${name}`, { least: String(least), most: String(most), lines });
}

/** The change that is sent; only of a draft without problems. */
export function changeOf(draft: Draft, settings: SettingsView): SettingsChange {
  const account_limit = whole(draft.account_limit) ?? 0;
  return {
    payee_name: draft.payee_name.trim(),
    sinopac: settings.sinopac && {
      ...returnOf(draft.goes_to, draft.return_url, draft.loopback_port),
      account_limit,
    },
    ctbc: settings.ctbc && cardChangeOf(draft),
    polling: each((pace) => whole(draft[pace]) ?? 0),
    lock_after_mins: whole(draft.lock_after_mins) ?? 0,
    customer_days: whole(draft.customer_days) ?? 0,
    one_person: draft.one_person === "yes",
    ...(settings.start_at_login === undefined ? {} : { start_at_login: draft.start_at_login === "yes" }),
  };
}

/** The field that a refusal names: those of CTBC begin with its name, others come without their
 *  part of the file; for the pace, the reason begins with the field. */
export function fieldOf(thrown: unknown): string | undefined {
  const { field, why } = failure(thrown).values as { field?: unknown; why?: unknown };
  const parts = String(field ?? "").split(".");
  const name = parts.at(-1) ?? "";
  if (parts[0] === "ctbc") return `ctbc_${name}`;
  return (name === "polling" ? String(why).split(" ")[0] : name) || undefined;
}

/** The message beside the field that a refusal names, if we have words of our own. */
export function besideOf(field: string, thrown: unknown): Said | undefined {
  const { lines } = failure(thrown).values as { lines?: unknown };
  if (typeof lines === "string") return wrong(`${field}.lines`, lines);
  return wrong(field);
}
