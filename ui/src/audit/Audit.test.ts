// The audit record: its rows in words, its pages and filters, and what a check of it says.

import { emit } from "@tauri-apps/api/event";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { AuditPage, AuditLineView, HealthView } from "../bindings/settings";
import { takeHealth } from "../lib/health.svelte";
import { useLanguage } from "../lib/text.svelte";
import Audit from "./Audit.svelte";
import { GROUPS } from "./audit.svelte";

const HEAD = "3f9a".repeat(16);
const row = (number: number, more: Partial<AuditLineView> = {}): AuditLineView => ({
  row: number,
  at: `2026-11-${number > 100 ? "20" : "19"}T14:05:00+08:00`,
  who: "林家瑜",
  what: "sell",
  about: "A1058",
  detail: "",
  ...more,
});
const pageOf = (rows: AuditLineView[], more = false): AuditPage => ({
  rows,
  more,
  total: 12_345,
  head: HEAD,
});

let sent: { command: string; given: Record<string, unknown> }[];
let answers: Record<string, unknown>;
let app: object;

beforeEach(async () => {
  sent = [];
  answers = { audit: pageOf([row(120), row(60, { who: "engine", what: "unheard-of", about: null })], true) };
  useLanguage("zh-TW");
  mockIPC(
    (command, payload) => {
      sent.push({ command, given: (payload ?? {}) as Record<string, unknown> });
      const answer = answers[command];
      return answer instanceof Error ? Promise.reject(answer) : (answer ?? null);
    },
    { shouldMockEvents: true },
  );
  app = mount(Audit, { target: document.body, props: { active: true } });
  await settled();
});
afterEach(async () => {
  await unmount(app);
  clearMocks();
});

async function settled() {
  for (let round = 0; round < 12; round += 1) await tick();
  flushSync();
}
async function press(key: string) {
  const code = /^[a-z]$/.test(key) ? `Key${key.toUpperCase()}` : key;
  const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true });
  (document.activeElement ?? document.body).dispatchEvent(event);
  await settled();
}
async function write(id: string, text: string) {
  const field = document.querySelector<HTMLInputElement>(id);
  if (!field) throw new Error(`no ${id}`);
  field.focus();
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  await settled();
}
const page = () => document.body.textContent.replace(/\s+/g, " ");
const asked = (command: string) => sent.filter((one) => one.command === command).map(({ given }) => given);
const rows = () => [...document.querySelectorAll("[data-audit-row]")].map((one) => one.textContent);

test("rows are in words, newest first, and an unknown name stays as it is", () => {
  expect(page()).toContain("共 12,345 筆");
  expect(page()).toContain(HEAD.slice(0, 16));
  expect(rows()[0]?.replace(/\s+/g, " ")).toContain("林家瑜 開單 A1058");
  expect(rows()[1]).toContain("程式");
  expect(rows()[1]).toContain("unheard-of");
  expect(document.querySelectorAll("h2")).toHaveLength(2);
});

test("pages go back in time and forth again", async () => {
  answers["audit"] = pageOf([row(50)]);
  await press("o");
  expect(asked("audit").at(-1)?.["before"]).toBe(60);
  expect(rows()).toHaveLength(1);
  const before = sent.length;
  await press("o");
  expect(sent).toHaveLength(before);
  await press("n");
  expect(asked("audit").at(-1)?.["before"]).toBeNull();
});

test("who, what, day and order narrow it", async () => {
  await press("f");
  expect(document.activeElement?.id).toBe("audit_who");
  await write("#audit_who", " 家瑜 ");
  await write("#audit_from", "2026-11-19");
  await write("#audit_order", "A1058");
  await press("Enter");
  document.querySelector<HTMLInputElement>("#audit-people")?.click();
  await settled();
  expect(asked("audit").at(-1)).toEqual({
    filter: {
      who: "家瑜",
      what: [...GROUPS.people],
      from: "2026-11-19",
      to: "",
      order: "A1058",
    },
    before: null,
  });
  answers["audit"] = pageOf([]);
  await press("x");
  expect(asked("audit").at(-1)?.["filter"]).toEqual({ who: "", what: [], from: "", to: "", order: "" });
});

test("a word of the screen finds what is no person", async () => {
  await press("f");
  await write("#audit_who", "程式");
  await press("Enter");
  expect((asked("audit").at(-1)?.["filter"] as { who: string }).who).toBe("engine");
});

test("a check tells how far it is, and its verdict", async () => {
  let answer: (view: unknown) => void = () => undefined;
  answers["audit_verify"] = new Promise((resolve) => (answer = resolve));
  await press("v");
  await emit("verifying", 20_000);
  await settled();
  expect(page()).toContain("已看過 20,000 筆");
  await press("v");
  expect(asked("audit_verify")).toHaveLength(1);
  answer({ ok: true, rows: 12_345, head: HEAD, kept: 12_000, broken_at: null, found: [] });
  await settled();
  expect(document.querySelector("[data-callout=done]")?.textContent).toContain("12,345");
});

test("what the filter leaves is exported, and the file and the head are shown", async () => {
  await press("f");
  await write("#audit_who", "程式");
  await press("Enter");
  const out = "/shop/exports/audit-2026-11-20-12345-3f9a3f9a3f9a3f9a.csv";
  answers["audit_export"] = { out, rows: 60, chain: 12_345, head: HEAD };
  await press("e");
  expect(asked("audit_export")).toEqual([
    { filter: { who: "engine", what: [], from: "", to: "", order: "" } },
  ]);
  expect(document.querySelector("[data-exported]")?.textContent).toContain(out);
  const told = document.querySelector("[data-callout=done]")?.textContent;
  for (const part of ["60", "12,345", HEAD.slice(0, 16)]) expect(told).toContain(part);
  answers["audit_export"] = Object.assign(new Error(), {
    code: "storage",
    values: {},
    zh: "磁碟滿了。",
    en: "",
  });
  await press("e");
  expect(document.querySelector("[role=alert]")?.textContent).toContain("磁碟滿了。");
  expect(document.querySelector("[data-exported]")).toBeNull();
});

test("a data file that is another one is accepted with A and Enter, and only then", async () => {
  await press("a");
  expect(document.querySelector("[data-accept]")).toBeNull();
  const at = "2026-11-20T13:00:00+08:00";
  takeHealth({ file: { kind: "older-file", from: at, to: at } } as HealthView);
  await press("a");
  expect(document.querySelector("[data-accept]")?.textContent).toContain("別再退一次");
  await press("Escape");
  expect(document.querySelector("[data-accept]")).toBeNull();
  await press("a");
  await press("Enter");
  expect(asked("audit_accept")).toEqual([{ pin: "" }]);
  expect(document.querySelector("[data-callout=done]")?.textContent).toContain("已接受這個資料檔");
  takeHealth({} as HealthView);
});

test("what another hand touched is named", async () => {
  const found = ["payments a1: changed or put in by another hand"];
  answers["audit_verify"] = { ok: false, rows: 5, head: HEAD, kept: null, broken_at: 3, found };
  await press("v");
  expect(document.querySelector("[role=alert]")?.textContent).toContain("檢查沒有通過");
  expect(document.querySelector("[data-found]")?.textContent).toContain(found[0]);
});
