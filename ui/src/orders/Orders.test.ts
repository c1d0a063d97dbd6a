// Longer than 500 lines because the whole screen is driven from one place.
import { emit } from "@tauri-apps/api/event";
import { flushSync, mount, unmount } from "svelte";
import { expect, test } from "vitest";

import type { RefundState } from "../bindings/names";
import { PAGE_ROWS } from "../bindings/rules";
import type { FilterTyped, OrderRowView } from "../bindings/views";
import {
  asked,
  at,
  fake,
  held,
  lines,
  numberOf,
  opens,
  page,
  PAID,
  paymentOf,
  press,
  row,
  rows,
  selected,
  settled,
  text,
  type,
} from "./orders.fixture";
import OrderLine from "./OrderLine.svelte";
import { OrdersScreen } from "./orders-screen.svelte";
import { NO_FILTER, Orders, PAGES_KEPT, PAPER_PAGES } from "./orders.svelte";

const HELD_MAX = PAGE_ROWS * PAGES_KEPT;

opens();

test("the list stands by days, newest first, with amount, customer, bank number, rail, time and state", () => {
  expect(rows()[0]).toBe("o0");
  for (const shown of ["14:05", "王小姐 5821", "A100000", "虛擬帳號", "待付款", "12,600"])
    expect(text("[data-row=o0]")).toContain(shown);
  expect(text("[data-day='2026-11-20']")).toContain("2026/11/20（五）");
  expect(asked("orders")[0]?.arguments).toEqual({
    view: "all",
    typed: "",
    filter: NO_FILTER,
    after: null,
  });
});

test("views have their counts, and their keys", async () => {
  const counts = [...document.querySelectorAll("[data-view]")].map((view) =>
    view.querySelector("[data-count]")?.textContent.trim(),
  );
  expect(counts).toEqual(["3", "0", "999+", undefined, undefined]);
  await press("3");
  expect(asked("orders").at(-1)?.arguments).toMatchObject({ view: "unpaid", typed: "" });
  expect(document.querySelector("[data-view=unpaid]")?.getAttribute("aria-selected")).toBe("true");
});

const field = (name: string) => document.querySelector<HTMLInputElement>(`#filter-${name}`);
const chip = (name: string, value: string) =>
  document.querySelector<HTMLInputElement>(`[name=filter-${name}][value='${value}']`);

/** As the arrow keys choose. */
async function pick(name: "rail" | "state", value: string) {
  chip(name, value)?.click();
  await settled();
}

async function fill(name: "from" | "to", value: string) {
  const day = field(name);
  if (!day) throw new Error("no filter");
  day.focus();
  day.value = value;
  day.dispatchEvent(new Event("change", { bubbles: true }));
  await settled();
}

test("F narrows whatever list is shown, keys belong to its fields, and X clears it", async () => {
  await press("f");
  expect(document.activeElement).toBe(chip("rail", ""));
  const ways = [...document.querySelectorAll("fieldset:first-of-type label")].map((one) =>
    one.textContent.trim(),
  );
  expect(ways).toEqual(["不限", "虛擬帳號", "刷卡連結"]);
  await pick("rail", "sinopac-account");
  await pick("state", "expired");
  await fill("from", " 11/1 ");
  const filter = { rail: "sinopac-account", state: "expired", from: "11/1", to: "" };
  expect(asked("orders").at(-1)?.arguments).toEqual({ view: "all", typed: "", filter, after: null });
  const before = asked("orders").length;
  // digits, letters and arrows are what the fields make of them
  await press("3", "x", "ArrowDown");
  expect(asked("orders").length).toBe(before);
  expect(selected()).toBeUndefined();
  await press("Enter");
  expect(document.activeElement?.getAttribute("role")).toBe("listbox");
  await press("3");
  expect(asked("orders").at(-1)?.arguments).toMatchObject({ view: "unpaid", filter });
  await type("茶");
  expect(asked("orders").at(-1)?.arguments).toMatchObject({ view: "unpaid", typed: "茶", filter });
  await press("ArrowDown", "x");
  expect(asked("orders").at(-1)?.arguments).toMatchObject({ typed: "茶", filter: NO_FILTER });
  expect(document.querySelector("[data-filter]")).toBeNull();
});

test("a day that cannot be read is said beside the days, and nothing found says how to go on", async () => {
  fake.answer = ({ command, arguments: { filter } }) => {
    if (command !== "orders") return undefined;
    const wrong = { code: "filter-day", values: {}, zh: "「2/30」不是日期。", en: "not a day" };
    if ((filter as FilterTyped).to !== "") return Promise.reject(wrong);
    return (filter as FilterTyped).from === "" ? undefined : [];
  };
  await press("f");
  await fill("from", "1/1");
  expect(text("[data-empty]")).toBe("沒有符合篩選的訂單。按 X 清除篩選。");
  await fill("to", "2/30");
  expect(text("[data-filter] [data-problem]")).toBe("「2/30」不是日期。");
  expect(document.querySelectorAll("[data-problem]").length).toBe(1);
  await press("Escape");
  expect(document.querySelector("[data-filter]")).not.toBeNull();
  await press("x", "f", "Escape");
  expect(document.querySelector("[data-filter]")).toBeNull();
});

test("in the filter X clears it from every field where nothing is written", async () => {
  await press("f");
  await pick("rail", "sinopac-account");
  chip("rail", "sinopac-account")?.focus();
  await press("x");
  expect(asked("orders").at(-1)?.arguments).toMatchObject({ filter: NO_FILTER });
  expect(document.querySelector("[data-filter]")).toBeNull();
});

test("R asks anew while the day that cannot be read still stands in its field", async () => {
  const wrong = { code: "filter-day", values: {}, zh: "「2/30」不是日期。", en: "not a day" };
  await press("f");
  fake.answer = ({ command }) => (command === "orders" ? Promise.reject(wrong) : undefined);
  await fill("to", "2/30");
  await press("Enter");
  const before = asked("orders").length;
  await press("r");
  expect(asked("orders").length).toBe(before + 1);
  expect(text("[data-filter] [data-problem]")).toBe("「2/30」不是日期。");
});

test("a payment that changes counts anew", async () => {
  const before = asked("views").length;
  await emit("payment", paymentOf(0, PAID));
  await settled();
  expect(asked("views").length).toBe(before + 1);
});

test("a refund that moves counts anew", async () => {
  const before = asked("views").length;
  await emit("refund", {});
  await settled();
  expect(asked("views").length).toBe(before + 1);
});

test("what was counted before is not shown when the screen opens again", async () => {
  const screen = new OrdersScreen();
  await screen.enter();
  await settled();
  expect(screen.counts.known.length).toBeGreaterThan(0);
  fake.answer = ({ command }) => (command === "views" ? new Promise(() => undefined) : undefined);
  await screen.enter();
  expect(screen.counts.known).toEqual([]);
});

test("a search asks at each change, and an answer that comes too late is dropped", async () => {
  const waiting: ((rows: OrderRowView[]) => void)[] = [];
  fake.answer = ({ command }) =>
    command === "orders" ? new Promise<OrderRowView[]>((resolve) => waiting.push(resolve)) : undefined;
  await type("1");
  await type("12");
  expect(asked("orders").map((one) => one.arguments["typed"])).toEqual(["", "1", "12"]);
  // what stood there stays until there is an answer
  expect(rows()[0]).toBe("o0");
  waiting[1]?.([row(7)]);
  await settled();
  expect(rows()).toEqual(["o7"]);
  waiting[0]?.([row(1)]);
  await settled();
  expect(rows()).toEqual(["o7"]);
});

test("Enter opens what was looked for, and not what stood there before the answer", async () => {
  let found: (rows: OrderRowView[]) => void = () => undefined;
  fake.answer = ({ command }) =>
    command === "orders" ? new Promise<OrderRowView[]>((resolve) => (found = resolve)) : undefined;
  await type("12");
  await press("Enter");
  expect(document.querySelector("[data-slip]")).toBeNull();
  found([row(7)]);
  await settled();
  expect(document.querySelector("[data-slip]")?.getAttribute("data-slip")).toBe("o7");
});

test("from the search box the arrows lead into the list, and Escape clears it", async () => {
  await type("王");
  await press("ArrowDown");
  expect(document.activeElement?.getAttribute("role")).toBe("listbox");
  expect(selected()).toBe("o0");
  await press("Escape");
  expect(asked("orders").at(-1)?.arguments).toMatchObject({ typed: "" });
  expect(document.activeElement?.id).toBe("search");
});

test("in the search box letters and digits are typed, and an input method keeps its keys", async () => {
  await type("5");
  const before = asked("orders").length;
  await press("3", "q", "r");
  document.activeElement?.dispatchEvent(
    new KeyboardEvent("keydown", { key: "Enter", bubbles: true, isComposing: true }),
  );
  await settled();
  expect(asked("orders").length).toBe(before);
  expect(document.querySelector("[data-slip]")).toBeNull();
});

test("ten thousand rows down and up again: few rows are in memory, fewer are drawn, and the selection goes along", async () => {
  let most = 0;
  let drawn = 0;
  const walk = async (key: string, until: (number: number) => boolean) => {
    for (let pressed = 0; pressed < 3000; pressed += 1) {
      await press(key);
      most = Math.max(most, held());
      drawn = Math.max(drawn, lines());
      if (until(numberOf(selected()))) return;
    }
  };
  await walk("PageDown", (number) => number >= 500);
  const early = most;
  await walk("PageDown", (number) => number >= 10_000);
  expect(numberOf(selected())).toBeGreaterThanOrEqual(10_000);
  expect(most).toBeLessThanOrEqual(HELD_MAX);
  expect(most).toBeLessThanOrEqual(early * 1.2);
  expect(drawn).toBeLessThan(40);
  const questions = asked("orders").length;
  const far = selected();
  await press("ArrowUp", "ArrowDown");
  expect(selected()).toBe(far);
  // what was dropped from memory is asked for again
  await walk("PageUp", (number) => number <= 9000);
  expect(document.getElementById(`order-${selected() ?? ""}`)).not.toBeNull();
  await press("Home");
  expect(selected()).toBe("o0");
  expect(rows().slice(0, 3)).toEqual(["o0", "o1", "o2"]);
  expect(most).toBeLessThanOrEqual(HELD_MAX);
  expect(asked("orders").length).toBeGreaterThan(questions);
}, 180_000);

test("a list longer than a browser can scroll is scrolled to its end and back, without a hole and without a jump", async () => {
  const total = 2.5 * PAPER_PAGES * PAGE_ROWS;
  fake.total = total;
  const list = new Orders();
  const by = { row: 100, day: 60 };
  const seen = 10 * by.row;
  const first = (at: number) => list.between(at, at + seen, by).find((line) => line.row)?.row?.order;
  let [at, highest, most, slides] = [0, 0, 0, 0];
  await list.ask("all");
  const scroll = async (step: number) => {
    at = Math.min(Math.max(at + step, 0), Math.max(list.height(by) - seen, 0));
    for (;;) {
      const before = first(at);
      const moved = list.slide(at - seen, at + 2 * seen, by);
      if (moved === 0) break;
      at += moved;
      slides += 1;
      // what was at the top of the window is still there
      if (before) expect(first(at)).toBe(before);
    }
    await list.reach(at - seen, at + 2 * seen, by);
    highest = Math.max(highest, list.height(by));
    most = Math.max(most, list.held);
  };
  const down = new Set<string>();
  const look = (into: Set<string>) => {
    for (const { row } of list.between(at, at + seen, by)) if (row) into.add(row.order);
  };
  look(down);
  for (let steps = 0; !(list.ended && at + seen >= list.height(by)) && steps < total; steps += 1) {
    await scroll(9 * by.row);
    look(down);
  }
  expect([list.known, down.size]).toEqual([total, total]);
  const up = new Set<string>();
  look(up);
  for (let steps = 0; first(at) !== "o0" && steps < total; steps += 1) {
    await scroll(-9 * by.row);
    look(up);
  }
  expect(up.size).toBe(total);
  expect(slides).toBeGreaterThanOrEqual(6);
  expect(most).toBeLessThanOrEqual(HELD_MAX);
  // a browser scrolls 2^25 pixels; a row of the largest type has 120, and a day 80
  expect(highest).toBeLessThanOrEqual(PAPER_PAGES * PAGE_ROWS * (by.row + by.day));
  expect(PAPER_PAGES * PAGE_ROWS * (120 + 80)).toBeLessThan(2 ** 25);
  // the keys find their row wherever the window is
  await list.move(1);
  expect(list.extent(by)?.[0]).toBe(0);
  await list.move(total);
  expect(list.selected?.order).toBe(`o${String(total - 1)}`);
  expect(list.extent(by)?.[1]).toBe(list.height(by));
}, 180_000);

const box = () => document.getElementsByClassName("list")[0] as HTMLElement;

/** As a wheel does. */
async function wheel(pixels: number) {
  box().scrollTop += pixels;
  box().dispatchEvent(new Event("scroll"));
  await settled();
}

/** The row at the top of the window. */
const atTop = () =>
  rows()
    .map((order) => [Number(document.getElementById(`order-${order ?? ""}`)?.style.top.slice(0, -2)), order])
    .find(([top]) => Number(top) >= box().scrollTop)?.[1];

test("from behind the first paper the keys find their rows, and a filter and Home lead to the top", async () => {
  const paper = PAPER_PAGES * PAGE_ROWS;
  fake.total = 1.6 * paper;
  await press("1", "5");
  const far = async () => {
    for (let before = NaN, at = 0; at !== before;) {
      before = at;
      await wheel(3000);
      at = numberOf(atTop());
      if (at > 1.1 * paper) return at;
    }
    throw new Error("it does not go on");
  };
  const seen = await far();
  // the paper was moved along
  expect(box().scrollTop).toBeLessThan(paper * 60);
  await press("Enter");
  expect(numberOf(selected())).toBe(seen);
  expect(document.querySelector("[data-slip]")?.getAttribute("data-slip")).toBe(`o${String(seen)}`);
  await press("Home");
  expect([selected(), rows()[0], box().scrollTop]).toEqual(["o0", "o0", 0]);
  await far();
  await press("f");
  await pick("rail", "sinopac-account");
  expect([rows()[0], box().scrollTop]).toEqual(["o0", 0]);
}, 180_000);

test("without a selection the first press selects what is seen, wherever somebody has scrolled to", async () => {
  for (let turns = 0; turns < 6; turns += 1) await wheel(500);
  const seen = atTop();
  expect(numberOf(seen)).toBeGreaterThan(40);
  await press("ArrowDown");
  expect([selected(), box().scrollTop]).toEqual([seen, 3000]);
});

test("Home goes to the first row from far below", async () => {
  for (let pressed = 0; pressed < 60; pressed += 1) await press("PageDown");
  expect(numberOf(selected())).toBeGreaterThan(HELD_MAX);
  await press("Home");
  expect(selected()).toBe("o0");
  expect(rows()[0]).toBe("o0");
}, 60_000);

test("the list ends where there is nothing more, and says so", async () => {
  fake.total = 70;
  await press("3");
  for (let pressed = 0; pressed < 20; pressed += 1) await press("PageDown");
  expect(selected()).toBe("o69");
  expect(text()).toContain("沒有更早的訂單了。");
});

/** From now on these orders are no longer in the view. */
function without(gone: Set<number>) {
  fake.answer = ({ command, arguments: { after } }) => {
    if (command !== "orders") return undefined;
    const found: OrderRowView[] = [];
    for (let number = after === null ? 0 : numberOf(after) + 1; found.length < PAGE_ROWS; number += 1)
      if (!gone.has(number)) found.push(row(number));
    return found;
  };
}

test("two pages read at once, of which the first has lost its end, hold no order twice, and go on", async () => {
  const list = new Orders();
  const by = { row: 1, day: 0 };
  await list.ask("all");
  for (let page = 1; page < 10; page += 1) await list.reach(list.height(by) - 1, list.height(by), by);
  without(new Set([PAGE_ROWS - 1]));
  const read = () =>
    list.between(0, 2 * PAGE_ROWS, by).flatMap(({ row }) => (row ? [numberOf(row.order)] : []));
  await list.reach(PAGE_ROWS - 1, PAGE_ROWS + 1, by);
  expect(read()).toHaveLength(PAGE_ROWS);
  await list.reach(PAGE_ROWS - 1, PAGE_ROWS + 1, by);
  expect(read()).toEqual(
    Array.from({ length: 2 * PAGE_ROWS + 1 }, (_, number) => number).filter(
      (number) => number !== PAGE_ROWS - 1,
    ),
  );
});

test("a page whose end has left the view in the meantime is read without a hole and without a row twice", async () => {
  const gone = new Set<number>();
  without(gone);
  for (let pressed = 0; pressed < 80; pressed += 1) await press("PageDown");
  gone.add(PAGE_ROWS - 1);
  for (let pressed = 0; pressed < 80; pressed += 1) await press("PageUp");
  const down = [numberOf(selected())];
  for (let pressed = 0; pressed < 70; pressed += 1) {
    await press("ArrowDown");
    down.push(numberOf(selected()));
  }
  expect(down).toEqual(
    Array.from({ length: 72 }, (_, number) => number).filter((number) => number !== PAGE_ROWS - 1),
  );
}, 60_000);

test("a payment changes in its row", async () => {
  await emit("payment", paymentOf(2, PAID));
  await settled();
  expect(text("[data-row=o2]")).toContain("已付款");
  expect(text("[data-row=o1]")).toContain("待付款");
});

test("a row says that its refund failed, or is under way", async () => {
  const of = (refund: RefundState) => ({
    ...row(0),
    payments: row(0).payments.map((one) => ({ ...one, refund })),
  });
  const said: Partial<Record<RefundState, string>> = {
    "needs-person": "退款需要處理",
    declined: "退款沒有成功",
    "at-bank": "退款中",
  };
  for (const [refund, words] of Object.entries(said)) {
    const line = mount(OrderLine, { target: document.body, props: { row: of(refund as RefundState) } });
    flushSync();
    expect(text(`[data-row-refund=${refund}]`)).toBe(words);
    await unmount(line);
  }
});

test("a row that a payment renews keeps what was refunded of it", async () => {
  const [first] = row(0).payments;
  fake.answer = ({ command }) =>
    command === "orders" ? [{ ...row(0), payments: [{ ...first, refunded: 300 }] }] : undefined;
  const list = new Orders();
  await list.ask("all");
  list.take(paymentOf(0, PAID));
  const [line] = list.between(0, 1, { row: 1, day: 0 });
  expect(line?.row?.payments).toMatchObject([{ state: "paid", refunded: 300 }]);
});

test("a new order comes on top when the list is at its top, and not before", async () => {
  const fresh: OrderRowView = { ...row(0), order: "new", created_at: at(5) };
  fake.answer = (call) =>
    call.command === "orders" && call.arguments["after"] === null
      ? [fresh, ...page(call).slice(1)]
      : undefined;
  for (let pressed = 0; pressed < 6; pressed += 1) await press("PageDown");
  const before = asked("orders").length;
  await emit("payment", { ...paymentOf(0), order: "new", payment: "n" });
  await settled();
  expect(asked("orders").length).toBe(before);
  await press("Home");
  expect(rows()[0]).toBe("new");
});

test("an empty list and an empty search say the next step", async () => {
  fake.answer = ({ command }) => (command === "orders" ? [] : undefined);
  await press("5");
  expect(text("[data-empty]")).toContain("按 F2 或 F3 開第一張");
  await press("1");
  expect(text("[data-empty]")).toContain("沒有要處理的訂單");
  await type("xyz");
  expect(text("[data-empty]")).toContain("找不到「xyz」");
});

test("a failure is told in the words of Rust, and R tries again", async () => {
  fake.answer = ({ command }) =>
    command === "orders"
      ? Promise.reject({ code: "storage", values: {}, zh: "資料檔讀不到。", en: "Cannot be read." })
      : undefined;
  await press("2");
  expect(text("[data-problem=storage]")).toContain("資料檔讀不到。");
  fake.answer = () => undefined;
  await press("r");
  expect(document.querySelector("[data-problem]")).toBeNull();
  expect(rows()[0]).toBe("o0");
});

test("a search finds money that is in no order, by its number too, and says what to do", async () => {
  const found = {
    order: null,
    foreign: true,
    bank: "sinopac",
    bank_order_no: "T9X2QK700",
    amount: 700,
    paid_at: at(9),
  };
  fake.answer = ({ command, arguments: { typed } }) =>
    command === "orders" && typed !== ""
      ? []
      : command === "foreign_found" && typed !== ""
        ? [found]
        : undefined;
  await press("/");
  await type("700");
  for (const shown of ["永豐", "T9X2QK700", "700", "這裡沒有這張訂單", "G F"])
    expect(text("[data-foreign=T9X2QK700]")).toContain(shown);
  // something was found
  expect(document.querySelector("[data-empty]")).toBeNull();
  expect(asked("foreign_found").at(-1)?.arguments).toEqual({ view: "all", typed: "700" });
  await type("");
  expect(document.querySelector("[data-foreign]")).toBeNull();
});
