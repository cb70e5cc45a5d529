// The values and the derivatives of a graph that is given as data: the sweep of engine/sweep.py.

/** The refusal of an operation whose value, or derivative, is not finite for these inputs. */
class DomainError extends Error {
  name = "DomainError";
}

const POSITION = new Map(nodes.map((node, i) => [node.name, i]));

/** A number as Python writes it. */
function repr(number) {
  if (!Number.isFinite(number)) return Number.isNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
  const size = Math.abs(number);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return number.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  const digits = Object.is(number, -0) ? "-0" : String(number);
  return digits.includes(".") ? digits : `${digits}.0`;
}

function domainError(prefix, node, inputs) {
  const operands = node.inputs.map((x, i) => (nodes[x].label ? `${nodes[x].label} = ` : "") + repr(inputs[i]));
  const { name, needs } = OPERATIONS[node.op];
  return new DomainError(`${prefix}${name}(${operands.join(", ")}) is not finite: ${name} needs ${needs}`);
}

/** The result of a rule; undefined if it is refused. */
function attempt(rule, ...inputs) {
  try {
    return rule(...inputs);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

/** The nodes that a node is made from, and itself, each after all of its inputs. */
function toposort(output) {
  const order = [], seen = new Set([output]), path = [[output, 0]];
  while (path.length) {
    const step = path.at(-1), [node, i] = step;
    if (i === nodes[node].inputs.length) {
      order.push(node);
      path.pop();
    } else {
      step[1]++;
      const x = nodes[node].inputs[i];
      if (!seen.has(x)) {
        seen.add(x);
        path.push([x, 0]);
      }
    }
  }
  return order;
}

/**
 * The numbers of all nodes for pairs of leaves' names and numbers, undefined where one is refused or depends on such a
 * node, and the refusals by index.
 */
function compute(leaves) {
  const numbers = nodes.map((node) => node.data), refusals = new Map();
  for (const [name, number] of leaves) numbers[POSITION.get(name)] = number;
  nodes.forEach((node, i) => {
    const inputs = node.inputs.map((x) => numbers[x]);
    if (!inputs.length || inputs.includes(undefined)) return;
    numbers[i] = attempt(OPERATIONS[node.op].forward, inputs);
    if (numbers[i] === undefined) refusals.set(i, domainError("", node, inputs));
  });
  return { numbers, refusals };
}

/** The inputs that edges lead back to, with their indices: never a constant, nor the branch that is not taken. */
function* edgeInputs(node, numbers) {
  for (const [i, x] of node.inputs.entries()) {
    const presence = OPERATIONS[node.op].edges[i] ?? true;
    const exists = Array.isArray(presence) ? (numbers[node.inputs[presence[0]]] !== 0) === presence[1] : presence;
    if (exists && nodes[x].op !== "constant") yield [i, x];
  }
}

/** Whether a path of edges leads from a node to a variable. */
function reachesVariable(start, numbers) {
  const seen = new Set([start]);
  for (const u of seen) {
    if (!nodes[u].inputs.length) return true;
    for (const [, x] of edgeInputs(nodes[u], numbers)) seen.add(x); // which the loop visits too
  }
  return false;
}

/** The edges of a node. Where the local derivative is refused, it is NaN, unless no variable is reached that way. */
function* edges(node, z, numbers) {
  const inputs = node.inputs.map((x) => numbers[x]);
  for (const [index, x] of edgeInputs(node, numbers)) {
    const local = attempt(OPERATIONS[node.op].derivatives[index], z, inputs);
    if (local !== undefined) yield { index, x, local };
    else if (reachesVariable(x, numbers))
      yield { index, x, local: NaN, refusal: domainError("the derivative of ", node, inputs) };
  }
}

/**
 * The derivatives of an output by the index of the node, for these numbers of the nodes: the reverse sweep. The chain
 * rule multiplies along each edge, the sum rule adds up where edges meet. Each contribution is passed to `visit`.
 */
function reverse(output, numbers, visit = () => {}) {
  const found = new Map([[output, 1]]);
  for (const u of toposort(output).reverse()) {
    if (!found.has(u)) continue; // the output does not depend on it
    const upstream = found.get(u);
    for (const edge of edges(nodes[u], numbers[u], numbers)) {
      const contribution = upstream * edge.local;
      const result = found.has(edge.x) ? found.get(edge.x) + contribution : contribution;
      found.set(edge.x, result);
      visit({ ...edge, node: u, upstream, contribution, result });
    }
  }
  return found;
}
