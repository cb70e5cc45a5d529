"""The edges of every operation's domain, as `engine/OPERATIONS.md` shows them, against exact arithmetic and PyTorch."""

from __future__ import annotations

import math
from typing import Any

import pytest
from mpmath import mp, mpf

from engine import TABLE, Op
from tests import thorough_unless
from tests.engine.operations import MAX, TINY, Point, boundary_points, known, table
from tests.engine.reference.cancellation import POINTS, losses, zero_from
from tests.engine.reference.outcomes import outcome
from tests.engine.reference.pytorch import DIFFERENCES

every_operation = pytest.mark.parametrize("op", TABLE.values(), ids=TABLE)
DIGITS, STEP = 1300, mpf(10) ** -400  # a step far below the smallest float, and enough digits for it


@every_operation
def test_boundary_points_include_every_special_float(op: Op) -> None:
    met = {x.hex() for point in boundary_points(op) for x in point}
    assert {x.hex() for x in (0.0, -0.0, math.inf, math.nan)} <= met
    assert not met.isdisjoint({x.hex() for x in (MAX, TINY)})
    if op.arity == 1:
        assert {x.hex() for x in (-math.inf, -MAX, -TINY, TINY, MAX)} <= met


def exact_value(op: Op, point: list[Any]) -> Any:
    """The exact result; None if it is not a real number."""
    try:
        z = known(op).exact(*point)
    except (ValueError, ZeroDivisionError):
        return None
    return z if isinstance(z, mpf) and mp.isfinite(z) else None


def agrees(found: float | None, exact: Any, allowed: float) -> bool:
    """Whether a number is the exact one; None, for an error, if that does not exist or exceeds the largest float."""
    if exact is None:
        return found is None
    if abs(exact) > MAX:
        return found is None or found == math.copysign(math.inf, exact)
    return found is not None and abs(mpf(found) - exact) <= allowed


def finite_points(op: Op) -> list[Point]:
    """The points that exact arithmetic covers: finite ones, except products that overflow before they cancel."""
    known = [point for point in boundary_points(op) if all(map(math.isfinite, point))]
    return [point for point in known if op.name != "dot" or MAX not in point]


@every_operation
def test_values_at_finite_edges_are_exact_or_an_error(op: Op) -> None:
    with mp.workdps(50):
        for point in finite_points(op):
            exact = exact_value(op, list(map(mpf, point)))
            allowed = (
                known(op).units(*point) * math.ulp(float(exact)) if exact is not None and abs(exact) <= MAX else 0.0
            )
            assert agrees(outcome(op, point).value, exact, allowed), (point, exact)


@thorough_unless(lambda op: op.is_primitive)
@every_operation
def test_derivatives_at_finite_edges_are_exact_or_an_error(op: Op) -> None:
    kink = known(op).kink
    with mp.workdps(DIGITS):
        for point in finite_points(op):
            if kink is not None and kink(*point) == 0.0:
                continue  # a convention, see below
            for i, found in enumerate(outcome(op, point).derivatives):
                up, down = list(map(mpf, point)), list(map(mpf, point))
                up[i], down[i] = up[i] + STEP, down[i] - STEP
                above, below = exact_value(op, up), exact_value(op, down)
                here = exact_value(op, list(map(mpf, point)))
                exists = None not in (above, below, here)
                if found is None and here is not None and abs(here) > MAX:
                    continue  # the value is an error too
                exact = (above - below) / (2 * STEP) if exists else None
                if op.name == "power" and i == 1 and point[0] < 0.0:
                    assert found is None or math.isnan(found)  # not real nearby
                else:
                    allowed = 2 * TINY + known(op).error + 1e-12 * abs(exact or 0)
                    assert agrees(found, exact, allowed), (point, i, found, exact)


def by_torch(op: Op, point: Point, by: int) -> tuple[float, float]:
    """PyTorch's value, and its derivative with respect to one input."""
    torch = pytest.importorskip("torch")

    def number(x: float) -> Any:
        return torch.tensor(x, dtype=torch.float64)

    functions = {
        **table(torch, torch.special, torch.sigmoid, number),
        "relu": torch.relu,  # whose conventions at the kink are to be compared
        "clamp": torch.clamp,
        "sign": lambda x: torch.where(x == x, torch.sign(x), x.detach()),  # theirs of NaN is 0
        "leaky_relu": lambda x, slope: torch.nn.functional.prelu(x.reshape(1), slope.reshape(1)),
    }
    inputs = list(map(number, point))
    inputs[by].requires_grad_()
    z = functions[op.name](*inputs)
    [derivative] = torch.autograd.grad(z, [inputs[by]], allow_unused=True) if z.requires_grad else [None]
    return z.item(), 0.0 if derivative is None else derivative.item()


def is_same(ours: float, theirs: float) -> bool:
    return math.isclose(ours, theirs, rel_tol=1e-9, abs_tol=1e-300) or (math.isnan(ours) and math.isnan(theirs))


@every_operation
def test_edges_are_pytorchs_but_for_the_listed_differences(op: Op) -> None:
    listed = {(str(point), by): theirs for name, point, by, theirs, _ in DIFFERENCES if name == op.name}  # NaN != NaN
    for point in boundary_points(op):
        found = outcome(op, point)
        for by, derivative in enumerate(found.derivatives):
            their_value, their_derivative = by_torch(op, point, by)
            if found.value is None:
                assert not math.isfinite(their_value), point
            else:
                assert is_same(found.value, their_value), (point, found.value, their_value)
            if derivative is None and (str(point), by) not in listed:
                assert not (math.isfinite(their_value) and math.isfinite(their_derivative)), (point, by)
                continue
            expected = listed.pop((str(point), by), derivative)
            assert expected is not None
            assert is_same(expected, their_derivative), (point, by, derivative, their_derivative)
    assert not listed, "differences at points that are not edges"


def test_listed_differences_are_differences() -> None:
    for name, point, by, theirs, _ in DIFFERENCES:
        ours = outcome(TABLE[name], point).derivatives[by]
        assert ours is None or not is_same(ours, theirs), (name, point)


@pytest.mark.parametrize("op", POINTS, ids=lambda op: op.name)
def test_a_derivative_that_cancels_is_0_from_one_number_on(op: Op) -> None:
    x = zero_from(op)
    assert outcome(op, (math.nextafter(x, 0.0),)).derivatives != [0.0]
    assert all(outcome(op, (x * (1.0 + i / 50),)).derivatives == [0.0] for i in range(100))
    errors = [found.error for other, found in losses() if other is op]
    assert errors == sorted(errors)


def test_sigmoid_keeps_its_derivative_at_the_left_end_alone() -> None:
    assert outcome(TABLE["sigmoid"], (40.0,)).derivatives == outcome(TABLE["tanh"], (20.0,)).derivatives == [0.0]
    assert outcome(TABLE["sigmoid"], (-40.0,)).derivatives == [pytest.approx(4.248354255291589e-18, rel=1e-15)]
    assert outcome(TABLE["tanh"], (-20.0,)).derivatives == [0.0]
