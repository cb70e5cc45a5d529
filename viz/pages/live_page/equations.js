// Equations beside the graph, of which the chosen one is marked in it, and all numbers in formulas, which follow.

/** The signs with which a number needs brackets: − behind a sign, unless that is = or an opening bracket. */
const signsAt = (place) =>
  place.matches("msup>*>:only-child")
    ? "−·"
    : place.matches("mo+*") && !/[=([←≜,;]/.test(place.previousElementSibling.textContent)
      ? "−"
      : "";

const livePlaces = all("main [data-formula]").map((item) => ({
  item,
  formula: formulas[item.dataset.formula],
  lines: item.closest("[data-lines]"),
  digits: item.closest("table") ? DIGITS : 4,
  signs: signsAt(item),
}));

/** Write the number of each formula that is seen. */
function paintFormulas(facts) {
  for (const { item, formula, lines, digits, signs } of livePlaces) {
    if (lines?.hidden) continue;
    const isHidden = facts.known.isAsking && !item.closest("#numbers"),
      text = isHidden ? "?" : format(attempt(formula, facts.numbers, facts.slope), digits);
    setText(item, bracketed(text, signs));
  }
}

/** Show the chosen equation; `paintGraph` marks what it is about. */
function paintEquation() {
  for (const button of all("[data-equation]"))
    button.ariaPressed = button.dataset.equation === state.equation;
  for (const lines of all("[data-lines]")) lines.hidden = lines.dataset.lines !== state.equation;
}

for (const button of all("[data-equation]")) {
  const { equation } = button.dataset;
  on(button, "click", () => change({ equation: state.equation === equation ? null : equation }));
}

// Alternatives: other operations on the same numbers, such as tanh in place of σ; the author's are called "".

let inUse = null;
/** Give the nodes the operations of an alternative, and formulas its signs; null: the author's. */
function useAlternative(name) {
  if (name === inUse) return;
  inUse = name;
  const chosen = page.alternatives[name ?? ""];
  for (const [i, op] of Object.entries(chosen.operations)) nodes[i].op = op;
  for (const [view, { formulas, arrows }] of Object.entries(chosen.views)) {
    Object.assign(page.views[view].formulas, formulas);
    Object.assign(page.views[view].arrows, arrows);
  }
  for (const item of all("math mi, math mtext, svg text")) {
    const sign = item.dataset.sign ?? item.textContent;
    if (item.childElementCount || !Object.hasOwn(chosen.signs, sign)) continue;
    item.dataset.sign = sign;
    setText(item, chosen.signs[sign]);
  }
}
