// The one way to Rust: the screens know the commands that the program has, and no other file calls it.

import { readdirSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";

const WAY = "src/lib/ask.ts";
const text = (path: string) => readFileSync(path, "utf8");

test("the commands that can be asked are those that the program has", () => {
  const listed = text("../src-tauri/src/every_command.rs").matchAll(/^ +\w+::(\w+),?$/gm);
  const [, table = ""] = /interface Commands {([^]*?)\n}/.exec(text(WAY)) ?? [];
  const asked = table.matchAll(/^ {2}(\w+)\(/gm);
  const names = (found: Iterable<RegExpMatchArray>) => [...found].map(([, name]) => name).sort();
  const known = names(listed);
  expect(known.length).toBeGreaterThan(20);
  expect(names(asked)).toEqual(known);
});

test("nobody else talks to the program", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).map((file) => `src/${file}`);
  const calls = files.filter(
    (file) => /\.(ts|svelte)$/.test(file) && text(file).includes("@tauri-apps/api/core"),
  );
  expect(calls).toEqual([WAY]);
});
