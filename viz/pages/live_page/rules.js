// The rules of a derivative and of a value, of which a fault replaces one: those of viz/questions/rules.py.

/** A node whose operation has a fault put in; itself where the fault changes nothing. */
function withFault(node, fault) {
  const changed = fault?.operations?.[node.op];
  if (!changed) return node;
  const op = `${node.op}, ${fault.says}`,
    right = OPERATIONS[node.op],
    derivative = (k, i) => (k === null ? right.derivatives[i] : (z, x) => formulas[k](x, z));
  OPERATIONS[op] ??=
    fault.rule === "rule"
      ? { ...right, derivatives: changed.map(derivative) }
      : { ...right, forward: formulas[changed[0]] };
  return { ...node, op };
}

/** The nth backward step after a step from the same node, all around; the step itself if there are not so many. */
function siblingOf(steps, step, n) {
  const siblings = siblingsOf(steps, step);
  return siblings[(siblings.indexOf(step) + (n < siblings.length ? n : 0)) % siblings.length];
}

const siblingsOf = (steps, { node }) => steps.filter((step) => step.node === node && step.local !== undefined);

function rulesWith({ view, numbers, derivatives, steps }, fault) {
  const rules = {
    total: (those) => total(those.map(rules.contribution)),
    product: (those) => those.map(rules.contribution).reduce((x, y) => x * y),
    contribution: (step) => rules.upstream(step) * rules.local(step),
    upstream: (step) => step.upstream,
    passed_back: (step) => (step.node === state.output ? step.terms.at(-1) : rules.upstream(step)),
    first_term: ({ node }) => steps.find(({ target, terms }) => terms && target === node).terms[0],
    gradient: (step) => derivatives.get(step.target),
    other_local: (step, n) => siblingOf(steps, step, n).local,
    swapped_local: ({ arrow, local }) => numbers[view.arrows[arrow].swapped?.[1]] ?? local,
    without: (those, k) => (those[1] ? total(those.filter((_, i) => i !== k).map(rules.contribution)) : NaN),
    first_of_many: (those) => (those[2] ? rules.contribution(those[0]) : NaN),
    target_value: (step) => numbers[step.target],
    root_value: () => numbers[state.output],
    parallel_locals: (step) => total(siblingsOf(steps, step).map(({ target, local }) => (target === step.target ? local : 0))),
    data: (step) => numbers[step.node],
    local: ({ node, arrow }) => [...slopesOf(view, node, numbers, fault)].find(([k]) => k === arrow)[1],
    value({ node }) {
      const found = [...numbers];
      for (const u of (view.merged?.[node] ?? [node]).toReversed())
        found[u] = OPERATIONS[withFault(nodes[u], fault).op].forward(nodes[u].inputs.map((x) => found[x]));
      return found[node];
    },
  };
  if (fault?.formula !== undefined) rules[fault.rule] = (given) => formulas[fault.formula](rules, given);
  return rules;
}
