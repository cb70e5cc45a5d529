// What is said about steps and arrows: the words, the order and the digits of the stepper's shell.

const DIGITS = 6,
  MAX_TERMS = 20,
  MAX_LEAVES = 100,
  MAX_RESULTS = 10,
  MAX_RULE_LENGTH = 98,
  MAX_ALONG = 14;

const partial = (i) => `∂${page.texts[state.output]}/∂${page.texts[i]}`;
const shownNumber = (x) => formatNumber(x, DIGITS);
const shownTerm = (x) => (x === "…" ? x : shownNumber(x));

/** The sides of an equation, each once. */
const equal = (...sides) => [...new Set(sides.filter((side) => side !== ""))].join(" = ");

const inBrackets = (texts) => texts.map((text, k) => (k ? bracketed(text) : text));
const sum = (texts) => inBrackets(texts).join(" + ");
const product = (texts) => inBrackets(texts).join(" · ");

/** The first and the last of many items, with dots between. */
const shorten = (items) =>
  items.length > MAX_ALONG ? [...items.slice(0, MAX_ALONG - 3), "…", ...items.slice(-2)] : items;

/** A text of a formula, in which constants that can be changed have their numbers. */
const written = (text, { numbers }) => (typeof text === "string" ? text : fill(text, numbers, DIGITS));

/** The equation of a node, in symbols and in numbers. */
function computation(view, node, facts) {
  const { text, put } = view.formulas[node],
    { numbers } = facts;
  return equal(page.texts[node], written(text, facts), fill(put, numbers, DIGITS), shownNumber(numbers[node]));
}

/** The sides of a local derivative: its rule, the rule opened, with its numbers put in, and the result. */
function ruleSides(view, arrow, facts) {
  const { rule, put } = view.arrows[arrow];
  const sides = [...rule.map((side) => written(side, facts)), fill(put, facts.numbers, DIGITS)];
  return [...new Set([...sides, shownNumber(facts.locals[arrow])])];
}

/** The local derivative of an arrow. */
function localDerivative(view, arrow, facts) {
  const { node, x, paths } = view.arrows[arrow];
  const sides = ruleSides(view, arrow, facts),
    merged = paths > 1 ? ` (${paths} paths)` : "";
  return equal(`∂${page.texts[node]}/∂${page.texts[x]}`, ...sides) + merged;
}

/** The rule of a step with its numbers, unless it is a number or a symbol, or long. */
function ruleLines(view, arrow, facts) {
  const sides = ruleSides(view, arrow, facts),
    line = sides.join(" = ");
  return sides.length > 2 && line.length <= MAX_RULE_LENGTH ? [line] : [];
}

/** The product of a step: as a formula, in numbers, and its value. */
function contribution(view, facts, { arrow, upstream, local, terms }) {
  const { node, factor } = view.arrows[arrow];
  return equal(
    `${partial(node)} · ${written(factor, facts)}`,
    product([upstream, local].map(shownNumber)),
    shownNumber(terms.at(-1)),
  );
}

/** A sum of terms, of which only the last are written, as far as it is known. */
function runningSum({ terms, of, result }) {
  const texts = terms.slice(-MAX_TERMS).map(shownNumber),
    isWhole = terms.length === of;
  const parts = [...(terms.length > MAX_TERMS ? ["…"] : []), ...texts, ...(isWhole ? [] : ["…"])];
  const written = sum(isWhole ? parts.reverse() : parts); // the whole sum stands in the paper's order
  if (isWhole) return `${written} = ${shownNumber(result)}`;
  return `${written}, ${terms.length} of ${of} terms${terms.length > 1 ? `, so far ${shownNumber(result)}` : ""}`;
}

/** The node of a step, or its arrow, which may be one of several between the same nodes, or stand for several paths. */
function place(view, step) {
  if (step.isForward || step.arrow === null) return page.texts[step.target];
  const { node, x, paths } = view.arrows[step.arrow];
  const parallel = view.from[node].filter((k) => view.arrows[k].x === x);
  const notes = parallel.length > 1 ? [`edge ${parallel.indexOf(step.arrow) + 1} of ${parallel.length}`] : [];
  if (paths > 1) notes.push(`${paths} paths`);
  return `${page.texts[node]} → ${page.texts[x]}${notes.length ? ` (${notes.join(", ")})` : ""}`;
}

/** The title and the lines about a step; at 0, of the start. */
function narrate(view, facts, number) {
  const step = facts.steps[number - 1],
    count = facts.steps.length;
  if (!step) {
    const known = view.leaves;
    const texts = known.slice(0, MAX_LEAVES).map((i) => `${page.texts[i]} = ${shownNumber(facts.numbers[i])}`);
    const more = known.length > MAX_LEAVES ? `, and ${known.length - MAX_LEAVES} more` : "";
    return [`start, before step 1 of ${count}`, `the leaves are known: ${texts.join(", ")}${more}`];
  }
  const paperStep = step.isForward || state.output !== page.output ? undefined : page.paper_steps[step.target];
  const title = `step ${number} of ${count}, ${step.isForward ? "forward" : "backward"}: ${place(view, step)}`;
  return [title + (paperStep ? ` (step ${paperStep} of the paper)` : ""), ...stepLines(view, facts, step)];
}

function stepLines(view, facts, step) {
  const name = partial(step.target);
  if (step.isForward) return [computation(view, step.target, facts)];
  if (step.arrow === null) return [`${name} = 1`];
  const product = contribution(view, facts, step),
    rule = ruleLines(view, step.arrow, facts);
  if (step.of === 1) return [`${name} = ${product}`, ...rule];
  return [`term ${step.terms.length} of ${step.of}: ${product}`, ...rule, `${name} = ${runningSum(step)}`];
}

/** The line after the last step: the derivatives with respect to the first leaves that receive one. */
function ending(view, { derivatives }) {
  const received = view.leaves.filter((i) => derivatives.has(i));
  const texts = received.slice(0, MAX_RESULTS).map((i) => `${partial(i)} = ${shownNumber(derivatives.get(i))}`);
  const more = received.length > MAX_RESULTS ? `, and ${received.length - MAX_RESULTS} more: the table shows them` : "";
  return texts.length ? `the end: ${texts.join(", ")}${more}` : "the end";
}
