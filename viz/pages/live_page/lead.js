// The first sentence: what the page shows, or the prediction of the present change beside the true one.

/** The path that is highlighted; a chosen equation has marks of its own, so that beside it only a pinned path is. */
const highlightedPath = ({ found }) =>
  state.equation && state.pinned === null ? undefined : found[shownPath(found)];
const shownPath = (found) => Math.min(state.pinned ?? state.path, found.length - 1);

function paintLead(facts, known) {
  setText(byId("lead"), predictionOf(facts) ?? `${invitation()} ${aboutMarks(facts, known)}`.trim());
}

const invitation = () =>
  `Change a number, and every value and every derivative of ${page.texts[state.output]} follows.`;

/** grad · Δ and the true change of the output; undefined if no change is under way. */
function predictionOf({ numbers, hasValue }) {
  if (edit?.output !== state.output || numbers[edit.leaf] === edit.from || !hasValue || edit.before === undefined)
    return;
  const leaf = page.texts[edit.leaf],
    output = page.texts[edit.output],
    moved = numbers[edit.leaf] - edit.from;
  const exact = [edit.slope, moved, edit.slope * moved, numbers[edit.output] - edit.before];
  const [slope, by, predicted, really] = exact.map((x) => formatNumber(x, 4));
  const formula = `${partial(edit.leaf)} · Δ${leaf} = ${product([slope, by])}`;
  const remark = isFar(exact[2], exact[3]) ? "; this far away, a straight line does not tell what happens" : "";
  return `Δ${leaf} = ${by}: predicted Δ${output} = ${formula} = ${predicted}; true: ${really}${remark}`;
}

/** Whether a true change is less than half of what was predicted, or of another sign. */
const isFar = (predicted, really) => predicted !== 0 && really / predicted < 0.5;

/** What is marked in the graph: a path, with its product, or what an equation is about. */
function aboutMarks({ derivatives, locals, paths }, known) {
  const path = highlightedPath(paths),
    { count } = paths,
    x = state.selected;
  if (!path) return state.equation ? `Marked: what (${state.equation}) is about.` : "";
  const which = count > 1 ? `one of the ${count} paths` : "the path";
  const found = `Highlighted: ${which} from ${page.texts[state.output]} back to ${page.texts[x]}`;
  if (!isDone(path, known)) return `${found}.`;
  const whole = known.isAtEnd ? ` = ${shownNumber(derivatives.get(x) ?? 0)}` : "";
  const share = count > 1 ? `its share of ${partial(x)}${whole}` : partial(x);
  return `${found}; the product of its local derivatives, ${pathProduct(path, locals)}, is ${share}.`;
}
