"""Jacobians and Hessians of random expressions, both modes, floats and graphs, against 150 digits and each other."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from mpmath import mp, mpf

from engine import Op, Value, hessian, hvp, jacobian, jvp, vjp
from tests import share, thorough_unless
from tests.engine.against.exact import DIGITS, STEP, exactly
from tests.engine.against.expressions import Expression, applied_to_leaves, differentiable, expressions, rounding

Matrix = Sequence[Sequence[Any]]


def unit(n: int, i: int) -> list[float]:
    return [float(i == j) for j in range(n)]


def jacobians(outputs: list[Value], leaves: list[Value], graph: bool) -> list[Matrix]:
    """The Jacobian in the cheaper mode, column by column in forward mode, and row by row in reverse mode."""
    m, n = len(outputs), len(leaves)
    columns = [jvp(outputs, leaves, unit(n, j), create_graph=graph) for j in range(n)]
    return [
        jacobian(outputs, leaves, create_graph=graph),
        [list(row) for row in zip(*columns, strict=True)],
        [vjp(outputs, leaves, unit(m, i), create_graph=graph) for i in range(m)],
    ]


def assert_all_exact(matrices: Sequence[Matrix], exact: Matrix) -> None:
    """Each entry is the exact one up to rounding: that of its own graph, or for floats, that of a graph of it."""
    graphs = [matrix for matrix in matrices if isinstance(matrix[0][0], Value)]
    assert graphs
    with mp.workdps(DIGITS):
        fine = STEP * max(1, *(abs(x) for row in exact for x in row))
        for i, row in enumerate(exact):
            for j, expected in enumerate(row):
                allowed = 2 * max(rounding(matrix[i][j]) for matrix in graphs) + 2 * abs(expected) * mpf(2) ** -52
                for matrix in matrices:
                    found = matrix[i][j].data if isinstance(matrix[i][j], Value) else matrix[i][j]
                    assert abs(mpf(found) - expected) <= allowed + fine, (found, float(expected), float(allowed))


def assert_exact(expression: Expression) -> None:
    y, leaves = expression
    inner = next((x for x in y.inputs if x.inputs), leaves[0])
    outputs, n = [y, inner], len(leaves)
    exact = [exactly(Expression(output, leaves)) for output in outputs]
    found = jacobians(outputs, leaves, graph=False) + jacobians(outputs, leaves, graph=True)
    assert_all_exact(found, [derivatives.first for derivatives in exact])
    second = [hessian(y, leaves, create_graph=graph) for graph in (False, True)]
    products = [[hvp(y, leaves, unit(n, i), create_graph=graph) for i in range(n)] for graph in (False, True)]
    assert_all_exact([*second, *products], exact[0].second)
    for matrix in second:
        assert all(matrix[i][j] is matrix[j][i] or matrix[i][j] == matrix[j][i] for i in range(n) for j in range(i))


@thorough_unless(lambda op: op in differentiable()[::4])
@pytest.mark.parametrize("op", differentiable(), ids=str)
def test_each_operation_alone_is_exact_in_both_modes(op: Op) -> None:
    for expression in applied_to_leaves(op):
        assert_exact(expression)


@pytest.mark.thorough
@settings(max_examples=share(2.0))
@given(expressions())
def test_jacobians_and_hessians_are_exact_to_rounding(expression: Expression) -> None:
    assert_exact(expression)
