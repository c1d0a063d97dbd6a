// The counter after a sale: the slip, and the last ten payments beside it.

import { emit } from "@tauri-apps/api/event";
import { afterEach, expect, test, vi } from "vitest";

import type { PaymentView } from "../bindings/views";
import { asked, opens, press, program, settled } from "../frame/window.fixture";
import { SHOP } from "../lib/program.fixture";
import { fake, paymentOf } from "../orders/orders.fixture";

opens();
afterEach(() => {
  vi.unstubAllGlobals();
});

const LINK = "https://bank.example/pay/1";
const CARD = paymentOf(0, { rail: "sinopac-card", account: null, link: LINK });
const EARLIER = { order: "o1", payments: [paymentOf(1)] };

const text = () => document.body.textContent.replace(/\s+/g, " ");
const lines = () =>
  [...document.querySelectorAll<HTMLElement>("[data-recent]")].map((one) => one.dataset["recent"]);

async function tell(payment: PaymentView) {
  await emit("payment", payment);
  await settled();
}

/** The answers for the last ten are held back, each until it is given. */
function later(): ((orders: unknown) => void)[] {
  const release: ((orders: unknown) => void)[] = [];
  program.answers["newest"] = { then: (resolve: (orders: unknown) => void) => release.push(resolve) };
  return release;
}

/** What was copied; a clipboard that refuses takes nothing. */
function clipboard(fake: { refuses: boolean }): string[] {
  const written: string[] = [];
  const writeText = (copied: string) =>
    fake.refuses ? Promise.reject(new Error("denied")) : Promise.resolve(void written.push(copied));
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  return written;
}

test("a slip of last week that the program tells about is none of the last ten", async () => {
  program.answers["newest"] = [EARLIER];
  await press("5", "F2");
  expect(lines()).toEqual(["p0"]);
  await tell(paymentOf(900, { state: "expired" }));
  expect(lines()).toEqual(["p0"]);
});

test("an old order that is issued anew from the orders comes on top, also when the bank is faster than the answer", async () => {
  program.answers["newest"] = [EARLIER];
  await tell(paymentOf(1));
  fake.payments = (number) => [paymentOf(number, { state: "expired", reissue: true })];
  let release: (payment: PaymentView) => void = () => undefined;
  program.answers["sell"] = new Promise<PaymentView>((resolve) => (release = resolve));
  await press("g", "o", "Enter", "r");
  const anew = paymentOf(0, { payment: "anew" });
  await tell(anew);
  expect(lines()).toEqual(["anew", "p1"]);
  release({ ...anew, state: "issuing", account: null });
  await settled();
  expect(lines()).toEqual(["anew", "p1"]);
  expect(document.querySelector("[data-recent=anew]")?.textContent).toContain("待付款");
  // that sale is over: only the program knows about further payments of this order
  await tell(paymentOf(0, { payment: "third" }));
  expect(lines()).toEqual(["anew", "p1"]);
  program.answers["sell"] = paymentOf(2, { payment: "fourth" });
  await press("ArrowDown", "ArrowDown", "r");
  expect(lines()).toEqual(["fourth", "anew", "p1"]);
});

test("what another program sells stands among them, as it is told last", async () => {
  const release = later();
  await tell(paymentOf(0, { state: "issuing" }));
  expect(release).toHaveLength(1);
  await tell(paymentOf(0));
  // what was read before that was told is read once more
  release[0]?.([{ order: "o0", payments: [paymentOf(0, { state: "issuing" })] }]);
  await settled();
  release[1]?.([{ order: "o0", payments: [paymentOf(0)] }, EARLIER]);
  await settled();
  expect(lines()).toEqual(["p0", "p1"]);
  expect(document.querySelector("[data-recent=p0]")?.textContent).toContain("待付款");
});

test("what is sold before the last ten are read does not keep them away", async () => {
  const release = later();
  // another shop, with a counter that has read nothing yet
  program.answers["shop"] = { ...SHOP, name: "another" };
  await emit("shop", null);
  await settled();
  await press("5", "F2");
  expect(lines()).toEqual(["p0"]);
  release[0]?.([EARLIER]);
  await settled();
  release[1]?.([{ order: "o0", payments: [paymentOf(0)] }, EARLIER]);
  await settled();
  expect(lines()).toEqual(["p0", "p1"]);
});

test("a clipboard that refuses is a problem, and what is copied or opened later takes its place", async () => {
  const fake = { refuses: true };
  clipboard(fake);
  program.answers["sell"] = CARD;
  await press("5", "F3");
  const said = () => [".problem", ".copied"].map((one) => document.querySelector(one)?.textContent.trim());
  await press("c");
  expect(said()).toEqual(["無法複製，請自行選取文字。", undefined]);
  fake.refuses = false;
  await press("c");
  expect(said()).toEqual([undefined, `已複製 ${LINK}`]);
  fake.refuses = true;
  await press("c");
  expect(said()).toEqual(["無法複製，請自行選取文字。", undefined]);
  await press("o");
  expect(said()).toEqual([undefined, undefined]);
});

test("what the counter has said follows the language", async () => {
  program.answers["sell"] = Object.assign(new Error(), { zh: "原因與下一步", en: "Cause and next step" });
  await press("5", "F2");
  expect(text()).toContain("原因與下一步");
  await press("g", "l");
  expect(text()).toContain("Cause and next step");
  clipboard({ refuses: false });
  program.answers["sell"] = CARD;
  await press("F3", "c");
  expect(text()).toContain(`Copied ${LINK}`);
  await press("g", "l");
  expect(text()).toContain(`已複製 ${LINK}`);
});

test("Escape while a new number is on its way does not bring the old slip back over it", async () => {
  const old = paymentOf(0, { state: "expired", reissue: true });
  program.answers["sell"] = old;
  await press("5", "F2");
  let release: (payment: PaymentView) => void = () => undefined;
  program.answers["sell"] = new Promise<PaymentView>((resolve) => (release = resolve));
  await press("r", "Escape");
  release(paymentOf(0, { payment: "second", account: "99922632500599" }));
  await settled();
  expect(text()).toContain("9992 2632 5005 99");
  await tell(old);
  expect(text()).toContain("9992 2632 5005 99");
});

test.each([
  ["authorized", "還沒有請款"],
  ["released", "沒有請款"],
] as const)("a card that is %s is not handed out once more, and the slip says why", async (state, words) => {
  const written = clipboard({ refuses: false });
  program.answers["sell"] = CARD;
  await press("5", "F3");
  await tell({ ...CARD, state });
  await press("o", "c", "m");
  expect(written).toEqual([]);
  expect(asked("open_link")).toHaveLength(0);
  expect(document.querySelector("[data-qr], [role=timer]")).toBeNull();
  const caps = [...document.querySelectorAll(".work .actions kbd")].map(({ textContent }) => textContent);
  expect(caps).toEqual(["Esc"]);
  expect(text()).toContain(words);
  expect(text()).toContain("請勿再提供給顧客");
});
