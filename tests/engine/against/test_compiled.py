"""Random expressions as compiled programs, on either backend: the engine's values, gradients and second derivatives.

The gradient's own graph is compiled too, as one program of many outputs, and programs of second derivatives are
compared with arithmetic of 150 digits.
"""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given, settings

from engine import TABLE, Op, compile, toposort
from tests import share
from tests.engine.against.exact import exactly
from tests.engine.against.expressions import (
    Expression,
    applied_to_leaves,
    as_list,
    expressions,
    our_derivatives,
    rounding,
)
from tests.engine.compiler.agreement import assert_near
from tests.engine.compiler.backends import RUNNERS, both_backends

CLOSE = 1e-12  # relative to the largest intermediate number


def check(expression: Expression, backend: str) -> None:
    """Both programs agree at the expression's leaves, up to rounding."""
    output, leaves = expression
    row = [x.data for x in leaves]
    derivatives = our_derivatives(expression)
    nodes = as_list(derivatives)
    largest = max(abs(node.data) for node in toposort(output, *nodes))
    program = compile(output, leaves, backend=backend)
    value, gradient = program.value_and_grad(*row)
    together = compile(nodes, leaves, backend=backend)(*row)
    hessian = program.hessian(*row)
    second = [node for nodes in derivatives.second for node in nodes]
    assert hessian == [list(column) for column in zip(*hessian, strict=True)]
    expected = [output, *derivatives.first, *nodes, *second]
    for node, found in zip(expected, [value, *gradient, *together, *chain(*hessian)], strict=True):
        assert_near([found], [node.data], 2 * rounding(node) + CLOSE * largest)


@pytest.mark.thorough
@both_backends
def test_random_expressions_are_the_same_when_compiled(backend: str) -> None:
    @settings(max_examples=share(1.0))
    @given(expressions())
    def run(expression: Expression) -> None:
        check(expression, backend)

    run()


@both_backends
@pytest.mark.parametrize("op", TABLE.values(), ids=list(TABLE))
def test_each_operation_is_the_same_when_compiled(op: Op, backend: str) -> None:
    for expression in applied_to_leaves(op):
        check(expression, backend)


@settings(max_examples=share(0.3))
@given(expressions())
def test_programs_of_derivatives_are_exact_to_rounding(expression: Expression) -> None:
    output, leaves = expression
    row = [x.data for x in leaves]
    nodes = as_list(our_derivatives(expression))
    largest = max(abs(node.data) for node in toposort(output, *nodes))
    exact = as_list(exactly(expression))
    for backend in RUNNERS:
        program = compile(output, leaves, backend=backend)
        found = [program(*row), *program.jacobian(*row)[0], *chain(*program.hessian(*row))]
        for node, number, right in zip(nodes, found, exact, strict=True):
            assert_near([number], [float(right)], 2 * rounding(node) + CLOSE * largest)
