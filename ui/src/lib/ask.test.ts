// The one way to Rust: no other file calls it.

import { readdirSync, readFileSync } from "node:fs";

import { expect, test } from "vitest";

const WAY = "src/lib/ask.ts";
const text = (path: string) => readFileSync(path, "utf8");

test("nobody else talks to the program", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).map((file) => `src/${file}`);
  const calls = files.filter(
    (file) => /(?<!\.test)\.(ts|svelte)$/.test(file) && text(file).includes("@tauri-apps/api/core"),
  );
  expect(calls).toEqual([WAY]);
});
