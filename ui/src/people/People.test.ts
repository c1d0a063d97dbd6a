// The screen of people: what an owner does, what everybody does, and the shop's first owner.

import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { PersonView, WhoView } from "../bindings/settings";
import { takeWho } from "../lib/people.svelte";
import { CLERK, NOBODY, OWNER, PEOPLE, whoOf } from "../lib/program.fixture";
import { useLanguage } from "../lib/text.svelte";
import People from "./People.svelte";

let sent: { command: string; given: Record<string, unknown> }[];
let answers: Record<string, unknown>;
let app: object | undefined;

beforeEach(() => {
  [sent, answers] = [[], { people: PEOPLE }];
  useLanguage("zh-TW");
  mockIPC((command, payload) => {
    sent.push({ command, given: (payload ?? {}) as Record<string, unknown> });
    const answer = answers[command];
    return answer instanceof Error ? Promise.reject(answer) : (answer ?? null);
  });
});
afterEach(async () => {
  if (app) await unmount(app);
  clearMocks();
  takeWho(undefined);
});

async function settled() {
  for (let round = 0; round < 24; round += 1) await tick();
  flushSync();
}
async function open(who: WhoView, list: PersonView[] = PEOPLE) {
  Object.assign(answers, { who, people: list });
  takeWho(who, list);
  app = mount(People, { target: document.body, props: { active: true } });
  await settled();
}
async function press(...keys: string[]) {
  for (const key of keys) {
    const code = /^\d$/.test(key) ? `Digit${key}` : /^[a-z]$/.test(key) ? `Key${key.toUpperCase()}` : key;
    const event = new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true });
    (document.activeElement ?? document.body).dispatchEvent(event);
    await settled();
  }
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
const there = (selector: string) => document.querySelector(selector) !== null;
const refused = (code: string, zh: string) => Object.assign(new Error(), { code, values: {}, zh, en: "" });

test("the shop's first person is its owner, with a PIN that is typed twice", async () => {
  answers["add_person"] = OWNER;
  await open(NOBODY as unknown as WhoView, []);
  expect(page()).toContain("設定這家店的負責人");
  expect(there("[name=role]")).toBe(false);
  await write("#person_name", " 吳明哲 ");
  document.querySelector<HTMLElement>("#new_pin")?.focus();
  await press(..."27495810", "Enter", ..."27495811", "Enter");
  expect(page()).toContain("兩次不一樣");
  expect(asked("add_person")).toEqual([]);
  await press(..."27495810", "Enter", ..."27495810", "Enter");
  expect(asked("add_person")).toEqual([{ name: "吳明哲", role: "owner", pin: "27495810" }]);
  expect(document.body.innerHTML).not.toContain("2749");
});

test("an owner adds somebody with a role", async () => {
  answers["add_person"] = CLERK;
  await open(whoOf(OWNER));
  await press("n");
  await write("#person_name", "林家瑜");
  document.querySelector<HTMLInputElement>("#role-accountant")?.click();
  await settled();
  document.querySelector<HTMLElement>("#new_pin")?.focus();
  await press(..."274958", "Enter", ..."274958", "Enter");
  expect(asked("add_person")).toEqual([{ name: "林家瑜", role: "accountant", pin: "274958" }]);
  expect(page()).toContain("已新增「");
});

/** What is typed does not count: the name, and the PIN twice. */
test("somebody is added by six keys", async () => {
  answers["add_person"] = CLERK;
  await open(whoOf(OWNER));
  const [toThisScreen, keys] = [
    ["g", "p"],
    ["n", "Enter", "Enter", "Enter"],
  ];
  const next = async () => press(...keys.splice(0, 1));
  await next();
  await write("#person_name", "林家瑜");
  await next();
  await press(..."274958");
  await next();
  await press(..."274958");
  await next();
  expect(asked("add_person")).toEqual([{ name: "林家瑜", role: "clerk", pin: "274958" }]);
  expect([keys.length, toThisScreen.length + 4]).toEqual([0, 6]);
});

test("what Rust refuses is said beside its field, and the PIN is typed anew", async () => {
  await open(whoOf(OWNER));
  await press("n");
  await write("#person_name", "林家瑜");
  answers["add_person"] = refused("pin-guessable", "太好猜了。");
  document.querySelector<HTMLElement>("#new_pin")?.focus();
  await press(..."111111", "Enter", ..."111111", "Enter");
  expect(document.querySelector("[data-wrong=new_pin]")?.textContent).toBe("太好猜了。");
  expect(document.activeElement?.id).toBe("new_pin");
  expect(document.querySelectorAll("[data-pin='0']")).toHaveLength(2);
  answers["add_person"] = refused("person-name-taken", "有人叫這個名字。");
  await press(..."274958", "Enter", ..."274958", "Enter");
  expect(document.querySelector("[data-wrong=person_name]")?.textContent).toBe("有人叫這個名字。");
  expect(document.activeElement?.id).toBe("person_name");
});

test("limits are whole dollars, and an empty field changes nothing", async () => {
  answers["limit_person"] = { ...PEOPLE[2], ask_max: 5000 };
  await open(whoOf(OWNER));
  await press("ArrowDown", "ArrowDown", "l");
  await write("#ask_max", "5,000");
  await write("#approve_max", "");
  await press("Enter");
  expect(asked("limit_person")).toEqual([{ person: "id-黃淑芬", ask: 5000, approve: null }]);
  expect(page()).toContain("申請退款 NT$5,000 以下");
});

test("a clerk has no limit to approve", async () => {
  await open(whoOf(OWNER));
  await press("ArrowDown", "l");
  expect([there("#ask_max"), there("#approve_max")]).toEqual([true, false]);
});

test("retiring is asked twice, and another person in between starts over", async () => {
  answers["retire_person"] = { ...CLERK, retired: true };
  await open(whoOf(OWNER));
  await press("ArrowDown", "x");
  expect(there("[data-doubt-retire]")).toBe(true);
  await press("ArrowDown");
  expect(there("[data-doubt-retire]")).toBe(false);
  await press("ArrowUp", "x", "Escape");
  expect(asked("retire_person")).toEqual([]);
  await press("x", "x");
  expect(asked("retire_person")).toEqual([{ person: "id-林家瑜" }]);
  expect(page()).toContain("已離職");
});

test("an owner sets another's PIN, and everybody else only their own", async () => {
  answers["set_pin"] = CLERK;
  await open(whoOf(CLERK));
  expect(document.querySelectorAll("[role=option]")).toHaveLength(1);
  await press("n", "l", "x");
  expect([there("[data-form]"), there("[data-doubt-retire]")]).toEqual([false, false]);
  await press("i", ..."860317", "Enter", ..."860317", "Enter");
  expect(asked("set_pin")).toEqual([{ person: "id-林家瑜", pin: "860317" }]);
});

test("a recovered PIN of an owner is marked", async () => {
  await open(whoOf(OWNER), [{ ...OWNER, recovered_at: "2026-11-20T14:00:00+08:00" }]);
  expect(document.querySelector("[data-recovered]")?.textContent).toContain("從這台電腦重設");
});

test("leaving the screen closes the form with what was typed", async () => {
  await open(whoOf(OWNER));
  await press("i", "2", "7");
  await press("Escape");
  await press("i");
  expect(there("[data-pin='0']")).toBe(true);
});
