// What is said about steps and arrows: the words, the order and the digits of the stepper's shell.

const DIGITS = 6,
  MAX_TERMS = 20,
  MAX_LEAVES = 100,
  MAX_RESULTS = 10,
  MAX_RULE_LENGTH = 98,
  MAX_ALONG = 14;

const localName = (node, x) => `∂${labels[node]}/∂${labels[x]}`;
const partial = (i) => localName(state.output, i);
const shown = (x) => format(x, DIGITS);

/** The sides of an equation, each once. */
const equal = (...sides) => unique(sides.filter((side) => side !== "")).join(" = ");
const unique = (items) => [...new Set(items)];

const inBrackets = (texts) => texts.map((text, k) => (k ? bracketed(text) : text));
const sum = (texts) => inBrackets(texts).join(" + ");
const product = (texts) => inBrackets(texts).join(" · ");

/** The first and the last of many items, with dots between. */
const shorten = (items) =>
  items.length > MAX_ALONG ? [...items.slice(0, MAX_ALONG - 3), "…", ...items.slice(-2)] : items;

/** A text of a formula, in which constants that can be changed have their numbers. */
const written = (text, { numbers }) => (typeof text === "string" ? text : fill(text, numbers, DIGITS));

const valuesOf = ({ numbers }, nodes) => nodes.map((i) => `${labels[i]} = ${shown(numbers[i])}`);

/** The equation of a node in symbols. */
const relation = (facts, node) => `${labels[node]} = ${written(facts.view.formulas[node].text, facts)}`;

/** The equation of a node, in symbols and in numbers. */
function computation(facts, node) {
  const { put } = facts.view.formulas[node];
  return equal(relation(facts, node), written(put, facts), shown(facts.numbers[node]));
}

/** The sides of a local derivative: its rule, the rule opened, with its numbers put in, and the result. */
function ruleSides(facts, arrow) {
  const { rule, put } = facts.view.arrows[arrow],
    sides = [...rule, put].map((side) => written(side, facts));
  return unique([...sides, shown(facts.locals[arrow])]);
}

/** The local derivative of an arrow. */
function localDerivative(facts, arrow) {
  const { node, x, paths } = facts.view.arrows[arrow],
    sides = ruleSides(facts, arrow),
    merged = paths > 1 ? ` (${paths} paths)` : "";
  return equal(localName(node, x), ...sides) + merged;
}

/** The rule of a step with its numbers, unless it is a number or a symbol, or long. */
function ruleLines(facts, arrow) {
  const sides = ruleSides(facts, arrow),
    line = sides.join(" = ");
  return sides.length > 2 && line.length <= MAX_RULE_LENGTH ? [line] : [];
}

/** The product of a step in names. */
function inNames(facts, { arrow }) {
  const { node, rule, factor = rule[0] } = facts.view.arrows[arrow];
  return `${partial(node)} · ${written(factor, facts)}`;
}

/** The product of a step: as a formula, in numbers, and its value. */
const contribution = (facts, step) =>
  equal(
    inNames(facts, step),
    product([step.upstream, step.local].map(shown)),
    shown(step.terms.at(-1)),
  );

/** A sum of terms, of which only the last are written, as far as it is known. */
function runningSum({ terms, of, result }) {
  const texts = terms.slice(-MAX_TERMS).map(shown),
    isWhole = terms.length === of;
  const parts = [...(terms.length > MAX_TERMS ? ["…"] : []), ...texts, ...(isWhole ? [] : ["…"])];
  const written = sum(isWhole ? parts.reverse() : parts); // the whole sum stands in the paper's order
  if (isWhole) return `${written} = ${shown(result)}`;
  return `${written}, ${terms.length} of ${of} terms${terms.length > 1 ? `, so far ${shown(result)}` : ""}`;
}

/** The node of a step, or its arrow. */
const place = ({ view }, { node, target, arrow }) =>
  arrow === null || node === target ? labels[target] : `${labels[node]} → ${labels[target]}${view.arrows[arrow].notes ?? ""}`;

/** The title and the lines about a step; at 0, of the start. */
function narrate(facts, number) {
  const { steps } = facts,
    step = steps[number - 1],
    count = steps.length;
  if (!step) {
    const known = facts.view.leaves,
      texts = valuesOf(facts, known.slice(0, MAX_LEAVES));
    const more = known.length > MAX_LEAVES ? `, and ${known.length - MAX_LEAVES} more` : "";
    return [`start, before step 1 of ${count}`, `the leaves are known: ${texts.join(", ")}${more}`];
  }
  const note = step.isForward || state.output !== page.output ? "" : page.notes[step.target] ?? "";
  return [
    `step ${number} of ${count}, ${step.isForward ? "forward" : "backward"}: ${place(facts, step)}${note}`,
    ...stepLines(facts, step),
  ];
}

function stepLines(facts, step) {
  const name = partial(step.target);
  if (step.isForward) return [computation(facts, step.target)];
  if (step.arrow === null) return [`${name} = 1`];
  const product = contribution(facts, step),
    rule = ruleLines(facts, step.arrow);
  if (step.of === 1) return [`${name} = ${product}`, ...rule];
  return [`term ${step.terms.length} of ${step.of}: ${product}`, ...rule, `${name} = ${runningSum(step)}`];
}

/** The line after the last step: the derivatives with respect to the first leaves that receive one. */
function ending({ view, derivatives }) {
  const received = view.leaves.filter((i) => derivatives.has(i));
  const texts = received.slice(0, MAX_RESULTS).map((i) => `${partial(i)} = ${shown(derivatives.get(i))}`);
  const more = received.length > MAX_RESULTS ? `, and ${received.length - MAX_RESULTS} more: the table shows them` : "";
  return texts.length ? `the end: ${texts.join(", ")}${more}` : "the end";
}
