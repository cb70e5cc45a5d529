// Numbers as texts and texts as numbers, in the form of Python's `format_number`.

const { max, min } = Math,
  { isFinite } = Number;
const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

const superscript = (n) => `${n}`.replace("-", "⁻").replace(/\d/g, (digit) => RAISED[digit]);

const figuresOf = (text) => text.split("e")[0].replace(".", "");

/** The first significant digits of a positive number, and its exponent; a tie goes to the even digit, as in Python. */
function significant(x, digits) {
  const parts = (text) => [figuresOf(text), Number(text.split("e")[1])];
  const [shortest, exponent] = parts(x.toExponential());
  const isTie = shortest.length === digits + 1 && shortest.endsWith("5") && "02468".includes(shortest[digits - 1]);
  if (isTie && /^50*$/.test(figuresOf(x.toExponential(100)).slice(digits)))
    return [shortest.slice(0, digits), exponent];
  return parts(x.toExponential(digits - 1)); // which rounds a tie up
}

const MAX_CACHED = 5000;
const cached = new Map(); // texts of numbers: most numbers stand in several places

/** A number with at most this many significant digits; "not defined" for one that is not finite. */
function format(x, digits) {
  if (!isFinite(x)) return "not defined";
  if (x === 0) return "0"; // −0 too
  if (cached.size > MAX_CACHED) cached.clear();
  const key = `${x} ${digits}`;
  if (!cached.has(key)) cached.set(key, (x < 0 ? "−" : "") + positiveText(Math.abs(x), digits));
  return cached.get(key);
}

const fraction = (whole, part) => `${whole}.${part}`.replace(/\.?0*$/, "");

function positiveText(x, digits) {
  const [figures, exponent] = significant(x, digits);
  if (exponent < -4 || exponent >= digits)
    return `${fraction(figures[0], figures.slice(1))}·10${superscript(exponent)}`;
  if (exponent < 0) return fraction("0", "0".repeat(-exponent - 1) + figures);
  return fraction(figures.slice(0, exponent + 1), figures.slice(exponent + 1));
}

const reject = (reason) => {
  throw new Error(reason);
};

/** The number that a text stands for: 0.5, −1e-3, 1/3, 1.2·10⁵. Throws an error that says what can be typed. */
function parseNumber(text) {
  const lower = (raised) => raised.replace("⁻", "-").replace(/[^-]/g, (sign) => RAISED.indexOf(sign));
  const plain = text
    .replace(/[−–]/g, "-")
    .replace(/\s*[·*]\s*10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/, (_, raised) => `e${lower(raised)}`);
  const parts = plain.split("/");
  const isNumber = (part) => /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(part);
  if (parts.length > 2 || !parts.every(isNumber))
    reject(plain.includes(",") ? "write a point, as in 0.5" : "write a number such as 0.5, −1e-3 or 1/3");
  const [number, denominator = 1] = parts.map(Number);
  if (denominator === 0) reject("a denominator of 0 does not give a number");
  if (!isFinite(number / denominator)) reject("that number is too large");
  return number / denominator;
}

/** The step of a leaf by the author's number, for a pixel, an arrow key and the slider alike. */
const stepOf = (x) => (x === 0 ? 0.01 : 10 ** (Math.floor(Math.log10(Math.abs(x))) - 2));

/** A number moved by whole steps, to 12 digits, so that the rounding errors of many moves do not show. */
const moveBy = (x, steps, step) => Number((x + steps * step).toPrecision(12));

/** The text of a number, in brackets if it has one of these signs: if it is negative. */
const bracketed = (text, signs = "−") => (text.match(`[${signs}]`) ? `(${text})` : text);

/** A template with the numbers of the formulas between its texts, in brackets if they have one of their signs. */
function fill(template, numbers, digits = 4) {
  const textOf = ([k, signs = ""]) => bracketed(format(attempt(formulas[k], numbers), digits), signs);
  return template.map((part) => (typeof part === "string" ? part : textOf(part))).join("");
}
