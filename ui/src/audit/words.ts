// The facts beside a row of the audit record, in words. The record keeps codes, so that rows of
// every version can be read; a bank's own codes and numbers stay as they are, and so does what is
// not known here.

import type { AuditLineView } from "../bindings/settings";
import { digitsIn } from "../lib/amount";
import { short, thousands } from "../lib/format";
import { t, words } from "../lib/text.svelte";

/** What a row says, as it was split at blanks. */
type Facts = (string | undefined)[];

/** The rows whose facts are not words yet, and how each is read. */
const READ: Partial<Record<string, (facts: Facts, whole: string) => Facts>> = {
  sell: ([rail, amount]) => [one("rail", rail), dollars(amount)],
  // its number is beside it
  cancel: () => [],
  "hand-out": () => [],
  send: ([kind, , count]) => [one("step", kind), t("audit.attempt", { count: count ?? "" })],
  answer: ([kind, state, code]) => [one("step", kind), one("answered", state), code],
  reading,
  token: ([what]) => [one("fact", what)],
  ends: ([time]) => [timed(time)],
  "coverage-begins": ([time]) => [timed(time)],
  cover: ([, time, , pass]) => [t("audit.until", { time: timed(time) }), one("pass", pass)],
  foreign: ([count]) => [t("audit.rows", { count: count ?? "" })],
  seal: ([count]) => [t("audit.rows", { count: count ?? "" })],
  recover: (_, whole) => [sentence(whole)],
  abandon: ([kind, ...rest], whole) =>
    rest.at(-1) === "more" ? [one("step", kind), t("audit.fact.no-object")] : [sentence(whole)],
  return: ([word, code, ...other]) =>
    word === "not"
      ? [t("audit.fact.not-signed")]
      : [t("audit.fact.signed"), code?.replace(",", ""), other.length > 0 ? t("audit.fact.other-sale") : ""],
  refund: ([, amount, reason]) => [dollars(amount), one("reason", reason)],
  "refund-approve": ([alone]) => [alone && t("audit.fact.alone")],
  "refund-withdraw": ([asked]) => [asked && t("audit.fact.asked")],
  "refund-plan": planned,
  "refund-step": ([kind]) => [one("step", kind)],
  "refund-decide": ([choice, ...said]) => [one("choice", choice), said.join(" ")],
  "refund-book": ([, amount]) => [dollars(amount)],
  "refund-unbook": ([, amount]) => [dollars(amount)],
  "record-lost": ([hash]) => [hash?.slice(0, 16)],
  "record-accepted": accepted,
  "close-discrepancy": ([kind]) => [one("discrepancy", kind)],
  "people-add": ([role]) => [one("role", role)],
  "people-limits": ([, ask, , approve]) => [
    t("people.ask", { limit: limit(ask) }),
    t("people.approve", { limit: limit(approve) }),
  ],
  settings: (parts) => parts.map((part) => one("setting", part)),
  "bank-add": ([bank]) => [one("bank", bank)],
};

/** Where the words for a code are. */
const KEYS = {
  rail: (code: string) => `rail.${code}`,
  bank: (code: string) => `bank.${code}`,
  role: (code: string) => `role.${code}`,
  state: (code: string) => `state.${code}`,
  query: (code: string) => `query.${code}`,
  discrepancy: (code: string) => `discrepancy.${code}`,
  step: (code: string) => `audit.step.${code}`,
  answered: (code: string) => `audit.answered.${code}`,
  refund: (code: string) => `audit.refund.${code}`,
  reason: (code: string) => `audit.reason.${code}`,
  choice: (code: string) => `audit.choice.${code}`,
  way: (code: string) => `audit.way.${code}`,
  why: (code: string) => `audit.why.${code}`,
  fact: (code: string) => `audit.fact.${code}`,
  pass: (code: string) => `audit.pass.${code}`,
  setting: (code: string) => `audit.setting.${code}`,
};

/** The facts of a row in the chosen language. */
export function factsOf({ what, detail }: Pick<AuditLineView, "what" | "detail">): string {
  if (detail === "") return "";
  const read = READ[what]?.(detail.split(" "), detail) ?? [detail];
  return read.filter(Boolean).join(" · ");
}

/** How many rows go on; an older program has not counted them. */
function accepted(_: Facts, whole: string): Facts {
  const counts = whole.split("holds ")[1]?.match(/\d+/g);
  const count = counts?.reduce((sum, rows) => sum + Number(rows), 0);
  return [count === undefined ? undefined : t("audit.rows", { count: String(count) })];
}

function reading([query, said, state]: Facts): Facts {
  if (query === "by-xid") return [t("audit.fact.by-xid"), found(said)];
  if (said === undefined) return [one("fact", query)];
  return [one("query", query), found(said), one("state", state)];
}

/** What a query found; nothing is written as a dash. */
function found(said: string | undefined): string | undefined {
  return said === "-" ? t("audit.fact.nothing") : said;
}

function planned(_: Facts, whole: string): Facts {
  const [plan = "", told] = whole.split(/(?:^| )told /);
  const [state, why] = plan.split(" ");
  const [before, after] = told?.split(", ran ") ?? [];
  const changed = after && t("audit.fact.changed", { before: way(before), after: way(after) });
  return [one("refund", state), one("why", why), changed];
}

/** How a refund goes, and with the batch of which day. */
function way(course = ""): string {
  const [name, ...day] = course.split(" ");
  return [one("way", name), ...day].join(" ");
}

/** The word for a code of ours; one that has none is shown as it is. */
function one(kind: keyof typeof KEYS, code: string | undefined): string | undefined {
  return code && (words(KEYS[kind](code)) ?? code);
}

/** A sentence of the record, by itself. */
function sentence(whole: string): string {
  return words(KEYS.fact(whole.replaceAll(" ", "-"))) ?? whole;
}

function dollars(amount: string | undefined): string {
  return `${t("people.unit")}${thousands(digitsIn(amount ?? ""))}`;
}

function limit(most: string | undefined): string {
  // a limit of the role's, which the row does not name
  if (!most || most === "-") return t("audit.fact.role-limit");
  return t("people.most", { amount: thousands(digitsIn(most)) });
}

function timed(time: string | undefined): string {
  return time && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(time) ? short(time) : (time ?? "");
}
