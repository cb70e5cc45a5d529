// The questions about steps: those of viz/questions, about the present numbers.

const asked = page.questions;

/** The kind of question about a step: in turns; where a sum is whole, the derivative, or of a leaf, the sign. */
function kindOf(facts, step) {
  if (step.isForward) return "value";
  const turn = asked.turns[(facts.steps.indexOf(step) + 1) % asked.turns.length];
  if (turn !== "running sum" || step.terms.length < step.of) return turn;
  return leaves.includes(step.target) && moveOf(facts, step.target) ? "sign" : "derivative";
}

/** The steps to the target of a step, up to it. */
const stepsUpTo = ({ steps }, { target, terms }) =>
  steps.filter((step) => step.target === target && step.local !== undefined).slice(0, terms.length);

/** A template with names in the places of its fields; other fields stay. */
const putNames = (template, names) =>
  template.replace(/{(\w+)\[?(\d*)\]?}/g, (field, name, k) => (k ? names[name]?.[k] : names[name]) || field);

/** The sentence about a fault, in names if there are all of them. */
function sentence({ says, named = says }, names) {
  const text = putNames(named, names);
  return text.includes("{") ? says : text;
}

/** The names in sentences about faults in these steps, by their fields: those of viz/questions/naming.py. */
function namesAbout({ view, steps }, about) {
  const arrowOf = ({ arrow }) => view.arrows[arrow];
  const pathOf = (step) =>
    arrowOf(step).path ?? putNames(asked.paths[Number(step.node === state.output)], { node: labels[step.node] });
  const localOf = ({ node, target }) => localName(node, target),
    join = (texts) => unique(texts.filter(Boolean)).join(" and ");
  const otherOf = (step, n) => {
    const other = siblingOf(steps, step, n);
    return other.target === step.target ? arrowOf(other).path : localOf(other);
  };
  const [{ node, target }] = about;
  const functions = about.map((step) => view.formulas[step.node]).filter(({ f }) => f !== undefined),
    weights = about.map((step) => arrowOf(step).swapped).find(Boolean) ?? [],
    unfinished = about.find((step) => steps.some(({ target, of }) => target === step.node && of > 1));
  return {
    ...(functions.every(({ f }) => f === functions[0].f) && functions[0]),
    x: labels[target],
    node: labels[node],
    y: labels[state.output],
    weight: labels[weights[0]],
    swapped: labels[weights[1]],
    unfinished: unfinished && partial(unfinished.node),
    paths: about.map(pathOf),
    others: [0, 1, 2, 3].map((n) => join(about.map((step) => otherOf(step, n)))),
    local: join(about.map(localOf)),
  };
}

/** The question about a step: its text, its answer, its mistakes, and its hints. */
function questionAbout(facts, step) {
  const kind = kindOf(facts, step);
  const { rule, faults } = asked.kinds[kind],
    namesOf = ({ rule }) =>
      step.isForward ? {} : namesAbout(facts, asked.turns.includes(kind) && rule !== "total" ? [step] : stepsUpTo(facts, step)),
    ask = { value: valueQuestion, "local derivative": localQuestion }[kind] ?? sumQuestion;
  const [text, number, ...hints] = ask(facts, step, kind);
  const numberWith = (fault) => attempt(number, rulesWith(facts, fault), fault),
    answer = numberWith();
  const mistakes = faults
    .map((k) => asked.faults[k])
    .map((fault) => ({ says: sentence(fault, namesOf(fault)), answer: numberWith(fault) }))
    .filter((mistake) => isFinite(mistake.answer) && !isClose(mistake.answer, answer));
  const hint = putNames(rule, { node: labels[step.node], x: labels[step.target] });
  const question = { kind, text, answer, mistakes, hints: [hint, ...hints], advice: asked.advice };
  return kind === "sign" ? signQuestion(facts, step.target, question) : question;
}

/** A formula in numbers, with a blank for the last. */
const blank = (template, facts) => written(template.with(template.findLastIndex(Array.isArray), asked.blank), facts);

/** The equations of nodes, and the values in them. */
const withValues = (facts, nodes, values) =>
  [nodes.map((node) => relation(facts, node)).join(", "), valuesOf(facts, values).join(", ")].filter(Boolean).join(", with ");

/** What is known where steps begin: that of wording.given. */
function givenAt(facts, steps) {
  const nodes = unique(steps.map(({ node }) => node)),
    { formulas, arrows } = facts.view,
    values = unique(nodes.flatMap((node) => formulas[node].given)),
    few = (list) => list.length <= asked.max_given;
  return withValues(
    facts,
    few(nodes) ? nodes : [],
    few(values) ? values : unique(steps.flatMap(({ arrow }) => arrows[arrow].needs)),
  );
}

function valueQuestion(facts, { node }) {
  const { put, given } = facts.view.formulas[node],
    known = withValues(facts, [node], given.filter((x) => x !== node));
  return [`${known}. What is ${labels[node]}?`, (rules) => rules.value({ node }), `${labels[node]} = ${blank(put, facts)}`];
}

function localQuestion(facts, step) {
  const { rule, put, asks } = facts.view.arrows[step.arrow],
    known = withValues(facts, [step.node], facts.view.formulas[step.node].given),
    text = `${known}. What is the local derivative ${asks}?`;
  const sides = [...rule.map((side) => written(side, facts)), blank(put, facts)];
  return [text, (rules) => rules.local(step), ...(rule.length > 1 || put.length > 3 ? [equal(localName(step.node, step.target), ...sides)] : [])];
}

/** The question about the contribution of a step, the sum so far, or the whole sum. */
function sumQuestion(facts, step, kind) {
  const slope = partial(step.target),
    edgeOf = ({ arrow, node }) =>
      facts.view.arrows[arrow].path ?? putNames(asked.edge, { node: labels[node], x: labels[step.target] }),
    isWhole = kind === "derivative" || kind === "sign";
  const steps = stepsUpTo(facts, step),
    terms = isWhole ? steps : [step];
  const before = kind === "running sum" ? steps[step.terms.length - 2]?.result : undefined,
    soFar = before === undefined ? [] : [shown(before)];
  const passed = terms.filter(({ node }) => !isWhole || node !== state.output),
    known = unique(passed.map((s) => `${partial(s.node)} = ${shown(s.upstream)}`)).join(", "),
    given = givenAt(facts, terms);
  const after = isWhole || step.of < 2 ? "" : ` after ${edgeOf(step)}`,
    question = after && kind === "contribution" ? `does ${edgeOf(step)} add to ${slope}` : `is ${slope}${after}`;
  const numbers = (s) => product([shown(s.upstream), s === step ? asked.blank : shown(s.local)]);
  return [
    [given, known + soFar.map((x) => `, and so far ${slope} = ${x}`), `What ${question}?`].filter(Boolean).join(". "),
    (rules, fault) =>
      isWhole || fault?.rule === "total"
        ? rules.total(steps)
        : (before ?? 0) + rules.contribution(step),
    ...(kind === "sign" && given ? [given] : []), // its text is another
    sum([...soFar, ...terms.map((s) => inNames(facts, s))]),
    sum([...soFar, ...terms.map(numbers)]),
  ];
}

const directionOf = (x) => (x > 0 ? "up" : x < 0 ? "down" : "stays");

/** The change of the output when a leaf goes up; NaN where it goes up by less than rounding. */
function changeBy({ numbers }, x, size) {
  const { output } = state,
    moved = numbers[x] + size;
  return moved === numbers[x] ? NaN : compute([...state.leaves, [nodes[x].name, moved]]).numbers[output] - numbers[output];
}

/** The move of a leaf in which the slope hardly changes, so that the derivative tells the change; if there is one. */
function moveOf(facts, x) {
  const slope = facts.derivatives.get(x) ?? 0;
  const isStraight = (size) =>
    Math.abs(changeBy(facts, x, size) - slope * size) <= asked.straight * Math.abs(slope * size);
  return asked.moves.find(isStraight);
}

/** The question about the sign of a change, made of that about the derivative; its reason moves the leaf. */
function signQuestion(facts, x, { answer, mistakes, hints }) {
  const { numbers } = facts;
  const slope = { x: partial(x) },
    went = directionOf(answer),
    size = moveOf(facts, x);
  const [from, to] = [numbers[x], numbers[x] + size].map(shown),
    move = `${labels[x]} goes from ${from} to ${to}`;
  return {
    kind: "sign",
    text: `${move}. ${putNames(asked.sign.question, { y: labels[state.output] })}`,
    answer: went,
    mistakes: mistakes
      .map(({ says, answer }) => ({ says, answer: directionOf(answer) }))
      .filter((mistake) => ![went, "stays"].includes(mistake.answer)),
    hints: [putNames(asked.sign.hint, slope), ...hints.slice(1)],
    advice: putNames(asked.sign.advice, slope),
    reason: `${move}: ${prediction(x, answer, size, changeBy(facts, x, size))}`,
  };
}

const isClose = (x, y, n = 1) =>
  Math.abs(x - y) <= max(n * asked.rel_tolerance * max(Math.abs(x), Math.abs(y)), asked.abs_tolerance);

/** Whether two answers to a question are the same; numbers, to three digits. */
const isSame = ({ kind }, x, y) => (kind === "sign" ? x === y : isClose(x, y));

/** What is said about a wrong answer. */
function explain(question, found) {
  const { kind, advice, mistakes } = question,
    fitting = mistakes.filter(({ answer }) => isSame(question, found, answer)),
    perhaps = unique(fitting.map(({ says }) => says));
  const reply = asked.replies[min(perhaps.length, asked.replies.length) - 1];
  if (reply) return putNames(reply, { ...perhaps, advice });
  if (kind === "sign") return `No. ${advice}`;
  return isClose(found, question.answer, asked.close) ? asked.is_close : "No.";
}
