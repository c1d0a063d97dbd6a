// Which payment the engine polls while a person views it.

import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { afterEach, expect, test } from "vitest";

import type { PaymentState } from "../bindings/names";
import type { PaymentView } from "../bindings/views";
import { lookAt } from "./route.svelte";

afterEach(clearMocks);

const ASKED: Record<PaymentState, boolean> = {
  issuing: false,
  "not-issued": false,
  awaiting: true,
  authorized: true,
  released: false,
  // money may come late
  expired: true,
  cancelled: true,
  failed: true,
  paid: false,
  "paid-late": false,
  settled: false,
};

test.each(Object.entries(ASKED))("a slip that is %s is asked about: %s", async (state, wanted) => {
  const sent: string[] = [];
  mockIPC((command) => void sent.push(command));
  await lookAt({ payment: state, state } as PaymentView);
  await lookAt(undefined);
  expect(sent).toEqual(wanted ? ["payment", "leave"] : []);
});

test("asked anew, the bank is told once more of the slip that is looked at, and of no other", async () => {
  const sent: string[] = [];
  mockIPC((command) => void sent.push(command));
  const slip = { payment: "p", state: "awaiting" } as PaymentView;
  await lookAt(slip);
  await lookAt(slip);
  expect(sent).toEqual(["payment"]);
  await lookAt(slip, true);
  expect(sent).toEqual(["payment", "payment"]);
  await lookAt(undefined, true);
  expect(sent).toEqual(["payment", "payment", "leave"]);
});
