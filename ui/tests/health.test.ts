// What is wrong with a bank or its clock, as every screen says it.

import { emit } from "@tauri-apps/api/event";
import { expect, test } from "vitest";

import { useLanguage } from "../src/lib/text.svelte";
import { NOW } from "./program";
import { opens, press, program, settled } from "./window-desk";

opens();

const text = () => document.body.textContent.replace(/\s+/g, " ");

test("a bank that refuses this shop is not called silent: cause, way out and code stand on every screen", async () => {
  const refused = {
    ...{ since: NOW, code: "E0102", refused: true },
    ...{ zh: "這家商店在銀行尚未啟用或已停用。", en: "The shop is not active at the bank." },
  };
  program.answers["health"] = { bank: refused, clock_off_s: null, clock_doubted: false, paused: null };
  await emit("shop", null);
  await settled();
  for (const place of ["c", "o", "s"]) {
    await press("g", place);
    const said = document.querySelector("[data-health=refused]")?.textContent ?? "";
    expect(said).toContain("永豐目前拒絕本店的所有查詢（14:05:00 起）");
    expect(said).toContain("尚未啟用或已停用");
    expect(said).toContain("已收的款項可能晚一點才顯示");
    expect(said).toContain("聯絡永豐（代碼 E0102）");
    expect(said).not.toContain("沒有回覆");
  }
  useLanguage("en");
  await settled();
  expect(document.querySelector("[data-health=refused]")?.textContent).toContain(
    "SinoPac refuses this shop's requests",
  );
  expect(text()).toContain("Payments may show late.");
  useLanguage("zh-TW");
  await emit("health", { bank: null, ctbc: { ...refused, code: "3/32" }, clock_off_s: null, paused: null });
  await settled();
  expect(document.querySelectorAll("[data-health]")).toHaveLength(1);
  expect(text()).toContain("中信目前拒絕本店的所有查詢");
});

test("a bank's time that is not believed yet is said quietly, beside what is known of this computer's clock", async () => {
  program.answers["health"] = { bank: null, clock_off_s: 7_200, clock_doubted: true, paused: null };
  await emit("shop", null);
  await settled();
  const quietly = document.querySelector("[data-health=clock-doubted]");
  expect(quietly?.getAttribute("role")).toBe("status");
  expect(quietly?.textContent).toBe("銀行的時間與本機差很多，正在確認…");
  expect(text()).toContain("時鐘慢了 2 小時");
  await emit("health", { bank: null, clock_off_s: null, clock_doubted: false, paused: null });
  await settled();
  expect(document.querySelector("[data-health]")).toBeNull();
});
