import { expect, test } from "vitest";

import { amountIn, append, digitOf, figureOf, letterOf, nameOf, formal, over } from "./amount";
import { clock, dated, day, groups, host, moment, short, thousands } from "./format";

const TIME = "2026-11-23T23:59:05+08:00";

test("a point is a figure, by key and on the pad, also of an input method", () => {
  for (const [key, code] of [
    [".", "Period"],
    ["Process", "NumpadDecimal"],
    ["。", "Period"],
    ["．", "Period"],
  ] as const)
    expect(figureOf({ key, code }), key).toBe(".");
  expect([figureOf({ key: "5", code: "Digit5" }), figureOf({ key: "a", code: "KeyA" })]).toEqual([
    "5",
    undefined,
  ]);
  expect([thousands("1234.5"), thousands("12345.678"), formal("12.5")]).toEqual([
    "1,234.5",
    "12,345.678",
    "",
  ]);
});

test("figures are grouped by thousands", () => {
  expect(["", "7", "860", "1280", "12600", "999999999"].map(thousands)).toEqual([
    "",
    "7",
    "860",
    "1,280",
    "12,600",
    "999,999,999",
  ]);
});

test("an account is read in groups of four", () => {
  expect(groups("99922632500581")).toBe("9992 2632 5005 81");
});

test("a time is written as the bank says it, whatever the zone of this computer", () => {
  expect(moment(TIME, "zh-TW")).toBe("2026/11/23（一）23:59");
  expect(moment(TIME, "en")).toBe("2026/11/23 Mon 23:59");
  expect(day("2026-11-22T00:00:00+08:00", "zh-TW")).toBe("2026/11/22（日）");
  expect(clock(TIME)).toBe("23:59:05");
  expect(short(TIME)).toBe("11/23 23:59");
});

test("a time of today stands as it is asked for, and one of another day with its date", () => {
  expect(dated(TIME, "2026-11-23")).toBe("23:59");
  expect(dated(TIME, "2026-11-23", clock)).toBe("23:59:05");
  expect(dated(TIME, "2026-11-24", clock)).toBe("11/23 23:59");
});

test("a link shows whose it is", () => {
  expect(host("https://bank.example/pay?x=1")).toBe("bank.example");
  expect(host("not a link")).toBe("not a link");
});

test("digits are taken from the key, and from its code while an input method is on", () => {
  expect(digitOf({ key: "5", code: "Digit5" })).toBe("5");
  expect(digitOf({ key: "５", code: "Digit5" })).toBe("5");
  expect(digitOf({ key: "Process", code: "Digit5" })).toBe("5");
  expect(digitOf({ key: "Process", code: "Numpad0" })).toBe("0");
  expect(digitOf({ key: "ㄓ", code: "Digit5" })).toBe("5");
});

test("letters and signs are taken as they are, full-width too, or from the code", () => {
  expect(letterOf({ key: "C", code: "KeyC" })).toBe("c");
  expect(letterOf({ key: "ｇ", code: "" })).toBe("g");
  expect(letterOf({ key: "？", code: "Minus", shiftKey: true })).toBe("?");
  expect(letterOf({ key: "ㄥ", code: "Slash" })).toBe("/");
  expect(letterOf({ key: "Process", code: "Slash", shiftKey: true })).toBe("?");
});

test("keys with names have them also while an input method keeps them", () => {
  expect(nameOf({ key: "Process", code: "NumpadEnter" })).toBe("Enter");
  expect(nameOf({ key: "Process", code: "F5" })).toBe("F5");
  expect(nameOf({ key: "Delete", code: "NumpadDecimal" })).toBe("Delete");
});

test("other keys are no digits", () => {
  expect(digitOf({ key: "F2", code: "F2" })).toBeUndefined();
  expect(digitOf({ key: "c", code: "KeyC" })).toBeUndefined();
  expect(digitOf({ key: "%", code: "Digit5" })).toBeUndefined();
  expect(digitOf({ key: "Backspace", code: "Backspace" })).toBeUndefined();
});

test.each([
  ["NT$１2,600", "12600"],
  ["1,280.00", "1280"],
  ["1,200.00\r\n", "1200"],
  ["1,200.00 ", "1200"],
  ["NT$1,200.00元", "1200"],
  ["１，２００．０ 元", "1200"],
  ["0860.", "860"],
  ["860元整（含稅）", "860"],
  ["860 TWD", "860"],
  ["萬華店 860\t王小姐", "860"],
  ["共1200元", "1200"],
  ["NTD1200", "1200"],
  ["金額：TWD1,200", "1200"],
  ["NT$ 1,200 整", "1200"],
  ["1200元正", "1200"],
  ["860塊錢", "860"],
  ["1,200 ntd", "1200"],
  ["1,200.-", "1200"],
  ["1200元含運", "1200"],
  ["1,200元 謝謝", "1200"],
  ["1200 王小姐", "1200"],
  ["訂金-1200", "1200"],
  ["訂金 - NT$1200", "1200"],
  ["訂金（1200元）", "1200"],
])("the amount in the pasted %j is %s, without its cents", (text, amount) => {
  expect(amountIn(text)).toBe(amount);
});

test.each([
  "",
  "壹仟",
  "0.00",
  "1,200.50",
  "1200,00",
  "1.200,00",
  "1.000",
  "860 480",
  "11/20 860",
  "1234567890",
  "3萬",
  "１千",
  "NT$3 萬元",
  "5百",
  "2億",
  "300仟元",
  "3k",
  "A1058",
  "no.A1058",
  "一萬3",
  "３ Ｋ",
  "3 thousand",
  "5角",
  "3元五角",
  "3盒",
  "伍仟3",
  "-NT$500",
  "−500",
  "- 500",
  "–500",
  "$-500",
  "△500",
  "500-",
  "(1,200)",
  "US$1200",
  "USD 1200",
  "1200 USD",
  "1200美元",
  "HK$500",
  "￥1200",
])("%j holds no single whole amount, and nothing is taken from it", (text) => {
  expect(amountIn(text)).toBeUndefined();
});

test("an amount never begins with nought and is never cut", () => {
  expect(append("", "0")).toBe("");
  // a point stays, so that Rust refuses the amount
  expect(append("12", ".")).toBe("12.");
  expect(append("12.", ".")).toBe("12.");
  expect(append("", ".")).toBe(".");
  expect(append("12", "0")).toBe("120");
  expect(append("999999999", "1")).toBe("999999999");
});

test.each([
  ["", ""],
  ["7", "柒元整"],
  ["10", "壹拾元整"],
  ["105", "壹佰零伍元整"],
  ["1001", "壹仟零壹元整"],
  ["12600", "壹萬貳仟陸佰元整"],
  ["10005", "壹萬零伍元整"],
  ["100000", "壹拾萬元整"],
  ["1000200", "壹佰萬零貳佰元整"],
  ["100000001", "壹億零壹元整"],
  ["999999999", "玖億玖仟玖佰玖拾玖萬玖仟玖佰玖拾玖元整"],
])("%s is written %s on a cheque", (digits, written) => {
  expect(formal(digits)).toBe(written);
});

test("a limit itself is not over the limit", () => {
  expect([over("30000", 30000), over("30001", 30000), over("5", undefined), over("", 5)]).toEqual([
    0, 1, 0, 0,
  ]);
});
