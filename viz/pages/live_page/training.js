// Gradient descent on the parameters, step by step: the paper's (31), w ← w − λ ∂E/∂w, all weights together.

const course = []; // the loss before the first step, and after each
let running;

/** One step; says why if it cannot be taken. */
function descend() {
  const before = evaluateAll({ ...state, output: page.output, step: null });
  const loss = before.numbers[page.output], slopes = page.parameters.map((p) => before.derivatives.get(p) ?? 0);
  let rate;
  try {
    rate = parseNumber(byId("rate").value);
  } catch (error) {
    return report(`λ: ${error.message}`);
  }
  if (loss === undefined || !slopes.every(Number.isFinite)) return report("No step: the loss or one of its derivatives has no finite value here.");
  page.parameters.forEach((p, k) => {
    const number = numberOf(p) - rate * slopes[k];
    if (Object.is(number, nodes[p].data)) state.leaves.delete(nodes[p].name);
    else state.leaves.set(nodes[p].name, number);
  });
  const after = compute(Object.fromEntries(state.leaves)).numbers[page.output];
  if (!course.length) course.push(loss);
  course.push(after);
  edit = null;
  const name = page.texts[page.output], squares = slopes.reduce((sum, slope) => sum + slope * slope, 0);
  const predicted = `predicted Δ${name} = −λ|g|² = ${formatNumber(-rate * squares, 4)}`;
  if (!Number.isFinite(after)) report(`${name} has no finite value after this step: λ is too large. “all numbers back” starts anew.`);
  else {
    const rise = after > loss ? ` ${name} rose: λ is too large for a straight line to tell what happens.` : "";
    report(`Step ${course.length - 1}: ${name} = ${formatNumber(after, 6)}; ${predicted}, true: ${formatNumber(after - loss, 4)}.${rise}`);
  }
  change({ step: null });
  return Number.isFinite(after);
}

function report(text) {
  byId("report").textContent = text;
  drawCourse();
  return false;
}

/** The course of the loss as a line. */
function drawCourse() {
  const line = byId("course").querySelector("polyline"), known = course.filter(Number.isFinite);
  const [low, high] = [Math.min(...known), Math.max(...known)], height = high - low || 1;
  const points = known.map((loss, k) => `${(100 * k) / Math.max(1, known.length - 1)},${38 - (36 * (loss - low)) / height}`);
  line.setAttribute("points", points.join(" "));
  byId("course").setAttribute("aria-label", known.length ? `the loss, from ${formatNumber(known[0], 4)} to ${formatNumber(known.at(-1), 4)}` : "no step yet");
  byId("highest").textContent = known.length ? formatNumber(high, 4) : "";
  byId("lowest").textContent = known.length ? formatNumber(low, 4) : "";
}

function halt() {
  clearInterval(running);
  running = undefined;
  byId("run").textContent = "run";
  writeAddress();
}

if (page.parameters.length) {
  byId("training").hidden = false;
  byId("descend").addEventListener("click", () => {
    descend();
    writeAddress();
  });
  byId("run").addEventListener("click", () => {
    if (running) return halt();
    byId("run").textContent = "stop";
    running = setInterval(() => descend() || halt(), 100);
  });
  byId("back").addEventListener("click", () => {
    halt();
    course.length = 0;
    report("");
    reset(leaves);
  });
}
