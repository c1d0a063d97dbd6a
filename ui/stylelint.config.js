// No colour, no length and no type face outside `src/tokens.css`: a style takes them by name,
// `var(--…)`, or counts with them, `calc`. Shares of what is around (`%`, `fr`, `vw`, `cqi`),
// angles and `0` are no lengths. What an icon or a QR code draws (`viewBox`, `d`, `stroke-width`)
// is a drawing and no layout; how large the drawing stands on the screen is a token again.

import stylelint from "stylelint";

/** The widths of the layout and the height of a low one, which `var()` cannot give to a query. */
const WIDTHS = ["62rem", "34rem", "32rem"];

const SHARES = ["%", "fr", "vh", "vw", "cqi", "deg"];
const SYSTEM_COLOURS =
  /(?<![-\w])(accentcolor(text)?|activetext|button(border|face|text)|canvas(text)?|field(text)?|graytext|highlight(text)?|linktext|mark(text)?|selecteditem(text)?|visitedtext)(?![-\w])/i;

/** How thick a line is, in a word. */
const LINES = /(?<![-\w])(thin|medium|thick)(?![-\w])/i;

const WIDTH_RULE = "house/widths";
const widths = stylelint.createPlugin(WIDTH_RULE, (on) => (root, result) => {
  if (!on) return;
  root.walkAtRules("container", (query) => {
    for (const [length] of query.params.matchAll(/[\d.]+[a-z]+/gi))
      if (!WIDTHS.includes(length))
        stylelint.utils.report({
          ruleName: WIDTH_RULE,
          result,
          node: query,
          word: length,
          message: `${length} is none of the widths of the layout (${WIDTH_RULE})`,
        });
  });
});

export default {
  plugins: [widths],
  ignoreFiles: ["src/tokens.css", "dist/**", "node_modules/**"],
  overrides: [{ files: ["**/*.svelte"], customSyntax: "postcss-html" }],
  reportNeedlessDisables: true,
  reportInvalidScopeDisables: true,
  reportDescriptionlessDisables: true,
  rules: {
    "color-no-hex": true,
    "color-named": "never",
    "function-disallowed-list": ["/^(rgb|hsl)a?$/i", "/^(hwb|lab|lch|oklab|oklch|color|light-dark)$/i"],
    "declaration-property-value-disallowed-list": { "/./": [SYSTEM_COLOURS, LINES] },

    // in `@media` as well: it asks for themes and motion; a width is asked of the container
    "unit-allowed-list": SHARES,
    [WIDTH_RULE]: true,

    "declaration-property-value-allowed-list": {
      "font-family": [/^var\(--font/],
      font: ["inherit", /^var\(--w-[a-z]+\) (min\()?var\(--t-.* var\(--font(-display)?\)$/],
      "font-size": [/^(min\()?var\(--(t|size)-/],
      "font-weight": [/^var\(--w-/],
      "line-height": ["1", /^var\(--l-/],
    },
  },
};
