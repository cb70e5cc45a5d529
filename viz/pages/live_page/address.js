// The address: #v=w_11^(1):0.6;x_1:2&step=12&view=all&of=E&sel=w_11^(1)&path=0&eq=38&alt=tanh&ask=12,1,2,3.5,4

const WRITE_AFTER = 350; // milliseconds of rest, since browsers allow few writes
let writing;

/** The percent-encoding of a name, with ^ ( ) , left bare. */
const encode = (name) => encodeURIComponent(name).replace(/%(5E|28|29|2C)/g, decodeURIComponent);
const encodeNode = (i) => encode(nodes[i].name);

const readNode = (text) => POSITION.get(decodeURIComponent(text)) ?? reject();
const readWhole = (text) => (/^\d+$/.test(text) ? Number(text) : reject());
/** Where one is asked, see `asking.js`. */
function readAsking(text) {
  const found = /^(\d+),([01]),(\d+),([\d.]+),(\d+)$/.exec(text) ?? reject();
  const [at, isOpen, hints, points, count] = found.slice(1).map(Number);
  return points <= count ? { at, isOpen, hints, points, count } : reject();
}
const readKey = (record) => (text) => {
  const name = decodeURIComponent(text);
  return Object.hasOwn(record, name) ? name : reject();
};

// The parts besides the numbers: what of the state each is, how it is written, and how it is read.
const PARTS = {
  step: ["step", (step) => step ?? lastStep, readWhole],
  view: ["view", encode, readKey(page.views)],
  of: ["output", encodeNode, readNode],
  sel: ["selected", encodeNode, readNode],
  path: ["pinned", String, readWhole],
  eq: ["equation", encode, readKey(page.equations)],
  alt: ["alternative", encode, readKey(page.alternatives)],
  ask: ["asking", (asking) => Object.values(asking).map(Number), readAsking],
};

function address() {
  const first = firstState(),
    changed = [...state.leaves].map(([name, number]) => `${encode(name)}:${number}`);
  const parts = Object.entries(PARTS).filter(([, [name]]) => state[name] !== first[name]);
  const texts = parts.map(([key, [name, write]]) => `${key}=${write(state[name])}`);
  return [...(changed.length ? [`v=${changed.join(";")}`] : []), ...texts].join("&");
}

/** Write the address, once changes rest. In a sandbox, which does not have a history, a field shows it. */
function writeAddress() {
  clearTimeout(writing);
  writing = setTimeout(() => {
    if (document.body.classList.contains("dragging")) return; // until the drag ends
    const text = address();
    byId("address").value = text && `#${text}`;
    try {
      history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
    } catch {
      byId("address").parentElement.hidden = !text;
    }
  }, WRITE_AFTER);
}

/** Put the leaf of one item, such as x_1:2, into the numbers. */
function readLeaf(item, numbers) {
  const [, name, text] = /^(.*):\s*(\S+)\s*$/.exec(item) ?? reject(),
    i = readNode(name),
    number = Number(text);
  if (!leaves.includes(i) || !isFinite(number)) reject();
  if (!Object.is(number, nodes[i].data)) numbers.set(nodes[i].name, number);
}

/** Go to the state of an address; an equation alone keeps all else. Parts that cannot be read are skipped and named. */
function readAddress(hash) {
  const parts = hash.replace(/^#/, "").split("&").filter(Boolean),
    skipped = [];
  const found = /^#eq=[^&]*$/.test(hash) ? {} : firstState();
  const reading = (part, read) => {
    try {
      read();
    } catch {
      skipped.push(part);
    }
  };
  for (const part of parts) {
    const [, key, text] = /^(.*?)=(.*)$/.exec(part) ?? [];
    if (key === "v") for (const item of text.split(";")) reading(item, () => readLeaf(item, found.leaves));
    else
      reading(part, () => {
        const [name, , read] = PARTS[readKey(PARTS)(key)];
        found[name] = read(text);
      });
  }
  const list = skipped.join(", ");
  setText("skipped", list && `Not understood in the address, and left out: ${list}.`);
  edit = null;
  change(found);
}
