import { expect, test, vi } from "vitest";

import { orderId } from "./ids";

test("an order's id begins with its instant and is random behind it", () => {
  vi.useFakeTimers({ now: 1_795_000_000_000 });
  const [one, other] = [orderId(), orderId()];
  vi.useRealTimers();
  expect(one).toMatch(/^01a1ee56-5e00-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(other).not.toBe(one);
});
