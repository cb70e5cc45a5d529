// The questions about steps: those of viz/questions, about the present numbers.

const asked = page.questions;

/** The kind of question about a step: in turns; where a sum is whole, the derivative, or of a leaf, the sign. */
function kindOf({ steps }, step) {
  if (step.isForward) return "value";
  const turn = asked.turns[(steps.indexOf(step) + 1) % asked.turns.length];
  if (turn !== "running sum" || step.terms.length < step.of) return turn;
  return leaves.includes(step.target) ? "sign" : "derivative";
}

/** The question about a step: its text, its answer, its mistakes, and its hints. */
function questionAbout(facts, step) {
  const kind = kindOf(facts, step);
  const { rule, faults } = asked.kinds[kind],
    ask = { value: valueQuestion, "local derivative": localQuestion }[kind] ?? sumQuestion;
  const [text, number, ...hints] = ask(facts, step, kind);
  const numberWith = (fault) => attempt(number, rulesWith(facts, fault), fault),
    answer = numberWith();
  const mistakes = faults
    .map((k) => ({ says: asked.faults[k].says, answer: numberWith(asked.faults[k]) }))
    .filter((mistake) => Number.isFinite(mistake.answer) && !isClose(mistake.answer, answer));
  const hint = rule.replace("{node}", labels[step.node]).replace("{x}", labels[step.target]);
  const question = { kind, text, answer, mistakes, hints: [hint, ...hints] };
  return kind === "sign" ? signQuestion(facts, step.target, question) : question;
}

/** A formula in numbers, with a blank for the last. */
const blank = (template, facts) => written(template.with(template.findLastIndex(Array.isArray), asked.blank), facts);

function valueQuestion(facts, step) {
  const { put, given } = facts.view.formulas[step.node],
    name = labels[step.node];
  const text = `${relation(facts, step.node)}${written(given, facts)}. What is ${name}?`;
  return [text, (rules) => rules.value(step), `${name} = ${blank(put, facts)}`];
}

function localQuestion(facts, step) {
  const { rule, put, question } = facts.view.arrows[step.arrow],
    local = `∂${labels[step.node]}/∂${labels[step.target]}`;
  const text = relation(facts, step.node) + written([...facts.view.formulas[step.node].given, ...question], facts);
  const sides = [...rule.map((side) => written(side, facts)), blank(put, facts)];
  return [text, (rules) => rules.local(step), ...(rule.length > 1 || put.length > 3 ? [equal(local, ...sides)] : [])];
}

/** The question about the contribution of a step, the sum so far, or the whole sum. */
function sumQuestion(facts, step, kind) {
  const slope = partial(step.target),
    edgeOf = ({ arrow }) => facts.view.arrows[arrow].edge,
    isWhole = kind === "derivative" || kind === "sign";
  const steps = facts.steps.filter((s) => s.target === step.target && s.local !== undefined),
    terms = isWhole ? steps : [step];
  const before = kind === "running sum" ? steps[step.terms.length - 2]?.result : undefined,
    soFar = before === undefined ? [] : [shownNumber(before)];
  const known = new Set(terms.map((s) => `${partial(s.node)} = ${shownNumber(s.upstream)}`));
  const what = isWhole ? `is ${slope}` : `is ${slope} after ${edgeOf(step)}`,
    question = kind === "contribution" ? `does ${edgeOf(step)} add to ${slope}` : what;
  const numbers = (s) => product([shownNumber(s.upstream), s === step ? asked.blank : shownNumber(s.local)]);
  return [
    `${[...known].join(", ")}${soFar.map((x) => `, and so far ${slope} = ${x}`)}. What ${question}?`,
    (rules, fault) =>
      isWhole || fault?.rule === "total"
        ? rules.total(steps.slice(0, step.terms.length))
        : (before ?? 0) + rules.contribution(step),
    terms.map((s) => `${edgeOf(s)}: ${relation(facts, s.node)}`).join("; "),
    sum([...soFar, ...terms.map((s) => inNames(facts, s))]),
    sum([...soFar, ...terms.map(numbers)]),
  ];
}

const directionOf = (x) => (x > 0 ? "up" : x < 0 ? "down" : "stays");

/** The question about the sign of a change, made of that about the derivative; its reason moves the leaf. */
function signQuestion({ numbers }, x, { answer, mistakes, hints }) {
  const { output } = state,
    went = directionOf(answer);
  const changeBy = (size) =>
    compute([...state.leaves, [nodes[x].name, numbers[x] + size]]).numbers[output] - numbers[output];
  const isStraight = (size) => Math.abs(changeBy(size) - answer * size) <= 0.3 * Math.abs(answer * size);
  const size = asked.moves.find(isStraight) ?? asked.moves.at(-1);
  const [from, to] = [numbers[x], numbers[x] + size].map(shownNumber),
    move = `${labels[x]} goes from ${from} to ${to}`;
  return {
    kind: "sign",
    text: `${move}. Does ${labels[output]} go up, go down, or stay?`,
    answer: went,
    mistakes: mistakes
      .map(({ says, answer }) => ({ says, answer: directionOf(answer) }))
      .filter((mistake) => ![went, "stays"].includes(mistake.answer)),
    hints: [`the change is about ${partial(x)} times the move: it has the sign of ${partial(x)}`, ...hints.slice(1)],
    reason: `${move}: ${prediction(x, answer, size, changeBy(size))}`,
  };
}

const isClose = (x, y, n = 1) =>
  Math.abs(x - y) <= Math.max(n * asked.rel_tolerance * Math.max(Math.abs(x), Math.abs(y)), asked.abs_tolerance);

/** Whether two answers to a question are the same; numbers, to three digits. */
const isSame = ({ kind }, x, y, n) => (kind === "sign" ? x === y : isClose(x, y, n));

/** What is said about a wrong answer. */
function explain(question, found) {
  const fitting = question.mistakes.filter(({ answer }) => isSame(question, found, answer)),
    perhaps = new Set(fitting.map(({ says }) => says));
  if (perhaps.size) return `Not quite. Perhaps ${[...perhaps].join("; or ")}.`;
  return isSame(question, found, question.answer, asked.close) ? "Close, but not to 3 digits." : "No.";
}
