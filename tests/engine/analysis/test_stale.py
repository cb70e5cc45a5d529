"""Stale graphs, whose results are not those of their leaves: what is found, and what is said."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from engine import TABLE, DomainError, Op, Value, check_gradients, dot
from engine.analysis.stale import stale_note
from tests import thorough_unless
from tests.engine.operations import boundary_points, special_points
from viz import backpropagation_table


def square() -> tuple[Value, Value]:
    x = Value(2.0, "x")
    y = x * x
    y.label = "y"
    return y, x


@thorough_unless(lambda op: op in [*TABLE.values()][::8])
@pytest.mark.parametrize("op", TABLE.values(), ids=list(TABLE))
def test_a_graph_as_it_was_built_is_never_stale(op: Op) -> None:
    tried = 0
    for point in special_points(op) + boundary_points(op):
        try:
            y = op(*[Value(number) for number in point])
        except DomainError:
            continue
        tried += 1
        assert stale_note(y * 1.0) == ""
        y.forward()
        assert stale_note(y * 1.0) == ""
    assert tried > 5


@pytest.mark.parametrize("number", [3.0, -2.0, math.nextafter(2.0, 3.0), math.nan, math.inf, True, "0x1"])
def test_a_changed_leaf_makes_the_output_stale(number: Any) -> None:
    y, x = square()
    x.data = 2.0
    assert stale_note(y) == ""
    z = y + x
    x.data = 3 if number == "0x1" else number
    assert stale_note(z).startswith(f"the output is stale: {'multiply' if number != -2.0 else 'add'}(")
    z.forward()
    assert stale_note(z) == ""


def test_a_changed_result_makes_the_output_stale() -> None:
    y, _ = square()
    y.data = 7.0
    note = "y is stale: multiply(x = 2.0, x = 2.0) is not 7.0 any more; call y.forward()"
    assert stale_note(y) == note
    assert stale_note(-y, y).startswith("the output is stale: multiply(x = 2.0, x = 2.0) is not 7.0 any more; call f")
    assert stale_note(Value(1.0), y) == note


def test_the_sign_of_0_and_an_undefined_result_count() -> None:
    x = Value(0.0, "x")
    y = x * 1.0
    x.data = -0.0
    assert "is not 0.0 any more" in stale_note(y)
    z = Value(1.0, "z")
    log = z.log()
    z.data = -1.0
    assert "log(z = -1.0) is not 0.0 any more" in stale_note(log)


def test_a_long_operation_is_named_alone() -> None:
    x = [Value(0.5, f"x_{i}") for i in range(20)]
    y = dot(x, x)
    x[3].data = 1.0
    assert stale_note(y) == "the output is stale: a result of dot is not 5.0 any more; call forward() on it"


@pytest.mark.parametrize("read", [check_gradients, backpropagation_table])
def test_a_check_and_a_table_refuse_a_stale_graph(read: Callable[[Value], object]) -> None:
    y, x = square()
    x.data = 5.0
    with pytest.raises(ValueError, match=r"^y is stale: multiply\(x = 5.0, x = 5.0\) is not 4.0 any more"):
        read(y)
    y.forward()
    read(y)
