"""The quiz: questions about the next step, and replies that explain likely mistakes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from viz.math.formulas import format_number
from viz.stepping.answers import read_answer
from viz.stepping.recording import Recording, Step

REL_TOLERANCE = 5e-3  # answers may be rounded to three digits
KINDS = ("local derivative", "contribution", "gradient so far")


@dataclass(frozen=True)
class Question:
    """A question about a step, with its answer.

    Attributes:
        text: The question.
        answer: The right number.
        kind: One of "local derivative", "contribution", "gradient so far".
        mistakes: Wrong answers, each with its explanation.
        values: The values of nodes by the names that answers may use.
        step: The number of the step that the question is about.
        hint: Lines that help to find the answer: the rule, and the formulas of the nodes.
    """

    text: str
    answer: float
    kind: str
    mistakes: tuple[tuple[float, str], ...] = ()
    values: tuple[tuple[str, float], ...] = ()
    step: int = 0
    hint: tuple[str, ...] = ()

    def check(self, given: str) -> str:
        """Return the reply to an answer, a number or a formula; if it is wrong, with an explanation of the mistake.

        Raises ValueError, TypeError and DomainError, like `viz.stepping.answers.read_answer`, if it cannot be read.

        >>> Question("?", 6.0, "contribution", ((2.0, "the upstream gradient is missing"),)).check("2")
        'Not quite: the upstream gradient is missing. It is 6.'
        """
        found = read_answer(given, dict(self.values))
        if _is_close(found, self.answer):
            return f"Right: {format_number(self.answer)}."
        for wrong, why in self.mistakes:
            if _is_close(found, wrong) and not _is_close(wrong, self.answer):
                return f"Not quite: {why}. It is {format_number(self.answer)}."
        return f"No, it is {format_number(self.answer)}."

    def is_answer(self, given: str) -> bool:
        """Whether this can be read as an answer."""
        try:
            read_answer(given, dict(self.values))
        except (ValueError, TypeError, ArithmeticError):
            return False
        return True

    def reveal(self) -> str:
        """Return the answer, for a user who does not know it.

        >>> Question("?", 6.0, "contribution").reveal()
        'Not known; it is 6.'
        """
        return f"Not known; it is {format_number(self.answer)}."


def question_about(step: Step, steps: Recording, names: tuple[str, str, str], turn: int) -> Question:
    """Return a question about a backward step; `names` are those of the output, the node and its input.

    `turn` chooses the kind of question.
    """
    output, node, x = names
    before = steps.gradient_before(step.number - 1)
    known, edge = f"∂{output}/∂{node} = {format_number(step.upstream)}", _edge_name(step, steps, node, x)
    product = f"∂{output}/∂{node} · ∂{node}/∂{x}"
    contribution_mistakes = list(_contribution_mistakes(step, steps))
    match kind := KINDS[turn % 3]:
        case "local derivative":
            is_alone = edge.startswith("edge ")
            text = f"What is the local derivative ∂{node}/∂{x}{f' along {edge} alone' if is_alone else ''}?"
            rule = f"how {node} changes with {x} while its other inputs stay the same"
            rule += f", including {x} as its other input" if is_alone else ""
            answer, mistakes = step.local_derivative, list(_local_mistakes(step, steps))
        case "contribution":
            text, rule = f"{known}. What does {edge} add to ∂{output}/∂{x}?", product
            answer, mistakes = step.contribution, contribution_mistakes
        case _:
            so_far = "" if before is None else f", and so far ∂{output}/∂{x} = {format_number(before)}"
            text = f"{known}{so_far}. What is ∂{output}/∂{x} after {edge}?"
            rule = product if before is None else f"the gradient so far, {format_number(before)}, + {product}"
            answer, mistakes = step.result, [*_total_mistakes(step, before or 0.0), *contribution_mistakes]
    return Question(text, answer, kind, tuple(mistakes), hint=(f"the rule: {rule}",))


def _edge_name(step: Step, steps: Recording, node: str, x: str) -> str:
    """The name of an edge, with its number if the node reads its input several times, as x·x does."""
    number, n_edges = steps.edge_number(step)
    which = "the edge" if n_edges == 1 else f"edge {number} of {n_edges}"
    return f"{which} from {node} to {x}"


def _local_mistakes(step: Step, steps: Recording) -> Iterator[tuple[float, str]]:
    yield -step.local_derivative, "the sign is wrong"
    yield (
        step.contribution,
        "that is multiplied by the upstream gradient; the question is about the local derivative alone",
    )
    yield from _mistaken_inputs(step, steps, 1.0)
    if step.local_derivative:
        yield 1.0 / step.local_derivative, "that is the reciprocal of the derivative"


def _contribution_mistakes(step: Step, steps: Recording) -> Iterator[tuple[float, str]]:
    yield step.local_derivative, "the upstream gradient is missing: multiply by it"
    yield step.upstream, "that is the upstream gradient; multiply it by the local derivative"
    yield -step.contribution, "the sign is wrong"
    yield step.upstream + step.local_derivative, "the chain rule multiplies along a path, it does not add"
    yield from _mistaken_inputs(step, steps, step.upstream)


def _total_mistakes(step: Step, before: float) -> Iterator[tuple[float, str]]:
    if before:
        yield step.contribution, "another path is forgotten: add the gradient so far"
        yield before, "that is the gradient so far; the contribution of this edge is missing"
        yield before * step.contribution, "the sum rule adds across paths, it does not multiply"


def _mistaken_inputs(step: Step, steps: Recording, factor: float) -> Iterator[tuple[float, str]]:
    together = sum(edge.local_derivative for edge in steps.steps_from(step) if edge.input is step.input)
    yield factor * together, "that is the sum over all edges between the two nodes; each is a path of its own"
    for other in steps.steps_from(step):
        if other.index != step.index:
            yield factor * other.local_derivative, "that is the derivative with respect to another input"


def _is_close(x: float, y: float) -> bool:
    return x == y or math.isclose(x, y, rel_tol=REL_TOLERANCE, abs_tol=1e-9)
