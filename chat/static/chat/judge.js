// Judges a message as mangaassist/validation.py does, so that nobody sends what would be refused.
// The rules, tables and names are those of validation.py, cleaning.py, graphemes.py and tokens.py.

const MOST_MARKS = 8;
const LONGEST_CLUSTER = 16;

const HAN = "\\u3005-\\u3007\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3fffd}";
const SELECTORS = "\\ufe00-\\ufe0f\\u{e0100}-\\u{e01ef}";
const TAGS = "\\u{e0020}-\\u{e007f}";
const BY_CONTEXT = `\\u200c\\u200d${SELECTORS}${TAGS}`;
const INVISIBLE = new RegExp(
  "[[\\p{Default_Ignorable_Code_Point}\\p{Cc}\\p{Cs}\\p{Cn}\\u2028\\u2029\\ufff9-\\ufffc]" +
    `--[\\t\\n\\r${BY_CONTEXT}]]`,
  "gv",
);
const INDIC = "[[\\u0900-\\u0dff]&&[\\p{L}\\p{M}]]";
const JOINED = "[[\\u0620-\\u077f\\u0860-\\u08ff\\u0900-\\u0dff]&&[\\p{L}\\p{M}]]";
const SYMBOL = "[[\\p{S}\\p{Emoji}\\p{ExtPict}]--[\\u2adc]]";
const EMOJI = "\\p{ExtPict}(?:\\ufe0f|\\p{Emoji_Modifier})?";
const SELECTED =
  `[${HAN}][\\ufe00-\\ufe02\\u{e0100}-\\u{e012f}]|${SYMBOL}[\\ufe0e\\ufe0f]`;
const tagged = (flag) => Array.from(flag, (letter) => `\\u{e00${letter.charCodeAt(0).toString(16)}}`);
const FLAGS = ["gbeng", "gbsct", "gbwls"].map((flag) => tagged(flag).join("")).join("|");
const OUT_OF_CONTEXT = new RegExp(
  `\\u200d(?:\\u200d+|(?<!${INDIC}\\u200d)(?!(?<=${EMOJI}\\u200d)\\p{ExtPict}))` +
    `|\\u200c(?!(?<=${JOINED}\\u200c)${JOINED})` +
    `|[${SELECTORS}](?:(?<=[${SELECTORS}]{2})[${SELECTORS}]*|(?<!${SELECTED}))` +
    `|[${TAGS}]+(?![${TAGS}])(?<!\\u{1f3f4}(?:${FLAGS})\\u{e007f})`,
  "gv",
);
const NOT_COMPOSED = /([\uf900-\ufaff\u{2f800}-\u{2fa1f}\u{1d15e}-\u{1d1c0}]+|\p{M}{31,})/u;
const VISIBLE = /[^\s\p{M}\u2800]/u;
const MARK = /\p{M}/gu;

const clusters = new Intl.Segmenter("ja", { granularity: "grapheme" });
const graphemesOf = (text) => Array.from(clusters.segment(text), (part) => part.segment);
const bytesOf = (text) => new TextEncoder().encode(text).length;

/** The verdict on a text: {code, parameters, text, graphemes}; an empty code accepts it. */
export function judge(text, limits) {
  // A UTF-16 unit is at least one byte, so that a giant is not measured to its end.
  const size = text.length > limits.bytes * 8 ? text.length : bytesOf(text);
  if (size > limits.bytes) return verdict("too_large", { max: limits.bytes, size });
  const broken = text.search(/\p{Cs}/u);
  if (broken >= 0) {
    return verdict("invalid_unicode", { position: graphemesOf(text.slice(0, broken)).length + 1 });
  }
  const cleaned = clean(text);
  if (!VISIBLE.test(cleaned)) return verdict("empty", {}, cleaned);
  const found = graphemesOf(cleaned);
  const stack = found.find(isStack);
  if (stack) {
    const before = cleaned.slice(0, cleaned.indexOf(stack));
    const position = graphemesOf(before).length + 1;
    return verdict("stacked", { position }, cleaned, found.length);
  }
  if (found.length > limits.characters) {
    const parameters = { max: limits.characters, count: found.length };
    return verdict("too_long", parameters, cleaned, found.length);
  }
  const tokens = estimateTokens(cleaned);
  if (tokens > limits.tokens) {
    return verdict("too_complex", { max: limits.tokens, tokens }, cleaned, found.length);
  }
  return verdict("", {}, cleaned, found.length);
}

function verdict(code, parameters, text = "", graphemes = 0) {
  return { code, parameters, text, graphemes };
}

function isStack(cluster) {
  if (cluster.length <= MOST_MARKS) return false;
  const marks = cluster.match(MARK)?.length ?? 0;
  return marks > MOST_MARKS || Array.from(cluster).length > LONGEST_CLUSTER;
}

/** The text as people see it: without what is invisible, and composed. */
export function clean(text) {
  const lines = text.replace(/\r\n|[\r\u2028\u2029]/g, "\n");
  const seen = lines.replace(INVISIBLE, "").replace(/\p{Co}/gu, "\ufffd");
  let shaped = seen.replace(OUT_OF_CONTEXT, "");
  for (;;) {
    const composed = compose(shaped);
    if (composed === shaped) return shaped;
    shaped = composed.replace(OUT_OF_CONTEXT, "");
  }
}

function compose(text) {
  const compose = (part, index) => (index % 2 ? part : part.normalize("NFC"));
  return text.split(NOT_COMPOSED).map(compose).join("");
}

function everydayKanji() {
  const bytes = [];
  for (let row = 0xb0; row <= 0xcf; row += 1) {
    const last = row === 0xcf ? 0xd3 : 0xfe;
    for (let cell = 0xa1; cell <= last; cell += 1) bytes.push(row, cell);
  }
  return new Set(new TextDecoder("euc-jp").decode(new Uint8Array(bytes)));
}

const EVERYDAY_KANJI = everydayKanji();
// Hundredths of a token, first and last code points; a later rate overrides an earlier one.
const RATES = [
  [100, [0x00, 0x7f]],
  [200, [0x80, 0x7ff]],
  [250, [0x800, 0xffff]],
  [320, [0x10000, 0x10ffff]],
  [150, [0x3000, 0x303f]],
  [95, [0x3041, 0x309f]],
  [115, [0x30a0, 0x30ff, 0x31f0, 0x31ff]],
  [300, [0x3400, 0x4dbf, 0x4e00, 0x9fff, 0xf900, 0xfaff]],
  [140, [0xac00, 0xd7a3]],
  [110, [0xff01, 0xff60, 0xffe0, 0xffe6]],
  [120, [0xff61, 0xff9f]],
].reverse();
const EVERYDAY_KANJI_CENTS = 115;

function centsOf(character) {
  if (EVERYDAY_KANJI.has(character)) return EVERYDAY_KANJI_CENTS;
  const point = character.codePointAt(0);
  const within = (ranges) =>
    ranges.some((first, index) => index % 2 === 0 && first <= point && point <= ranges[index + 1]);
  return RATES.find(([, ranges]) => within(ranges))[0];
}

const known = new Map(); // A message has few different characters.

/** Tokens of a text by the fixed estimate, rounded up. */
export function estimateTokens(text) {
  let cents = 0;
  for (const character of text.replace(/[A-Za-z0-9 ]/g, "")) {
    if (!known.has(character)) known.set(character, centsOf(character));
    cents += known.get(character);
  }
  // `camelCase` is two words, and so is `HTTPServer`; one space alone belongs to a word.
  const words = text.replace(/([a-z])([A-Z])/g, "$1 $2").replace(/([A-Z])([A-Z][a-z])/g, "$1 $2");
  for (const word of words.match(/[A-Za-z]+/g) ?? []) cents += Math.max(100, 22 * word.length);
  for (const number of text.match(/[0-9]+/g) ?? []) cents += Math.max(100, 50 * number.length);
  for (const gap of text.match(/ {2,}/g) ?? []) cents += Math.max(100, 22 * gap.length);
  return Math.max(Math.ceil(cents / 100), text ? 1 : 0);
}
