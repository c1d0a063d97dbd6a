// Closing the window while refunds wait: it says once what that means, and each key does it.

import { emit } from "@tauri-apps/api/event";
import { expect, test } from "vitest";

import { useLanguage } from "../lib/text.svelte";
import { asked, hold, opens, press, settled } from "./window.fixture";

opens();

const dialog = () => document.querySelector("[data-closing]");
async function closes(refunds = 2, requests = 0) {
  await emit("closing", { refunds, requests });
  await settled();
}

test("it says what waits, and that nothing is lost", async () => {
  await closes();
  expect(dialog()?.textContent).toContain("還有 2 筆退款沒完成");
  expect(dialog()?.textContent).toContain("什麼都不會遺失");
  useLanguage("en");
  await settled();
  expect(dialog()?.textContent).toContain("Refunds not finished: 2");
  expect(dialog()?.textContent).toContain("nothing is lost");
});

test("a request without an answer is no refund", async () => {
  await closes(0, 1);
  expect(dialog()?.textContent).toContain("還有 1 筆要求等銀行答覆");
});

test("Enter puts the window away, Q ends the program, Esc stays", async () => {
  await closes();
  expect(document.activeElement?.textContent).toContain("Enter");
  (document.activeElement as HTMLButtonElement).click();
  await settled();
  expect([asked("close_window").length, dialog()]).toEqual([1, null]);
  await closes();
  await press("Escape");
  expect([asked("quit").length, dialog()]).toEqual([0, null]);
  await closes();
  await press("q");
  expect(asked("quit").length).toBe(1);
});

test("after Ctrl Q Enter ends the program, and W only closes the window", async () => {
  await hold("q", { ctrlKey: true }, 1);
  await closes();
  expect(document.activeElement?.textContent).toContain("全部結束");
  (document.activeElement as HTMLButtonElement).click();
  await settled();
  expect(asked("quit").at(-1)?.given).toEqual({ sure: true });
  await press("w");
  expect([asked("close_window").length, dialog()]).toEqual([1, null]);
  // the next close is a close
  await closes();
  expect(document.activeElement?.textContent).toContain("關閉視窗");
});

test("nothing behind it hears a key", async () => {
  await closes();
  await press("5", "g", "o");
  expect(document.querySelector<HTMLInputElement>("#amount")?.value).toBe("");
  expect(document.querySelector("[data-place=counter]")?.getAttribute("aria-current")).toBe("page");
});

test("Ctrl Q asks what waits, also while something is typed, and a second one is sure", async () => {
  await press("/");
  await hold("q", { ctrlKey: true });
  expect(asked("quit").map(({ given }) => given)).toEqual([{ sure: false }]);
  await closes();
  await hold("q", { ctrlKey: true }, 1);
  expect(asked("quit").at(-1)?.given).toEqual({ sure: true });
});

test("tray and notifications are told the language of the screens", async () => {
  expect(asked("speak").at(-1)?.given).toEqual({ language: "zh-TW" });
  useLanguage("en");
  await settled();
  expect(asked("speak").at(-1)?.given).toEqual({ language: "en" });
});
