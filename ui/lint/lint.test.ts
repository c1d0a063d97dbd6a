// @vitest-environment node
// The lints find what they are for, planted here, and nothing in a component that keeps to them.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { ESLint } from "eslint";
import stylelint from "stylelint";
import { expect, test } from "vitest";

const eslint = new ESLint();

/** What ESLint says of a file of ours that would hold this. */
async function code(text: string, path = "src/counter/Planted.svelte"): Promise<string[]> {
  const [result] = await eslint.lintText(text, { filePath: resolve(path) });
  return (result?.messages ?? []).map(({ ruleId, message }) =>
    ruleId === "no-restricted-syntax" ? message : `${String(ruleId)}: ${message}`,
  );
}

/** The rules of stylelint that it would break. */
async function style(text: string, path = "src/counter/Planted.svelte"): Promise<string[]> {
  const { results } = await stylelint.lint({ code: text, codeFilename: resolve(path) });
  return (results[0]?.warnings ?? []).map(({ rule }) => rule);
}

const component = (declaration: string) => `<p>1</p>\n\n<style>\n  p {\n    ${declaration};\n  }\n</style>\n`;
const script = (statement: string) =>
  `<script lang="ts">\n  let { on, n }: { on: boolean; n: string } = $props();\n  ${statement}\n</script>\n`;
const markup = (element: string) => `${script("")}\n<p>{on}{n}</p>\n${element}\n`;

const CLEAN = `<script lang="ts">
  import { t } from "../lib/text.svelte";
  import Icon from "../parts/Icon.svelte";

  const { on, room }: { on: boolean; room: number } = $props();

  const key = $derived(on ? "Ctrl Enter" : "Esc");
</script>

<button class="one two three" aria-label={t(on ? "action.close" : "action.seen")} style:height="{room}px">
  <Icon name="tick" size={16} />{t("action.seen")} · {room}% <kbd>{key}</kbd> <kbd>Alt 1</kbd>
</button>
<svg viewBox="0 0 20 20" fill="none" stroke="currentColor"><path d="M4 10h12" stroke-width="1.5" /></svg>

<style>
  button {
    margin: 0 auto calc(var(--s1) * -1);
    padding: var(--s2);
    width: 50%;
    max-height: max(var(--list), 80vh);
    border: var(--hairline) solid transparent;
    background: color-mix(in srgb, currentColor 30%, var(--paid-soft));
    color: inherit;
    font: var(--w-strong) var(--t-body) / var(--l-body) var(--font);
    line-height: 1;
  }
  svg {
    width: var(--icon-16);
  }
  @container window (max-width: 62rem) {
    button {
      padding: 0;
    }
  }
  @media (forced-colors: active) {
    button {
      background: none;
    }
  }
</style>
`;

const SAID = "a word comes from the catalogues in src/text";
const DRAWN = "a colour or a length comes from src/tokens.css";
const INLINE = expect.stringMatching(/^no style in the markup/);

test("a component that keeps to the rules is not disturbed", async () => {
  expect(await code(CLEAN)).toEqual([]);
  expect(await style(CLEAN)).toEqual([]);
});

test.each([
  ["a colour as hex", "color: #1c4c96", "color-no-hex"],
  ["a colour as hex in a name of its own", "--mine: #fff", "color-no-hex"],
  ["a named colour", "background: white", "color-named"],
  ["rgb()", "color: rgb(21 28 40)", "function-disallowed-list"],
  ["hsl()", "border-color: hsl(0 0% 50%)", "function-disallowed-list"],
  ["oklch()", "color: oklch(0.5 0.1 200)", "function-disallowed-list"],
  ["a colour of the system", "background: CanvasText", "declaration-property-value-disallowed-list"],
  ["a line in a word", "border: thin solid", "declaration-property-value-disallowed-list"],
  ["px", "padding: 4px", "unit-allowed-list"],
  ["half a pixel", "left: -0.5px", "unit-allowed-list"],
  ["px in calc", "width: calc(100% - 10px)", "unit-allowed-list"],
  ["px in a name of its own", "--mine: 12px", "unit-allowed-list"],
  ["rem", "gap: 0.5rem", "unit-allowed-list"],
  ["em", "letter-spacing: 0.1em", "unit-allowed-list"],
  ["pt", "margin: 3pt", "unit-allowed-list"],
  ["a duration", "transition: color 120ms", "unit-allowed-list"],
  ["a type face", "font-family: Arial", "declaration-property-value-allowed-list"],
  ["a type face in `font`", "font: bold x-large serif", "declaration-property-value-allowed-list"],
  ["a size of type in a word", "font-size: small", "declaration-property-value-allowed-list"],
  ["a weight", "font-weight: bold", "declaration-property-value-allowed-list"],
  ["a height of lines", "line-height: 1.5", "declaration-property-value-allowed-list"],
])("of styles, %s is found", async (_, declaration, rule) => {
  expect(await style(component(declaration))).toEqual([rule]);
});

test("a width that is none of the layout is found, of the container and of the window", async () => {
  const query = (asked: string) => `${asked} {\n  p {\n    margin: 0;\n  }\n}\n`;
  expect(await style(query("@container (width < 40rem)"), "src/app.css")).toEqual(["house/widths"]);
  expect(await style(query("@container (width < 960px)"), "src/app.css")).toEqual(["house/widths"]);
  expect(await style(query("@media (max-width: 62rem)"), "src/app.css")).toEqual(["unit-allowed-list"]);
});

test("the tokens are where colours and lengths stand", async () => {
  expect(await style(":root {\n  --ink: #151c28;\n  --s1: 4px;\n}\n", "src/tokens.css")).toEqual([]);
});

test.each([
  ["an English word in the markup", "<p>Paid</p>"],
  ["Chinese in the markup", "<p>已付款</p>"],
  ["a word beside a value", "<p>{n} paid</p>"],
  ["a word in braces", '<p>{"Paid"}</p>'],
  ["a word of two", '<p>{on ? "Paid" : n}</p>'],
  ["a word instead of nothing", '<p>{n || "Nobody"}</p>'],
  ["a word in a template", "<p>{`Paid ${n}`}</p>"],
  ["aria-label", '<i aria-label="Close"></i>'],
  ["title", '<i title="關閉"></i>'],
  ["placeholder", '<input placeholder="Search {n}" />'],
  ["alt", '<img src={n} alt="Stamp" />'],
  ["a word of two that is read aloud", '<i aria-label={on ? "Close" : n}></i>'],
  ["a word in braces that is read aloud", '<i aria-label={"Close"}></i>'],
  ["a template that is read aloud", "<i aria-label={`Close ${n}`}></i>"],
  ["Chinese in another attribute", '<i data-said="已付款"></i>'],
  ["a sentence in another attribute", '<i data-said="The customer paid."></i>'],
])("of words, %s is found", async (_, element) => {
  expect(await code(markup(element))).toContain(SAID);
});

test.each([
  ["Chinese", 'export const said = "已付款";'],
  ["Chinese in a template", "export const said = (n: string) => `已付 ${n}`;"],
  ["a word that is shown", 'export const said = { label: "Close" };'],
  ["a sentence", 'export const said = "The customer paid.";'],
  ["a sentence in a template", "export const said = (n: string) => `${n}, please pay it now`;"],
])("of words, %s in a script is found", async (_, statement) => {
  for (const path of ["src/lib/planted.ts", "src/lib/planted.svelte.ts"])
    expect(await code(`${statement}\n`, path)).toEqual([SAID]);
  expect(await code(script(statement.replace("export ", "")))).toContain(SAID);
});

test("the catalogues are where words stand", async () => {
  expect(await code('export const WHOLE = "元整";\n', "src/text/planted.ts")).toEqual([]);
});

test.each([
  ["a style", '<p style="padding: 4px">1</p>', INLINE],
  ["a style of a value", "<p style={n}>1</p>", INLINE],
  ["a style of one property", '<p style:height="4px">1</p>', INLINE],
  ["a name of its own that holds a length", '<p style:--mine="4px">1</p>', INLINE],
  ["a length", '<svg width="9rem"></svg>', DRAWN],
  ["a length of a number", '<svg width="{n}rem"></svg>', DRAWN],
  ["a colour", '<svg fill="#fff"></svg>', DRAWN],
  ["a named colour", '<svg stroke="red"></svg>', DRAWN],
])("in the markup, %s is found", async (_, element, message) => {
  expect(await code(markup(element))).toContainEqual(message);
});

test.each([
  ["a length", 'export const wide = "12px";'],
  ["a length in a template", "export const wide = (n: string) => `${n} 1.5rem`;"],
  ["a colour", 'export const ink = "#151C28";'],
  ["rgb()", 'export const ink = "rgb(21 28 40)";'],
])("in a script, %s is found", async (_, statement) => {
  expect(await code(`${statement}\n`, "src/lib/planted.ts")).toEqual([DRAWN]);
});

test("`npm run lint` runs both", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: { lint: string } };
  expect(scripts.lint).toMatch(/^eslint \. .* && stylelint .*"src\/\*\*\/\*\.\{svelte,css\}"$/);
});
