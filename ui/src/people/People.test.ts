// The screen of people: what an owner does, what everybody does, and the shop's first owner.

import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, beforeEach, expect, test } from "vitest";

import type { PersonView, WhoView } from "../bindings/settings";
import { mustChangePin, offers, takeWho } from "../lib/people.svelte";
import { CLERK, NOBODY, OWNER, PEOPLE, whoOf } from "../lib/program.fixture";
import { goTo, screen } from "../lib/route.svelte";
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
  goTo("counter");
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

test("limits are whole dollars, and without one it is the role's", async () => {
  answers["limit_person"] = { ...PEOPLE[2], ask_max: 5000 };
  await open(whoOf(OWNER));
  await press("ArrowDown", "ArrowDown", "l");
  expect(page()).toContain("空白：NT$30,000 以下");
  await write("#approve_max", "30,000");
  for (const wrong of ["12.5", "-5", "9,999,999,999", "五"]) {
    await write("#ask_max", wrong);
    await press("Enter");
    expect(document.querySelector("[data-wrong=ask_max]")?.textContent).toContain("整數元");
    expect(document.activeElement?.id).toBe("ask_max");
  }
  expect(asked("limit_person")).toEqual([]);
  await write("#ask_max", "５,000");
  await press("Enter");
  await press("l");
  await write("#ask_max", "");
  await write("#approve_max", "0");
  await press("Enter");
  const person = "id-黃淑芬";
  expect(asked("limit_person")).toEqual([
    { person, ask: 5000, approve: null },
    { person, ask: null, approve: 0 },
  ]);
});

test("nothing to ask for or to approve is said in words", async () => {
  await open(whoOf(OWNER), [{ ...OWNER, ask_max: 0, approve_max: 0 }]);
  expect(document.querySelector("[role=option]")?.textContent).toMatch(/不申請退款.*不核准退款/);
});

test("whoever was added is selected, so that the next key is about them", async () => {
  await open(whoOf(OWNER));
  const added = { ...CLERK, person: "id-new", name: "新人" };
  Object.assign(answers, { add_person: added, people: [...PEOPLE, added] });
  await press("n");
  await write("#person_name", "新人");
  await press("Enter", ..."274958", "Enter", ..."274958", "Enter");
  expect(document.querySelector("[aria-selected=true]")?.textContent).toContain("新人");
  await press("l");
  expect(document.querySelector("h2")?.textContent).toContain("新人");
});

test("the first owner can be put off by Escape", async () => {
  goTo("people");
  await open(NOBODY as unknown as WhoView, []);
  expect(page()).toContain("以後再說");
  await press("Escape");
  expect(screen()).toBe("counter");
});

test("the rules of a PIN stand above it before it is typed, and stay when one was refused", async () => {
  await open(whoOf(OWNER));
  await press("n");
  const rules = () => document.querySelector("#new_pin-hint")?.textContent ?? "";
  expect(rules()).toBe("6 到 12 碼數字。不要連號、重複或成對的數字，也不要用日期。");
  const hint = document.querySelector("#new_pin-hint");
  const digits = document.querySelector("#new_pin");
  expect(digits && hint?.compareDocumentPosition(digits)).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  answers["add_person"] = refused("pin-guessable", "太好猜了。");
  document.querySelector<HTMLElement>("#new_pin")?.focus();
  await press(..."271828", "Enter", ..."271828", "Enter");
  expect(rules()).toContain("日期");
});

test("a PIN has a line for each digit that the role needs", async () => {
  await open(whoOf(OWNER));
  await press("n");
  const lines = () => document.querySelectorAll("#new_pin > span").length;
  expect(lines()).toBe(6);
  document.querySelector<HTMLInputElement>("#role-owner")?.click();
  await settled();
  expect(lines()).toBe(8);
});

test("a PIN is pasted as well, full-width and in groups; no other text is one", async () => {
  answers["set_pin"] = CLERK;
  await open(whoOf(CLERK));
  await press("i");
  const paste = async (id: string, text: string) => {
    const event = new Event("paste", { bubbles: true, cancelable: true });
    Object.assign(event, { clipboardData: { getData: () => text } });
    document.querySelector(id)?.dispatchEvent(event);
    await settled();
  };
  for (const no of ["86a317", "1234567890123", ""]) await paste("#new_pin", no);
  expect(there("#new_pin[data-pin='0']")).toBe(true);
  await paste("#new_pin", "８６０-３７１");
  await paste("#pin_again", "860 371\n");
  await press("Enter");
  expect(asked("set_pin")).toEqual([{ person: "id-林家瑜", pin: "860371" }]);
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
  await press("i", ..."860371", "Enter", ..."860371", "Enter");
  expect(asked("set_pin")).toEqual([{ person: "id-林家瑜", pin: "860371" }]);
});

test("a PIN that somebody else set is changed before anything else", async () => {
  const given = {
    ...CLERK,
    pin_given_by: "吳明哲",
    pin_given_at: "2026-11-20T14:00:00+08:00",
    pin_to_change: true,
  };
  answers["set_pin"] = CLERK;
  goTo("people");
  await open({ ...whoOf(given), rights: [] }, [given]);
  expect(there("[data-must]")).toBe(true);
  answers["who"] = whoOf(CLERK);
  await press(..."860371", "Enter", ..."860371", "Enter");
  expect(asked("set_pin")).toEqual([{ person: "id-林家瑜", pin: "860371" }]);
  expect(mustChangePin()).toBe(false);
  expect(offers("counter")).toBe(true);
  expect(screen()).toBe("counter");
});

test("an owner sees whose PIN was not changed yet, and what comes next", async () => {
  const given = {
    ...CLERK,
    pin_given_by: "吳明哲",
    pin_given_at: "2026-11-20T14:00:00+08:00",
    pin_to_change: true,
  };
  answers["set_pin"] = given;
  await open(whoOf(OWNER));
  await press("ArrowDown", "i", ..."860371", "Enter", ..."860371", "Enter");
  expect(document.querySelector("[data-callout=done]")?.textContent).toContain("先換成自己的");
  expect(document.querySelector("[data-given]")?.textContent).toMatch(/吳明哲.*設定，本人還沒換掉/);
});

test("a PIN that was given and changed is marked until its giver counts as another hand", async () => {
  const apart = { pin_given_by: "吳明哲", pin_apart_at: "2026-11-21T14:00:00+08:00" };
  await open(whoOf(CLERK), [OWNER, { ...CLERK, ...apart }]);
  expect(document.querySelector("[data-apart]")?.textContent).toMatch(/吳明哲.*不能一起處理同一筆退款/);
});

test("whoever is added with a PIN that binds is told to choose another", async () => {
  answers["add_person"] = { ...CLERK, pin_to_change: true };
  await open(whoOf(OWNER), [OWNER]);
  await press("n");
  await write("#person_name", "林家瑜");
  await press("Enter", ..."860371", "Enter", ..."860371", "Enter");
  expect(document.querySelector("[data-callout=done]")?.textContent).toContain("先換成自己的");
});

test("the form of one's own PIN says when it can be changed; another's says nothing of it", async () => {
  await open(whoOf(OWNER));
  await press("i");
  expect(document.querySelector("[data-soon]")?.textContent).toContain("剛登入");
  await press("Escape", "ArrowDown", "i");
  expect([there("[data-form=pin]"), there("[data-soon]")]).toEqual([true, false]);
});

test("a recovered PIN of an owner is marked", async () => {
  await open(whoOf(OWNER), [{ ...OWNER, recovered_at: "2026-11-20T14:00:00+08:00" }]);
  expect(document.querySelector("[data-recovered]")?.textContent).toContain("從這台電腦重設");
});

test("a person whom the record does not prove is marked, with the way out", async () => {
  await open(whoOf(OWNER), [
    { ...OWNER, unproved: true },
    { ...OWNER, person: "00000000-0000-4000-8000-000000000099", name: "陳", role: "clerk", unproved: true },
  ]);
  const [owner, clerk] = [...document.querySelectorAll("[data-unproved]")].map((mark) => mark.textContent);
  expect(owner).toContain("counterfoil people recover");
  expect(clerk).toContain("按 I");
});

test("leaving the screen closes the form with what was typed", async () => {
  await open(whoOf(OWNER));
  await press("i", "2", "7");
  await press("Escape");
  await press("i");
  expect(there("[data-pin='0']")).toBe(true);
});
