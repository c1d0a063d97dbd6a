// The slip of the next customer: what Enter means on it, what is cleared from it, and what comes
// back to it.

import { emit } from "@tauri-apps/api/event";
import { expect, test } from "vitest";

import type { OrderInFull } from "../bindings/views";
import { asked, hold, opens, press, program, settled, value, write } from "../frame/window.fixture";
import { full, PAID, paymentOf } from "../orders/orders.fixture";

opens();

const caps = (selector: string) =>
  [...document.querySelectorAll(`${selector} kbd`)].map(({ textContent }) => textContent);
const filled = () => document.querySelectorAll("[data-method].last.filled").length;
const typed = () => ["#amount", "#customer", "#note"].map(value);

async function write3() {
  await press("5");
  await write("#customer", "王小姐");
  await write("#note", "團購");
  document.querySelector<HTMLElement>("#amount")?.focus();
}

test("the caps say what Enter does: it has seen the banner, until a digit is typed; then it sells", async () => {
  expect(caps("[data-method=sinopac-account]")).toContain("Enter");
  await emit("news", paymentOf(1, { ...PAID, payment: "seen-first" }));
  await settled();
  expect(caps("[data-banner]")).toEqual(["Enter"]);
  expect(caps(".methods")).not.toContain("Enter");
  expect(filled()).toBe(0);
  await press("5");
  expect(caps("[data-banner]")).toEqual(["Alt Enter"]);
  expect(caps("[data-method=sinopac-account]")).toContain("Enter");
  expect(filled()).toBe(1);
  await press("Enter");
  expect(asked("sell")).toHaveLength(1);
  expect(asked("seen")).toHaveLength(0);
  await press("Escape");
  expect(caps("[data-banner]")).toEqual(["Enter"]);
  await press("5");
  await hold("Enter", { altKey: true }, 1);
  expect(asked("seen")).toHaveLength(1);
  expect(document.querySelector("[data-banner]")).toBeNull();
});

test("Escape clears the customer and the note with the amount: they are not the next customer's", async () => {
  await write3();
  expect(typed()).toEqual(["5", "王小姐", "團購"]);
  await press("Escape");
  expect(typed()).toEqual(["", "", ""]);
  await press("7", "F2");
  expect(asked("sell")[0]?.given["request"]).toMatchObject({ amount: "7", customer: "", note: "" });
});

test("the slip that was just sold names its customer, until another screen is looked at", async () => {
  await write3();
  await press("F2");
  expect(document.body.textContent).toContain("王小姐");
  await press("g", "o");
  expect(document.querySelector(".counter")?.textContent).not.toContain("王小姐");
  await press("g", "c");
  expect(document.querySelector(".counter")?.textContent).not.toContain("王小姐");
});

test("in a text field Escape only leads back to the amount", async () => {
  await write3();
  document.querySelector<HTMLElement>("#note")?.focus();
  await press("Escape");
  expect(typed()).toEqual(["5", "王小姐", "團購"]);
  expect(document.activeElement?.id).toBe("amount");
});

test("E brings back amount, customer and note of what was not issued", async () => {
  program.answers["sell"] = paymentOf(0, { state: "not-issued", account: null, evidence: [] });
  await write3();
  await press("F2", "e");
  // as the program keeps them with the order
  expect(typed()).toEqual(["12,600", "王小姐 5821", "團購"]);
  await press("F2");
  const given = asked("sell")[1]?.given["request"];
  expect(given).toMatchObject({ amount: "12600", customer: "王小姐 5821", note: "團購" });
});

/** An answer that is held back, and what lets it go. */
function later() {
  let go: (order: OrderInFull) => void = () => undefined;
  program.answers["order"] = new Promise<OrderInFull>((resolve) => (go = resolve));
  return () => {
    go(full("o0"));
  };
}

test("while the customer is on the way back digits go on, and a sale waits for it", async () => {
  program.answers["sell"] = paymentOf(0, { state: "not-issued", account: null, evidence: [] });
  await press("5", "F2");
  const release = later();
  await press("e", "0", "Backspace", "F2", "F2");
  expect(value("#amount")).toBe("12,600");
  expect(asked("sell")).toHaveLength(1);
  release();
  await settled();
  expect(asked("sell")).toHaveLength(2);
  expect(asked("sell")[1]?.given["request"]).toMatchObject({ amount: "12600", customer: "王小姐 5821" });
});

test("a slip that was cleared meanwhile stays clear", async () => {
  program.answers["sell"] = paymentOf(0, { state: "expired" });
  await press("5", "F2");
  const release = later();
  await press("e", "F2", "Escape");
  release();
  await settled();
  expect(typed()).toEqual(["", "", ""]);
  expect(asked("sell")).toHaveLength(1);
});

test("E on an order that cannot be read says so, keeps the amount, and sells nothing by itself", async () => {
  program.answers["sell"] = paymentOf(0, { state: "expired" });
  await press("5", "F2");
  program.answers["order"] = new Error("storage");
  await press("e");
  expect(document.querySelector("#amount-note[role=alert]")).not.toBeNull();
  expect(value("#amount")).toBe("12,600");
  expect(asked("sell")).toHaveLength(1);
});

async function paste(text: string) {
  const clipboardData = { getData: () => text };
  document.body.dispatchEvent(Object.assign(new Event("paste", { bubbles: true }), { clipboardData }));
  await settled();
}

test("a pasted amount keeps its worth; what holds no single whole one is said, and changes nothing", async () => {
  const said = () => document.querySelector("#amount-note[role=alert]")?.textContent;
  await paste("NT$1,200.00元\r\n");
  expect(value("#amount")).toBe("1,200");
  await paste("860.50");
  expect(value("#amount")).toBe("1,200");
  expect(said()).toBe("貼上的文字看不出是哪一個整數金額，金額沒有更動。請只輸入數字：3 萬要輸入 30000。");
  await paste("3萬");
  expect(value("#amount")).toBe("1,200");
  await paste("860");
  expect(value("#amount")).toBe("860");
  expect(said()).toBeUndefined();
});
