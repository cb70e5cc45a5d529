// The two views of a graph: every operation, or the named nodes alone, as the paper draws it. A view has arrows, each
// from a node back to one that it reads, with a local derivative: that of one edge, or the sum over the unnamed paths.

const MAX_PATHS = 50;

/** Everything that follows from the leaves: numbers, refusals, derivatives, and local derivatives by arrow. */
function evaluateAll(state) {
  const { numbers, refusals } = compute(Object.fromEntries(state.leaves));
  const derivatives = numbers[state.output] === undefined ? new Map() : reverse(state.output, numbers);
  const view = page.views[state.view];
  const locals = view.arrows.map(() => undefined), reasons = new Map();
  for (const node of view.nodes) {
    if (!nodes[node].inputs.length || numbers[node] === undefined) continue;
    for (const [arrow, local, refusal] of localDerivatives(view, node, numbers)) {
      locals[arrow] = local;
      if (refusal) reasons.set(arrow, refusal.message);
    }
  }
  return { numbers, refusals, derivatives, locals, reasons };
}

/** The arrows from a node with their local derivatives; an edge that is absent for these numbers has none. */
function* localDerivatives(view, node, numbers) {
  if (!view.merged) {
    for (const { index, local, refusal } of edges(nodes[node], numbers[node], numbers))
      yield [view.arrowOf.get(`${node} ${index}`), local, refusal];
    return;
  }
  const found = new Map([[node, 1]]), refusals = new Map();
  for (const u of view.merged[node]) {
    if (!found.has(u)) continue;
    for (const { x, local, refusal } of edges(nodes[u], numbers[u], numbers)) {
      found.set(x, (found.get(x) ?? 0) + found.get(u) * local);
      if (refusal ?? refusals.get(u)) refusals.set(x, refusal ?? refusals.get(u));
    }
  }
  for (const [x, local] of found) {
    const arrow = view.arrowOf.get(`${node} ${x}`);
    if (arrow !== undefined) yield [arrow, local, refusals.get(x)];
  }
}

/** The arrows of the paths from the output to a node, the first of them, and how many there are. */
function pathsTo(view, output, target, locals) {
  const waysTo = new Map([[target, 1]]); // from each node to the target
  const order = toposort(output);
  const onward = new Map();
  for (const node of order) {
    const arrows = (view.arrowsFrom.get(node) ?? []).filter((arrow) => locals[arrow] !== undefined && waysTo.has(view.arrows[arrow].x));
    if (!arrows.length || node === target) continue;
    onward.set(node, arrows);
    waysTo.set(node, arrows.reduce((sum, arrow) => sum + waysTo.get(view.arrows[arrow].x), 0));
  }
  const paths = [], waiting = [[output, []]];
  while (waiting.length && paths.length < MAX_PATHS) {
    const [node, before] = waiting.pop();
    if (node === target) paths.push(before);
    else for (const arrow of (onward.get(node) ?? []).toReversed()) waiting.push([view.arrows[arrow].x, [...before, arrow]]);
  }
  return { paths, count: waysTo.get(output) ?? 0 };
}

/** The steps of both passes in a view: each computes a node, or adds a contribution along an arrow. */
function stepsOf(view, { numbers, derivatives, locals }, output) {
  const order = toposort(output).filter((node) => view.isShown.has(node));
  const steps = order.filter((node) => nodes[node].inputs.length).map((node) => ({ target: node, result: numbers[node] }));
  steps.push({ target: output, arrow: null, result: 1, terms: [1], of: 1 });
  const sums = new Map([[output, [1]]]), ofEach = new Map();
  for (const node of order.toReversed()) {
    if (!sums.has(node)) continue;
    const upstream = sums.get(node).reduce((x, y) => x + y);
    for (const arrow of view.arrowsFrom.get(node) ?? []) {
      if (locals[arrow] === undefined) continue;
      const { x } = view.arrows[arrow], terms = [...(sums.get(x) ?? []), upstream * locals[arrow]];
      sums.set(x, terms);
      ofEach.set(x, terms.length);
      steps.push({ target: x, arrow, upstream, local: locals[arrow], terms, result: terms.reduce((a, b) => a + b) });
    }
  }
  for (const step of steps) if (step.arrow !== undefined && step.arrow !== null) step.of = ofEach.get(step.target);
  return steps;
}

for (const view of Object.values(page.views)) {
  view.isShown = new Set(view.nodes);
  view.arrowsFrom = new Map();
  view.arrowOf = new Map();
  view.arrows.forEach((arrow, k) => {
    view.arrowsFrom.set(arrow.node, [...(view.arrowsFrom.get(arrow.node) ?? []), k]);
    view.arrowOf.set(`${arrow.node} ${view.merged ? arrow.x : arrow.index}`, k);
  });
}
