// The two views of a graph: every operation, or the named nodes alone, as the paper draws it. A view has arrows, each
// from a node back to one that it reads, with a local derivative: that of one edge, or the sum over the unnamed paths.

const MAX_PATHS = 50;

/** Everything that follows from the state: numbers, refusals, derivatives, local derivatives, paths and steps. */
function evaluate(given = state) {
  const { leaves, output, selected } = given,
    view = page.views[given.view],
    { numbers, refusals } = compute(leaves);
  const hasValue = numbers[output] !== undefined;
  const derivatives = hasValue ? reverse(output, numbers) : new Map();
  const { locals, reasons } = localsOf(view, numbers);
  const facts = { view, numbers, refusals, derivatives, locals, reasons, hasValue, slope: slopes(numbers) };
  const paths = pathsTo(view, output, selected, locals),
    steps = hasValue ? stepsOf(facts, output) : [];
  return { ...facts, paths, steps, known: knownAt(given, view, steps) };
}

/** The local derivatives of the arrows of a view, and the reasons of those that do not have a finite value. */
function localsOf(view, numbers) {
  const locals = [],
    reasons = new Map();
  for (const node of view.nodes) {
    if (!nodes[node].inputs.length || numbers[node] === undefined) continue;
    for (const [arrow, local, refusal] of slopesOf(view, node, numbers)) {
      locals[arrow] = local;
      if (refusal) reasons.set(arrow, refusal.message);
    }
  }
  return { locals, reasons };
}

/** The derivative of any node with respect to any other, by a sweep of its own for each output. */
function slopes(numbers) {
  const sweeps = new Map();
  return (output, x) => {
    if (numbers[output] === undefined) return undefined;
    if (!sweeps.has(output)) sweeps.set(output, reverse(output, numbers));
    return sweeps.get(output).get(x) ?? 0;
  };
}

/** The arrows from a node with their local derivatives; an edge that is absent for these numbers has none. */
function* slopesOf(view, node, numbers, fault) {
  if (!view.merged) {
    for (const { index, local, refusal } of edges(withFault(nodes[node], fault), numbers[node], numbers))
      yield [view.arrow_of[`${node} ${index}`], local, refusal];
    return;
  }
  const found = new Map([[node, 1]]),
    refusals = new Map();
  for (const u of view.merged[node]) {
    if (!found.has(u)) continue;
    for (const { x, local, refusal } of edges(withFault(nodes[u], fault), numbers[u], numbers)) {
      found.set(x, (found.get(x) ?? 0) + found.get(u) * local);
      if (refusal ?? refusals.get(u)) refusals.set(x, refusal ?? refusals.get(u));
    }
  }
  for (const [x, local] of found) {
    const arrow = view.arrow_of[`${node} ${x}`];
    if (arrow !== undefined) yield [arrow, local, refusals.get(x)];
  }
}

/** What is known at the present step: values by node, the last step towards each derivative, and arrows. */
function knownAt({ step, asking }, { arrows, merged }, steps) {
  const until = min(step ?? Infinity, steps.length),
    isAtEnd = until === steps.length,
    isAsking = asking !== null && !isAtEnd,
    done = steps.slice(0, until);
  const values = new Set([...nodes.keys()].filter((i) => isAtEnd || !nodes[i].inputs.length)),
    terms = new Map();
  for (const step of done)
    if (step.isForward) for (const node of merged?.[step.node] ?? [step.node]) values.add(node);
    else terms.set(step.target, step);
  const along = new Set(isAtEnd ? arrows.keys() : done.map(({ arrow }) => arrow)),
    locals = isAsking ? along : new Set([...arrows.keys()].filter((k) => values.has(arrows[k].node)));
  return { until, isAtEnd, isAsking, values, terms, arrows: along, locals, step: done.at(-1) };
}

/** The first paths from the output to a node, each as its arrows, and how many there are. */
function pathsTo(view, output, target, locals) {
  const waysTo = new Map([[target, 1]]),
    onward = new Map(); // from each node to the target
  for (const node of toposort(output)) {
    const leads = (arrow) => locals[arrow] !== undefined && waysTo.has(view.arrows[arrow].x);
    const arrows = (view.from[node] ?? []).filter(leads);
    if (!arrows.length || node === target) continue;
    onward.set(node, arrows);
    waysTo.set(node, total(arrows.map((arrow) => waysTo.get(view.arrows[arrow].x))));
  }
  const found = [],
    waiting = [[output, []]];
  while (waiting.length && found.length < MAX_PATHS) {
    const [node, before] = waiting.pop();
    if (node === target) found.push(before);
    else
      for (const arrow of (onward.get(node) ?? []).toReversed())
        waiting.push([view.arrows[arrow].x, [...before, arrow]]);
  }
  return { found, count: output === target ? 0 : (waysTo.get(output) ?? 0) };
}

const total = (numbers) => numbers.reduce((x, y) => x + y);

/** The steps of both passes in a view: each computes a node, or adds a contribution along an arrow. */
function stepsOf({ view, numbers, locals }, output) {
  const order = toposort(output).filter((node) => view.isShown.has(node));
  const computed = order.filter((node) => nodes[node].inputs.length);
  const steps = computed.map((node) => ({ isForward: true, node, target: node, result: numbers[node] }));
  if (nodes[output].op === "constant") return steps;
  steps.push({ target: output, arrow: null, result: 1, terms: [1], of: 1 });
  const sums = new Map([[output, [1]]]);
  for (const node of order.toReversed()) {
    if (!sums.has(node)) continue;
    const upstream = total(sums.get(node));
    for (const arrow of view.from[node] ?? []) {
      if (locals[arrow] === undefined) continue;
      const { x } = view.arrows[arrow],
        terms = [...(sums.get(x) ?? []), upstream * locals[arrow]];
      sums.set(x, terms);
      steps.push({ node, target: x, arrow, upstream, local: locals[arrow], terms, result: total(terms) });
    }
  }
  for (const step of steps) if (step.terms) step.of = sums.get(step.target).length;
  return steps;
}

/** The number of steps of a view that are done where `position` steps of another's are done. */
function samePlace(steps, others, position) {
  if (position >= others.length) return steps.length;
  for (const { target, isForward, terms, of } of others.slice(0, position).reverse()) {
    const same = steps.filter((step) => step.target === target && step.isForward === isForward);
    if (same.length) return steps.indexOf(same.at(terms?.length < of ? min(terms.length, same.length) - 1 : -1)) + 1;
  }
  return 0;
}

for (const view of Object.values(page.views)) view.isShown = new Set(view.nodes);
