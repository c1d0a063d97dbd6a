import { expect, test, vi } from "vitest";

import { useLanguage } from "../lib/text.svelte";
import en from "./en.json";
import zhTW from "./zh-TW.json";

const holes = (text: string) => [...text.matchAll(/\{[a-z-]+\}/g)].map(([hole]) => hole).sort();

test("both catalogues hold the same keys in the same order", () => {
  expect(Object.keys(en)).toEqual(Object.keys(zhTW));
});

test.each(Object.entries(zhTW))("%s fills in the same values in both languages", (key, text) => {
  expect(holes(en[key as keyof typeof en])).toEqual(holes(text));
});

test.each([...Object.values(zhTW), ...Object.values(en)])("%s is not empty and not padded", (text) => {
  expect(text.trim()).toBe(text);
  expect(text).not.toBe("");
});

test("nobody is sent to records: there is no place where a counter could read them", () => {
  const sent = [...Object.values(zhTW), ...Object.values(en)].filter((text) =>
    /查?看紀錄|look into the records/.test(text),
  );
  expect(sent).toEqual([]);
});

test("a window that starts in English says so to whoever reads it aloud", async () => {
  useLanguage("en");
  document.documentElement.lang = "zh-Hant-TW";
  vi.resetModules();
  await import("../lib/text.svelte");
  expect(document.documentElement.lang).toBe("en");
  useLanguage("zh-TW");
});
