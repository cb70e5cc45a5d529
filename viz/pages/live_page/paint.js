// Painting: every text and every class, from the state; only what differs is touched.

const figures = new Map(all("figure[data-view]").map((figure) => [figure.dataset.view, figure]));
const viewOf = (item) => item.closest("figure")?.dataset.view;
const places = all("[data-field]").map((item) => {
  const { node, field, of, index } = item.dataset,
    name = viewOf(item),
    view = page.views[name],
    x = POSITION.get(node);
  const arrow = view?.arrow_of[`${POSITION.get(of)} ${view.merged ? x : index}`];
  return { item, node: x, field, arrow, digits: name ? 4 : DIGITS, view: name };
});
const choices = all("[data-select]").map((item) => ({ item, node: Number(item.dataset.select), view: viewOf(item) }));
const drawnArrows = all("[data-arrow]").map((item) => {
  return { item, view: viewOf(item), arrows: item.dataset.arrow.split(" ").map(Number) };
});

/** An element with attributes and children; texts are never read as HTML. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const paragraph = (text) => element("p", {}, text);

function setText(given, text) {
  const item = byId(given) ?? given;
  if (item.textContent !== text) item.textContent = text;
}

/** Show lines, which are read aloud, as paragraphs. */
function setLines(id, lines, make = paragraph) {
  if (byId(id).textContent !== lines.join("")) byId(id).replaceChildren(...lines.map(make));
}

function setAttribute(item, name, value) {
  if (item.getAttribute(name) !== String(value)) item.setAttribute(name, value);
}

/** A copy of the name of a node that Python wrote. */
const nameOf = (i) => byId("math").content.getElementById(`name-${i}`)?.firstElementChild.cloneNode(true) ?? "";

/** Whether the steps have gone along all of these arrows. */
const isDone = (arrows, { known }) => arrows.every((arrow) => known.arrows.has(arrow));

/** The text of a place, and its number if it is known and complete. */
function textOf({ node, field, arrow, digits }, { known, locals, numbers, derivatives, hasValue }) {
  let number;
  if (field === "local") {
    if (!known.locals.has(arrow)) return ["?"];
    number = locals[arrow];
    if (number === undefined) return ["none"]; // an edge that is absent for these numbers
  } else if (field === "value") {
    if (!known.values.has(node)) return ["?"];
    number = numbers[node];
  } else {
    if (!hasValue || nodes[node].op === "constant") return ["–"];
    const step = known.terms.get(node);
    if (!step && !known.isAtEnd) return ["?"];
    if (step?.terms.length < step?.of) return [unfinished(step, digits)];
    number = derivatives.get(node) ?? 0;
  }
  return [format(number, digits), ...(isFinite(number) ? [String(number)] : [])];
}

/** A sum of which terms are still to come; a drawing does not have room for how many. */
const unfinished = ({ terms, of, result }, digits) =>
  digits < DIGITS ? `${format(result, 2)} + …` : `${format(result, digits)} + …, ${terms.length} of ${of} terms`;

let drawnView; // whose drawing has its size
function paint() {
  useAlternative(state.alternative);
  const facts = evaluate();
  for (const place of places) {
    if (place.field === "local" && place.view !== state.view) continue; // it is not seen
    const [text, number] = textOf(place, facts);
    if (place.text !== text) setText(place.item, (place.text = text));
    if (number === undefined) place.item.removeAttribute("data-number");
    else setAttribute(place.item, "data-number", number);
  }
  paintGraph(facts);
  if (drawnView !== state.view) resize();
  drawnView = state.view;
  scrollToNews(facts);
  paintLeaves();
  paintInspector(facts);
  paintLead(facts);
  paintTimeline(facts);
  paintEquation();
  paintQuestion(facts);
  paintFormulas(facts);
  announce();
}

function mark(item, marks) {
  for (const [name, isMarked] of Object.entries(marks)) item.classList.toggle(name, Boolean(isMarked));
}

function paintGraph(facts) {
  const { known, locals } = facts;
  for (const [name, figure] of figures) figure.hidden = name !== state.view;
  for (const button of all("button[data-view]"))
    setAttribute(button, "aria-pressed", button.dataset.view === state.view);
  byId("output").value = nodes[state.output].name;
  if (byId("alternative")) byId("alternative").value = state.alternative ?? "";
  const onPath = new Set(pathShown(facts.paths) ?? []);
  const isStepping = state.step !== null,
    about = page.equations[state.equation];
  const visited = new Set(isStepping ? facts.steps.slice(0, known.until).map((step) => step.target) : []);
  for (const { item, node } of choices) {
    const current = isStepping && known.step?.target === node,
      changed = state.leaves.has(nodes[node].name);
    const marks = { current, visited: visited.has(node), changed, selected: node === state.selected };
    mark(item, { ...marks, about: about?.nodes.includes(node) });
    const [value] = textOf({ node, field: "value", digits: DIGITS }, facts);
    const [slope] = textOf({ node, field: "derivative", digits: DIGITS }, facts);
    setAttribute(item, "aria-label", `${labels[node]}, value ${value}, derivative ${slope}`);
    setAttribute(item, "aria-pressed", node === state.selected);
  }
  for (const { item, view, arrows } of drawnArrows) {
    if (view !== state.view) continue;
    const current = isStepping && arrows.includes(known.step?.arrow);
    const along = arrows.filter((arrow) => onPath.has(arrow));
    const negative = along.some((k) => known.locals.has(k) && locals[k] < 0);
    mark(item, { current, "on-path": along.length, negative, about: arrows.some((k) => about?.arrows[view].includes(k)) });
  }
}

let seen; // what the drawing was scrolled to last
/** Bring the step or question, or else the chosen node, into the frame; at first, also the last step and the output. */
function scrollToNews(facts) {
  const { view, steps, known } = facts;
  const at = state.step === null ? undefined : max(0, known.until - !state.asking),
    news = `${state.view} ${at ?? nodes[state.selected].name}`;
  if (news === seen) return;
  const step = steps[seen ? at : (at ?? steps.length - 1)],
    wanted = at === undefined ? [state.selected] : [];
  if (step) wanted.push(...nodesOfStep(facts, step));
  if (!seen) wanted.push(state.output);
  seen = news;
  const found = wanted.flatMap((node) => choices.find((choice) => choice.node === node && choice.view === state.view) ?? []);
  if (found.length) scrollTo(found.map(({ item }) => item.closest("g")));
}

/** The nodes of a step: what it computes first, then what it reads. */
const nodesOfStep = ({ view }, { isForward, node, target }) =>
  isForward ? [node, ...(view.from[node] ?? []).map((arrow) => view.arrows[arrow].x)] : [target, node];

let announcing;
/** Say the last change to a screen reader, once it has rested. */
function announce() {
  clearTimeout(announcing);
  announcing = setTimeout(() => setText("announcer", byId(edit ? "lead" : state.asking === null ? "said" : "dialogue").textContent), 300);
}
