import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { saleNears } from "./nears";

const asked = vi.hoisted(() => vi.fn(() => Promise.reject(new Error("no program"))));
vi.mock("../lib/ask", () => ({ ask: asked }));

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  saleNears("");
  asked.mockClear();
  vi.useRealTimers();
});

const said = () => asked.mock.calls.map((call) => (call as unknown[])[1]);

test("the first digit says that a sale is being typed, and so does one a second", () => {
  for (const digits of ["1", "12", "126"]) saleNears(digits);
  expect(said()).toEqual([{ typed: true }]);
  vi.advanceTimersByTime(1_000);
  saleNears("1260");
  expect(said()).toEqual([{ typed: true }, { typed: true }]);
});

test("what is taken back, or sold, is said once, and the next digit again", () => {
  saleNears("");
  expect(said()).toEqual([]);
  saleNears("1");
  saleNears("");
  saleNears("");
  saleNears("2");
  expect(said()).toEqual([{ typed: true }, { typed: false }, { typed: true }]);
});
