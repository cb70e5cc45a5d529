// Equations beside the graph, of which the chosen one is marked in it, and all numbers in formulas, which follow.

/** Whether a negative number needs brackets: behind a sign, unless that is = or an opening bracket. */
const isFactor = (place) => place.previousElementSibling?.localName === "mo" && !/[=([←≜,;]/.test(place.previousElementSibling.textContent);

/** Write the number of each formula that is seen. */
function paintFormulas(facts) {
  for (const place of document.querySelectorAll("main [data-formula]")) {
    if (place.closest("[hidden]")) continue;
    const text = formatNumber(attempt(formulas[place.dataset.formula], facts.numbers, facts.slope), place.closest("table") ? 6 : 4);
    setText(place, text.startsWith("−") && isFactor(place) ? `(${text})` : text);
  }
}

/** Show the chosen equation, and mark what it is about. */
function paintEquation() {
  for (const button of document.querySelectorAll("[data-equation]"))
    button.setAttribute("aria-pressed", button.dataset.equation === state.equation);
  for (const shown of document.querySelectorAll("[data-lines]")) shown.hidden = shown.dataset.lines !== state.equation;
  const marks = page.equations[state.equation] ?? { nodes: [], arrows: {} };
  for (const item of document.querySelectorAll("[data-select]"))
    item.classList.toggle("about", marks.nodes.includes(Number(item.dataset.select)));
  for (const item of shownFigure().querySelectorAll("[data-arrow]"))
    item.classList.toggle("about", item.dataset.arrow.split(" ").some((k) => marks.arrows[state.view]?.includes(Number(k))));
}

for (const button of document.querySelectorAll("[data-equation]"))
  button.addEventListener("click", () => {
    change({ equation: state.equation === button.dataset.equation ? null : button.dataset.equation });
    writeAddress();
  });

// Alternatives: other operations on the same numbers, such as tanh in place of σ.

const ORIGINAL = { operations: {}, signs: {}, views: {} };
for (const { operations, views } of Object.values(page.alternatives)) {
  for (const i of Object.keys(operations)) ORIGINAL.operations[i] = nodes[i].op;
  for (const [name, { formulas, arrows }] of Object.entries(views)) {
    const kept = (ORIGINAL.views[name] ??= { formulas: {}, arrows: {} });
    for (const i of Object.keys(formulas)) kept.formulas[i] = page.views[name].formulas[i];
    for (const k of Object.keys(arrows)) kept.arrows[k] = page.views[name].arrows[k];
  }
}

let inUse = null;
/** Give the nodes the operations of an alternative, and formulas its signs; null: the author's. */
function useAlternative(name) {
  if (name === inUse) return;
  inUse = name;
  const chosen = page.alternatives[name] ?? ORIGINAL;
  for (const { operations, views } of [ORIGINAL, chosen]) {
    for (const [i, operation] of Object.entries(operations)) nodes[i].op = operation;
    for (const [view, changed] of Object.entries(views)) {
      Object.assign(page.views[view].formulas, changed.formulas);
      for (const [k, arrow] of Object.entries(changed.arrows)) page.views[view].arrows[k] = arrow;
    }
  }
  for (const item of document.querySelectorAll("math mi, math mtext, svg text")) {
    if (item.childElementCount) continue;
    const sign = item.dataset.sign ?? item.textContent;
    if (!Object.values(page.alternatives).some(({ signs }) => Object.hasOwn(signs, sign))) continue;
    item.dataset.sign = sign;
    setText(item, chosen.signs[sign] ?? sign);
  }
}
