// Painting: every text and every class, from the state.

const shown = [...document.querySelectorAll("[data-field]")];
const MARKS = ["current", "visited", "on-path", "changed", "selected"];

/** An element with attributes and children; texts are never read as HTML. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A copy of a formula that Python wrote. */
const math = (id) => byId("math").content.getElementById(id)?.firstElementChild.cloneNode(true) ?? "";
const nameOf = (i) => math(`name-${i}`);
const partial = (i) => `∂${page.texts[state.output]}/∂${page.texts[i]}`;

/** What is known at the present step: values by node, and the terms of each derivative. */
function knownAt(steps) {
  const until = state.step === null ? steps.length : Math.min(state.step, steps.length);
  const values = new Set(leaves.concat(nodes.flatMap((node, i) => (node.inputs.length ? [] : [i])))), terms = new Map();
  for (const step of steps.slice(0, until)) {
    if (step.arrow === undefined) values.add(step.target);
    else terms.set(step.target, step);
  }
  // In a view of named nodes, the unnamed ones are computed with the node that reads them.
  return { values, terms, isAtEnd: until === steps.length, step: steps[until - 1], until };
}

/** The text of a field, and its number if it is known and complete. */
function fieldText(facts, known, { node, field, of, index }, digits) {
  const i = INDEX.get(node);
  let number;
  if (field === "local") {
    const view = page.views[state.view];
    const arrow = view.arrowOf.get(`${INDEX.get(of)} ${view.merged ? i : index}`);
    number = facts.locals[arrow];
  } else if (field === "value") {
    if (!known.values.has(i) && !known.isAtEnd) return ["?"];
    number = facts.numbers[i];
  } else {
    if (facts.numbers[state.output] === undefined) return ["–"];
    const step = known.terms.get(i);
    if (!step && !known.isAtEnd) return ["?"];
    if (step && step.terms.length < step.of) return [unfinished(step, digits)];
    number = facts.derivatives.get(i) ?? 0;
  }
  return Number.isFinite(number) ? [formatNumber(number, digits), String(number)] : ["–"];
}

const unfinished = ({ terms }, digits) => `${sum(terms.map((term) => formatNumber(term, digits)))} + …`;

/** Texts of numbers as a sum; negative terms after the first in brackets. */
const sum = (texts) => texts.map((text, k) => (k && text.startsWith("−") ? `(${text})` : text)).join(" + ");
const product = (texts) => texts.map((text, k) => (k && text.startsWith("−") ? `(${text})` : text)).join(" · ");

function paint() {
  const view = page.views[state.view];
  const facts = evaluateAll(state);
  const steps = facts.numbers[state.output] === undefined ? [] : stepsOf(view, facts, state.output);
  const known = knownAt(steps);
  for (const item of shown) {
    const digits = item.closest("svg") ? 4 : 6;
    const [text, number] = fieldText(facts, known, item.dataset, digits);
    if (item.textContent !== text) item.textContent = text;
    if (number === undefined) delete item.dataset.number;
    else item.dataset.number = number;
  }
  paintGraph(view, facts, known, steps);
  resize();
  paintLeaves();
  paintInspector(view, facts, known);
  paintTimeline(view, facts, known, steps);
  announce();
}

function paintGraph(view, facts, known, steps) {
  for (const figure of document.querySelectorAll("figure[data-view]")) figure.hidden = figure.dataset.view !== state.view;
  for (const button of document.querySelectorAll("button[data-view]"))
    button.setAttribute("aria-pressed", button.dataset.view === state.view);
  byId("output").value = nodes[state.output].name;
  const { paths } = pathsTo(view, state.output, state.selected, facts.locals);
  const onPath = new Set(paths[Math.min(state.path, paths.length - 1)] ?? []);
  const visited = new Set(steps.slice(0, known.until).map((step) => step.target));
  const mark = (item, marks) => MARKS.forEach((name) => item.classList.toggle(name, Boolean(marks[name])));
  for (const item of document.querySelectorAll("[data-select]")) {
    const i = Number(item.dataset.select);
    mark(item, {
      current: known.step?.target === i && state.step !== null,
      visited: state.step !== null && visited.has(i),
      changed: state.leaves.has(nodes[i].name),
      selected: i === state.selected,
    });
    const value = formatNumber(facts.numbers[i], 4), slope = formatNumber(facts.derivatives.get(i) ?? 0, 4);
    item.setAttribute("aria-label", `${page.texts[i]}, value ${value}, derivative ${slope}`);
  }
  for (const item of document.querySelectorAll(`figure[data-view="${state.view}"] [data-arrow]`)) {
    const arrows = item.dataset.arrow.split(" ").map(Number);
    const isCurrent = state.step !== null && arrows.includes(known.step?.arrow);
    mark(item, { current: isCurrent, "on-path": arrows.some((arrow) => onPath.has(arrow)) });
  }
}

let announcing;
/** Say the last change to a screen reader, once it has rested. */
function announce() {
  clearTimeout(announcing);
  announcing = setTimeout(() => (byId("announcer").textContent = byId("change").textContent || byId("said").textContent), 300);
}
