// The whole window with a fake program behind it, and a keyboard with keys that can stay down.

import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, beforeEach, vi } from "vitest";

import type { PaymentView } from "../bindings/views";
import { forgetAhead } from "../lib/ahead.svelte";
import * as ids from "../lib/ids";
import { quiet, SHOP } from "../lib/program.fixture";
import { forgetRefunds } from "../lib/refunds.svelte";
import { goTo } from "../lib/route.svelte";
import { useLanguage } from "../lib/text.svelte";
import { fake, full, page, paymentOf } from "../orders/orders.fixture";
import { DEMO } from "../settings/settings.fixture";
import { clearSettings } from "../settings/settings.svelte";
import App from "./App.svelte";

/** What the window has sent, and what is answered instead of the usual; an `Error` refuses. */
export const program = {
  sent: [] as { command: string; given: Record<string, unknown> }[],
  answers: {} as Record<string, unknown>,
};
let app: object;

/** Mounts the counter before each test and removes it after. */
export function opens(): void {
  beforeEach(start);
  afterEach(stop);
}

async function start() {
  program.sent = [];
  program.answers = { sell: paymentOf(0) };
  fake.total = 3;
  fake.payments = (number): PaymentView[] => [paymentOf(number)];
  vi.spyOn(ids, "orderId").mockReturnValue("o0");
  goTo("counter");
  clearSettings();
  forgetAhead();
  // what whoever used this computer before has seen
  forgetRefunds();
  // eslint-disable-next-line no-restricted-globals -- see above
  localStorage.clear();
  useLanguage("zh-TW");
  mockIPC(
    (command, payload) => {
      const given = (payload ?? {}) as Record<string, unknown>;
      program.sent.push({ command, given });
      const answer = program.answers[command];
      if (answer instanceof Error) return Promise.reject(answer);
      if (command in program.answers) return answer;
      if (command === "shop") return SHOP;
      if (command === "settings") return DEMO;
      if (command === "orders") return page({ command, arguments: given });
      if (command === "order") return full(given["order"]);
      return quiet(command)?.answer ?? null;
    },
    { shouldMockEvents: true },
  );
  app = mount(App, { target: document.body });
  await vi.waitUntil(() => document.querySelector("#amount"));
  await settled();
}

/** Closes the window and opens it again; no key is pressed. */
export async function reopen() {
  await unmount(app);
  app = mount(App, { target: document.body });
}

async function stop() {
  await unmount(app);
  clearMocks();
  vi.restoreAllMocks();
}

export async function settled() {
  for (let round = 0; round < 24; round += 1) await tick();
  flushSync();
}

/** One key goes down, and stays so long that it comes so often. */
export async function hold(key: string, more: KeyboardEventInit = {}, often = 4) {
  const code = /^\d$/.test(key) ? `Digit${key}` : /^[a-z]$/.test(key) ? `Key${key.toUpperCase()}` : key;
  for (let round = 0; round < often; round += 1) {
    const event = { key, code, bubbles: true, cancelable: true, repeat: round > 0, ...more };
    (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent("keydown", event));
    await settled();
  }
}

export async function press(...keys: string[]) {
  for (const key of keys) await hold(key, {}, 1);
}

export async function write(id: string, text: string) {
  const field = document.querySelector<HTMLInputElement>(id);
  if (!field) throw new Error(`no ${id}`);
  field.focus();
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
}

export const asked = (command: string) => program.sent.filter((one) => one.command === command);
export const value = (id: string) => document.querySelector<HTMLInputElement>(id)?.value;
