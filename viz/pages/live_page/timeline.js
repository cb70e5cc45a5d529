// The steps of both passes, forwards and backwards.

const PLAY_EVERY = 1200; // milliseconds
let lastStep = 0,
  playing;

function paintTimeline(facts) {
  const { known } = facts;
  lastStep = facts.steps.length;
  const at = known.until,
    lines = narrate(facts, at);
  if (known.isAtEnd && lastStep) lines.push(ending(facts));
  const [title, ...said] = lastStep ? lines : ["The output does not have a value for these numbers."];
  const text = [title[0].toUpperCase() + title.slice(1), ...said];
  setLines("said", text, (line, k) => element(k ? "p" : "h2", k ? {} : { id: "where" }, line));
  Object.assign(byId("step"), { max: lastStep, value: at, ariaValueText: `step ${at} of ${lastStep}` });
  byId("first").disabled = byId("previous").disabled = at === 0;
  byId("next").disabled = byId("last").disabled = at === lastStep;
  setText("play", playing ? "pause" : "play");
}

const position = () => (state.step === null ? lastStep : min(state.step, lastStep));
const moves = { first: () => 0, previous: () => position() - 1, next: () => position() + 1, last: () => lastStep };

function stop() {
  clearInterval(playing);
  playing = undefined;
}

/** Stop playing, and go to a step. */
function jump(step) {
  stop();
  edit = null;
  go(step);
}

for (const [name, target] of Object.entries(moves)) on(name, "click", () => jump(target()));
on("step", "input", (event) => jump(Number(event.target.value)));
byId("play").hidden = matchMedia("(prefers-reduced-motion: reduce)").matches;
on("play", "click", () => {
  if (playing) stop();
  else {
    if (position() === lastStep) jump(0);
    playing = setInterval(() => {
      if (position() >= lastStep - 1) stop();
      go(position() + 1);
    }, PLAY_EVERY);
  }
  change();
});

// Arrows, Home and End move, wherever the focus is not on something that uses them itself.
const KEYS = { ArrowRight: "next", ArrowLeft: "previous", Home: "first", End: "last" };
on(document, "keydown", (event) => {
  const isTaken = event.target.closest('input:not([id="step"]), select, textarea');
  if (!KEYS[event.key] || isTaken || hasModifier(event) || event.shiftKey) return;
  event.preventDefault();
  jump(moves[KEYS[event.key]]());
});
