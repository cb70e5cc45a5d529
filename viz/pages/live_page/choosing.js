// Choosing what is shown: a node, a path, a view, an output, an alternative; by pointer and by keys.

function select(i, changes = {}) {
  change({ selected: i, path: 0, pinned: null, ...changes });
}

/** The keys of a node that has the focus: Enter selects, e edits, p goes to its next path, r resets. */
function chooseByKey(event, i) {
  const { key } = event;
  const next = state.selected === i ? (state.pinned ?? -1) + 1 : 0;
  if (key === "Enter" || key === " ") select(i);
  else if (key === "e" && leaves.includes(i)) typeNumber(i);
  else if (key === "p") select(i, { pinned: next % max(1, countPaths(i)) });
  else if (key === "r" && leaves.includes(i)) reset([i]);
  else return;
  event.preventDefault();
}

const countPaths = (i) => evaluate({ ...state, selected: i }).paths.found.length;

for (const { item, node } of choices) {
  item.role = "button";
  item.tabIndex = 0;
  on(item, "click", () => select(node));
  if (leaves.includes(node)) on(item, "dblclick", () => typeNumber(node));
  on(item, "keydown", (event) => hasModifier(event) || chooseByKey(event, node));
}

/** Select a neighbour of the selected leaf among the leaves. */
const selectNext = (direction) => select(leaves.at((leaves.indexOf(state.selected) + direction) % leaves.length));
on("bar-previous", "click", () => selectNext(-1));
on("bar-next", "click", () => selectNext(1));

// Paths: shown while the pointer or the focus is on them, and kept by a click.
const pathAt = (event) => event.target.closest("[data-path]");
on("inspector", "click", (event) => {
  const button = pathAt(event);
  if (!button) return;
  const path = Number(button.dataset.path);
  change({ path, pinned: state.pinned === path ? null : path });
  requestAnimationFrame(() => byId("inspector").querySelector(`[data-path="${path}"]`)?.focus());
});
for (const type of ["pointerover", "focusin"])
  on("inspector", type, (event) => {
    const path = Number(pathAt(event)?.dataset.path ?? state.path);
    if (state.pinned === null && path !== state.path) change({ path });
  });

for (const button of all("button[data-view]"))
  on(button, "click", () => {
    const others = evaluate().steps,
      next = { ...state, view: button.dataset.view };
    const step = state.step === null ? null : samePlace(evaluate(next).steps, others, state.step);
    change({ view: next.view, path: 0, pinned: null, ...placeAt(step) });
  });
on("output", "change", (event) =>
  change({ output: POSITION.get(event.target.value), path: 0, pinned: null, ...placeAt(null) }),
);
on("alternative", "change", (event) => change({ alternative: event.target.value || null }));

on(document, "keydown", (event) => {
  if (hasModifier(event) || event.target.closest("input, select, textarea")) return;
  if (event.key === "R") reset(leaves);
  else if (event.key === "f")
    document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.();
});
