// News in a busy hour: the money of the customer who waits is on top, then the newest; what came
// while nobody looked is one card, with its sum, a list and one key.

import { clearMocks } from "@tauri-apps/api/mocks";
import { tick } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { PaymentView } from "../bindings/views";
import { setBankTime } from "../lib/clock.svelte";
import {
  digest,
  forgetNotices,
  hasNews,
  notice,
  seenNotice,
  startNotices,
  takeNews,
} from "../lib/notices.svelte";
import { NOW } from "../lib/program.fixture";
import { lookAt } from "../lib/route.svelte";
import { mockIPC } from "@tauri-apps/api/mocks";

let unseen: PaymentView[];
let seen: string[];

const one = (id: string, more: Partial<PaymentView> = {}): PaymentView => ({
  ...{ payment: id, order: `o-${id}`, rail: "sinopac-account", bank_order_no: `A${id}`, state: "paid" },
  ...{ amount: 100, account: null, link: null, payee_name: "禾日茶行", late: false, note: null, why: null },
  ...{ expires_at: NOW, created_at: NOW, evidence: [], discrepancies: [], reissue: false },
  ...more,
});

beforeEach(() => {
  [unseen, seen] = [[], []];
  mockIPC((command, payload) => {
    if (command === "unseen") return unseen;
    if (command === "seen") seen.push((payload as { payment: string }).payment);
    return undefined;
  });
  setBankTime(NOW);
});
afterEach(() => {
  forgetNotices();
  vi.useRealTimers();
  clearMocks();
});

test("two customers wait with 35 old news: each sees their own money at once, and one key ends the old", async () => {
  unseen = Array.from({ length: 35 }, (_, at) => one(`old${String(at)}`, { amount: 1000 + at }));
  await startNotices();
  expect([notice(), digest().length]).toEqual([undefined, 35]);
  expect(digest()[0]?.payment, "the newest first").toBe("old34");
  await lookAt(one("mine", { state: "awaiting" }));
  await lookAt(undefined);
  takeNews(one("mine"));
  takeNews(one("other"));
  // the one whose slip was on screen, also when another comes after it
  expect(notice()?.payment).toBe("mine");
  seenNotice();
  expect(notice()?.payment).toBe("other");
  seenNotice();
  expect([notice(), digest().length]).toEqual([undefined, 35]);
  seenNotice();
  await tick();
  expect([hasNews(), seen.length, seen.slice(0, 2)]).toEqual([false, 37, ["mine", "other"]]);
});

test("what was paid while the program was closed, and is found after its start, is earlier too", () => {
  const paid_at = new Date(Date.parse(NOW) - 3 * 3_600_000).toISOString();
  for (const id of ["a", "b"]) takeNews(one(id, { paid_at }));
  takeNews(one("now", { paid_at: NOW }));
  takeNews(one("c", { paid_at }));
  expect(notice()?.payment).toBe("now");
  seenNotice();
  expect(digest().map(({ payment }) => payment)).toEqual(["c", "b", "a"]);
});

test("without a slip on screen the newest is on top", () => {
  for (const id of ["a", "b", "c"]) takeNews(one(id));
  const told = [];
  for (let times = 0; times < 3; times += 1) {
    told.push(notice()?.payment);
    seenNotice();
  }
  expect(told).toEqual(["c", "b", "a"]);
});

test("what does not fit is no part of the card: it is looked at by itself", async () => {
  const twice = { kind: "paid-twice" } as PaymentView["discrepancies"][number];
  unseen = [one("x"), one("odd", { discrepancies: [twice] }), one("y"), one("z", { state: "failed" })];
  await startNotices();
  expect(notice()?.payment).toBe("odd");
  seenNotice();
  expect(digest().map(({ payment }) => payment)).toEqual(["z", "y", "x"]);
});

test("one that came earlier is no card, and what nobody acknowledges for ten minutes joins it", async () => {
  vi.useFakeTimers({ now: Date.parse(NOW) });
  unseen = [one("only")];
  await startNotices();
  expect([notice()?.payment, digest().length]).toEqual(["only", 0]);
  seenNotice();
  setBankTime(NOW);
  takeNews(one("a"));
  takeNews(one("b"));
  expect(notice()?.payment).toBe("b");
  const later = new Date(Date.parse(NOW) + 11 * 60_000);
  vi.setSystemTime(later);
  setBankTime(later.toISOString());
  expect([notice(), digest().map(({ payment }) => payment)]).toEqual([undefined, ["b", "a"]]);
});
