// The inspector: the chosen node, how it is made, its derivative with each contribution, and its paths.

function paintInspector(view, facts, known) {
  const i = state.selected, node = nodes[i];
  const slope = facts.derivatives.get(i) ?? 0;
  const rows = [element("h2", {}, nameOf(i))];
  if (view.formulas[i]) rows.push(equation(math(`${state.view}-formula-${i}`), fill(view.formulas[i], facts.numbers), facts.numbers[i]));
  else rows.push(element("p", {}, node.op === "constant" ? "a constant: it has no derivative" : "a leaf: its number can be changed"));
  const refusal = facts.refusals.get(i);
  if (refusal) rows.push(element("p", { class: "refusal" }, refusal.message));
  paintChange(facts);
  if (node.op !== "constant" && facts.numbers[state.output] !== undefined) {
    rows.push(element("h3", {}, `${partial(i)} = `, number(slope)));
    rows.push(...contributions(view, facts, i), ...pathsOf(view, facts, i));
  }
  byId("inspector").replaceChildren(...rows);
}

const number = (x, digits = 6) => element("span", { class: "number" }, formatNumber(x, digits));

/** An equation: the formula, with its numbers put in, and the result. */
function equation(formula, numbers, result) {
  const text = formatNumber(result, 6);
  return element("p", { class: "equation" }, formula, numbers && numbers !== text ? ` = ${numbers}` : "", " = ", number(result));
}

/** The rule of a local derivative with its numbers put in; a rule without symbols is the number itself. */
function opened(arrow, rule, facts, result) {
  if (rule.length === 1) return [` = ${result}`];
  const put = fill(rule, facts.numbers);
  return [" = ", math(`${state.view}-rule-${arrow}`), put === result ? "" : ` = ${put}`, ` = ${result}`];
}

/** The contribution of each arrow that leads back to a node, and their sum. */
function contributions(view, facts, i) {
  const found = view.arrows.map((_, k) => k).filter((k) => {
    const { node, x } = view.arrows[k];
    return x === i && facts.locals[k] !== undefined && facts.derivatives.has(node);
  });
  const terms = [];
  const rows = found.map((k) => {
    const { node, rule, paths } = view.arrows[k];
    const upstream = facts.derivatives.get(node), local = facts.locals[k];
    terms.push(formatNumber(upstream * local, 4));
    const text = formatNumber(local, 4);
    const line = element("span", { class: "rule" }, `∂${page.texts[node]}/∂${page.texts[i]}`, ...opened(k, rule, facts, text));
    if (paths > 1) line.append(` (${paths} paths)`);
    if (facts.reasons.has(k)) line.append(element("span", { class: "refusal" }, facts.reasons.get(k)));
    const factors = product([formatNumber(upstream, 4), text]);
    return element("li", {}, line, element("br"), `${partial(node)} · ∂${page.texts[node]}/∂${page.texts[i]} = ${factors} = `, number(upstream * local, 4));
  });
  if (!rows.length) return i === state.output ? [element("p", {}, "the output: its derivative with respect to itself is 1")] : [element("p", {}, `${page.texts[state.output]} does not depend on it`)];
  const total = rows.length > 1 ? [element("p", {}, `sum over ${rows.length} arrows: ${sum(terms)} = `, number(facts.derivatives.get(i), 4))] : [];
  return [element("ul", { class: "contributions" }, ...rows), ...total];
}

/** The paths from the output; the one that is highlighted can be pinned. */
function pathsOf(view, facts, i) {
  const { paths, count } = pathsTo(view, state.output, i, facts.locals);
  if (i === state.output || !count) return [];
  const products = paths.map((path) => path.reduce((total, arrow) => total * facts.locals[arrow], 1));
  const items = paths.map((path, k) => {
    const along = [state.output, ...path.map((arrow) => view.arrows[arrow].x)].map((u) => page.texts[u]).join(" ← ");
    const factors = product(path.map((arrow) => formatNumber(facts.locals[arrow], 4)));
    const button = element("button", { type: "button", "aria-pressed": state.pinned && k === state.path, "data-path": k }, along);
    return element("li", { class: k === state.path ? "on-path" : "" }, button, ` ${path.length > 1 ? `${factors} = ` : ""}`, number(products[k], 4));
  });
  const heading = count === 1 ? "The only path" : count > paths.length ? `The first ${paths.length} of ${count} paths` : `${count} paths`;
  const total = count > 1 && count === paths.length ? [element("p", {}, `sum over the paths: ${sum(products.map((x) => formatNumber(x, 4)))} = `, number(products.reduce((x, y) => x + y), 4))] : [];
  return [element("h3", {}, heading), element("ol", { class: "paths" }, ...items), ...total];
}

/** The prediction of the present change by the derivative, beside the true one. */
function paintChange({ numbers }) {
  const changed = edit && edit.of === state.output && numbers[edit.leaf] !== edit.from;
  if (!changed || edit.output === undefined || numbers[edit.of] === undefined) {
    byId("change").textContent = "";
    return;
  }
  const delta = numbers[edit.leaf] - edit.from, name = page.texts[edit.leaf];
  const [slope, moved, predicted, true_] = [edit.slope, delta, edit.slope * delta, numbers[edit.of] - edit.output].map((x) => formatNumber(x, 4));
  byId("change").textContent =
    `Δ${name} = ${moved}: predicted Δ${page.texts[edit.of]} = ${partial(edit.leaf)} · Δ${name} = ` +
    `${product([slope, moved])} = ${predicted}; true: ${true_}`;
}
