// No dead words and no dead measures: every key of the catalogues and every token is used
// somewhere.

import { readdirSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";

import zhTW from "./zh-TW.json";

const files = readdirSync("src", { recursive: true, encoding: "utf8" });
const all = files
  .filter((name) => /\.(svelte|ts|css)$/.test(name) && !/bindings|\.(test|fixture)\.ts$/.test(name))
  .map((name) => readFileSync(`src/${name}`, "utf8"))
  .join("\n");

/**
 * Written as they are; and with holes, of which the first may hold what is written as it is
 * elsewhere.
 */
const literals = new Set([...all.matchAll(/["'`]([\w.-]+)["'`]/g)].map(([, text]) => text ?? ""));
const HOLE = /\$\{(?:[^{}]|\{[^{}]*\})*\}/;
const templates = [...all.matchAll(/`((?:[\w.-]|\$\{[^`\n]*?\})*)`/g)]
  .map(([, text]) => (text ?? "").split(HOLE))
  .filter((parts) => parts.length > 1 && /\w/.test(parts.join("")));

// a name that is made of a name
templates.push(["wrong.", ".lines"]);

function made(key: string, parts: string[]): boolean {
  const [begin = "", ...rest] = parts;
  const hole = begin === "" ? "([\\w.-]+?)" : "([\\w-]+)";
  const form =
    begin.replaceAll(".", "\\.") + hole + rest.map((part) => part.replaceAll(".", "\\.")).join("[\\w.-]+?");
  const found = new RegExp(`^${form}$`).exec(key);
  return found !== null && (begin !== "" || literals.has(found[1] ?? ""));
}

test("every key of the catalogues is used", () => {
  const dead = Object.keys(zhTW).filter(
    (key) => !literals.has(key) && !templates.some((parts) => made(key, parts)),
  );
  expect(dead).toEqual([]);
});

const names = (pattern: RegExp) => new Set([...all.matchAll(pattern)].map(([, name]) => name ?? ""));
const tokens = names(/^\s*(--[\w-]+):/gm);
const used = names(/var\((--[\w-]+)/g);

test("every token is used", () => {
  expect([...tokens].filter((name) => !used.has(name))).toEqual([]);
});

test("every token that is used is there: without it the browser drops the whole declaration", () => {
  const measured = names(/style:(--[\w-]+)=/g);
  expect([...used].filter((name) => !tokens.has(name) && !measured.has(name))).toEqual([]);
});
