import { emit } from "@tauri-apps/api/event";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";
import { flushSync, mount, tick, unmount } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { PaymentView } from "../bindings/views";
import * as ids from "../lib/ids";
import { NOW, quiet, SHOP } from "../lib/program.fixture";
import { goTo } from "../lib/route.svelte";
import { resize } from "../lib/size.svelte";
import { useLanguage } from "../lib/text.svelte";
import App from "./App.svelte";

const PAID: PaymentView = {
  order: "o",
  payment: "p",
  rail: "sinopac-account",
  bank_order_no: "A1058",
  amount: 12_600,
  state: "paid",
  account: "99922632500581",
  link: null,
  payee_name: "禾日茶行",
  expires_at: "2026-11-23T23:59:59+08:00",
  created_at: "2026-11-20T14:05:00+08:00",
  evidence: [{ query: "by-window", at: NOW, said: "1A400" }],
  discrepancies: [],
  why: null,
  reissue: false,
  late: false,
  note: null,
};

let asked: string[];
let answers: Record<string, unknown>;
let app: object;

async function open() {
  app = mount(App, { target: document.body });
  await vi.waitUntil(() => document.querySelector("#amount, [data-problem]"));
  await settled();
}

beforeEach(() => {
  asked = [];
  answers = {};
  goTo("counter");
  resize(0);
  useLanguage("zh-TW");
  mockIPC(
    (command, payload) => {
      const id = (payload as Record<string, unknown> | undefined)?.["payment"];
      asked.push(typeof id === "string" ? `${command} ${id}` : command);
      if (command in answers) {
        const answer = answers[command];
        return answer instanceof Refused ? Promise.reject(answer.failure) : answer;
      }
      return command === "shop" ? SHOP : quiet(command)?.answer;
    },
    { shouldMockEvents: true },
  );
});

afterEach(async () => {
  await unmount(app);
  clearMocks();
});

class Refused {
  constructor(readonly failure: object) {}
}

/** Whether the browser would still have acted on it. */
function press(key: string, more: KeyboardEventInit = {}): boolean {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
  const left = (document.activeElement ?? document.body).dispatchEvent(event);
  flushSync();
  return left;
}

const page = () => document.body.textContent.replace(/\s+/g, " ");
const here = () => document.querySelector("[data-place][aria-current]")?.getAttribute("data-place");
const settled = async () => {
  for (let round = 0; round < 24; round += 1) await tick();
};

test("G and a letter go to a screen, and a typed amount is not lost", async () => {
  await open();
  for (const key of ["5", "0"]) press(key, { code: `Digit${key}` });
  press("g");
  press("o");
  expect(here()).toBe("orders");
  press("g");
  press("s");
  expect(here()).toBe("settings");
  // an input method shows another sign, and the key is the same
  (document.activeElement as HTMLElement | null)?.blur();
  press("ㄕ", { code: "KeyG" });
  press("ㄏ", { code: "KeyC" });
  expect(here()).toBe("counter");
  expect(document.querySelector<HTMLInputElement>("#amount")?.value).toBe("50");
});

test("keys that a browser has for itself do nothing", async () => {
  await open();
  for (const key of ["F1", "F2", "F3", "F4", "F5", "F6", "F7", "F12"]) expect(press(key), key).toBe(false);
  for (const key of ["p", "f", "r", "s", "o", "u", "g", "+", "-", "0"])
    expect(press(key, { ctrlKey: true }), key).toBe(false);
  for (const key of ["ArrowLeft", "ArrowRight"]) expect(press(key, { altKey: true }), key).toBe(false);
  for (const key of ["c", "v", "a", "x", "z"]) expect(press(key, { ctrlKey: true }), key).toBe(true);
  goTo("orders");
  await settled();
  for (const key of ["F2", "F3", "F4", "F5"]) expect(press(key), key).toBe(false);
});

test("the type grows by one number, and stays as it was chosen", async () => {
  await open();
  press("+", { ctrlKey: true });
  press("+", { ctrlKey: true });
  expect(document.documentElement.dataset["size"]).toBe("150");
  expect(page()).toContain("150%");
  press("-", { ctrlKey: true });
  expect(document.documentElement.dataset["size"]).toBe("125");
  press("0", { ctrlKey: true });
  expect(document.documentElement.dataset["size"]).toBe("100");
});

test("what came while the window was closed stands there at the start, once, until somebody has seen it", async () => {
  answers["unseen"] = [PAID];
  await open();
  expect(document.querySelector("[data-banner=paid]")?.textContent).toContain("A1058");
  // the sweep finds the same once more: no second notice
  await emit("payment", PAID);
  await emit("news", PAID);
  await settled();
  press("Enter");
  await settled();
  expect(document.querySelector("[data-banner]")).toBeNull();
  expect(asked.filter((one) => one.startsWith("seen"))).toEqual(["seen p"]);
});

/** The order numbers of the banners, acknowledged one by one. */
async function seenOneByOne(): Promise<string[]> {
  const numbers: string[] = [];
  for (;;) {
    const banner = document.querySelector("[data-banner]")?.textContent;
    if (banner === undefined) return numbers;
    numbers.push(/A\d{4}/.exec(banner)?.[0] ?? "");
    press("Enter");
    await settled();
  }
}

test("what is told while the program is asked for the unseen is neither doubled nor lost, nor seen twice", async () => {
  await open();
  const one = (payment: string, number: string) => ({ ...PAID, payment, bank_order_no: number });
  const [known, both, only, seen] = [
    one("k", "A2001"),
    one("b", "A2002"),
    one("n", "A2003"),
    one("s", "A2000"),
  ];
  const release: ((payments: PaymentView[]) => void)[] = [];
  answers["unseen"] = { then: (resolve: (payments: PaymentView[]) => void) => release.push(resolve) };
  await emit("news", seen);
  // the shop is read twice at once
  for (let times = 0; times < 2; times += 1) await emit("shop", null);
  await settled();
  expect(release).toHaveLength(2);
  for (const told of [{ ...both, state: "failed" }, only]) await emit("news", told);
  await settled();
  press("Enter");
  // seen as a failure, and money after all: to be seen once more
  press("Enter");
  await emit("news", { ...both, state: "paid-late" });
  for (const answer of release) answer([seen, known, both, only]);
  await settled();
  // the newest first, and what was seen since the question stays seen
  expect(await seenOneByOne()).toEqual(["A2002", "A2001", "A2000"]);
});

test("what another shop has not told goes when the shop changes", async () => {
  answers["unseen"] = [PAID];
  await open();
  answers["unseen"] = [{ ...PAID, payment: "other", bank_order_no: "A2004" }];
  await emit("shop", null);
  await settled();
  expect(await seenOneByOne()).toEqual(["A2004"]);
});

test("news of another day say which day it was", async () => {
  const at = "2026-11-19T22:10:03+08:00";
  answers["unseen"] = [{ ...PAID, payment: "y", evidence: [{ query: "by-window", at, said: "1A400" }] }];
  await open();
  expect(document.querySelector("[data-banner]")?.textContent).toContain("永豐 11/19 22:10 確認");
});

test("news stand above every screen", async () => {
  await open();
  goTo("orders");
  await settled();
  await emit("news", PAID);
  await settled();
  expect(document.querySelector("[data-banner=paid]")).not.toBeNull();
  press("Enter", { altKey: true });
  await settled();
  expect(document.querySelector("[data-banner]")).toBeNull();
  expect(asked).toContain("seen p");
});

test("the foot says how far the bank was asked, and a gap is an alarm in words", async () => {
  await open();
  expect(page()).toContain("永豐款項已核對到 13:55");
  const gaps = [{ from: "2026-11-20T10:00:00+08:00", to: "2026-11-20T10:20:00+08:00" }];
  answers["coverage"] = { from: NOW, to: "2026-11-20T13:55:00+08:00", gaps, now: NOW };
  await emit("covered", null);
  await settled();
  expect(document.querySelector("[data-gap]")?.textContent).toContain("永豐：10:00–10:20 尚未核對，正在補查");
  const night = [{ from: "2026-11-19T23:43:00+08:00", to: "2026-11-20T00:23:00+08:00" }];
  answers["coverage"] = { from: NOW, to: NOW, gaps: night, now: NOW };
  await emit("covered", null);
  await settled();
  expect(document.querySelector("[data-gap]")?.textContent).toContain("11/19 23:43–11/20 00:23");
  useLanguage("en");
  for (const [count, said] of [
    [1, "SinoPac: 10:00–10:20 not checked yet; catching up"],
    [2, "SinoPac: 10:00–10:20 and 1 more period not checked yet; catching up"],
    [4, "SinoPac: 10:00–10:20 and 3 more periods not checked yet; catching up"],
  ] as const) {
    const several = Array.from({ length: count }, (_, at) => ({
      from: `2026-11-20T1${String(at)}:00:00+08:00`,
      to: `2026-11-20T1${String(at)}:20:00+08:00`,
    }));
    answers["coverage"] = { from: NOW, to: NOW, gaps: several, now: NOW };
    await emit("covered", null);
    await settled();
    expect(document.querySelector("[data-gap]")?.textContent).toBe(said);
  }
  answers["coverage"] = { from: NOW, to: "2026-11-20T13:55:00+08:00", gaps: [], now: NOW };
  await emit("covered", null);
  await settled();
  expect(page()).toContain("SinoPac checked up to 13:55");
});

test("minutes that could be asked by number only are an alarm too", async () => {
  await open();
  const by_number = [{ from: "2026-11-20T10:00:00+08:00", to: "2026-11-20T10:00:00+08:00" }];
  answers["coverage"] = { from: NOW, to: "2026-11-20T13:55:00+08:00", gaps: [], by_number, now: NOW };
  await emit("covered", null);
  await settled();
  expect(document.querySelector("[data-numbered]")?.textContent).toContain("10:00 起");
  expect(document.querySelector("[data-covered]")).not.toBeNull();
});

test("what is wrong is said with what still works, and goes when it is over", async () => {
  const paused = {
    code: "storage",
    values: {},
    zh: "資料檔無法寫入。",
    en: "The data file cannot be written.",
  };
  answers["health"] = {
    bank: { since: NOW, code: "timeout", zh: "沒有等到回覆。", en: "No answer came.", refused: false },
    clock_off_s: -7_200,

    paused,
  };
  await open();
  for (const said of [
    "資料檔無法寫入。",
    "仍可查看",
    "永豐 從 14:05:00 起沒有回覆",
    "相差 2 小時（電腦較快）",
  ])
    expect(page()).toContain(said);
  press("F5");
  expect(asked).toContain("again");
  const since = "2026-11-19T22:10:03+08:00";
  const silent = { since, code: "timeout", zh: "沒有等到回覆。", en: "No answer came.", refused: false };
  await emit("health", { bank: silent, clock_off_s: null, paused: null });
  await settled();
  expect(page()).toContain("永豐 從 11/19 22:10 起沒有回覆");
  // who answers, and will not tell, is not silent
  const untold = {
    since: NOW,
    code: "9/nz",
    zh: "網路位址沒有登記。",
    en: "Not registered.",
    ...{ step_zh: "請登記。", step_en: "Register.", next_at: null, refused: true },
  };
  await emit("health", { bank: null, ctbc: untold, clock_off_s: null, paused: null });
  await settled();
  expect(page()).toContain("中信目前拒絕本店的要求（14:05:00 起）");
  expect(page()).toContain("請登記。");
  await emit("health", { bank: null, clock_off_s: null, paused: null });
  await settled();
  expect(document.querySelector("[data-health]")).toBeNull();
});

test("a shop that cannot be opened says why, and is there when it could be", async () => {
  answers["shop"] = new Refused({ code: "in-use", values: {}, zh: "由另一個視窗使用中。", en: "In use." });
  await open();
  expect(page()).toContain("由另一個視窗使用中。");
  press("F5");
  expect(asked).toContain("again");
  answers["shop"] = SHOP;
  await emit("shop", null);
  await settled();
  expect(document.querySelector("[data-problem]")).toBeNull();
  expect(document.querySelector("#amount")).not.toBeNull();
});

test("the sheet of keys opens with its own key", async () => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  await open();
  press("?");
  expect(document.querySelector("[data-keys]")?.textContent).toContain("用上一次的方式收款");
  const places = [...document.querySelectorAll("[data-keys] section")].map((place) =>
    [...place.querySelectorAll("kbd")].map(({ textContent }) => textContent),
  );
  expect(places[0]).toContain("F5");
  expect(places[2]).toContain("E");
  for (const key of ["C", "V", "M", "PgUp PgDn"]) expect(places[3]).toContain(key);
  expect(places.at(-1)).toContain("Ctrl Enter");
});

test("nothing reaches the screen behind the sheet of keys", async () => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  await open();
  press("?");
  for (const key of ["7", "F2", "Enter"]) press(key);
  const pasted = new Event("paste", { bubbles: true });
  document
    .querySelector("[data-keys]")
    ?.dispatchEvent(Object.assign(pasted, { clipboardData: { getData: () => "860" } }));
  await settled();
  expect(document.querySelector<HTMLInputElement>("#amount")?.value).toBe("");
  expect(asked).not.toContain("sell");
});

test("behind the sheet of keys no banner is seen", async () => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  answers["unseen"] = [{ ...PAID, payment: "behind" }];
  await open();
  press("?");
  press("Enter", { altKey: true });
  await settled();
  expect(document.querySelector("[data-banner]")).not.toBeNull();
  expect(asked).not.toContain("seen behind");
});

test("G is over once something else was typed", async () => {
  await open();
  press("g");
  document.querySelector<HTMLElement>("#customer")?.focus();
  for (const key of ["o", "k"]) press(key);
  document.querySelector<HTMLElement>("#amount")?.focus();
  press("o");
  expect(here()).toBe("counter");
  press("g");
  press("c", { ctrlKey: true });
  press("o");
  expect(here()).toBe("counter");
});

test("a screen that is gone to does not scroll away what stands above it", async () => {
  answers["health"] = { bank: null, clock_off_s: 190, paused: null };
  await open();
  const focus = vi.spyOn(HTMLElement.prototype, "focus");
  press("g");
  press("o");
  await settled();
  await vi.waitUntil(() => focus.mock.calls.length > 0);
  expect(document.activeElement?.getAttribute("role")).toBe("listbox");
  expect(focus.mock.calls).toEqual([[{ preventScroll: true }]]);
});

test("an input method that keeps a key to itself hides no shortcut where nothing is written", async () => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  answers["unseen"] = [{ ...PAID, payment: "by-code" }];
  await open();
  const kept = (code: string, more: KeyboardEventInit = {}) => press("Process", { code, ...more });
  kept("KeyG");
  kept("KeyO");
  expect(here()).toBe("orders");
  expect(document.querySelector("[data-banner]")).not.toBeNull();
  kept("Enter", { altKey: true });
  expect(document.querySelector("[data-banner]")).toBeNull();
  kept("Slash");
  await settled();
  expect(document.activeElement?.id).toBe("search");
  // here it is text that is written
  kept("Slash", { shiftKey: true });
  kept("KeyG");
  kept("KeyC");
  expect(here()).toBe("orders");
  expect(document.querySelector("[data-keys]")).toBeNull();
  (document.activeElement as HTMLElement).blur();
  kept("Slash", { shiftKey: true });
  expect(document.querySelector("[data-keys]")).not.toBeNull();
});

test("F5 tries again and F2 collects also while an input method keeps them", async () => {
  answers["shop"] = new Refused({ code: "in-use", values: {}, zh: "由另一個視窗使用中。", en: "In use." });
  await open();
  press("Process", { code: "F5" });
  expect(asked).toContain("again");
  answers["shop"] = SHOP;
  await emit("shop", null);
  await settled();
  press("Process", { code: "F2" });
  expect(page()).toContain("請先輸入金額。");
});

test("a full-width question mark opens the sheet of keys, and a full-width slash the search", async () => {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  await open();
  press("／", { code: "Slash" });
  await settled();
  expect(here()).toBe("orders");
  (document.activeElement as HTMLElement).blur();
  press("？", { code: "Slash", shiftKey: true });
  expect(document.querySelector("[data-keys]")).not.toBeNull();
});

test("the slip on screen is asked about again by an engine that has begun anew, and when it is seen again", async () => {
  answers["sell"] = { ...PAID, state: "awaiting" };
  answers["payment"] = answers["sell"];
  vi.spyOn(ids, "orderId").mockReturnValue("o");
  await open();
  const looks = () => asked.filter((one) => one === "payment p").length;
  press("5", { code: "Digit5" });
  press("F2");
  await settled();
  expect(looks()).toBe(1);
  await emit("shop", null);
  await settled();
  expect(looks(), "the engine has forgotten it").toBe(2);
  goTo("orders");
  await settled();
  expect(looks()).toBe(2);
  goTo("counter");
  await settled();
  expect(looks(), "the orders may have taken its place").toBe(3);
  expect(asked).not.toContain("leave p");
});

test("a shop that is composed anew takes nobody out of the day that he writes", async () => {
  await open();
  goTo("orders");
  await vi.waitUntil(() => document.activeElement?.getAttribute("role") === "listbox");
  press("f", { code: "KeyF" });
  await settled();
  const day = document.querySelector<HTMLElement>("#filter-from");
  day?.focus();
  await emit("shop", null);
  for (let round = 0; round < 4; round += 1) await settled();
  expect(document.activeElement).toBe(day);
});

test("countdowns follow the bank's time as soon as it is known", async () => {
  await open();
  expect(document.querySelector(".day")?.textContent).toContain("2026/11/20");
  const now = "2026-11-23T09:00:00+08:00";
  answers["coverage"] = { from: NOW, to: NOW, gaps: [], now };
  await emit("health", { bank: null, clock_off_s: -260_000, paused: null });
  await settled();
  expect(document.querySelector(".day")?.textContent).toContain("2026/11/23");
});

test("how far the banks were asked is read each minute, also while none answers, until the window closes", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  try {
    await open();
    const reads = () => asked.filter((one) => one === "coverage").length;
    const before = reads();
    await vi.advanceTimersByTimeAsync(59_000);
    expect(reads()).toBe(before);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(reads()).toBe(before + 2);
    await unmount(app);
    await vi.advanceTimersByTimeAsync(180_000);
    expect(reads()).toBe(before + 2);
  } finally {
    vi.useRealTimers();
  }
  app = mount(App, { target: document.body });
});
