"""Random expressions against PyTorch, where it is installed: values, gradients, second derivatives."""

from typing import Any

import pytest
from hypothesis import given, settings

from engine import TABLE, Op
from tests import share
from tests.engine.against.expressions import Derivatives, Expression, applied_to_leaves, expressions
from tests.engine.against.others import assert_agree, function
from tests.engine.operations import table

torch = pytest.importorskip("torch")


def number(x: float) -> Any:
    return torch.tensor(x, dtype=torch.float64)


TORCH = {**table(torch, torch.special, torch.sigmoid, number), "stop_gradient": torch.Tensor.detach}


def by_torch(expression: Expression) -> Derivatives:
    point = torch.tensor([x.data for x in expression.leaves], dtype=torch.float64, requires_grad=True)
    y = function(expression, TORCH, number)(point)
    first = derivatives(y, point)
    return Derivatives(y.item(), first.tolist(), [derivatives(slope, point).tolist() for slope in first])


def derivatives(y: Any, point: Any) -> Any:
    """The gradient, which can be differentiated again; 0 where the result does not depend on the point."""
    if not y.requires_grad:
        return torch.zeros_like(point)
    [found] = torch.autograd.grad(y, point, create_graph=True, allow_unused=True)
    return torch.zeros_like(point) if found is None else found


@pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
def test_each_operation_alone_is_pytorchs(op: Op) -> None:
    for expression in applied_to_leaves(op):
        assert_agree(expression, by_torch(expression))


@pytest.mark.thorough
@settings(max_examples=share(1.0))
@given(expressions())
def test_derivatives_to_second_order_are_pytorchs(expression: Expression) -> None:
    assert_agree(expression, by_torch(expression))
