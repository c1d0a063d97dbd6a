// What is typed while no screen can take it: at the start, while a PIN is checked, while a slip is
// issued. No sale ever has a part of an amount.

import { expect, test, vi } from "vitest";

import { takeWho } from "../lib/people.svelte";
import { CLERK, OWNER, PEOPLE, SHOP, whoOf } from "../lib/program.fixture";
import { paymentOf } from "../orders/orders.fixture";
import { asked, opens, press, program, reopen, settled, value } from "./window.fixture";

opens();

/** An answer that comes when it is let go. */
function late(command: string, answer: unknown): (refused?: Error) => Promise<void> {
  let go: (refused?: Error) => void = () => undefined;
  program.answers[command] = new Promise((done, refuse) => {
    go = (refused) => (refused ? refuse(refused) : done(answer));
  });
  return async (refused) => {
    go(refused);
    await settled();
    // the next one is answered at once
    program.answers[command] = answer;
  };
}

const amounts = () => asked("sell").map(({ given }) => (given["request"] as { amount: string }).amount);
const AMOUNT = ["1", "2", "5", "9"];

/** Typed into a window that is still opening. */
async function opening(...typed: string[]) {
  const shop = late("shop", SHOP);
  await reopen();
  await press(...typed);
  expect(value("#amount")).toBeUndefined();
  await shop();
  await vi.waitUntil(() => document.querySelector("#amount"));
  await settled();
}

test("an amount that is typed before the counter is there is whole, or not there", async () => {
  await opening(...AMOUNT);
  expect(value("#amount")).toBe("1,259");
  await press("Escape");
  // a customer's name cannot be kept: nothing of it all is taken, until a pause
  await opening(...AMOUNT, "Tab", "5");
  await press("9", "F2");
  expect(value("#amount")).toBe("");
  expect(amounts()).toEqual([]);
});

test("a counter that is seen takes every key, whatever the window still reads", async () => {
  const [health, coverage] = [late("health", null), late("coverage", null)];
  await reopen();
  await vi.waitUntil(() => document.querySelector("#amount"));
  await settled();
  await press(...AMOUNT, "Tab");
  expect(value("#amount")).toBe("1,259");
  await press("F2");
  expect(amounts()).toEqual(["1259"]);
  await Promise.all([health(), coverage()]);
});

test("a number that goes on when the window gets the keys is not taken, and it says so", async () => {
  vi.spyOn(document, "hasFocus").mockReturnValue(false);
  await reopen();
  await vi.waitUntil(() => document.querySelector("#amount"));
  dispatchEvent(new FocusEvent("focus"));
  await press("5", "9", "F2");
  expect([value("#amount"), amounts()]).toEqual(["", []]);
  expect(document.body.textContent).toContain("請再輸入一次金額");
  // a new number is looked at first: a busy computer may still lose some of it
  await press("Escape", ...AMOUNT, "F2");
  expect([value("#amount"), amounts()]).toEqual(["1,259", []]);
  expect(document.body.textContent).toContain("請看清楚金額，再按一次");
  await press("F2");
  expect(amounts()).toEqual(["1259"]);
});

test("what is typed behind the PIN is sold whole once the PIN is right, and not at all when it is wrong", async () => {
  Object.assign(program.answers, { people: PEOPLE, who: whoOf(null) });
  takeWho(whoOf(null), PEOPLE);
  await settled();
  const wrong = late("sign_in", whoOf(CLERK));
  await press("2", "3", "1", "4", "1", "5", "9", "Enter", "1", "2");
  await wrong(new Error("wrong"));
  await press("5", "9", "F2");
  expect(amounts()).toEqual([]);
  takeWho(whoOf(null), [OWNER, CLERK]);
  await press("Escape", "Escape");
  const right = late("sign_in", whoOf(CLERK));
  await press("2", "3", "1", "4", "1", "5", "9", "Enter", ...AMOUNT.slice(0, 2));
  await right();
  await press(...AMOUNT.slice(2), "F2");
  expect(amounts()).toEqual(["1259"]);
});

test("the next amount may be typed while a slip is issued", async () => {
  const sold = late("sell", paymentOf(0));
  await press("8", "0", "F2", "1", "2");
  expect(amounts()).toEqual(["80"]);
  await sold();
  expect(value("#amount")).toBe("12");
  await press("5", "9", "F3");
  expect(amounts()).toEqual(["80", "1259"]);
});

test("a slip that is refused keeps its amount: the next one's digits are not behind it", async () => {
  const refused = late("sell", paymentOf(0));
  await press("8", "0", "F2", "1", "2");
  await refused(new Error("refused"));
  await press("5", "9", "F2");
  expect(value("#amount")).toBe("80");
  expect(amounts()).toEqual(["80"]);
});
