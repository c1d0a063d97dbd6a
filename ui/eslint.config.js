import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

import { outside } from "./lint/outside.js";
import svelteConfig from "./svelte.config.js";

/** Tests and what they share. */
const TESTS = ["src/**/*.test.ts", "src/**/*.fixture.ts"];

const SCREENS = ["counter", "orders", "refunds", "people", "audit", "settings", "lock"];

/**
 * Keeps a folder from importing others: a screen knows no other screen, lib and parts know none.
 */
const fence = (folder, ...others) => ({
  files: [`src/${folder}/**`],
  ignores: TESTS,
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          { group: others.map((other) => `../${other}/*`), message: "frame > screens > parts > lib" },
        ],
      },
    ],
  },
});

export default ts.config(
  { ignores: ["dist/", "node_modules/", "src/bindings/"] },
  js.configs.recommended,
  ts.configs.strict,
  svelte.configs.recommended,
  { languageOptions: { globals: globals.browser } },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    rules: {
      // the screens hold no floats and no money arithmetic but the headroom shown while typing: an
      // amount is digits until Rust has read it
      "no-restricted-globals": [
        "error",
        { name: "parseFloat", message: "money is whole dollars, computed in Rust" },
        {
          name: "localStorage",
          message:
            "a screen keeps the language, the size, and that people were put off, and which refunds were seen, in lib/text.svelte.ts, lib/size.svelte.ts, lib/people.svelte.ts and lib/refunds.svelte.ts",
        },
      ],
      "no-restricted-properties": [
        "error",
        {
          object: "window",
          property: "open",
          message: "a link is opened by Rust, in the person's own browser",
        },
      ],
      eqeqeq: "error",
    },
  },
  // no word outside the catalogues, no colour and no length outside the tokens; styles are read by
  // stylelint
  {
    files: ["src/**"],
    ignores: ["src/text/**", ...TESTS],
    rules: {
      "no-restricted-syntax": ["error", ...outside],
    },
  },
  fence("lib", "parts", ...SCREENS, "frame"),
  fence("parts", ...SCREENS, "frame"),
  ...SCREENS.map((screen) => fence(screen, ...SCREENS.filter((other) => other !== screen), "frame")),
);
