"""Learning by being asked: the next step is hidden, and a wrong answer is told what it may have mixed up."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from viz.math.formulas import format_number
from viz.stepping.answers import read_answer
from viz.stepping.recording import Recording, Step

REL_TOLERANCE = 5e-3  # an answer may be rounded to three digits
KINDS = ("local derivative", "contribution", "gradient so far")


@dataclass(frozen=True)
class Question:
    """What is asked, and what is known about answers to it.

    Attributes:
        text: The question.
        answer: The right number.
        what: One of "local derivative", "contribution", "gradient so far"; "value", forward.
        mistakes: Numbers that known mistakes lead to, and what to say of them.
        values: The values of nodes by the names that answers may use.
        step: The number of the step that is asked about.
        hint: What it takes to find the answer: the rule, and how the nodes are made.
    """

    text: str
    answer: float
    what: str
    mistakes: tuple[tuple[float, str], ...] = ()
    values: tuple[tuple[str, float], ...] = ()
    step: int = 0
    hint: tuple[str, ...] = ()

    def check(self, given: str) -> str:
        """Say whether an answer, a number or a small formula, is right, and if not, what may have been mixed up.

        Raises ValueError, TypeError and DomainError, like `viz.stepping.answers.read_answer`, for what is no answer.

        >>> Question("?", 6.0, "contribution", ((2.0, "the upstream gradient is missing"),)).check("2")
        'Not quite: the upstream gradient is missing. It is 6.'
        """
        found = read_answer(given, dict(self.values))
        if _close(found, self.answer):
            return f"Right: {format_number(self.answer)}."
        for wrong, why in self.mistakes:
            if _close(found, wrong) and not _close(wrong, self.answer):
                return f"Not quite: {why}. It is {format_number(self.answer)}."
        return f"No, it is {format_number(self.answer)}."

    def reads(self, given: str) -> bool:
        """Whether this is an answer at all, right or wrong."""
        try:
            read_answer(given, dict(self.values))
        except (ValueError, TypeError, ArithmeticError):
            return False
        return True

    def reveal(self) -> str:
        """The answer, for somebody who gives none.

        >>> Question("?", 6.0, "contribution").reveal()
        'Not known; it is 6.'
        """
        return f"Not known; it is {format_number(self.answer)}."


def question_about(step: Step, steps: Recording, names: tuple[str, str, str], turn: int) -> Question:
    """A question about a backward step from a node to its input; `names` are those of the output and of these two.

    `turn` says which of the three numbers is hidden.
    """
    output, node, x = names
    before = steps.total_before(step.number - 1)
    known, edge = f"∂{output}/∂{node} = {format_number(step.upstream)}", _edge(step, node, x)
    product = f"∂{output}/∂{node} · ∂{node}/∂{x}"
    of_contribution = list(_of_contribution(step, steps))
    match what := KINDS[turn % 3]:
        case "local derivative":
            is_alone = edge.startswith("edge ")
            text = f"What is the local derivative ∂{node}/∂{x}{f' along {edge} alone' if is_alone else ''}?"
            rule = f"how {node} changes with {x}, while all else that it is made from stays"
            rule += f", {x} as its other input too" if is_alone else ""
            answer, mistakes = step.local_derivative, list(_of_local(step, steps))
        case "contribution":
            text, rule = f"{known}. What does {edge} add to ∂{output}/∂{x}?", product
            answer, mistakes = step.contribution, of_contribution
        case _:
            so_far = "" if before is None else f", and so far ∂{output}/∂{x} = {format_number(before)}"
            text = f"{known}{so_far}. What is ∂{output}/∂{x} after {edge}?"
            rule = product if before is None else f"what is there so far, {format_number(before)}, + {product}"
            answer, mistakes = step.total, [*_of_total(step, before or 0.0), *of_contribution]
    return Question(text, answer, what, tuple(mistakes), hint=(f"the rule: {rule}",))


def _edge(step: Step, node: str, x: str) -> str:
    """The edge of a step in words; which one it is, if the node reads its input several times, as x·x does."""
    parallel = [i for i, other in enumerate(step.node.inputs) if other is step.input]
    which = "the edge" if len(parallel) == 1 else f"edge {parallel.index(step.index) + 1} of {len(parallel)}"
    return f"{which} from {node} to {x}"


def _of_local(step: Step, steps: Recording) -> Iterator[tuple[float, str]]:
    yield -step.local_derivative, "the sign is wrong"
    yield step.contribution, "that is the local derivative times the upstream gradient; the local one alone is asked"
    yield from _of_the_other_input(step, steps, 1.0)
    if step.local_derivative:
        yield 1.0 / step.local_derivative, "that is the derivative the wrong way round"


def _of_contribution(step: Step, steps: Recording) -> Iterator[tuple[float, str]]:
    yield step.local_derivative, "the upstream gradient is missing: multiply by it"
    yield step.upstream, "that is the upstream gradient; multiply it by the local derivative"
    yield -step.contribution, "the sign is wrong"
    yield step.upstream + step.local_derivative, "the chain rule multiplies along a path, it does not add"
    yield from _of_the_other_input(step, steps, step.upstream)


def _of_total(step: Step, before: float) -> Iterator[tuple[float, str]]:
    if before:
        yield step.contribution, "another path is forgotten: add to what is there"
        yield before, "that is what was there; the contribution of this edge is missing"
        yield before * step.contribution, "the sum rule adds across paths, it does not multiply"


def _of_the_other_input(step: Step, steps: Recording, factor: float) -> Iterator[tuple[float, str]]:
    together = sum(edge.local_derivative for edge in steps.edges(step) if edge.input is step.input)
    yield factor * together, "that is of all edges between the two together; each is a path of its own"
    for other in steps.edges(step):
        if other.index != step.index:
            yield factor * other.local_derivative, "that is the derivative by another input of the node"


def _close(x: float, y: float) -> bool:
    return x == y or math.isclose(x, y, rel_tol=REL_TOLERANCE, abs_tol=1e-9)
