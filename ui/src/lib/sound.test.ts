// News are heard once each, and each kind by its own tones.

import { emit } from "@tauri-apps/api/event";
import { afterAll, beforeEach, expect, test, vi } from "vitest";

import type { PaymentState } from "../bindings/names";
import type { PaymentView } from "../bindings/views";
import { opens, program, press, settled } from "../frame/window.fixture";
import { paymentOf } from "../orders/orders.fixture";

/**
 * The tones that were played, as they follow each other, and how often a sleeping computer was
 * woken.
 */
let tones: number[] = [];
let resumed = 0;

class Node {
  readonly frequency = { value: 0 };
  readonly gain = { setValueAtTime: () => undefined, linearRampToValueAtTime: () => undefined };
  connect(into: Node) {
    return into;
  }
  start() {
    tones.push(this.frequency.value);
  }
  stop() {
    return undefined;
  }
}

class Speaker {
  state = "suspended";
  readonly currentTime = 0;
  readonly destination = new Node();
  createOscillator() {
    return new Node();
  }
  createGain() {
    return new Node();
  }
  resume() {
    resumed += 1;
    this.state = "running";
    return Promise.resolve();
  }
}

vi.stubGlobal("AudioContext", Speaker);
afterAll(() => {
  vi.unstubAllGlobals();
});
beforeEach(() => {
  tones = [];
});
opens();

let number = 0;
/** A payment that was never heard of before. */
function fresh(state: PaymentState): PaymentView {
  number += 1;
  return paymentOf(number, { payment: `heard-${String(number)}`, state });
}

async function news(payment: PaymentView) {
  await emit("news", payment);
  await settled();
}

async function shop() {
  await emit("shop", null);
  await settled();
}

test("a speaker that sleeps is woken by the first sound", async () => {
  await news(fresh("paid"));
  expect(resumed).toBe(1);
  await news(fresh("paid"));
  expect(resumed).toBe(1);
});

test("paid, late and failed sound differently, each once", async () => {
  const heard: string[] = [];
  for (const state of ["paid", "paid-late", "failed"] as const) {
    tones = [];
    const one = fresh(state);
    await news(one);
    await news(one);
    heard.push(tones.join(" "));
  }
  expect(heard).toEqual(["659 880", "660 660 660", "330 220"]);
});

test("late money that was paid out at once sounds late", async () => {
  await news({ ...fresh("settled"), late: true });
  expect(tones).toEqual([660, 660, 660]);
});

test("what was heard stays silent when the shop is read anew, and what came meanwhile is heard", async () => {
  const [one, other] = [fresh("paid"), fresh("failed")];
  program.answers["unseen"] = [one];
  await shop();
  expect(tones).toEqual([659, 880]);
  for (let times = 0; times < 2; times += 1) await shop();
  expect(tones).toHaveLength(2);
  program.answers["unseen"] = [one, other];
  await shop();
  expect(tones).toEqual([659, 880, 330, 220]);
});

test("one that failed and is paid after all is heard again", async () => {
  const one = fresh("failed");
  await news(one);
  await press("Enter");
  await news({ ...one, state: "paid-late" });
  expect(tones).toEqual([330, 220, 660, 660, 660]);
});

test("one that failed and is paid before anybody has seen the failure is heard again", async () => {
  const one = fresh("failed");
  await news(one);
  const paid: PaymentView = { ...one, state: "paid-late" };
  // in the program's order: the payment first, then its news
  await emit("payment", paid);
  await news(paid);
  expect(tones).toEqual([330, 220, 660, 660, 660]);
});
