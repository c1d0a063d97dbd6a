// The commands of the program and what it tells, with their types. The only file that knows how the window
// talks to Rust.

import { invoke } from "@tauri-apps/api/core";
import { listen, type UnlistenFn } from "@tauri-apps/api/event";

export type Rail = "sinopac-account" | "sinopac-card" | "ctbc-card";

/** Where a payment stands: only what a bank has confirmed, or that we are asking. */
export type State =
  | "issuing"
  | "not-issued"
  | "awaiting"
  | "authorized"
  | "released"
  | "paid"
  | "paid-late"
  | "settled"
  | "expired"
  | "cancelled"
  | "failed";

/** What a bank said: which query, when, what. */
export interface Evidence {
  query: string;
  at: string;
  said: string;
}

export interface Payment {
  order: string;
  payment: string;
  rail: Rail;
  bank_order_no: string;
  amount: number;
  state: State;
  account: string | null;
  link: string | null;
  expires_at: string | null;
  evidence: Evidence[];
}

export interface Shop {
  name: string;
  payee_name: string;
  now: string;
}

/** A code and values, never a library's sentence. */
export interface Failure {
  code: string;
  values: Record<string, string>;
}

export function shop(): Promise<Shop> {
  return invoke<Shop>("shop");
}

/** The screen makes the id, so that pressing twice cannot sell twice. */
export function sell(id: string, rail: Rail, amount: string): Promise<Payment> {
  return invoke<Payment>("sell", { id, rail, amount });
}

/** Opens the payment's own link in the person's browser; the bank's page never stands inside our window. */
export function openLink(payment: string): Promise<void> {
  return invoke("open_link", { payment });
}

/** Calls back whenever a payment has changed. */
export function onPayment(heard: (payment: Payment) => void): Promise<UnlistenFn> {
  return listen<Payment>("payment", (event) => heard(event.payload));
}

/** What was thrown, as a failure of ours. */
export function failure(thrown: unknown): Failure {
  if (typeof thrown === "object" && thrown !== null && "code" in thrown && typeof thrown.code === "string") {
    const values = "values" in thrown && typeof thrown.values === "object" ? thrown.values : {};
    return { code: thrown.code, values: { ...values } };
  }
  return { code: "unexpected", values: {} };
}
