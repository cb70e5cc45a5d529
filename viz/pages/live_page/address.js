// The address: #v=w_11^(1):0.6;x_1:2&step=12&view=all&of=E&sel=w_11^(1)&path=0&eq=38&alt=tanh

const WRITE_AFTER = 350; // milliseconds of rest, since browsers allow few writes
let writing;

/** The percent-encoding of a name, with ^ ( ) , left bare. */
const encode = (name) => encodeURIComponent(name).replace(/%(5E|28|29|2C)/g, (code) => decodeURIComponent(code));

function address() {
  const changed = [...state.leaves].map(([name, number]) => `${encode(name)}:${number}`).join(";");
  const parts = [
    changed && `v=${changed}`,
    state.step !== page.step && `step=${state.step ?? lastStep}`,
    state.view !== page.view && `view=${state.view}`,
    state.output !== page.output && `of=${encode(nodes[state.output].name)}`,
    state.selected !== page.selected && `sel=${encode(nodes[state.selected].name)}`,
    state.pinned && `path=${state.path}`,
    state.equation !== null && `eq=${encode(state.equation)}`,
    state.alternative !== null && `alt=${encode(state.alternative)}`,
  ];
  return parts.filter(Boolean).join("&");
}

/** Write the address, once changes rest. In a sandbox, where there is no history, a field shows it instead. */
function writeAddress() {
  clearTimeout(writing);
  writing = setTimeout(() => {
    if (document.body.classList.contains("dragging")) return; // until the drag ends
    const text = address();
    byId("address").value = text && `#${text}`;
    try {
      history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
    } catch {
      byId("address").parentElement.hidden = false;
    }
  }, WRITE_AFTER);
}

const refusePart = () => {
  throw new Error("not understood");
};

function nodeNamed(text) {
  return INDEX.get(decodeURIComponent(text)) ?? refusePart();
}

const wholeNumber = (text) => (/^\d+$/.test(text) ? Number(text) : refusePart());

function memberOf(record, text) {
  const name = decodeURIComponent(text);
  return Object.hasOwn(record, name) ? name : refusePart();
}

/** Put the leaf of one item, such as x_1:2, into the numbers. */
function readLeaf(item, numbers) {
  const at = item.lastIndexOf(":"),
    i = nodeNamed(item.slice(0, at)),
    text = item.slice(at + 1).trim();
  const number = Number(text);
  if (!leaves.includes(i) || text === "" || !Number.isFinite(number)) refusePart();
  if (!Object.is(number, nodes[i].data)) numbers.set(nodes[i].name, number);
}

const READERS = {
  step: (text) => ({ step: wholeNumber(text) }),
  view: (text) => ({ view: memberOf(page.views, text) }),
  of: (text) => ({ output: nodeNamed(text) }),
  sel: (text) => ({ selected: nodeNamed(text) }),
  path: (text) => ({ path: wholeNumber(text), pinned: true }),
  eq: (text) => ({ equation: memberOf(page.equations, text) }),
  alt: (text) => ({ alternative: memberOf(page.alternatives, text) }),
};

/** Go to the state of an address; an equation alone keeps all else. Parts that cannot be read are skipped and named. */
function readAddress(hash) {
  const parts = hash.replace(/^#/, "").split("&").filter(Boolean),
    skipped = [];
  const found = parts.length === 1 && parts[0].startsWith("eq=") ? {} : initialState();
  const reading = (part, read) => {
    try {
      read();
    } catch {
      skipped.push(part);
    }
  };
  for (const part of parts) {
    const [key, ...rest] = part.split("="),
      text = rest.join("=");
    if (key === "v") for (const item of text.split(";")) reading(item, () => readLeaf(item, found.leaves));
    else reading(part, () => Object.assign(found, READERS[memberOf(READERS, key)](text)));
  }
  const list = skipped.join(", ");
  byId("skipped").textContent = list && `Not understood in the address, and left out: ${list}.`;
  edit = null;
  change(found);
}
