// Being asked: the timeline stops before a step until the question about it is answered, or its answer is shown.

let tries; // at the open question: the answer, the number of hints, and why an answer could not be read
let closing = []; // what was said at the end of the last question
let points = 0,
  count = 0; // of the questions that were asked to their end

/** The question that is open. */
function openQuestion(facts) {
  const { until } = facts.known;
  return state.isOpen && until === state.asking ? questionAbout(facts, facts.steps[until]) : null;
}

/** Go to a step; where a question comes before it, stop there, and ask it; ∂y/∂y = 1 is not asked. */
function go(step) {
  const to = Math.max(0, Math.min(step, lastStep)),
    isAsked = (s, k) => k >= state.asking && s.arrow !== null && Number.isFinite(s.result);
  const at = state.asking === null ? -1 : evaluateAll(state).steps.findIndex(isAsked);
  if (at < 0 || to <= at) return change({ step: to });
  stop();
  if (!state.isOpen) {
    tries = { n_hints: 0 };
    byId("answer").value = "";
  }
  change({ step: at, asking: at, isOpen: true });
  requestAnimationFrame(() =>
    all("#answering :is(input, button)")
      .find((item) => item.offsetParent)
      ?.focus(),
  );
}

/** The state at another step in other steps; if it asks, from there. */
const placeAt = (step) => (state.asking === null ? { step } : { step: step ?? 0, asking: step ?? 0, isOpen: false });

function paintQuestion(facts) {
  const question = openQuestion(facts),
    isSign = question?.kind === "sign",
    { isAsking, isAtEnd } = facts.known;
  setAttribute(byId("ask"), "aria-pressed", state.asking !== null);
  byId("question").hidden = state.asking === null;
  byId("answering").hidden = !question;
  byId("typing").hidden = isSign;
  byId("signs").hidden = !isSign;
  byId("training").hidden = isAsking || !page.parameters.length;
  const lines = question
    ? linesOf(question, tries)
    : [...closing, isAtEnd && "All questions are answered."];
  setLines("dialogue", lines.filter(Boolean));
}

/** What is said at an open question. */
function linesOf(question, { found, n_hints, reason }) {
  const { text, hints, kind } = question;
  const given = hints.slice(0, n_hints).map((hint, k) => `hint ${k + 1} of ${hints.length}: ${hint}`),
    reply = found === undefined || isRight(question, tries) ? reason : explain(question, found); // it may be right by now
  return [kind === "sign" ? text : `${text} (${asked.tolerance}.)`, ...given, reply];
}

const isRight = (question, { found }) => found !== undefined && isSame(question, found, question.answer);

/** Take an answer: if it is right, or "?", which shows the answer, that closes the question. */
function takeAnswer(text) {
  const question = openQuestion(evaluateAll(state)),
    { n_hints } = tries;
  edit = null; // a change of a number is not under way any more: what is read aloud is the reply
  if (text.trim() === "?") return close(question, "The answer", 0);
  try {
    tries = { n_hints, found: question.kind === "sign" ? text : parseNumber(text) };
  } catch ({ message }) {
    tries = { n_hints, reason: message };
  }
  if (isRight(question, tries)) close(question, "Right", Math.max(0, 1 - asked.hint_cost * n_hints));
  else change();
}

/** Count the points, and go on to the step. */
function close({ answer, reason = "" }, title, score) {
  points += score;
  closing = [`${title}: ${reason ? answer : shownNumber(answer)}. ${score} of 1 point; ${points} of ${++count} in all.`, reason];
  change({ step: state.asking + 1, asking: state.asking + 1, isOpen: false });
  byId("next").focus();
}

on("ask", "click", () => {
  halt();
  closing = [];
  if (state.asking !== null) return change({ asking: null, isOpen: false });
  const step = position() % (lastStep || 1); // from the end, the first
  change({ step, asking: step });
  jump(step + 1);
});
on("give", "click", () => takeAnswer(byId("answer").value));
on("answer", "keydown", ({ key }) => key === "Enter" && takeAnswer(byId("answer").value));
for (const button of all("#signs button")) on(button, "click", () => takeAnswer(button.textContent));
on("hint", "click", () => {
  tries.n_hints = Math.min(tries.n_hints + 1, openQuestion(evaluateAll(state)).hints.length);
  change();
});
on("show", "click", () => takeAnswer("?"));
