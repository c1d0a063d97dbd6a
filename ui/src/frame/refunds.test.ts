// Refunds in the whole window: the way from an order to the request, and news of what moved.

import { emit } from "@tauri-apps/api/event";
import { expect, test } from "vitest";

import { takeWho } from "../lib/people.svelte";
import { CLERK, OWNER, PEOPLE, whoOf } from "../lib/program.fixture";
import { asking, forgetRefunds, readRefunds, seenRefund } from "../lib/refunds.svelte";
import { goTo } from "../lib/route.svelte";
import { PAID, paymentOf, fake, row as order } from "../orders/orders.fixture";
import { queue, ROOM, row, TOLD } from "../refunds/refunds.fixture";
import { asked, hold, opens, press, program, settled } from "./window.fixture";

opens();

const there = (selector: string) => document.querySelector(selector) !== null;
const tell = async (moved: ReturnType<typeof row>) => {
  await emit("refund", moved);
  await settled();
};

test("from an order X asks, and the keys of the list do nothing behind it", async () => {
  fake.payments = (number) => [paymentOf(number, PAID)];
  Object.assign(program.answers, { refund_room: ROOM, refund_preview: TOLD, request_refund: row("1") });
  await press("g", "o");
  await press("Home", "Enter", "x");
  expect(document.activeElement?.id).toBe("refund_amount");
  await press("5", "g", "c");
  expect(there("[data-refund-request]")).toBe(true);
  await press("Escape");
  expect(there("[data-refund-request]")).toBe(false);
  expect(document.querySelector("[data-place=orders]")?.getAttribute("aria-current")).toBe("page");
});

test("the orders open on the newest one, and X asks for that one even while they are read", async () => {
  fake.payments = (number) => [paymentOf(number, PAID)];
  const slip = () => document.querySelector<HTMLElement>("[data-slip]")?.dataset["slip"];
  await press("g", "o", "ArrowDown", "Enter");
  expect(slip()).toBe("o1");
  await press("g", "c");
  // another one is sold, and its row takes a while
  await emit("payment", paymentOf(-1, PAID));
  let come: (rows: object[]) => void = () => undefined;
  program.answers["orders"] = new Promise((resolve) => (come = resolve));
  await press("g", "o", "x");
  expect([slip(), asking()]).toEqual([undefined, undefined]);
  come([-1, 0, 1].map(order));
  await settled();
  expect([slip(), asking()?.payment]).toEqual(["o-1", "p-1"]);
});

test("what moved is told on every screen until it is acknowledged, once for each state", async () => {
  await tell(row("1", { own: true }, { state: "at-bank" }));
  expect(there("[data-refund-banner]")).toBe(false);
  await tell(row("1", { own: true }, { state: "done", state_zh: "已退款" }));
  expect(document.querySelector("[data-refund-banner=done]")?.textContent).toContain("500");
  document.dispatchEvent(
    new KeyboardEvent("keydown", {
      key: "Enter",
      code: "Enter",
      altKey: true,
      bubbles: true,
      cancelable: true,
    }),
  );
  await settled();
  expect(there("[data-refund-banner]")).toBe(false);
  await tell(row("1", { own: true }, { state: "done" }));
  expect(there("[data-refund-banner]")).toBe(false);
});

test("a refund that fails before its request is answered is told like any other", async () => {
  fake.payments = (number) => [paymentOf(number, PAID)];
  const failed = row("7", { own: true }, { state: "declined" });
  Object.assign(program.answers, { refund_room: ROOM, refund_preview: TOLD, request_refund: failed });
  await press("g", "o", "x", "5");
  for (const [key, more] of [
    ["1", { altKey: true }],
    ["Enter", { ctrlKey: true }],
  ] as const)
    await hold(key, more, 1);
  expect(document.querySelector("[data-refund-banner=declined]")).not.toBeNull();
  seenRefund();
});

test("the side bar counts what is under way and what needs a person", async () => {
  const open = [row("2", {}, { state: "waiting" }), row("3", {}, { state: "needs-person" })];
  program.answers["refunds"] = queue(...open, row("4", {}, { state: "done" }));
  await tell(row("2", {}, { state: "waiting" }));
  expect(document.querySelector("[data-count=refunds]")?.textContent).toBe("2");
  expect(asked("refunds").length).toBeGreaterThan(1);
});

test("a clerk's own requests count beside the queue, an owner's beside the approvals", async () => {
  const count = (place: string) => document.querySelector(`[data-count=${place}]`)?.textContent;
  program.answers["refunds"] = queue(row("2"));
  takeWho(whoOf(CLERK), PEOPLE);
  await tell(row("2"));
  expect([count("refunds"), count("approvals")]).toEqual(["1", undefined]);
  takeWho(whoOf(OWNER), PEOPLE);
  await tell(row("2"));
  expect([count("refunds"), count("approvals")]).toEqual([undefined, "1"]);
});

test("a request is not told above the list that shows it", async () => {
  takeWho(whoOf(OWNER), PEOPLE);
  program.answers["refunds"] = queue();
  await readRefunds();
  program.answers["refunds"] = queue(row("5"));
  await tell(row("5"));
  expect(banner()?.dataset["refundBanner"]).toBe("requested");
  goTo("approvals");
  await settled();
  expect(banner()).toBeNull();
});

const CHANGED = { way: "refund", batch: "2026-11-24", text_zh: "改為退款", text_en: "became a refund" };
const banner = () => document.querySelector<HTMLElement>("[data-refund-banner]");

test("a plan that the wait has changed is told to whoever asked, at once and once", async () => {
  await tell(row("1", { own: true }, { state: "waiting" }));
  await tell(row("1", { own: true }, { state: "working", changed: CHANGED }));
  expect(banner()?.dataset["refundBanner"]).toBe("changed");
  expect(banner()?.textContent).toContain("改為退款");
  seenRefund();
  await tell(row("1", { own: true }, { state: "at-bank", changed: CHANGED }));
  expect(banner()).toBeNull();
  await tell(row("1", { own: true }, { state: "done", changed: CHANGED }));
  expect(banner()?.dataset["refundBanner"]).toBe("done");
});

test("the notice leads to its refund, by its key and by the way there", async () => {
  const [one, two] = ["1", "2"].map((id) => row(id, {}, { state: "needs-person" }));
  if (!one || !two) throw new Error("two");
  for (const way of ["button", "keys"]) {
    await tell(row("1", {}, { state: "working" }));
    await tell(row("2", {}, { state: "working" }));
    program.answers["refunds"] = queue(one, two);
    await tell(two);
    // the first in the list is seen, and the second is not the one that is chosen by itself
    seenRefund();
    await settled();
    expect(banner()?.textContent).toContain("T2");
    await press("g", "o");
    if (way === "keys") await press("g", "f");
    else banner()?.querySelector("button")?.click();
    await settled();
    expect(document.querySelector("[data-place=refunds]")?.getAttribute("aria-current")).toBe("page");
    expect(document.querySelector("[data-refund][aria-current]")?.getAttribute("data-refund")).toBe("2");
    seenRefund();
    await press("g", "c");
  }
});

test("a clerk hears nothing of another one's refund", async () => {
  takeWho(whoOf(CLERK), PEOPLE);
  await readRefunds();
  await tell(row("1", {}, { state: "waiting" }));
  await tell(row("1", {}, { state: "working", changed: CHANGED }));
  await tell(row("1", {}, { state: "done" }));
  expect(banner()).toBeNull();
  takeWho(undefined);
});

test("what ended while the program was closed is told at its start, on a later day too", async () => {
  const open = ["1", "2"].map((id) => row(id, { own: true }, { state: "waiting" }));
  program.answers["refunds"] = queue(...open);
  await readRefunds();
  // as after a start: nothing is in memory; one ended today, the other is in no list any more
  forgetRefunds();
  program.answers["refunds"] = queue(row("1", { own: true }, { state: "done" }));
  program.answers["refund"] = row("2", { own: true }, { state: "declined" });
  await readRefunds();
  await settled();
  expect(banner()?.dataset["refundBanner"]).toBe("done");
  seenRefund();
  await settled();
  expect(banner()?.dataset["refundBanner"]).toBe("declined");
  expect(asked("refund").map(({ given }) => given)).toEqual([{ refund: "2" }]);
  seenRefund();
  forgetRefunds();
  await readRefunds();
  await settled();
  expect(banner()).toBeNull();
});

test("what was not acknowledged before the window was locked is told again", async () => {
  await tell(row("1", { own: true }, { state: "at-bank" }));
  await tell(row("1", { own: true }, { state: "done" }));
  program.answers["refunds"] = queue(row("1", { own: true }, { state: "done" }));
  forgetRefunds();
  await readRefunds();
  await settled();
  expect(banner()?.dataset["refundBanner"]).toBe("done");
});
