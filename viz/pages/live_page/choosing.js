// Choosing what is shown: a node, a path, a view, an output, an alternative; by pointer and by keys.

function select(i, changes = {}) {
  change({ selected: i, path: 0, pinned: false, ...changes });
  writeAddress();
}

/** The keys of a node that has the focus: Enter selects, e edits, p goes to its next path, r resets. */
function chooseByKey(event, i) {
  const next = state.selected === i && state.pinned ? state.path + 1 : 0;
  if (event.key === "Enter" || event.key === " ") select(i);
  else if (event.key === "e" && leaves.includes(i)) typeNumber(i);
  else if (event.key === "p") select(i, { path: next % Math.max(1, countPaths(i)), pinned: true });
  else if (event.key === "r" && leaves.includes(i)) reset([i]);
  else return;
  event.preventDefault();
}

const countPaths = (i) => evaluateAll({ ...state, selected: i }).paths.found.length;

for (const { item, node } of choices) {
  item.setAttribute("role", "button");
  item.setAttribute("tabindex", "0");
  item.addEventListener("click", () => select(node));
  if (leaves.includes(node)) item.addEventListener("dblclick", () => typeNumber(node));
  item.addEventListener("keydown", (event) => {
    if (!event.altKey && !event.ctrlKey && !event.metaKey) chooseByKey(event, node);
  });
}

/** The neighbours of the selected leaf among the leaves: the buttons of the bar. */
function neighbour(direction) {
  const at = leaves.indexOf(state.selected);
  return leaves[(at + direction + leaves.length) % leaves.length];
}
byId("bar-previous").addEventListener("click", () => select(neighbour(-1)));
byId("bar-next").addEventListener("click", () => select(neighbour(1)));

// Paths: shown while the pointer or the focus is on them, and kept by a click.
const pathAt = (event) => event.target.closest("[data-path]");
byId("inspector").addEventListener("click", (event) => {
  if (event.target.id === "products") {
    hasProducts = !hasProducts;
    change();
    return;
  }
  const button = pathAt(event);
  if (!button) return;
  const path = Number(button.dataset.path);
  change({ path, pinned: !(state.pinned && state.path === path) });
  writeAddress();
  requestAnimationFrame(() => byId("inspector").querySelector(`[data-path="${path}"]`)?.focus());
});
for (const type of ["pointerover", "focusin"])
  byId("inspector").addEventListener(type, (event) => {
    const path = Number(pathAt(event)?.dataset.path ?? state.path);
    if (!state.pinned && path !== state.path) change({ path });
  });

for (const button of document.querySelectorAll("button[data-view]"))
  button.addEventListener("click", () => {
    const others = evaluateAll(state).steps,
      next = { ...state, view: button.dataset.view };
    const step = state.step === null ? null : samePlace(evaluateAll(next).steps, others, state.step);
    change({ view: next.view, path: 0, pinned: false, step });
    writeAddress();
  });
byId("output").addEventListener("change", (event) => {
  change({ output: INDEX.get(event.target.value), path: 0, pinned: false, step: null });
  writeAddress();
});
byId("alternative")?.addEventListener("change", (event) => {
  change({ alternative: event.target.value || null });
  writeAddress();
});

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea")) return;
  if (event.key === "R") reset(leaves);
  else if (event.key === "f")
    document.fullscreenElement ? document.exitFullscreen() : byId("live").requestFullscreen?.();
});
