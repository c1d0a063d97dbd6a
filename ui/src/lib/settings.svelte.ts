// The settings while they are changed. What was typed stays here when another screen is looked at; keys never come here.

import { digitsIn } from "./amount";
import { failure, type Change, type Settings } from "./api";
import { t, words } from "./text.svelte";

/** The fields as they are typed. */
export interface Draft extends Return {
  payee_name: string;
  account_limit: string;
  screen_s: string;
  screen_later_s: string;
  after_expiry_days: string;
}

/** Where the customer's browser returns to, as it is typed. */
export interface Return {
  goes_to: "page" | "loopback";
  return_url: string;
  loopback_port: string;
}

/** The fields of a new shop but its keys. */
export interface NewDraft extends Return {
  name: string;
  payee_name: string;
  environment: "sandbox" | "production" | "";
  shop_no: string;
}

/** What is wrong with a field, by its name. */
export type Problems = Partial<Record<string, string>>;

/** A sentence about what was done, or why not; then cause and next step. */
export interface Told {
  done: boolean;
  text: string;
  reason: string;
}

/** Least and most of the polling numbers, as Rust keeps them. */
export const BOUNDS = {
  screen_s: [3, 30],
  screen_later_s: [5, 120],
  after_expiry_days: [7, 60],
} as const;
export type Pace = keyof typeof BOUNDS;
const PACES = Object.keys(BOUNDS) as Pace[];

const NAME_CHARS_MAX = 60;
const URL_CHARS_MAX = 255;
const LIMIT_MAX = 9_999_999;
const PORT_MAX = 65_535;

interface Desk {
  settings: Settings | undefined;
  draft: Draft | undefined;
  adding: boolean;
  add: NewDraft;
  /** That the real shop is open; it outlives the change of the shop. */
  opened: Told | undefined;
  /** What the bank said about the keys. */
  proved: Told | undefined;
}

const desk = $state<Desk>(empty());

function empty(): Desk {
  const add: NewDraft = {
    name: "",
    payee_name: "",
    environment: "",
    shop_no: "",
    goes_to: "loopback",
    return_url: "",
    loopback_port: "0",
  };
  return { settings: undefined, draft: undefined, adding: false, add, opened: undefined, proved: undefined };
}

/** What the settings screen works on. */
export function settingsDesk(): Desk {
  return desk;
}

/** Clears the desk: another shop is open. That it was opened is still told. */
export function clearSettings(opened?: Told): void {
  Object.assign(desk, empty(), { opened });
}

/** The program has said what holds now. What is being changed stays as it was typed. */
export function takeSettings(answer: Settings): void {
  if (desk.settings && desk.settings.name !== answer.name) clearSettings(desk.opened);
  const [before, now] = [desk.settings && draftOf(desk.settings), draftOf(answer)];
  desk.settings = answer;
  if (!desk.draft || !before) desk.draft = now;
  else for (const name of names(now)) if (desk.draft[name] === before[name]) put(desk.draft, name, now);
}

/** What was saved is no change any more; what was typed meanwhile stays. */
export function takeSaved(answer: Settings, sent: Draft): void {
  const now = draftOf(answer);
  desk.settings = answer;
  if (desk.draft)
    for (const name of names(now)) if (desk.draft[name] === sent[name]) put(desk.draft, name, now);
}

function put<Name extends keyof Draft>(draft: Draft, name: Name, from: Draft): void {
  draft[name] = from[name];
}

function names(draft: Draft): (keyof Draft)[] {
  return Object.keys(draft) as (keyof Draft)[];
}

/** The fields as the settings fill them. */
export function draftOf(settings: Settings): Draft {
  const loopback = settings.return_url === "loopback";
  return {
    payee_name: settings.payee_name,
    goes_to: loopback ? "loopback" : "page",
    return_url: loopback ? "" : settings.return_url,
    loopback_port: String(settings.loopback_port),
    account_limit: String(settings.account_limit),
    screen_s: String(settings.polling.screen_s),
    screen_later_s: String(settings.polling.screen_later_s),
    after_expiry_days: String(settings.polling.after_expiry_days),
  };
}

/** The words of the fields that are not as they are kept. */
export function changedFields(draft: Draft, settings: Settings): string[] {
  const kept = draftOf(settings);
  const unused = draft.goes_to === "page" ? "loopback_port" : "return_url";
  const changed = names(kept).filter((name) => name !== unused && draft[name].trim() !== kept[name]);
  return changed.map((name) => t(`settings.${name === "goes_to" ? "return" : name}`));
}

/** What is wrong with the fields, as far as it can be seen here; Rust looks at everything again. */
export function problemsOf(draft: Draft): Problems {
  const problems: Problems = { ...nameProblem("payee_name", draft.payee_name), ...returnProblems(draft) };
  if (outside(draft.account_limit, 1, LIMIT_MAX)) problems["account_limit"] = wrong("account_limit");
  for (const pace of PACES)
    if (outside(draft[pace], BOUNDS[pace][0], BOUNDS[pace][1])) problems[pace] = wrong(pace);
  return problems;
}

/** The same of a new shop, its keys left out. */
export function newProblems(add: NewDraft): Problems {
  const problems: Problems = {
    ...nameProblem("name", add.name),
    ...nameProblem("payee_name", add.payee_name),
    ...returnProblems(add),
  };
  if (add.environment === "") problems["environment"] = wrong("environment");
  if (!/^\w{1,20}$/.test(add.shop_no.trim())) problems["shop_no"] = wrong("shop_no");
  return problems;
}

function nameProblem(name: string, typed: string): Problems {
  const length = [...typed.trim()].length;
  return length === 0 || length > NAME_CHARS_MAX ? { [name]: wrong(name) } : {};
}

function returnProblems({ goes_to, return_url, loopback_port }: Return): Problems {
  if (goes_to === "loopback")
    return outside(loopback_port, 0, PORT_MAX) ? { loopback_port: wrong("loopback_port") } : {};
  const url = return_url.trim();
  const good = /^https:\/\/[^\s'"%\\]+$/.test(url) && url.length <= URL_CHARS_MAX;
  return good ? {} : { return_url: wrong("return_url") };
}

function outside(typed: string, least: number, most: number): boolean {
  const number = whole(typed);
  return number === undefined || number < least || number > most;
}

/** A whole number, full-width figures and commas too. */
function whole(typed: string): number | undefined {
  const text = typed.normalize("NFKC").trim();
  return /^\d[\d,]*$/.test(text) ? Number(digitsIn(text)) : undefined;
}

/** A field is typed anew: what was wrong with it is no longer said. */
export function mend(problems: Problems, name: string): void {
  Reflect.deleteProperty(problems, name);
}

/** The sentence beside a field that is wrong. */
export function wrong(name: string): string | undefined {
  const [least, most] = (BOUNDS as Partial<Record<string, readonly [number, number]>>)[name] ?? [0, 0];
  return words(`wrong.${name}`, { least: String(least), most: String(most) });
}

/** Where the browser returns to, as Rust takes it. */
export function returnOf(typed: Return): Pick<Change, "return_url" | "loopback_port"> {
  const loopback_port = outside(typed.loopback_port, 0, PORT_MAX) ? 0 : (whole(typed.loopback_port) ?? 0);
  return { return_url: typed.goes_to === "page" ? typed.return_url.trim() : "loopback", loopback_port };
}

/** The change that is sent; only of a draft without problems. */
export function changeOf(draft: Draft): Change {
  const [screen_s = 0, screen_later_s = 0, after_expiry_days = 0] = PACES.map((pace) => whole(draft[pace]));
  return {
    payee_name: draft.payee_name.trim(),
    ...returnOf(draft),
    account_limit: whole(draft.account_limit) ?? 0,
    polling: { screen_s, screen_later_s, after_expiry_days },
  };
}

/** The field that a refusal names, without the part of the file it stands in; of the pace, the reason begins with it. */
export function fieldOf(thrown: unknown): string | undefined {
  const { field, why } = failure(thrown).values as { field?: unknown; why?: unknown };
  const name = String(field ?? "")
    .split(".")
    .at(-1);
  return (name === "polling" ? String(why).split(" ")[0] : name) || undefined;
}
