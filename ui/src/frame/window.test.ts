// The window as a shop uses it: Mac keys, the browser's menu, the shop's name, numbers read aloud.

import { expect, test, vi } from "vitest";

import type { SellRequest } from "../bindings/views";
import { goTo } from "../lib/route.svelte";
import { colourOf } from "./shop-colour";
import { asked, hold, opens, press, program, settled, value } from "./window.fixture";

opens();

const rails = () => asked("sell").map(({ given }) => (given["request"] as SellRequest).rail);
const one = (selector: string) => document.querySelector(selector);

test("⌘1 sells as F2 does, also a refused sale only once while it is held; Ctrl does not, and no digit is typed", async () => {
  await press("5");
  await hold("1", { ctrlKey: true });
  expect(asked("sell")).toHaveLength(0);
  program.answers["sell"] = new Error("refused");
  await hold("1", { metaKey: true });
  expect(rails()).toEqual(["sinopac-account"]);
});

test("⌘2 is the card link, and an unused ⌘ is left alone", async () => {
  await press("5");
  await hold("9", { metaKey: true }, 1);
  expect(value("#amount")).toBe("5");
  await hold("2", { metaKey: true }, 1);
  expect(rails()).toEqual(["sinopac-card"]);
});

test("the sheet of keys names ⌘ beside F2 on a Mac", async () => {
  vi.spyOn(navigator, "userAgent", "get").mockReturnValue("Mozilla/5.0 (Macintosh)");
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  await press("?");
  expect(one("[data-keys]")?.textContent).toContain("F2 ⌘1");
});

test("a keyboard without ⌘ has none on the sheet of keys", async () => {
  await press("?");
  expect(one("[data-keys]")?.textContent).toContain("F2");
  expect(one("[data-keys]")?.textContent).not.toContain("⌘");
});

test("an account is read digit by digit, and seen in groups", async () => {
  await press("5", "F2");
  const account = one("[data-account]");
  expect(account?.querySelector("[aria-hidden]")?.textContent).toBe("9992 2632 5005 81");
  expect(account?.querySelector(".said-only")?.textContent).toBe("9 9 9 2 2 6 3 2 5 0 0 5 8 1");
});

test("the browser's menu is there for what is copied and typed, and nowhere else", async () => {
  const shows = (selector: string) =>
    one(selector)?.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true }));
  expect([shows("h1"), shows("[data-method]"), shows("#amount")]).toEqual([false, false, false]);
  expect(shows("#customer")).toBe(true);
  await press("5", "F2");
  expect([shows("[data-account] span"), shows(".stub")]).toEqual([true, false]);
});

test("a shop keeps its colour, and practice has that of waiting", () => {
  expect(one(".shop")?.classList.contains("waiting")).toBe(true);
  expect(colourOf("永康店")).toBe(colourOf("永康店"));
  expect(new Set(["永康店", "信義店", "demo", "a", "b", "c", "d"].map(colourOf)).size).toBeGreaterThan(2);
});

test("what the bank said is told with its year and its second", async () => {
  goTo("orders");
  await settled();
  await press("Home", "Enter");
  expect(one("[data-entry='bank'] time")?.textContent.replace(/\s+/g, " ")).toMatch(
    /^2026\/11\/20 \d\d:\d\d:\d\d$/,
  );
});
