// The inspector: the chosen node, how it is made, its derivative with each contribution, and its paths.

let hasProducts = false; // whether the running product of the highlighted path is shown

function paintInspector(view, facts, known) {
  const i = state.selected,
    node = nodes[i],
    refusal = facts.refusals.get(i);
  const rows = [element("h2", {}, nameOf(i)), element("p", {}, origin(view, facts, known))];
  if (refusal) rows.push(element("p", { class: "refusal" }, refusal.message));
  if (node.op !== "constant" && facts.hasValue) {
    const [text] = textOf({ node: i, field: "derivative", digits: DIGITS }, facts, known);
    rows.push(element("h3", {}, `${partial(i)} = ${text}`));
    rows.push(...contributions(view, facts, known), ...pathList(view, facts, known));
  }
  byId("inspector").replaceChildren(...rows);
}

/** How the chosen node is made, as far as that is known. */
function origin(view, facts, { values, isAtEnd }) {
  const i = state.selected,
    name = page.texts[i];
  const kind =
    nodes[i].op === "constant" ? "a constant: it does not have a derivative" : "a leaf: its number can be changed";
  if (!nodes[i].inputs.length) return `${name} = ${shownNumber(facts.numbers[i])}, ${kind}`;
  if (!view.formulas[i]) return `${name} = ${shownNumber(facts.numbers[i])}`; // in the other view
  return values.has(i) || isAtEnd
    ? computation(view, i, facts)
    : `${name} = ${written(view.formulas[i].text, facts)} = ?`;
}

/** The contribution of each arrow that leads back to the chosen node, and their sum; "?" for those to come. */
function contributions(view, facts, known) {
  const i = state.selected;
  const found = (view.to[i] ?? []).filter((arrow) => isUsed(view, facts, arrow));
  if (!found.length) return [element("p", {}, withoutArrows(i))];
  const upstreamOf = (arrow) => facts.derivatives.get(view.arrows[arrow].node);
  const terms = found.map((arrow) => upstreamOf(arrow) * facts.locals[arrow]);
  const rows = found.slice(0, MAX_PATHS).map((arrow, k) => {
    const step = { arrow, upstream: upstreamOf(arrow), local: facts.locals[arrow], terms: [terms[k]] };
    const { node } = view.arrows[arrow];
    const rule =
      known.isAtEnd || known.values.has(node)
        ? localDerivative(view, arrow, facts)
        : `∂${page.texts[node]}/∂${page.texts[i]} = ?`;
    const line = element("span", { class: "rule" }, rule);
    const refusal = facts.reasons.has(arrow) ? [element("span", { class: "refusal" }, facts.reasons.get(arrow))] : [];
    const share = isDone([arrow], known) ? contribution(view, facts, step) : `${partial(node)} · … = ?`;
    return element("li", {}, line, ...refusal, element("br"), share);
  });
  const list = element("ul", { class: "contributions" }, ...rows);
  if (found.length === 1 || !isDone(found, known)) return [list];
  const added = `${sum(shorten(terms).map(shownTerm))} = ${shownNumber(facts.derivatives.get(i))}`;
  return [list, element("p", {}, `sum over ${found.length} arrows: ${added}`)];
}

const isUsed = (view, facts, arrow) =>
  facts.locals[arrow] !== undefined && facts.derivatives.has(view.arrows[arrow].node);

const withoutArrows = (i) =>
  i === state.output
    ? "the output: its derivative with respect to itself is 1"
    : `${page.texts[state.output]} does not depend on it`;

const productOf = (path, locals) => path.reduce((result, arrow) => result * locals[arrow], 1);
const nodesOf = (view, path) => [state.output, ...path.map((arrow) => view.arrows[arrow].x)];
const alongPath = (view, path) => shorten(nodesOf(view, path)).map((u) => page.texts[u] ?? u);

/** The product of the local derivatives along a path; of one, it is that itself. */
const pathProduct = (path, locals) =>
  equal(product(shorten(path.map((arrow) => locals[arrow])).map(shownTerm)), shownNumber(productOf(path, locals)));

/** The paths from the output; the one that is highlighted can be pinned. */
function pathList(view, { locals, paths: { found, count } }, known) {
  if (!count) return [];
  const items = found.map((path, k) => {
    const isShown = k === shownPath(found);
    const button = element(
      "button",
      { type: "button", "aria-pressed": k === state.pinned, "data-path": k },
      alongPath(view, path).join(" ← "),
    );
    const line = element("li", { class: isShown ? "on-path" : "" }, button, element("br"));
    line.append(isDone(path, known) ? pathProduct(path, locals) : "= ?");
    if (isShown && hasProducts && isDone(path, known)) line.append(element("br"), runningProduct(view, path, locals));
    return line;
  });
  const all = count === 1 ? "The only path" : `${count} paths`;
  const heading = element("h3", {}, count > found.length ? `The first ${found.length} of ${count} paths` : all);
  const products = found.map((path) => productOf(path, locals));
  const whole =
    known.isAtEnd && count > 1 && count === found.length
      ? `sum over the paths: ${sum(shorten(products).map(shownTerm))} = ${shownNumber(total(products))}`
      : "";
  const button = element("button", { type: "button", id: "products", "aria-pressed": hasProducts }, "running product");
  on(button, "click", () => {
    hasProducts = !hasProducts;
    change();
  });
  return [heading, element("ol", { class: "paths" }, ...items), element("p", {}, whole), button];
}

/** The product from the output up to each node of a path: the derivative of the output along it. */
function runningProduct(view, path, locals) {
  const product = (u, k) => `${page.texts[u]}: ${shownNumber(productOf(path.slice(0, k), locals))}`;
  return shorten(nodesOf(view, path).map(product)).join(" ← ");
}
