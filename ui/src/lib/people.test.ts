import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { RIGHTS } from "../bindings/names";
import type { ShopNow } from "../bindings/views";
import { startIdle } from "./idle";
import {
  can,
  isLocked,
  lock,
  offers,
  offersOwner,
  person,
  putOff,
  readWho,
  setShop,
  takeWho,
} from "./people.svelte";
import { CLERK, NOBODY, OWNER, SHOP, whoOf } from "./program.fixture";
import { Pin } from "./pin.svelte";

let sent: string[];
let answers: Record<string, unknown>;

beforeEach(() => {
  sent = [];
  answers = {};
  mockIPC((command) => {
    sent.push(command);
    return answers[command] ?? null;
  });
});
afterEach(() => {
  clearMocks();
  vi.useRealTimers();
  takeWho(undefined);
});

const key = (name: string, code = name, more: KeyboardEventInit = {}) =>
  new KeyboardEvent("keydown", { key: name, code, ...more });

test("a PIN is read by key code, and given once", () => {
  const pin = new Pin();
  for (const event of [
    key("2", "Digit2"),
    key("Process", "Digit7"),
    key("４", "Digit4"),
    key("9", "Numpad9"),
  ])
    expect(pin.press(event)).toBe(true);
  for (const event of [key("a", "KeyA"), key("Enter"), key("1", "Digit1", { ctrlKey: true })])
    expect(pin.press(event)).toBe(false);
  expect(pin.count).toBe(4);
  pin.press(key("Backspace"));
  expect([pin.take(), pin.count, pin.take()]).toEqual(["274", 0, ""]);
});

test("a PIN holds at most twelve digits", () => {
  const pin = new Pin();
  for (let at = 0; at < 20; at += 1) pin.press(key("1", "Digit1"));
  expect(pin.take()).toBe("1".repeat(12));
});

test("what was put off in one shop is offered in the next, and in each new demo shop", async () => {
  const open = (name: string, demo = false) => setShop({ ...SHOP, name, demo } as ShopNow);
  answers["who"] = NOBODY;
  await readWho();
  for (const [name, demo, stays] of [
    ["tea", false, true],
    ["flowers", false, true],
    ["demo", true, false],
  ] as const) {
    open(name, demo);
    expect(offersOwner(), name).toBe(true);
    putOff();
    open(name, demo);
    expect(offersOwner(), name).toBe(false);
    // as the next start of the program
    open("");
    open(name, demo);
    expect(offersOwner(), name).toBe(!stays);
  }
});

test("without people nothing locks, and everything is offered", async () => {
  answers["who"] = NOBODY;
  await readWho();
  lock();
  expect([isLocked(), can("settings"), offers("settings"), offers("people")]).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(sent).not.toContain("sign_out");
});

test("a lock holds at once, and an older answer does not open it", async () => {
  takeWho(whoOf(CLERK));
  let answer: (who: unknown) => void = () => undefined;
  answers["who"] = new Promise((resolve) => (answer = resolve));
  const reading = readWho();
  lock();
  expect([isLocked(), person()]).toEqual([true, undefined]);
  answer(whoOf(CLERK));
  await reading;
  expect(isLocked()).toBe(true);
  expect(sent).toContain("sign_out");
});

test("what a role may not do is not offered", () => {
  takeWho({ ...whoOf(CLERK), rights: ["sell"] });
  expect([offers("counter"), offers("people"), offers("audit"), offers("settings")]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  takeWho({ ...whoOf(OWNER), rights: [...RIGHTS] });
  expect([offers("audit"), offers("settings")]).toEqual([true, true]);
});

test("minutes without a key lock, and a key starts them again", () => {
  vi.useFakeTimers({ now: 1_000_000 });
  takeWho({ ...whoOf(CLERK), lock_after_mins: 5 });
  const stop = startIdle();
  vi.advanceTimersByTime(299_000);
  dispatchEvent(key("x"));
  vi.advanceTimersByTime(299_000);
  expect(isLocked()).toBe(false);
  vi.advanceTimersByTime(2000);
  expect(isLocked()).toBe(true);
  stop();
});

test("a computer that slept is locked before its first key does anything", () => {
  vi.useFakeTimers({ now: 1_000_000 });
  takeWho({ ...whoOf(CLERK), lock_after_mins: 5 });
  const stop = startIdle();
  vi.setSystemTime(1_000_000 + 3_600_000);
  dispatchEvent(key("x"));
  expect(isLocked()).toBe(true);
  // a clock that was put back counts as well
  takeWho({ ...whoOf(CLERK), lock_after_mins: 5 });
  vi.setSystemTime(1_000_000);
  dispatchEvent(key("x"));
  expect(isLocked()).toBe(true);
  stop();
});

test("who never locks stays", () => {
  vi.useFakeTimers({ now: 1_000_000 });
  takeWho({ ...whoOf(CLERK), lock_after_mins: 0 });
  const stop = startIdle();
  vi.advanceTimersByTime(86_400_000);
  expect(isLocked()).toBe(false);
  stop();
});

test("the program hears of a person, and not with every key", () => {
  vi.useFakeTimers({ now: 1_000_000 });
  takeWho(whoOf(CLERK));
  const stop = startIdle();
  for (let at = 0; at < 20; at += 1) {
    dispatchEvent(key("x"));
    vi.advanceTimersByTime(1000);
  }
  expect(sent.filter((command) => command === "still_here")).toHaveLength(2);
  stop();
});
