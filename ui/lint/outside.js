// What ESLint finds outside its place: words outside the catalogues, colours and lengths outside
// the tokens. Not a word are the name of a key (in `<kbd>`, or given on as data), a class, and
// whatever has no letter: `·`, `%`, `807`.

/** A letter of any script; a Chinese sign; three words in a row, which read like a sentence. */
const LETTER = String.raw`/\p{L}/u`;
const HAN = String.raw`/\p{Script=Han}/u`;
const SENTENCE = String.raw`/(^|[^\p{L}-])\p{L}[\p{L}’']*[,;:]? \p{L}[\p{L}’']*[,;:]? \p{L}[\p{L}’']*(?![\p{L}-])/u`;

/** A key of the catalogues. */
const KEY = "/^[a-z.-]+$/";

/** What is shown or read aloud, by the web's names and by those of our parts. */
const OURS = "label|title|about|text|hint|before|unit";
const SAID = `/^(aria-(label|description|roledescription|valuetext|placeholder)|placeholder|alt|${OURS})$/`;

/** A length or a colour, as a style would write it. */
const LENGTH = String.raw`/\d(px|r?em|pt)$/`;
const COLOUR = String.raw`/^(#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$|(rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\()/i`;
const PAINT = "/^(fill|stroke|color|stop-color|flood-color)$/";

const MARKUP = ":not(SvelteAttribute)";
const ATTRIBUTE = `SvelteAttribute[key.name=${SAID}]`;
const NO_WORDS = ':not(SvelteStyleElement):not(SvelteElement[name.name="kbd"])';

/** Words in braces: alone, as one of two, in a template. */
const inBraces = (place) => [
  `${place} > SvelteMustacheTag > Literal[value=${LETTER}]`,
  `${place} > SvelteMustacheTag > :matches(ConditionalExpression, LogicalExpression) > Literal[value=${LETTER}]`,
  `${place} > SvelteMustacheTag > TemplateLiteral > TemplateElement[value.cooked=${LETTER}]`,
];

const words = [
  `${NO_WORDS} > SvelteText[value=${LETTER}]`,
  ...inBraces(MARKUP),
  `${ATTRIBUTE} > SvelteLiteral[value=${LETTER}]`,
  ...inBraces(ATTRIBUTE),
  `SvelteAttribute:not([key.name="class"]) > SvelteLiteral:matches([value=${HAN}], [value=${SENTENCE}])`,
  `Property[key.name=/^(${OURS})$/] > Literal[value=${LETTER}]:not([value=${KEY}])`,
  `Literal:matches([value=${HAN}], [value=${SENTENCE}])`,
  `TemplateElement:matches([value.cooked=${HAN}], [value.cooked=${SENTENCE}])`,
];

/**
 * What only the script can measure goes straight to its property; it holds a value, never a
 * literal. Not by a custom property where it changes often: WebKit keeps a style for each value
 * that such a property ever had.
 */
const inline = ['SvelteAttribute[key.name="style"]', "SvelteStyleDirective:not(:has(SvelteMustacheTag))"];

const looks = [
  String.raw`SvelteAttribute > SvelteLiteral[value=/(^|\d)(px|r?em|pt)$/]`,
  `SvelteAttribute[key.name=${PAINT}] > SvelteLiteral:not([value=/^(none|currentColor)$/])`,
  `Literal:matches([value=${LENGTH}], [value=${COLOUR}])`,
  `TemplateElement[value.cooked=${LENGTH}]`,
];

const say = (selectors, message) => selectors.map((selector) => ({ selector, message }));

/** For `no-restricted-syntax`. */
export const outside = [
  ...say(words, "a word comes from the catalogues in src/text"),
  ...say(inline, "no style in the markup but a value that is measured: style:x={…}"),
  ...say(looks, "a colour or a length comes from src/tokens.css"),
];
