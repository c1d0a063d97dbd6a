// What is wrong with a bank or with a clock, as every screen says it.

import { emit } from "@tauri-apps/api/event";
import { expect, test } from "vitest";

import { NOW } from "../lib/program.fixture";
import { useLanguage } from "../lib/text.svelte";
import { opens, press, program, settled } from "./window.fixture";

opens();

const text = () => document.body.textContent.replace(/\s+/g, " ");
const box = (kind: string) =>
  document.querySelector(`[data-health=${kind}]`)?.textContent.replace(/\s+/g, " ").trim() ?? "";

const WELL = { bank: null, clock_off_s: null, paused: null };
const REFUSED = {
  ...{ since: NOW, code: "E0102", refused: true, next_at: null as string | null },
  ...{ zh: "這家商店在銀行尚未啟用或已停用。", en: "The shop is not active at the bank." },
  ...{ step_zh: "請負責人致電永豐，確認商店是否已啟用。", step_en: "Have the owner call SinoPac." },
};

async function tell(health: object) {
  await emit("health", { ...WELL, ...health });
  await settled();
}

/** What a bank's clock shows; `by`: what its newest answers differ by from this computer. */
function clock(bank: string, by: number | null = null, known = true) {
  return { bank, now: NOW, known, doubted_by_s: by };
}

test("a bank that refuses this shop is not called silent: cause, way out and code stand on every screen", async () => {
  program.answers["health"] = { ...WELL, bank: REFUSED };
  await emit("shop", null);
  await settled();
  for (const place of ["c", "o", "s"]) {
    await press("g", place);
    const said = box("refused");
    expect(said).toContain("永豐目前拒絕本店的要求（14:05:00 起）");
    expect(said).toContain("尚未啟用或已停用");
    expect(said).toContain("請負責人致電永豐，確認商店是否已啟用。");
    expect(said).toContain("已收的款項可能晚一點才顯示");
    expect(said).toContain("聯絡永豐（代碼 E0102）");
    expect(said).not.toContain("沒有回覆");
    expect(said, "a check of the settings does not help").not.toContain("檢查設定");
  }
  useLanguage("en");
  await settled();
  expect(box("refused")).toContain("SinoPac refuses this shop's requests");
  expect(text()).toContain("Payments may show late.");
  useLanguage("zh-TW");
  await tell({ ctbc: { ...REFUSED, code: "3/32" } });
  expect(document.querySelectorAll("[data-health]")).toHaveLength(1);
  expect(text()).toContain("中信目前拒絕本店的要求");
});

test("an erasure that another program puts off is said until it is done", async () => {
  await tell({ erasure_unfinished: true });
  expect(box("erasure")).toContain("還沒有完全清除");
  useLanguage("en");
  await settled();
  expect(box("erasure")).toContain("not erased completely yet");
  useLanguage("zh-TW");
  await tell({});
  expect(box("erasure")).toBe("");
});

test("money that no order explains is said with how much and where to look, until it is closed", async () => {
  await tell({ foreign: { count: 2, sum: 88700 } });
  expect(box("foreign")).toMatch(/2 筆錢（共 NT\$88,700）.*G F/s);
  await tell({});
  expect(box("foreign")).toBe("");
});

test.each([
  ["older-file", /比這台電腦上次用的舊：.*13:00 到 .*13:30.*G A.*按 A/s],
  ["other-file", /不是這台電腦上次用的那一個.*13:00 到 .*13:30.*G A.*按 A/s],
] as const)("%s: the time that the data file may lack is named, with the way out", async (kind, words) => {
  const file = { kind, from: "2026-11-20T13:00:00+08:00", to: "2026-11-20T13:30:00+08:00" };
  await tell({ file });
  expect(box("file")).toMatch(words);
  await tell({});
  expect(box("file")).toBe("");
});

test("a bank without its keys is named, and that the other one goes on", async () => {
  const why = { code: "ctbc-vault-missing" as const, values: {}, zh: "沒有壓碼字串。", en: "No MAC key." };
  await tell({ shut: [{ bank: "ctbc", why }] });
  expect(box("shut")).toMatch(/中信的金鑰不能用.*沒有壓碼字串。.*其他銀行照常/s);
});

test("a port that another program has is named, and what that stops", async () => {
  await tell({ port_taken: 21050 });
  expect(box("port")).toMatch(/21050.*永豐照常.*中信刷卡頁開不出來/s);
});

test("copies of the data that erasing does not reach are named, with what to do", async () => {
  await tell({ copies: { files: ["a.bak", "店 copy.db"], zh: "請刪除。", en: "Delete them." } });
  expect(box("copies")).toMatch(/a\.bak, 店 copy\.db.*請刪除。/);
});

test("the next try is named where it is known and still to come", async () => {
  const next_at = "2026-11-20T14:15:00+08:00";
  await tell({ bank: { ...REFUSED, next_at } });
  expect(box("refused")).toContain("下次查詢約 14:15。");
  useLanguage("en");
  await settled();
  expect(box("refused")).toContain("Next try about 14:15.");
  await tell({ bank: { ...REFUSED, next_at: NOW } });
  expect(box("refused")).not.toContain("Next try");
});

test("a time in doubt is told in a box: whose, by how much, and what to do", async () => {
  await tell({ clocks: [clock("sinopac", 7_200), clock("ctbc")] });
  expect(document.querySelectorAll("[data-health]")).toHaveLength(1);
  expect(box("clock-doubted")).toBe(
    "永豐回報的時間與這台電腦相差約 2 小時，正在確認哪一個正確。 可照常收款；畫面上的時間暫時不準。請檢查電腦的日期與時間。",
  );
  useLanguage("en");
  await tell({ clocks: [clock("ctbc", -6_052 * 86_400)] });
  expect(box("clock-doubted")).toBe(
    "CTBC's time and this computer's differ by about 17 years; checking which is right. " +
      "You can go on selling; times shown here may be wrong for now. Check this computer's date and time.",
  );
  await tell({ clocks: [clock("ctbc", 20)] });
  expect(box("clock-doubted")).toContain(
    "This computer's clock agrees with CTBC again; the bank is being asked.",
  );
  await tell({ clocks: [clock("ctbc")] });
  expect(document.querySelector("[data-health]")).toBeNull();
});

test("a clock that is off is told by how much, one that is months off by both dates", async () => {
  await tell({ clock_off_s: 7_200 });
  expect(box("clock")).toBe(
    "這台電腦的時間與銀行相差 2 小時（電腦較慢） 收款照常，期限以銀行時間計算。請到電腦的「日期和時間」開啟自動設定。",
  );
  await tell({ clock_off_s: 6_043 * 86_400 });
  expect(box("clock")).toContain("這台電腦的日期是 2010/05/05，銀行是 2026/11/20。");
  useLanguage("en");
  await tell({ clock_off_s: -29 * 86_400 });
  expect(box("clock")).toContain("This computer's clock differs from the bank's by 29 d (it is ahead)");
  await tell({ clock_off_s: -31 * 86_400 });
  expect(box("clock")).toContain("This computer's date is 2026/12/21, the bank's is 2026/11/20.");
});

test("while a bank's time is in doubt or not known, nothing is told that follows from it", async () => {
  const gaps = [{ from: "2026-11-20T10:00:00+08:00", to: "2026-11-20T10:20:00+08:00" }];
  program.answers["coverage"] = { from: NOW, to: NOW, gaps, now: NOW };
  await emit("covered", null);
  await settled();
  expect(document.querySelector("[data-gap]")).not.toBeNull();
  for (const unsure of [clock("sinopac", 7_200), clock("sinopac", null, false)]) {
    await tell({ bank: REFUSED, clocks: [unsure] });
    expect(document.querySelector("[data-gap], footer svg .gap")).toBeNull();
    expect(text()).toContain("永豐的時間確認中");
    expect(box("refused")).toContain("永豐目前拒絕本店的要求");
    expect(box("refused")).not.toContain("14:05");
  }
  await tell({ clocks: [clock("sinopac", 7_200)] });
  expect(document.querySelector(".day")?.textContent).toBe("時間確認中");
  await tell({ clocks: [clock("sinopac")] });
  expect(document.querySelector("[data-gap]")).not.toBeNull();
  expect(document.querySelector(".day")?.textContent).toContain("2026/11/20");
});

test("a time of long ago by another clock is no since", async () => {
  await tell({ bank: { ...REFUSED, since: "2010-05-05T10:05:00+08:00" }, clocks: [clock("sinopac")] });
  expect(box("refused")).not.toContain("05/05");
});
