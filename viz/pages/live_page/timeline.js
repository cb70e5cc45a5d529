// The steps of both passes, forwards and backwards.

let count = 0, playing;

/** What a step does, in a sentence. */
function sentence(step, view, facts) {
  const name = page.texts[step.target];
  if (step.arrow === undefined) {
    const put = fill(view.formulas[step.target], facts.numbers), result = formatNumber(step.result, 4);
    return [`Forward: ${name} = `, math(`${state.view}-formula-${step.target}`), put === result ? "" : ` = ${put}`, ` = ${result}`];
  }
  if (step.arrow === null) return [`Backward: ${partial(step.target)} = 1, the derivative of the output with respect to itself`];
  const { node, rule, paths } = view.arrows[step.arrow];
  const local = formatNumber(step.local, 4);
  const last = step.terms.at(-1), texts = step.terms.map((term) => formatNumber(term, 4));
  const parts = [`Backward, from ${page.texts[node]} to ${name}: ∂${page.texts[node]}/∂${name}`];
  parts.push(...opened(step.arrow, rule, facts, local), paths > 1 ? ` (${paths} paths)` : "");
  parts.push(`; ${partial(node)} · ∂${page.texts[node]}/∂${name} = ${product([formatNumber(step.upstream, 4), local])} = ${formatNumber(last, 4)}`);
  if (step.of > 1) {
    const isWhole = step.terms.length === step.of;
    parts.push(`; ${partial(step.target)} = ${isWhole ? `${sum(texts)} = ${formatNumber(step.result, 4)}` : `${sum(texts)} + …, ${step.terms.length} of ${step.of} terms`}`);
  }
  return parts;
}

function paintTimeline(view, facts, known, steps) {
  count = steps.length;
  const at = known.until, step = steps[at - 1];
  byId("where").textContent = `step ${at} of ${count}`;
  const text = !count ? ["The output has no value here."] : at === 0 ? ["The numbers of the leaves are known."] : state.step === null ? ["All numbers are known."] : sentence(step, view, facts);
  byId("said").replaceChildren(...text);
  const slider = byId("step");
  slider.max = count;
  slider.value = at;
  slider.setAttribute("aria-valuetext", byId("where").textContent);
  byId("first").disabled = byId("previous").disabled = at === 0;
  byId("next").disabled = byId("last").disabled = at === count;
  byId("play").textContent = playing ? "pause" : "play";
}

const position = () => (state.step === null ? count : Math.min(state.step, count));
function go(step) {
  change({ step: Math.max(0, Math.min(step, count)) });
  writeAddress();
}
const moves = { first: () => 0, previous: () => position() - 1, next: () => position() + 1, last: () => count };
for (const [id, target] of Object.entries(moves))
  byId(id).addEventListener("click", () => {
    stop();
    go(target());
  });
byId("step").addEventListener("input", (event) => {
  stop();
  go(Number(event.target.value));
});

function stop() {
  clearInterval(playing);
  playing = undefined;
}
byId("play").addEventListener("click", () => {
  if (playing) stop();
  else {
    if (position() === count) go(0);
    playing = setInterval(() => {
      if (position() >= count) stop();
      go(position() + 1);
    }, 1200);
  }
  change();
});

// Arrows, Home and End move, wherever the focus is not on something that uses them itself.
document.addEventListener("keydown", (event) => {
  const id = { ArrowRight: "next", ArrowLeft: "previous", Home: "first", End: "last" }[event.key];
  const isTaken = event.target.closest('input:not([id="step"]), select, textarea') || event.altKey || event.ctrlKey || event.metaKey;
  if (!id || isTaken) return;
  event.preventDefault();
  stop();
  go(moves[id]());
});
