// What the window makes of a sentence that serves a terminal too.

import { afterEach, expect, test } from "vitest";

import { refusal, useLanguage } from "./text.svelte";

afterEach(() => useLanguage("zh-TW"));

test("a refusal names the window's way, and a command only where no screen can do it", () => {
  const shown = {
    code: "refund-state",
    zh: "請到「退款」（G F）看結果（指令列：refund show）。",
    en: "See the result under Refunds (G F) (command line: refund show).",
  };
  const said = refusal(shown, "refund.failed");
  expect(said()).toBe("請到「退款」（G F）看結果。");
  useLanguage("en");
  expect(said()).toBe("See the result under Refunds (G F).");
  const recover = { code: "c", zh: "", en: "Ask (command line: counterfoil people recover)." };
  expect(refusal(recover, "refund.failed")()).toBe(recover.en);
});
