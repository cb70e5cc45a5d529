// One state, and one paint for each frame: all that is shown follows from these, and nothing derived is stored.

const byId = (id) => document.getElementById(id);
const leaves = page.leaves;
const INDEX = new Map(nodes.map((node, i) => [node.name, i]));

const state = {
  leaves: new Map(), // the numbers that differ from the author's, by name
  output: page.output,
  selected: page.selected, // the node in the inspector
  path: 0, // which of its paths is highlighted
  pinned: false,
  step: null, // null: the end, with all numbers known
  view: page.view,
};
let edit = null; // the change that is under way, and where it began
let isWaiting = false;

/** Change the state, and paint it in the next frame. */
function change(changes = {}) {
  Object.assign(state, changes);
  if (isWaiting) return;
  isWaiting = true;
  requestAnimationFrame(() => {
    isWaiting = false;
    paint();
  });
}

const numberOf = (i) => state.leaves.get(nodes[i].name) ?? nodes[i].data;

function setLeaf(i, number) {
  if (!edit || edit.leaf !== i) beginEdit(i);
  if (Object.is(number, nodes[i].data)) state.leaves.delete(nodes[i].name);
  else state.leaves.set(nodes[i].name, number);
  change();
}

/** Remember where a change of a leaf begins, for the prediction grad · Δ. */
function beginEdit(i) {
  const { numbers, derivatives } = evaluateAll(state);
  edit = { leaf: i, from: numbers[i], output: numbers[state.output], slope: derivatives.get(i) ?? 0, of: state.output };
}

// The address: #v=w_11^(1):0.6;x_1:2&step=12&view=paper&of=E&sel=w_11^(1)&path=0

const encode = (name) => encodeURIComponent(name).replace(/%(5E|28|29|2C)/g, (code) => decodeURIComponent(code));

function address() {
  const changed = [...state.leaves].map(([name, number]) => `${encode(name)}:${number}`).join(";");
  const parts = [
    changed && `v=${changed}`,
    state.step !== null && `step=${state.step}`,
    state.view !== page.view && `view=${state.view}`,
    state.output !== page.output && `of=${encode(nodes[state.output].name)}`,
    state.selected !== page.selected && `sel=${encode(nodes[state.selected].name)}`,
    state.pinned && `path=${state.path}`,
  ];
  return parts.filter(Boolean).join("&");
}

/** Write the address, once a change has ended: browsers allow few writes. In a sandbox, a field shows it instead. */
function writeAddress() {
  const text = address();
  byId("address").value = text ? `#${text}` : "";
  try {
    history.replaceState(null, "", `#${text}`);
  } catch {
    byId("address").parentElement.hidden = false;
  }
}

/** The state that an address gives; parts that cannot be read are skipped, and named. */
function readAddress(hash) {
  const found = { leaves: new Map(), output: page.output, selected: page.selected, path: 0, pinned: false, step: null, view: page.view };
  const skipped = [];
  const node = (text) => {
    const i = INDEX.get(decodeURIComponent(text));
    if (i === undefined) throw new Error();
    return i;
  };
  const whole = (text) => {
    if (!/^\d+$/.test(text)) throw new Error();
    return Number(text);
  };
  const readers = {
    v: (text) => text.split(";").forEach((item) => attempting(item, () => {
      const at = item.lastIndexOf(":"), i = node(item.slice(0, at)), number = Number(item.slice(at + 1));
      if (!leaves.includes(i) || item.slice(at + 1).trim() === "" || !Number.isFinite(number)) throw new Error();
      if (!Object.is(number, nodes[i].data)) found.leaves.set(nodes[i].name, number);
    })),
    step: (text) => (found.step = whole(text)),
    view: (text) => {
      if (!Object.hasOwn(page.views, text)) throw new Error();
      found.view = text;
    },
    of: (text) => (found.output = node(text)),
    sel: (text) => (found.selected = node(text)),
    path: (text) => Object.assign(found, { path: whole(text), pinned: true }),
  };
  const attempting = (part, read) => {
    try {
      read();
    } catch {
      skipped.push(part);
    }
  };
  for (const part of hash.replace(/^#/, "").split("&").filter(Boolean)) {
    const [key, ...rest] = part.split("=");
    attempting(part, () => {
      if (!Object.hasOwn(readers, key)) throw new Error();
      readers[key](rest.join("="));
    });
  }
  byId("skipped").textContent = skipped.length ? `Not understood in the address, and left out: ${skipped.join(", ")}.` : "";
  change(found);
}
