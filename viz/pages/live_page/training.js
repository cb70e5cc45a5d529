// Gradient descent on the parameters, step by step: the paper's (31), w ← w − λ ∂E/∂w, all weights together.

const RUN_EVERY = 100; // milliseconds
const course = []; // the loss before the first step, and after each
let running;

/** Say what happened. */
function report(text) {
  setText("report", text);
  drawCourse();
}

/** One step; whether there can be another. */
function descend() {
  const before = evaluate({ ...state, output: page.output }),
    loss = before.numbers[page.output];
  const slopes = page.parameters.map((p) => before.derivatives.get(p) ?? 0);
  let rate;
  try {
    rate = parseNumber(byId("rate").value);
    if (rate <= 0) reject("write a number above 0");
  } catch (error) {
    return report(`λ: ${error.message}`);
  }
  if (![loss, ...slopes].every(isFinite)) {
    return report("No step: the loss or a derivative is not finite.");
  }
  page.parameters.forEach((p, k) => storeLeaf(p, numberOf(p) - rate * slopes[k]));
  const after = compute(state.leaves).numbers[page.output];
  if (!course.length) course.push(loss);
  course.push(after);
  edit = null;
  const squares = total(slopes.map((slope) => slope * slope));
  report(reportOf(loss, after, -rate * squares));
  change({ step: null });
  return isFinite(after) && squares > 0;
}

/** The sentence about a step: the loss, and its predicted and its true change. */
function reportOf(loss, after, predicted) {
  const name = labels[page.output];
  if (!isFinite(after))
    return `${name} is not finite after this step: λ is too large. “back” starts anew.`;
  const start = `Step ${course.length - 1}: ${name} = ${shown(after)}`;
  if (predicted === 0) return `${start}; all derivatives are 0: no step changes anything.`;
  const what = after > loss ? `${name} rose` : "The true change is less than half of that";
  const remark = ` ${what}: λ is too large for a straight line.`;
  const [by, really] = [predicted, after - loss].map((x) => format(x, 4));
  const change = `predicted Δ${name} = −λ|g|² = ${by}, true: ${really}.`;
  return `${start}; ${change}${isFar(predicted, after - loss) ? remark : ""}`;
}

/** The course of the loss as a line. */
function drawCourse() {
  const known = course.filter(isFinite),
    [low, high] = [min(...known), max(...known)];
  const x = (k) => (100 * k) / max(1, known.length - 1),
    y = (loss) => 38 - (36 * (loss - low)) / (high - low || 1);
  byId("plot").hidden = !known.length;
  byId("line").setAttribute("points", known.map((loss, k) => `${x(k)},${y(loss)}`).join(" "));
  const [first, last] = [known[0], known.at(-1)].map((loss) => format(loss, 4));
  byId("course").ariaLabel = `the loss over ${known.length - 1} steps, from ${first} to ${last}`;
  setText("highest", format(high, 4));
  setText("lowest", format(low, 4));
}

function halt() {
  clearInterval(running);
  running = undefined;
  setText("run", "run");
}

on("descend", "click", () => {
  halt();
  descend();
});
on("run", "click", () => {
  if (running) return halt();
  setText("run", "stop");
  running = setInterval(() => descend() || halt(), RUN_EVERY);
});
on("back", "click", () => {
  halt();
  course.length = 0;
  report("");
  reset(leaves);
});
