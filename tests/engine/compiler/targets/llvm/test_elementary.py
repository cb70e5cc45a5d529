"""Elementary functions in machine code: errors in units in the last place, and limits."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from engine import Op, Value, compile, cos, exp, expm1, log, log1p, sigmoid, sin, softplus, tanh
from engine.compiler.targets.llvm import elementary, jit
from tests import thorough_unless
from tests.engine.float_bits import bits

np = pytest.importorskip("numpy")
pytest.importorskip("llvmlite")

N = 20_000  # points in each range
INF, NAN = math.inf, math.nan
SUBNORMAL = 2.0**-1022

# The bound of the error that the docstring of `elementary` states, and the ranges in which it is measured.
RANGES: dict[Op, tuple[float, list[tuple[float, float]]]] = {
    exp: (1.0, [(-708.0, 709.78), (-1.0, 1.0), (-0.36, 0.36), (-1e-8, 1e-8), (0.0, 1e-300)]),
    log: (1.0, [(SUBNORMAL, 1e-300), (1e-9, 2.0), (0.7, 1.42), (0.9999, 1.0001), (1.0, 1e9), (1e300, 1.7e308)]),
    log1p: (1.0, [(-0.9999999, -0.5), (-0.5, 0.5), (-1e-5, 1e-5), (1e-20, 1e-15), (1.0, 1e20), (1e300, 1.7e308)]),
    expm1: (2.5, [(-40.0, -0.3), (-0.36, 0.36), (0.3, 1.1), (-1e-5, 1e-5), (1e-300, 1e-15), (1.0, 709.78)]),
    tanh: (3.0, [(-20.0, 20.0), (-0.6, 0.6), (0.2, 0.6), (-1e-4, 1e-4), (1e-300, 1e-15)]),
    sigmoid: (3.0, [(-708.0, 40.0), (-1.0, 1.0), (-1e-6, 1e-6)]),
    sin: (1.0, [(-3.2, 3.2), (-0.8, 0.8), (1e-300, 1e-6), (3.14159, 3.1416), (-100.0, 100.0), (1e3, 2e6)]),
    cos: (1.0, [(-3.2, 3.2), (-0.8, 0.8), (1e-300, 1e-6), (1.5707, 1.5709), (-100.0, 100.0), (1e3, 2e6)]),
}


def extended(op: Op, x: Any) -> Any:
    """The function in extended precision."""
    x = x.astype(np.longdouble)
    if op is sigmoid:
        return 1 / (1 + np.exp(-x))
    return getattr(np, op.name)(x)


def points(low: float, high: float) -> Any:
    """Random points of a range, log-uniform if it spans several magnitudes, and its ends."""
    random = np.random.default_rng(0)
    if 0.0 < low < high / 100:
        return np.append(np.exp(random.uniform(math.log(low), math.log(high), N)).clip(low, high), [low, high])
    return np.append(random.uniform(low, high, N), [low, high])


def error(op: Op, low: float, high: float) -> float:
    """The largest error over a range, in units in the last place of the exact result."""
    x = points(low, high)
    leaf = Value(0.5)
    found = np.array(compile(op(leaf), [leaf], backend="llvm").each(x[:, None]))
    exact = extended(op, x)
    unit = np.spacing(np.maximum(np.abs(exact).astype(float), SUBNORMAL))
    return float(np.max(np.abs(found - exact) / unit))


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="numpy has no longer floats on this machine")
@pytest.mark.parametrize("op", RANGES, ids=lambda op: op.name)
def test_errors_are_below_the_documented_bounds(op: Op) -> None:
    bound, ranges = RANGES[op]
    worst = {(low, high): error(op, low, high) for low, high in ranges}
    assert max(worst.values()) < bound, worst


@pytest.mark.parametrize("op", [exp, log, log1p, expm1, tanh, sigmoid, softplus, sin, cos], ids=lambda op: op.name)
def test_functions_are_near_those_of_c_on_the_whole_line(op: Op) -> None:
    random = np.random.default_rng(1)
    numbers = np.frombuffer(random.bytes(8 * 20_000))
    numbers = numbers[np.isfinite(numbers)]
    leaf = Value(0.5)
    found = compile(op(leaf), [leaf], backend="llvm").each(numbers[:, None].copy()).tolist()
    for x, value in zip(numbers.tolist(), found, strict=True):
        try:
            wanted = op.compute(x)
        except OverflowError:
            wanted = INF
        except ValueError:
            wanted = NAN
        same = bits(value) == bits(wanted) or (math.isnan(value) and math.isnan(wanted))
        assert same or abs(value - wanted) <= 4 * math.ulp(wanted), (x, value, wanted)


@pytest.mark.parametrize("op", [sin, cos], ids=lambda op: op.name)
def test_angles_near_multiples_of_a_quarter_turn(op: Op) -> None:
    count = np.random.default_rng(2).integers(1, 667_544, 2000)  # up to the limit, from which on C's function is called
    numbers = count * (math.pi / 2)
    leaf = Value(0.5)
    found = compile(op(leaf), [leaf], backend="llvm").each(numbers[:, None]).tolist()
    for x, value in zip(numbers.tolist(), found, strict=True):
        assert abs(value - op.compute(x)) <= math.ulp(op.compute(x)), x


LARGEST = 1.7976931348623157e308
LIMITS: dict[Op, list[tuple[float, float]]] = {
    exp: [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0), (1000.0, INF), (-1000.0, 0.0), (710.0, INF), (NAN, NAN)],
    log: [(1.0, 0.0), (0.0, -INF), (-0.0, -INF), (INF, INF), (-INF, NAN), (-1.0, NAN), (-5e-324, NAN), (NAN, NAN)],
    log1p: [(0.0, 0.0), (-0.0, -0.0), (-1.0, -INF), (INF, INF), (-INF, NAN), (-1.5, NAN), (5e-324, 5e-324), (NAN, NAN)],
    expm1: [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (-1000.0, -1.0), (1000.0, INF), (-5e-324, -5e-324)],
    tanh: [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (LARGEST, 1.0), (25.0, 1.0), (NAN, NAN)],
    sin: [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (-INF, NAN), (5e-324, 5e-324), (NAN, NAN)],
    cos: [(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN), (5e-324, 1.0), (NAN, NAN)],
    sigmoid: [(0.0, 0.5), (-0.0, 0.5), (INF, 1.0), (-INF, 0.0), (1000.0, 1.0), (-1000.0, 0.0), (NAN, NAN)],
}
# Points whose results are among the smallest or the largest floats.
EXTREMES: dict[Op, list[float]] = {
    exp: [-745.0, -745.13, -744.4, -720.0, -708.4, 709.782712893384],
    log: [5e-324, 1e-320, SUBNORMAL, LARGEST],
    log1p: [LARGEST, SUBNORMAL, -1e-310],
    expm1: [709.782712893384, 1e-310],
    tanh: [1e-310, -SUBNORMAL],
    sigmoid: [-744.0, -709.0],
    sin: [1e-310, math.pi, 355.0, 6381956970095103.0 * 2.0**797, LARGEST, 2.0**20, 2.0**20 + 1.0],
    cos: [1e-310, math.pi / 2, 11.0, 6381956970095103.0 * 2.0**797, LARGEST, 2.0**20, 2.0**20 + 1.0],
}


@thorough_unless(lambda lanes: lanes == 4)
@pytest.mark.parametrize("op", LIMITS, ids=lambda op: op.name)
@pytest.mark.parametrize("lanes", [1, 2, 4, 8])
def test_limits_of_the_domains(op: Op, lanes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit, "machine_lanes", lambda: lanes)
    leaf = Value(0.5)
    program = compile(op(leaf), [leaf], backend="llvm")
    for (x, wanted), found in zip(LIMITS[op], program.each([[x] for x, _ in LIMITS[op]]), strict=True):
        assert bits(found) == bits(wanted) or (math.isnan(found) and math.isnan(wanted)), (x, wanted, found)
    for x, found in zip(EXTREMES[op], program.each([[x] for x in EXTREMES[op]]), strict=True):
        assert abs(found - op(x)) <= 2 * math.ulp(op(x)), (x, found)


@pytest.mark.parametrize("op", [exp, log, log1p, expm1, tanh, sigmoid, sin, cos], ids=lambda op: op.name)
def test_one_row_and_every_lane_have_the_same_bits(op: Op) -> None:
    leaf = Value(0.5)
    program = compile(op(leaf), [leaf], backend="llvm")
    numbers = np.linspace(0.01, 3.0, 33).tolist()
    single = [program(x) for x in numbers]
    assert [x.hex() for x in program.each([[x] for x in numbers])] == [x.hex() for x in single]


@pytest.mark.parametrize("op", [exp, tanh, sigmoid, log, expm1], ids=lambda op: op.name)
def test_increasing_functions_increase(op: Op) -> None:
    leaf = Value(0.5)
    program = compile(op(leaf), [leaf], backend="llvm")
    numbers = np.linspace(0.01, 5.0, 10_001)
    found = np.array(program.each(numbers[:, None].copy()))
    assert (np.diff(found) >= 0.0).all()


def test_every_elementary_function_is_measured() -> None:
    measured: set[Callable[..., Any] | str] = {op.name for op in RANGES}
    assert set(elementary.FUNCTIONS) <= measured
