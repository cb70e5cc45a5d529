"""The questions of a page as data: their faults, printed as formulas, their sentences, and their tolerances.

A fault is plain arithmetic, so that it runs on symbols, whose names are the places of its numbers in the script. In a
formula of the script, which is a function of `v` and `d`, `v` is then not the numbers of all nodes but

- the inputs of an operation, and `d` its output, for a fault in the rule of an operation;
- the rules of `questions.js`, and `d` a step, or all steps to a node, for any other fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from string import Formatter
from types import SimpleNamespace
from typing import Any

from engine import Value
from engine.compiler.targets.javascript import operation_key
from engine.op import NEVER, Op
from engine.symbolic.expression import Expression, ExpressionBuilder
from viz.questions.faults import IN_TERMS
from viz.questions.functions import is_function
from viz.questions.kinds import numbers
from viz.questions.kinds.edges import ContributionQuestion, LocalQuestion, RunningSumQuestion
from viz.questions.kinds.numbers import NumberQuestion, ValueQuestion
from viz.questions.kinds.signs import MOVES, STRAIGHT, SignQuestion
from viz.questions.kinds.totals import TotalQuestion
from viz.questions.naming import StepNames
from viz.questions.question import HINT_COST, MAX_PERHAPS, join_perhaps
from viz.questions.rules import Fault
from viz.questions.subject import Subject
from viz.questions.wording import BLANK, MAX_GIVEN, edge_between, path_through
from viz.stepping.quiz import EDGE_KINDS
from viz.stepping.recording import Step

OTHER_NUMBERS = "Other numbers would show which."  # the page does not read formulas
KNOWN = ("x", "node", "y", "local", "paths", "others")  # names that there are wherever a fault makes a difference
KINDS: tuple[type[NumberQuestion], ...] = (
    ValueQuestion, LocalQuestion, ContributionQuestion, RunningSumQuestion, TotalQuestion,
)  # fmt: skip


def question_data(
    operations: Iterable[tuple[Op, int]], builder: ExpressionBuilder, index: Callable[[Expression], int]
) -> dict[str, Any]:
    """The data of questions about a graph of these operations, each with its number of inputs.

    The formulas are made by `builder`, and known to the script by their `index`.
    """
    used = dict.fromkeys(operations)
    kinds = {kind.kind: (kind.rule, kind.faults) for kind in KINDS}
    kinds[SignQuestion.kind] = TotalQuestion.rule, TotalQuestion.faults_of_computation
    kinds = {kind: (rule, for_numbers(those)) for kind, (rule, those) in kinds.items()}
    faults = dict.fromkeys(fault for _, those in kinds.values() for fault in those)
    tracer = _Tracer(builder, index)
    return {
        "kinds": {
            kind: {"rule": rule, "faults": [list(faults).index(fault) for fault in those]}
            for kind, (rule, those) in kinds.items()
        },
        "max_given": MAX_GIVEN,
        "turns": [kind.kind for kind in EDGE_KINDS],
        "faults": [_sentences(fault) | {"rule": fault.rule, **tracer.formulas(fault, used)} for fault in faults],
        "edge": edge_between("{node}", "{x}", 1, 1),
        "paths": [path_through("{node}", is_output) for is_output in (False, True)],
        "replies": [join_perhaps(["{0}", "{1}", "{2}"][:n], "{advice}") for n in range(1, MAX_PERHAPS + 2)],
        "advice": OTHER_NUMBERS,
        "sign": {
            "question": SignQuestion.asks,
            "hint": SignQuestion.first_hint,
            "advice": SignQuestion.advice,
            "tolerance": SignQuestion.tolerance,
        },
        "tolerance": f"A number; {NumberQuestion.tolerance}",
        "rel_tolerance": numbers.REL_TOLERANCE,
        "abs_tolerance": numbers.ABS_TOLERANCE,
        "close": numbers.CLOSE,
        "is_close": numbers.IS_CLOSE,
        "blank": BLANK,
        "hint_cost": HINT_COST,
        "moves": MOVES,
        "straight": STRAIGHT,
        "at_end": "All questions are answered.",
        "without_value": "Undefined for these numbers.",
    }


def for_numbers(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults that are looked for where only numbers are typed: those in one term show in formulas."""
    return tuple(fault for fault in faults if fault not in IN_TERMS)


def _sentences(fault: Fault) -> dict[str, str]:
    """The sentence about a fault, and that with names, if there is one; that alone if its names are always known."""
    fields = {field for _, field, _, _ in Formatter().parse(fault.named) if field}
    if fault.named and all(field.startswith(KNOWN) for field in fields):
        return {"says": fault.named}
    return {"says": fault.says} | ({"named": fault.named} if fault.named else {})


def function_names(subject: Subject, node: Value) -> dict[str, str | None]:
    """The names in sentences about the function that a node is made with; f is None if there are several."""
    names = StepNames(subject, [Step(0, "backward", node, 0.0)])
    if not any(is_function(u.op) for u in subject.operations(node)):
        return {}
    try:
        return {field: str(names[field]) for field in "fazg"}
    except LookupError:
        return {"f": None}


class _Tracer:
    """Runs faults on symbols."""

    def __init__(self, builder: ExpressionBuilder, index: Callable[[Expression], int]) -> None:
        self._builder = builder
        self._index = index

    def formulas(self, fault: Fault, operations: Iterable[tuple[Op, int]]) -> dict[str, Any]:
        """The index of the formula of a fault; of one in operations, those for each operation that it changes."""
        trace = {"rule": self._derivatives, "operate": self._value}.get(fault.rule)
        if trace is None:
            given: Any = _Steps(self._builder) if fault.rule == "total" else _Step(self._builder, "d")
            return {"formula": self._index(self._expression(fault.changed(_Rules(self._builder), given)))}
        found = {operation_key(op, n): trace(fault, op, n) for op, n in operations}
        return {"operations": {key: indices for key, indices in found.items() if any(k is not None for k in indices)}}

    def _derivatives(self, fault: Fault, op: Op, n_inputs: int) -> list[int | None]:
        """For each input, the index of the faulty derivative; None where it is the right one."""
        z, inputs = self._builder.symbol("d"), self._inputs(n_inputs)
        return [
            None
            if op.presence(i) is NEVER
            else self._changed(fault.changed(None, op, z, inputs, i), op.local_derivative(i, z, inputs))
            for i in range(n_inputs)
        ]

    def _value(self, fault: Fault, op: Op, n_inputs: int) -> list[int | None]:
        inputs = self._inputs(n_inputs)
        return [self._changed(fault.changed(None, op, inputs), op(*inputs))]

    def _changed(self, faulty: Expression | float, right: Expression | float) -> int | None:
        made = self._expression(faulty)
        return None if made is self._expression(right) else self._index(made)

    def _expression(self, x: Expression | float) -> Expression:
        return x if isinstance(x, Expression) else self._builder.constant(x)

    def _inputs(self, n: int) -> list[Expression]:
        return [self._builder.symbol(f"v[{i}]") for i in range(n)]


class _Step:
    """A step in the script, as far as faults read it."""

    def __init__(self, builder: ExpressionBuilder, text: str) -> None:
        self.text = text
        self.local_derivative = builder.symbol(f"{text}.local")
        self.contribution = builder.symbol(f"{text}.terms.at(-1)")
        self.node = SimpleNamespace(data=builder.symbol(f"v.data({text})"))
        self.data = self.node.data  # where the fault is about the value of a node


class _Steps:
    """The steps to a node in the script."""

    text = "d"

    def __init__(self, builder: ExpressionBuilder) -> None:
        self._builder = builder

    def __getitem__(self, i: int) -> _Step:
        return _Step(self._builder, f"d.at({i})")


class _Rules:
    """The rules of the script: they have the names of those of `viz.questions.rules.Rules`."""

    def __init__(self, builder: ExpressionBuilder) -> None:
        self._builder = builder

    def __getattr__(self, name: str) -> Callable[..., Expression]:
        def call(*given: _Step | _Steps | int) -> Expression:
            arguments = ", ".join(str(x) if isinstance(x, int) else x.text for x in given)
            return self._builder.symbol(f"v.{name}({arguments})")

        return call
