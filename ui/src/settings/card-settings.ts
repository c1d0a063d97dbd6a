// The settings of CTBC while they are changed. Only what Rust cannot be sent is looked at here: a
// number that is none, a page that is none. Everything else Rust refuses by its field, a list by
// its lines.

import type { CtbcChange, CtbcSettingsView } from "../bindings/settings";
import { said } from "../lib/text.svelte";
import { isPage, outside, portProblem, returnOf, whole, type Problems } from "../lib/typed";

/** Where the browser returns to from CTBC, as it is typed. */
export interface CardReturn {
  ctbc_goes_to: "page" | "loopback";
  ctbc_return_url: string;
  ctbc_loopback_port: string;
}

/** The fields as they are typed. */
export interface CardDraft extends CardReturn {
  ctbc_merchant_id: string;
  ctbc_terminal_id: string;
  ctbc_start: string;
  ctbc_minutes: string;
  ctbc_margin_minutes: string;
  /** `1,2,3`: Monday to Wednesday. */
  ctbc_weekdays: string;
  /** A date on each line. */
  ctbc_holidays: string;
  ctbc_extra_workdays: string;
  ctbc_no_batch_on_public_holidays: "yes" | "no";
  ctbc_reply_mac: string;
  ctbc_refund_remainder: "yes" | "no";
}

/** 1 Monday to 7 Sunday. */
export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7] as const;

const MINUTES_MAX = 100_000;

/** The fields as the settings fill them; empty ones without a contract. */
export function cardDraftOf(ctbc: CtbcSettingsView | null): CardDraft {
  const loopback = ctbc === null || ctbc.return_url === "loopback";
  return {
    ctbc_merchant_id: ctbc?.merchant_id ?? "",
    ctbc_terminal_id: ctbc?.terminal_id ?? "",
    ctbc_goes_to: loopback ? "loopback" : "page",
    ctbc_return_url: loopback ? "" : ctbc.return_url,
    ctbc_loopback_port: String(ctbc?.loopback_port ?? 0),
    ctbc_start: ctbc?.batch.start ?? "",
    ctbc_minutes: String(ctbc?.batch.minutes ?? ""),
    ctbc_margin_minutes: String(ctbc?.batch.margin_minutes ?? ""),
    ctbc_weekdays: (ctbc?.batch.weekdays ?? []).join(","),
    ctbc_holidays: (ctbc?.batch.holidays ?? []).join("\n"),
    ctbc_extra_workdays: (ctbc?.batch.extra_workdays ?? []).join("\n"),
    ctbc_no_batch_on_public_holidays: ctbc?.batch.no_batch_on_public_holidays === true ? "yes" : "no",
    ctbc_reply_mac: ctbc?.reply_mac ?? "",
    ctbc_refund_remainder: (ctbc?.refund_remainder ?? true) ? "yes" : "no",
  };
}

export function cardProblems(draft: CardDraft): Problems {
  const problems = cardReturnProblems(draft);
  for (const name of ["ctbc_minutes", "ctbc_margin_minutes"] as const)
    if (outside(draft[name], 0, MINUTES_MAX)) problems[name] = said(`wrong.${name}`);
  return problems;
}

export function cardReturnProblems(typed: CardReturn): Problems {
  const { ctbc_goes_to, ctbc_return_url, ctbc_loopback_port } = typed;
  if (ctbc_goes_to === "loopback")
    return portProblem(ctbc_loopback_port) ? { ctbc_loopback_port: said("wrong.ctbc_loopback_port") } : {};
  return isPage(ctbc_return_url) ? {} : { ctbc_return_url: said("wrong.ctbc_return_url") };
}

/** The change that is sent; only of a draft without problems. */
export function cardChangeOf(draft: CardDraft): CtbcChange {
  const plain = (typed: string) => typed.normalize("NFKC").trim();
  const lines = (typed: string) => typed.normalize("NFKC").split("\n");
  return {
    merchant_id: plain(draft.ctbc_merchant_id),
    terminal_id: plain(draft.ctbc_terminal_id),
    ...returnOf(draft.ctbc_goes_to, draft.ctbc_return_url, draft.ctbc_loopback_port),
    reply_mac: draft.ctbc_reply_mac,
    refund_remainder: draft.ctbc_refund_remainder === "yes",
    batch: {
      start: plain(draft.ctbc_start),
      minutes: whole(draft.ctbc_minutes) ?? 0,
      margin_minutes: whole(draft.ctbc_margin_minutes) ?? 0,
      weekdays: WEEKDAYS.filter((day) => draft.ctbc_weekdays.split(",").includes(String(day))),
      holidays: lines(draft.ctbc_holidays),
      extra_workdays: lines(draft.ctbc_extra_workdays),
      no_batch_on_public_holidays: draft.ctbc_no_batch_on_public_holidays === "yes",
    },
  };
}
