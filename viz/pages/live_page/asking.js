// Being asked: the timeline stops before a step until the question about it is answered, or its answer is shown.

// `state.asking`: after how many steps the next question may come, whether it is asked, the number of its hints, and the
// points and the number of the questions that were asked to their end; as the address has them.

let tries = {}; // at the open question: the answer, and why an answer could not be read
let closing = []; // what was said at the end of the last question

/** Whether there is a question about a step: not about ∂y/∂y = 1, nor about what does not have a value. */
const canAsk = (step) => step && step.arrow !== null && isFinite(step.result);

/** The question that is open. */
function askedNow(facts = evaluate()) {
  const { until } = facts.known,
    step = facts.steps[until];
  return state.asking?.isOpen && until === state.asking.at && canAsk(step) ? questionAbout(facts, step) : null;
}

/** The state at another question, or where it may come. */
const askAt = (at, changes) => ({ step: at, asking: { ...state.asking, at, ...changes } });

/** Go to a step; where a question comes before it, stop there, and ask it. */
function go(step) {
  const to = max(0, min(step, lastStep));
  const at = state.asking ? evaluate().steps.findIndex((s, k) => k >= state.asking.at && canAsk(s)) : -1;
  if (at < 0 || to <= at) return change({ step: to });
  stop();
  if (!state.asking.isOpen) {
    tries = {};
    byId("answer").value = "";
  }
  change(askAt(at, { isOpen: true }));
  requestAnimationFrame(() => {
    all("#answering :is(input, button)")
      .find((item) => item.offsetParent)
      ?.focus({ preventScroll: true });
    byId("question").scrollIntoView({ block: "nearest" }); // no further, for the sake of the graph
  });
}

/** The state at another step in other steps; if it asks, from there. */
const placeAt = (step) => (state.asking ? askAt(step ?? 0, { isOpen: false, hints: 0 }) : { step });

function paintQuestion(facts) {
  const question = askedNow(facts),
    isSign = question?.kind === "sign",
    { isAsking, isAtEnd } = facts.known;
  byId("ask").ariaPressed = !!state.asking;
  byId("question").hidden = !state.asking;
  byId("answering").hidden = !question;
  byId("typing").hidden = isSign;
  byId("signs").hidden = !isSign;
  byId("training").hidden = isAsking || !page.parameters.length;
  const lines = question
    ? linesOf(question)
    : [...closing, isAtEnd && asked[lastStep ? "at_end" : "without_value"]];
  setLines("dialogue", lines.filter(Boolean));
}

/** What is said at an open question. */
function linesOf(question) {
  const { text, hints, kind } = question,
    { found, reason } = tries;
  const given = hints.slice(0, state.asking.hints).map((hint, k) => `hint ${k + 1} of ${hints.length}: ${hint}`),
    reply = found === undefined || isRight(question) ? reason : explain(question, found); // it may be right by now
  return [`${text} (${(asked[kind] ?? asked).tolerance}.)`, ...given, reply];
}

const isRight = (question) => isSame(question, tries.found, question.answer);

/** Take an answer: if it is right, or "?", which shows the answer, that closes the question. */
function takeAnswer(text) {
  const question = askedNow();
  edit = null; // a change of a number is not under way any more: what is read aloud is the reply
  if (!question) return;
  if (text.trim() === "?") return close(question, "The answer", 0);
  try {
    tries = { found: question.kind === "sign" ? text : parseNumber(text), isAgain: !!tries.found };
  } catch ({ message }) {
    tries = { reason: message };
  }
  if (isRight(question)) close(question, "Right", max(0, 1 - asked.hint_cost * state.asking.hints - !!(asked[question.kind] && tries.isAgain)));
  else change();
}

/** Count the points, and go on to the step. */
function close({ answer, reason = "" }, title, score) {
  const points = state.asking.points + score,
    count = state.asking.count + 1;
  closing = [`${title}: ${reason ? answer : shown(answer)}. ${score} of 1 point; ${points} of ${count} in all.`, reason];
  change(askAt(state.asking.at + 1, { isOpen: false, hints: 0, points, count }));
  byId("next").focus();
}

on("ask", "click", () => {
  halt();
  closing = [];
  if (state.asking) return change({ asking: null });
  const at = position() % (lastStep || 1); // from the end, the first
  change({ step: at, asking: { at, isOpen: false, hints: 0, points: 0, count: 0 } });
  jump(at + 1);
});
on("give", "click", () => takeAnswer(byId("answer").value));
on("answer", "keydown", ({ key }) => key === "Enter" && takeAnswer(byId("answer").value));
for (const button of all("#signs button")) on(button, "click", () => takeAnswer(button.textContent));
on("hint", "click", () => {
  const all = askedNow()?.hints.length ?? 0,
    hints = min(state.asking.hints + 1, all);
  change({ asking: { ...state.asking, hints } });
});
on("show", "click", () => takeAnswer("?"));
