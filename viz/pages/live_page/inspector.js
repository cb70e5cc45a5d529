// The inspector: the chosen node, how it is made, its derivative with each contribution, and its paths.

let hasProducts = false; // whether the running product of the highlighted path is shown

function paintInspector(facts) {
  const i = state.selected,
    node = nodes[i],
    refusal = facts.refusals.get(i);
  const rows = [element("h2", {}, nameOf(i)), paragraph(origin(facts))];
  if (refusal) rows.push(element("p", { class: "refusal" }, refusal.message));
  if (node.op !== "constant" && facts.hasValue) {
    const [text] = textOf({ node: i, field: "derivative", digits: DIGITS }, facts);
    rows.push(element("h3", {}, `${partial(i)} = ${text}`));
    rows.push(...contributions(facts), ...pathList(facts));
  }
  byId("inspector").replaceChildren(...rows);
}

/** How the chosen node is made, as far as that is known. */
function origin(facts) {
  const i = state.selected,
    name = labels[i],
    formula = facts.view.formulas[i];
  const kind =
    nodes[i].op === "constant" ? "a constant, without a derivative" : "a leaf: its number can be changed";
  if (!nodes[i].inputs.length) return `${name} = ${shown(facts.numbers[i])}, ${kind}`;
  if (!formula) return `${name} = ${shown(facts.numbers[i])}`; // in the other view
  return facts.known.values.has(i) ? computation(facts, i) : `${relation(facts, i)} = ?`;
}

/** The contribution of each arrow that leads back to the chosen node, and their sum; "?" for those to come. */
function contributions(facts) {
  const { view, known, locals, derivatives, reasons } = facts,
    i = state.selected,
    upstreamOf = (arrow) => derivatives.get(view.arrows[arrow].node);
  const found = (view.to[i] ?? []).filter((k) => locals[k] !== undefined && upstreamOf(k) !== undefined);
  if (i === state.output) return [paragraph("the output: its derivative with respect to itself is 1")];
  if (!found.length) return [paragraph(`${labels[state.output]} does not depend on it`)];
  const terms = found.map((arrow) => upstreamOf(arrow) * locals[arrow]);
  const rows = found.slice(0, MAX_PATHS).map((arrow, k) => {
    const step = { arrow, upstream: upstreamOf(arrow), local: locals[arrow], terms: [terms[k]] };
    const { node } = view.arrows[arrow];
    const rule = known.locals.has(arrow) ? localDerivative(facts, arrow) : `${localName(node, i)} = ?`;
    const refusal = reasons.has(arrow) ? [": ", element("span", { class: "refusal" }, reasons.get(arrow))] : [];
    const share = isDone([arrow], facts) ? contribution(facts, step) : `${partial(node)} · … = ?`;
    return element("li", {}, rule, ...refusal, element("br"), share);
  });
  const list = element("ul", { class: "contributions" }, ...rows);
  if (found.length === 1 || !isDone(found, facts)) return [list];
  const added = `${sum(shorten(terms.map(shown)))} = ${shown(derivatives.get(i))}`;
  return [list, paragraph(`sum over ${found.length} arrows: ${added}`)];
}

const productOf = (path, locals) => path.reduce((result, arrow) => result * locals[arrow], 1);
const nodesOf = (view, path) => [state.output, ...path.map((arrow) => view.arrows[arrow].x)];

/** The product of the local derivatives along a path; of one, it is that itself. */
const pathProduct = (path, locals) =>
  equal(product(shorten(path.map((arrow) => shown(locals[arrow])))), shown(productOf(path, locals)));

/** The paths from the output; the one that is highlighted can be pinned. */
function pathList(facts) {
  const { view, locals, paths } = facts,
    { found, count } = paths;
  if (!count) return [];
  const items = found.map((path, k) => {
    const isShown = k === shownPath(found);
    const button = element(
      "button",
      { type: "button", "aria-pressed": k === state.pinned, "data-path": k },
      nodesOf(view, path).map((u) => labels[u]).join(" ← "), // all, since long paths may differ in a few
    );
    const line = element("li", { class: isShown ? "on-path" : "" }, button, element("br"));
    line.append(isDone(path, facts) ? pathProduct(path, locals) : "= ?");
    if (isShown && hasProducts && isDone(path, facts)) line.append(element("br"), runningProduct(facts, path));
    return line;
  });
  const merged = productOf(found[0], view.arrows.map(({ paths = 1 }) => paths)), // over every operation
    one = merged > 1 ? `1 path here, ${merged} over every operation` : "The only path",
    all = count > 1 ? `${count} paths` : one;
  const heading = element("h3", {}, count > found.length ? `The first ${found.length} of ${count} paths` : all);
  const products = found.map((path) => productOf(path, locals));
  const whole =
    facts.known.isAtEnd && count > 1 && count === found.length
      ? `sum over the paths: ${sum(shorten(products.map(shown)))} = ${shown(total(products))}`
      : "";
  const button = element("button", { type: "button", id: "products", "aria-pressed": hasProducts }, "running product");
  on(button, "click", () => {
    hasProducts = !hasProducts;
    change();
  });
  return [heading, element("ol", { class: "paths" }, ...items), paragraph(whole), button];
}

/** The product from the output up to each node of a path: the derivative of the output along it. */
function runningProduct({ view, locals }, path) {
  const product = (u, k) => `${labels[u]}: ${shown(productOf(path.slice(0, k), locals))}`;
  return shorten(nodesOf(view, path).map(product)).join(" ← ");
}
