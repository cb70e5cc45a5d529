"""Gradient descent done wrongly: the gradients are right, and the step that takes them is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy

from demos.mistakes.comparison import format_row, node_names
from demos.mistakes.sweeps import RATE, parameters
from engine import Value
from viz.math.formulas import format_number

Descent = Callable[[Value], Iterator[float]]  # the output after each step, without an end; on a copy of the graph

STEPS = 3


def correct_descent(output: Value) -> Iterator[float]:
    """The right steps: the data of every parameter changes, and the graph is recomputed.

    >>> descent = correct_descent(Value(3.0) * 2)
    >>> next(descent), next(descent)
    (4.0, 2.0)
    """
    output = deepcopy(output)
    while True:
        output.zero_grad()
        output.backward()
        for p in parameters(output):
            p.data -= RATE * p.grad
        yield output.forward()


def rebinding(output: Value) -> Iterator[float]:
    """Parameters are rebound, not updated.

    Python computes the difference, a new node, and calls it p from there on. The graph still reads the old node, whose
    data stays as it was. All gradients are right, and they are lost.

    Unnoticed nowhere: the output stays the same, which looks like a learning rate that is too low

    >>> descent = rebinding(Value(3.0) * 2)
    >>> next(descent), next(descent)
    (6.0, 6.0)
    """
    output = deepcopy(output)
    while True:
        output.zero_grad()
        output.backward()
        for p in parameters(output):
            p -= RATE * p.grad  # wrong: p.data is what the graph reads
        yield output.forward()


DESCENTS: list[Descent] = [rebinding]


def compare_descents(descent: Descent, name: str, output: Value) -> Iterator[str]:
    """A table of the output after each of the first steps, right and wrong.

    >>> print(*compare_descents(rebinding, "twice", 2 * Value(3.0, "x")), sep="\\n")
      twice
           2x                right               wrong
           at the start      6                   6
        ✗  after step 1      4                   6
        ✗  after step 2      2                   6
        ✗  after step 3      0                   6
    """
    yield f"  {name}"
    yield format_row("", node_names(output)[output], "right", "wrong")
    yield format_row("", "at the start", *[format_number(output.data)] * 2)
    for step, right, wrong in zip(range(1, STEPS + 1), correct_descent(output), descent(output), strict=False):
        mark = "✗" if right != wrong else ""
        yield format_row(mark, f"after step {step}", format_number(right), format_number(wrong))
