// The one way to Rust and back: commands, events and refusals. No other file knows how the window
// talks to the program.

import { invoke } from "@tauri-apps/api/core";
import { listen, type UnlistenFn } from "@tauri-apps/api/event";

import type { Commands } from "../bindings/commands";
import type { Code } from "../bindings/names";
import type { Failure, HealthView, UnfinishedView } from "../bindings/settings";
import type { RefundRowView } from "../bindings/refunds";
import type { ArrivedView, PaymentView } from "../bindings/views";

/**
 * Asks for a command. What is refused is thrown: a code, its values, and its sentence in both
 * languages.
 */
export function ask<Name extends keyof Commands>(
  command: Name,
  ...[takes]: Parameters<Commands[Name]>
): Promise<ReturnType<Commands[Name]>> {
  const answer = invoke<ReturnType<Commands[Name]>>(command, takes);
  answer.catch((thrown: unknown) => failure(thrown).code === "locked" && locked());
  return answer;
}

let locked: () => void = () => undefined;

/** Calls back when a command was refused because nobody has signed in any more. */
export function onLocked(heard: () => void): void {
  locked = heard;
}

/** Events that the program sends. */
interface Told {
  /** A payment has changed. */
  payment: PaymentView;
  /** News to acknowledge: money came, or will not come. */
  news: PaymentView;
  /** The same, all that a locked window is told of it. */
  arrived: ArrivedView;
  /** A refund, or one of its steps, has moved. */
  refund: RefundRowView;
  /** Further minutes of bank time were polled. */
  covered: null;
  health: HealthView;
  /** So many rows of the audit record are checked. */
  verifying: number;
  /** The window is about to close, for the first time while refunds wait. */
  closing: UnfinishedView;
  /** The window was closed, and the program goes on. */
  "put-away": null;
  /** Another shop is open, or none: reread everything. */
  shop: null;
}

/** Calls back whenever the program tells something of this kind. */
export function on<Kind extends keyof Told>(
  kind: Kind,
  heard: (told: Told[Kind]) => void,
): Promise<UnlistenFn> {
  return listen<Told[Kind]>(kind, (event) => heard(event.payload));
}

/**
 * A failure of ours, or an unexpected one: a code, its values, and its sentence in both languages.
 */
export type Refusal = Omit<Failure, "code"> & { code: Code | "unexpected" };

/** What was thrown, as a failure of ours. */
export function failure(thrown: unknown): Refusal {
  const member = (name: string): unknown =>
    typeof thrown === "object" && thrown !== null ? Reflect.get(thrown, name) : undefined;
  const text = (name: string) => {
    const value = member(name);
    return typeof value === "string" ? value : "";
  };
  const values = { ...(member("values") as object | undefined) };
  return { code: (text("code") || "unexpected") as Refusal["code"], values, zh: text("zh"), en: text("en") };
}
