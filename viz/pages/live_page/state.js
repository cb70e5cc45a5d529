// One state, and one paint for each frame: all that is shown follows from these, and nothing derived is stored.

const byId = (id) => document.getElementById(id);
const all = (css) => [...document.querySelectorAll(css)];
/** Listen to the events of an element, or of that with an id, if there is one. */
const on = (item, type, listener) => (byId(item) ?? item).addEventListener?.(type, listener);
const hasModifier = (event) => event.altKey || event.ctrlKey || event.metaKey;
const leaves = page.leaves,
  labels = page.texts;

const firstState = () => ({
  leaves: new Map(), // the numbers that differ from the author's, by name
  output: page.output,
  selected: page.selected, // the node in the inspector
  path: 0, // which of its paths is highlighted, while none is
  pinned: null,
  step: page.step, // null: the end, with all numbers known
  asking: null, // or where: see `asking.js`
  view: page.view,
  equation: null,
  alternative: null,
});
const state = firstState();
let edit = null; // the change that is under way, and where it began
let isWaiting = false;

/** Change the state, paint it in the next frame, and write the address once changes rest. */
function change(changes = {}) {
  Object.assign(state, changes);
  writeAddress();
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    paint();
  });
}

const numberOf = (i) => state.leaves.get(nodes[i].name) ?? nodes[i].data;

/** Set a leaf; the author's number is not a change. */
function storeLeaf(i, number) {
  if (Object.is(number, nodes[i].data)) state.leaves.delete(nodes[i].name);
  else state.leaves.set(nodes[i].name, number);
}

function setLeaf(i, number) {
  if (edit?.leaf !== i) beginEdit(i);
  storeLeaf(i, number);
  change();
}

/** Remember where a change of a leaf begins, for the prediction grad · Δ. */
function beginEdit(i) {
  const { numbers, derivatives } = evaluate(),
    slope = derivatives.get(i) ?? 0;
  edit = { leaf: i, from: numbers[i], before: numbers[state.output], slope, output: state.output };
}

/** Back to the author's numbers. */
function reset(which) {
  for (const i of which) state.leaves.delete(nodes[i].name);
  edit = null;
  change();
}
