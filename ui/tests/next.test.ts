// The slip of the next customer: what Enter means on it, what is cleared from it, and what comes back to it.

import { emit } from "@tauri-apps/api/event";
import { expect, test } from "vitest";

import { PAID, paymentOf } from "./orders-desk";
import { asked, hold, opens, press, program, settled, value, write } from "./window-desk";

opens();

const caps = (selector: string) =>
  [...document.querySelectorAll(`${selector} kbd`)].map(({ textContent }) => textContent);
const filled = () => document.querySelectorAll("[data-way].last.filled").length;
const typed = () => ["#amount", "#customer", "#note"].map(value);

async function write3() {
  await press("5");
  await write("#customer", "王小姐");
  await write("#note", "團購");
  document.querySelector<HTMLElement>("#amount")?.focus();
}

test("the caps say what Enter does: it has seen the banner, until a digit is typed; then it sells", async () => {
  expect(caps("[data-way=sinopac-account]")).toContain("Enter");
  await emit("news", paymentOf(1, { ...PAID, payment: "seen-first" }));
  await settled();
  expect(caps("[data-banner]")).toEqual(["Enter"]);
  expect(caps(".ways")).not.toContain("Enter");
  expect(filled()).toBe(0);
  await press("5");
  expect(caps("[data-banner]")).toEqual(["Alt Enter"]);
  expect(caps("[data-way=sinopac-account]")).toContain("Enter");
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

test("E on an order that cannot be read says so, and the slip stays", async () => {
  program.answers["sell"] = paymentOf(0, { state: "expired" });
  program.answers["order"] = new Error("storage");
  await press("5", "F2", "e");
  expect(document.querySelector(".problem[role=alert]")).not.toBeNull();
  program.answers["sell"] = paymentOf(0);
  await press("r");
  expect(asked("sell")).toHaveLength(2);
});
