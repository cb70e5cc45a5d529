// The first sentence: what the page shows, or the prediction of the present change beside the true one.

/** The path that is highlighted; a chosen equation has marks of its own, so that beside it only a pinned path is. */
const pathShown = ({ found }) =>
  state.equation && state.pinned === null ? undefined : found[shownPath(found)];
const shownPath = (found) => min(state.pinned ?? state.path, found.length - 1);

function paintLead(facts) {
  const invitation = `Change a number, and every value and every derivative of ${labels[state.output]} follows.`;
  setText("lead", predictionOf(facts) ?? `${invitation} ${aboutMarks(facts)}`.trim());
}

/** grad · Δ and the true change of the output; undefined if no change is under way. */
function predictionOf({ numbers, known }) {
  if (edit?.output !== state.output || numbers[edit.leaf] === edit.from) return;
  const moved = numbers[edit.leaf] - edit.from,
    change = numbers[edit.output] - edit.before;
  if (!isFinite(change) || known.isAsking) return;
  const remark = isFar(edit.slope * moved, change) ? "; this far away, a straight line does not tell what happens" : "";
  return `Δ${labels[edit.leaf]} = ${format(moved, 4)}: ${prediction(edit.leaf, edit.slope, moved, change)}${remark}`;
}

/** What the slope predicts of a move of a leaf, beside the true change of the output. */
function prediction(leaf, slope, move, change) {
  const [by, predicted, really] = [move, slope * move, change].map((x) => format(x, 4));
  const formula = `${partial(leaf)} · Δ${labels[leaf]} = ${product([format(slope, 4), by])}`;
  return `predicted Δ${labels[state.output]} = ${formula} = ${predicted}; true: ${really}`;
}

/** Whether a true change is less than half of what was predicted, or of another sign. */
const isFar = (predicted, really) => predicted !== 0 && really / predicted < 0.5;

/** What is marked in the graph: a path, with its product, or what an equation is about. */
function aboutMarks(facts) {
  const { derivatives, locals, paths } = facts;
  const path = pathShown(paths),
    { count } = paths,
    x = state.selected;
  if (!path) return state.equation ? `Marked: what (${state.equation}) is about.` : "";
  const which = count > 1 ? `one of the ${count} paths` : "the path";
  const found = `Highlighted: ${which} from ${labels[state.output]} back to ${labels[x]}`;
  if (!isDone(path, facts)) return `${found}.`;
  const whole = facts.known.isAtEnd ? ` = ${shown(derivatives.get(x) ?? 0)}` : "";
  const share = count > 1 ? `its share of ${partial(x)}${whole}` : partial(x);
  return `${found}; the product of its local derivatives, ${pathProduct(path, locals)}, is ${share}.`;
}
