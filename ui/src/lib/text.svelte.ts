// The words of the screens, in two languages with equal keys. Traditional Chinese is the source; a
// sentence is never joined from parts, only filled in.

import en from "../text/en.json";
import zhTW from "../text/zh-TW.json";

export type TextKey = keyof typeof zhTW;
export type Language = "zh-TW" | "en";

/** A message on screen: kept as a function, so that it always follows the chosen language. */
export type Said = () => string;

const catalogues: Record<Language, Record<TextKey, string>> = { "zh-TW": zhTW, en };
const tags: Record<Language, string> = { "zh-TW": "zh-Hant-TW", en: "en" };

const chosen = $state<{ language: Language }>({ language: remembered() });
document.documentElement.lang = tags[chosen.language];

export function language(): Language {
  return chosen.language;
}

/** The other language of the two. */
export function switchLanguage(): void {
  useLanguage(chosen.language === "en" ? "zh-TW" : "en");
}

/** Switches the window at once and remembers the choice on this computer. */
export function useLanguage(next: Language): void {
  chosen.language = next;
  document.documentElement.lang = tags[next];
  // eslint-disable-next-line no-restricted-globals -- a reading preference belongs to this computer
  localStorage.setItem("language", next);
}

/** The words for a key, with `{name}` filled in. */
export function t(key: TextKey, values: Record<string, string> = {}): string {
  return textIn(chosen.language, key, values);
}

/** The words for a key in the language that is given. */
export function textIn(language: Language, key: TextKey, values: Record<string, string> = {}): string {
  return catalogues[language][key].replace(/\{([a-z-]+)\}/g, (whole, name: string) => values[name] ?? whole);
}

/** Names one after another, as the chosen language lists them: all of them, or one of them. */
export function list(names: string[], type: "conjunction" | "disjunction" = "conjunction"): string {
  return new Intl.ListFormat(tags[chosen.language], { type }).format(names);
}

/** Of two sentences that Rust gives, the one in the language that is chosen. */
export function chosenOf(zh: string, english: string): string {
  return chosen.language === "en" ? english : zh;
}

/** Why something failed: in the words of Rust, or with its code in those that are given. */
export function refusal(
  { code, zh, en }: { code: string; zh: string; en: string },
  otherwise: TextKey,
): Said {
  return () => inTheWindow(chosenOf(zh, en)) || t(otherwise, { code });
}

/** The sentences of Rust serve a terminal too: its commands say nothing to whoever has a window.
 *  Only what no screen can do stays. */
function inTheWindow(sentence: string): string {
  return sentence.replace(/\s?[（(](?:指令列|command line)(?![^）)]*recover)[^）)]*[）)]/g, "");
}

/** The words for a key made from a code of ours, or nothing when the catalogue does not hold it. */
export function words(key: string, values: Record<string, string> = {}): string | undefined {
  return key in catalogues[chosen.language] ? t(key as TextKey, values) : undefined;
}

/** The same for a message that stays on screen. */
export function said(key: string, values: Record<string, string> = {}): Said | undefined {
  return words(key) === undefined ? undefined : () => t(key as TextKey, values);
}

function remembered(): Language {
  // eslint-disable-next-line no-restricted-globals -- see above
  return localStorage.getItem("language") === "en" ? "en" : "zh-TW";
}
