// The foot line: how far the bank was polled, and when it is polled next.

import { emit } from "@tauri-apps/api/event";
import { expect, test } from "vitest";

import { NOW } from "../lib/program.fixture";
import { opens, program, settled } from "./window.fixture";

opens();

const foot = () =>
  document.querySelector("[data-covered] > :first-child, [data-covered]:not(:has(*))")?.textContent.trim();

test("it says when the bank is polled next, unless it is not", async () => {
  expect(foot()).toBe("永豐款項已核對到 13:55");
  const to = "2026-11-20T13:55:00+08:00";
  program.answers["coverage"] = { from: NOW, to, next_at: "2026-11-20T14:07:30+08:00", gaps: [], now: NOW };
  await emit("covered", null);
  await settled();
  expect(foot()).toBe("永豐款項已核對到 13:55，14:07 再核對");
});
