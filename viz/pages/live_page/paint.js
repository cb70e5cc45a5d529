// Painting: every text and every class, from the state; only what differs is touched.

const MARKS = ["current", "visited", "on-path", "negative", "changed", "selected"];
const figures = new Map(all("figure[data-view]").map((figure) => [figure.dataset.view, figure]));
const places = all("[data-field]").map((item) => {
  const { node, field, of, index } = item.dataset,
    figure = item.closest("figure");
  const view = page.views[figure?.dataset.view],
    x = POSITION.get(node);
  const arrow = field === "local" ? view.arrow_of[`${POSITION.get(of)} ${view.merged ? x : index}`] : undefined;
  return { item, node: x, field, arrow, of: POSITION.get(of), digits: figure ? 4 : DIGITS, view: figure?.dataset.view };
});
const choices = all("[data-select]").map((item) => ({
  item,
  node: Number(item.dataset.select),
}));
const drawnArrows = all("[data-arrow]").map((item) => {
  const view = item.closest("figure").dataset.view;
  return { item, view, arrows: item.dataset.arrow.split(" ").map(Number) };
});

/** An element with attributes and children; texts are never read as HTML. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function setText(item, text) {
  if (item.childNodes.length !== 1 || item.firstChild.nodeType !== Node.TEXT_NODE) item.textContent = text;
  else if (item.firstChild.data !== text) item.firstChild.data = text;
}

function setAttribute(item, name, value) {
  if (item.getAttribute(name) !== value) item.setAttribute(name, value);
}

/** A copy of a formula that Python wrote. */
const math = (id) => byId("math").content.getElementById(id)?.firstElementChild.cloneNode(true) ?? "";
const nameOf = (i) => math(`name-${i}`);

/** What is known at the present step: values by node, and the last step towards each derivative. */
function knownAt(steps, { merged }) {
  const until = state.step === null ? steps.length : Math.min(state.step, steps.length);
  const values = new Set([...nodes.keys()].filter((i) => !nodes[i].inputs.length)),
    terms = new Map();
  for (const step of steps.slice(0, until)) {
    if (step.isForward) for (const node of merged?.[step.target] ?? [step.target]) values.add(node);
    else terms.set(step.target, step);
  }
  const arrows = new Set(steps.slice(0, until).map(({ arrow }) => arrow));
  return { values, terms, arrows, isAtEnd: until === steps.length, step: steps[until - 1], until };
}

/** Whether the steps have gone along all of these arrows. */
const isDone = (arrows, known) => known.isAtEnd || arrows.every((arrow) => known.arrows.has(arrow));

/** The text of a place, and its number if it is known and complete. */
function textOf({ node, field, arrow, of, view, digits }, facts, known) {
  let number;
  if (field === "local") {
    if (!known.values.has(of) && !known.isAtEnd) return ["?"];
    number = (view === state.view ? facts.locals : facts.hiddenLocals)[arrow];
  } else if (field === "value") {
    if (!known.values.has(node) && !known.isAtEnd) return ["?"];
    number = facts.numbers[node];
  } else {
    if (!facts.hasValue || nodes[node].op === "constant") return ["–"];
    const step = known.terms.get(node);
    if (!step && !known.isAtEnd) return ["?"];
    if (step && step.terms.length < step.of) return [unfinished(step, digits)];
    number = facts.derivatives.get(node) ?? 0;
  }
  return Number.isFinite(number) ? [formatNumber(number, digits), String(number)] : ["–"];
}

/** A sum of which terms are still to come; a drawing does not have room for how many. */
const unfinished = ({ terms, of, result }, digits) =>
  `${formatNumber(result, digits)} + …${digits < DIGITS ? "" : `, ${terms.length} of ${of} terms`}`;

let drawnView; // whose drawing has its size
function paint() {
  useAlternative(state.alternative);
  const view = page.views[state.view],
    facts = evaluateAll(state),
    known = knownAt(facts.steps, view);
  const hidden = places.find(({ field, view }) => field === "local" && view !== state.view);
  if (hidden) facts.hiddenLocals = localsOf(page.views[hidden.view], facts.numbers).locals;
  for (const place of places) {
    const [text, number] = textOf(place, facts, known);
    if (place.text !== text) setText(place.item, (place.text = text));
    if (place.number === number) continue;
    place.number = number;
    if (number === undefined) place.item.removeAttribute("data-number");
    else place.item.setAttribute("data-number", number);
  }
  paintGraph(facts, known);
  if (drawnView !== state.view) resize();
  drawnView = state.view;
  scrollToNews(known);
  paintLeaves();
  paintInspector(view, facts, known);
  paintLead(facts, known);
  paintTimeline(view, facts, known);
  paintEquation();
  paintFormulas(facts);
  announce();
}

function mark(item, marks) {
  for (const name of MARKS) if (item.classList.contains(name) !== Boolean(marks[name])) item.classList.toggle(name);
}

function paintGraph(facts, known) {
  for (const [name, figure] of figures) figure.hidden = name !== state.view;
  for (const button of all("button[data-view]"))
    setAttribute(button, "aria-pressed", String(button.dataset.view === state.view));
  byId("output").value = nodes[state.output].name;
  if (byId("alternative")) byId("alternative").value = state.alternative ?? "";
  const onPath = new Set(highlightedPath(facts.paths) ?? []);
  const isStepping = state.step !== null;
  const visited = new Set(isStepping ? facts.steps.slice(0, known.until).map((step) => step.target) : []);
  for (const { item, node } of choices) {
    const current = isStepping && known.step?.target === node,
      changed = state.leaves.has(nodes[node].name);
    mark(item, { current, visited: visited.has(node), changed, selected: node === state.selected });
    const [value] = textOf({ node, field: "value", digits: DIGITS }, facts, known);
    const [slope] = textOf({ node, field: "derivative", digits: DIGITS }, facts, known);
    setAttribute(item, "aria-label", `${page.texts[node]}, value ${value}, derivative ${slope}`);
    setAttribute(item, "aria-pressed", String(node === state.selected));
  }
  for (const { item, view, arrows } of drawnArrows) {
    if (view !== state.view) continue;
    const current = isStepping && arrows.includes(known.step?.arrow);
    const along = arrows.filter((arrow) => onPath.has(arrow));
    mark(item, { current, "on-path": along.length, negative: along.some((arrow) => facts.locals[arrow] < 0) });
  }
}

let seen = null;
/** Bring the node of the step, or else the chosen one, into the frame of the drawing when it changes. */
function scrollToNews(known) {
  const node = state.step === null ? state.selected : known.step?.target;
  const item = choices.find(
    (choice) => choice.node === node && choice.item.closest("figure")?.dataset.view === state.view,
  )?.item;
  if (item && seen !== item) scrollTo(item);
  seen = item ?? null;
}

let announcing;
/** Say the last change to a screen reader, once it has rested. */
function announce() {
  clearTimeout(announcing);
  announcing = setTimeout(() => setText(byId("announcer"), byId(edit ? "lead" : "said").textContent), 300);
}
