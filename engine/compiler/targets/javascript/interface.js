// What the module exports besides `nodes`; a page, whose script has the functions of the runtime, does without.

const LAST = nodes.at(-1).name;
const LEAVES = nodes.filter((node) => node.op === "variable").map((node) => node.name);

function indexOf(name) {
  if (!POSITION.has(name)) throw new Error(`unknown node ${JSON.stringify(name)}`);
  return POSITION.get(name);
}

function checkLeaf([name, number]) {
  const i = POSITION.get(name);
  if (i === undefined) throw new Error(`unknown leaf ${JSON.stringify(name)}; the leaves are ${LEAVES.join(", ")}`);
  if (nodes[i].inputs.length) throw new Error(`${name} is computed, and cannot be set`);
  if (typeof number !== "number") throw new TypeError(`${name} must be a number, not a ${typeof number}`);
}

/** The numbers of all nodes. Throws the first refusal. */
function allNumbers(leaves) {
  const given = Object.entries(leaves);
  given.forEach(checkLeaf);
  const { numbers, refusals } = compute(given);
  for (const refusal of refusals.values()) throw refusal;
  return numbers;
}

/** The value of each node by its name, for these numbers of some leaves: { x: 1.5 }. */
export function values(leaves = {}) {
  return Object.fromEntries(allNumbers(leaves).map((number, i) => [nodes[i].name, number]));
}

/** The derivative of an output with respect to each node that it depends on, by name. */
export function derivatives(leaves = {}, output = LAST) {
  const refuse = ({ refusal }) => {
    if (refusal) throw refusal;
  };
  const found = reverse(indexOf(output), allNumbers(leaves), refuse);
  return Object.fromEntries([...found].map(([i, derivative]) => [nodes[i].name, derivative]));
}

/** The steps of both passes, with the attributes of the steps that Python records. */
export function steps(leaves = {}, output = LAST) {
  const numbers = allNumbers(leaves), root = indexOf(output), computed = toposort(root).filter((i) => nodes[i].inputs.length);
  const found = computed.map((i) => ({ phase: "forward", node: nodes[i].name, result: numbers[i] }));
  found.push({ phase: "backward", node: output, input: null, index: 0, upstream: 1, local_derivative: 1, contribution: 1 });
  Object.assign(found.at(-1), { result: 1, term_number: 1, n_terms: 1 });
  const terms = new Map();
  reverse(root, numbers, ({ node, x, index, upstream, local, contribution, result, refusal }) => {
    if (refusal) throw refusal;
    const step = { phase: "backward", node: nodes[node].name, input: nodes[x].name, index, upstream };
    found.push(Object.assign(step, { local_derivative: local, contribution, result }));
    terms.set(x, [...(terms.get(x) ?? []), step]);
  });
  for (const those of terms.values())
    those.forEach((step, i) => Object.assign(step, { term_number: i + 1, n_terms: those.length }));
  return found.map((step, i) => ({ number: i + 1, ...step }));
}
