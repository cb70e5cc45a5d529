// Numbers as texts and texts as numbers, in the form of Python's `format_number`.

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

const superscript = (n) => (n < 0 ? "⁻" : "") + [...String(Math.abs(n))].map((digit) => SUPERSCRIPTS[digit]).join("");

/** The first significant digits of a number and its exponent, rounded to the even digit at a tie as Python does. */
function significant(x, digits) {
  let [mantissa, exponent] = x.toExponential(100).split("e");
  const all = mantissa.replace(".", ""), rest = all.slice(digits), half = "5".padEnd(rest.length, "0");
  let kept = BigInt(all.slice(0, digits));
  if (rest > half || (rest === half && kept % 2n === 1n)) kept += 1n;
  if (String(kept).length > digits) return [String(kept / 10n), Number(exponent) + 1];
  return [String(kept), Number(exponent)];
}

/** A number with at most this many significant digits; "–" where there is none. */
function formatNumber(x, digits) {
  if (x === undefined || !Number.isFinite(x)) return "–";
  if (x === 0) return Object.is(x, -0) ? "−0" : "0";
  const sign = x < 0 ? "−" : "", [figures, exponent] = significant(Math.abs(x), digits);
  const fraction = (whole, part) => (part.replace(/0+$/, "") ? `${whole}.${part.replace(/0+$/, "")}` : whole);
  if (exponent < -4 || exponent >= digits)
    return `${sign}${fraction(figures[0], figures.slice(1))}·10${superscript(exponent)}`;
  if (exponent < 0) return sign + fraction("0", "0".repeat(-exponent - 1) + figures);
  return sign + fraction(figures.slice(0, exponent + 1), figures.slice(exponent + 1));
}

/** The number that a text stands for: 0.5, −1e-3, 1/3, 1.2·10⁵. Throws an error that says what can be typed. */
function parseNumber(text) {
  const digitOf = (sign) => (sign === "⁻" ? "-" : SUPERSCRIPTS.indexOf(sign));
  const plain = text
    .trim()
    .replace(/[−–]/g, "-")
    .replace(/\s*[·*]\s*10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/, (_, digits) => `e${[...digits].map(digitOf).join("")}`);
  const parts = plain.split("/").map((part) => part.trim());
  const isNumber = (part) => /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(part);
  if (parts.length > 2 || !parts.every(isNumber))
    throw new Error(plain.includes(",") ? "write a point, as in 0.5" : "write a number such as 0.5, −1e-3 or 1/3");
  const [number, denominator = 1] = parts.map(Number);
  if (denominator === 0) throw new Error("a denominator of 0 does not give a number");
  if (!Number.isFinite(number / denominator)) throw new Error("that number is too large");
  return number / denominator;
}

/** The step of a leaf by the author's number, for a pixel, an arrow key and the slider alike. */
const stepOf = (x) => (x === 0 ? 0.01 : 10 ** (Math.floor(Math.log10(Math.abs(x))) - 2));

/** A number moved by whole steps, to 12 digits, so that the rounding errors of many moves do not show. */
const moveBy = (x, steps, step) => Number((x + steps * step).toPrecision(12));

/** A template, whose texts alternate with formulas, with their numbers: negative ones get brackets behind a sign. */
function fill(template, numbers, digits = 4) {
  return template.reduce((text, part, k) => {
    if (typeof part === "string") return text + part;
    const number = formatNumber(attempt(formulas[part], numbers), digits);
    const isFirst = /(^|[(,|=]\s*)$/.test(text), isRaised = /^[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]/.test(template[k + 1] ?? "");
    return text + (number.startsWith("−") && (!isFirst || isRaised) ? `(${number})` : number);
  }, "");
}
