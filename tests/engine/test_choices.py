"""Operations that choose by their inputs, at their edges and one after another: all readers give the same derivatives.

They are compared with each other, and with mpmath's differences of the branches that are taken; at a tie the branch is
the stated convention.
"""

from __future__ import annotations

import importlib.util
import math
import random
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import product
from typing import Any, NamedTuple

import pytest
from mpmath import mp, mpf

import engine
from engine import NamedGraph, Value, grad, greater, toposort, where
from engine.ops import absolute, leaky_relu, maximum, minimum, power, relu, sigmoid, softplus
from tests import by_night, thorough_unless
from tests.engine.against.exact import DIGITS, differences
from tests.engine.compiler.backends import HAS_LLVM
from tests.engine.operations import EXACT, INF, NAN, TINY

Function = Callable[[Any, Any], Any]


class Choice(NamedTuple):
    """A function of two inputs that chooses, and the branch that it takes at two floats, as a function for mpmath."""

    apply: Function
    branch: Callable[[float, float], Function]


def sign(x: float) -> int:
    return (x > 0.0) - (x < 0.0)


def larger(x: float, y: float) -> Function:
    """max at two floats: at a tie either input has half of the derivative."""
    by_x = (1 + sign(x - y)) / mpf(2)
    return lambda x, y: by_x * x + (1 - by_x) * y


def always(function: Function) -> Callable[[float, float], Function]:
    return lambda x, y: function


def without_derivative(x: Any, y: Any) -> Any:
    """x**y at x = 0, where log x counts as 0."""
    raise ValueError


def power_of(n: float) -> Choice:
    return Choice(lambda x, y: power(x, n), always(lambda x, y: mp.power(x, n)))


CHOICES = {
    "abs(x)": Choice(lambda x, y: absolute(x), lambda x, y: lambda u, v: sign(x) * u),
    "relu(x)": Choice(lambda x, y: relu(x), lambda x, y: lambda u, v: (x > 0.0) * u),
    "leaky_relu(x)": Choice(lambda x, y: leaky_relu(x), lambda x, y: lambda u, v: u if x > 0.0 else mpf(0.01) * u),
    "leaky_relu(x, y)": Choice(leaky_relu, lambda x, y: lambda u, v: u if x > 0.0 else v * u),
    "maximum(x, y)": Choice(maximum, larger),
    "minimum(x, y)": Choice(minimum, lambda x, y: larger(-x, -y)),
    "where(x > y, x, y)": Choice(lambda x, y: where(greater(x, y), x, y), lambda x, y: lambda u, v: u if x > y else v),
    "where(x, x, y)": Choice(lambda x, y: where(x, x, y), lambda x, y: lambda u, v: u if x else v),
    "x ** y": Choice(power, lambda x, y: mp.power if x else without_derivative),
    **{f"x ** {n}": power_of(n) for n in (0.0, 1.0, 2.0, -1.0, 0.5, 0.01)},
    "sigmoid(x)": Choice(lambda x, y: sigmoid(x), always(lambda x, y: EXACT["sigmoid"](x))),
    "softplus(x)": Choice(lambda x, y: softplus(x), always(lambda x, y: EXACT["softplus"](x))),
}
NUMBERS = (0.0, -0.0, 1.0, -1.0, 2.0, -0.5, 1e15, TINY, -1e-200, INF, -INF, NAN)
TIES, POINTS = [(x, x) for x in NUMBERS], list(product(NUMBERS, repeat=2))
FIRST, SECOND = ("dx", "dy"), (("dxx", "dxy"), ("dyx", "dyy"))
Found = dict[str, float]  # the number of each derivative, NaN for a DomainError
Reader = Callable[[Sequence[float]], Found]


def one_after_another(outer: Function, inner: Function, tie: bool) -> Function:
    """The outer function of the inner one and y; with `tie`, of the inner one twice."""

    def function(x: Any, y: Any) -> Any:
        u = inner(x, y)
        return outer(u, u if tie else y)

    return function


def attempt(compute: Callable[..., Any], *arguments: Any) -> Any:
    """The result, or None for a DomainError, or for an error of generated code."""
    try:
        return compute(*arguments)
    except (ArithmeticError, ValueError):
        return None


def number(x: Any) -> float:
    return NAN if x is None else float(getattr(x, "data", x))


def derivative(z: Value, x: Value, create_graph: bool) -> Any:
    return grad(z, [x], create_graph)[0]


def by_engine(function: Function, create_graph: bool, at: Sequence[float]) -> Found:
    """Derivatives by passes over floats, second ones over the graph of a first one; or all of them as graphs."""
    leaves = Value(at[0]), Value(at[1])
    z = attempt(function, *leaves)
    if z is None:
        return {}
    found: Found = {}
    for x, name, names in zip(leaves, FIRST, SECOND, strict=True):
        slope = attempt(derivative, z, x, True)
        found[name] = number(slope if create_graph else attempt(derivative, z, x, False))
        for y, second in zip(leaves, names, strict=True):
            found[second] = NAN if slope is None else number(attempt(derivative, slope, y, create_graph))
    return found


def by_formulas(function: Function) -> Reader:
    """First derivatives as formulas to be read, of which only the branch that is taken is evaluated."""
    x, y = Value(0.75, "x"), Value(1.25, "y")
    z = function(x, y)
    formulas = NamedGraph(z).formulas(z) if z.inputs else {}

    def evaluate(part: Any, inputs: Mapping[str, float]) -> float:
        if part.op is where:
            condition, *branches = part.inputs
            return evaluate(branches[evaluate(condition, inputs) == 0.0], inputs)
        if part.inputs:
            return float(part.op.compute(*[evaluate(u, inputs) for u in part.inputs]))
        return float(part.value if part.is_constant else inputs[part.name])

    def read(at: Sequence[float]) -> Found:
        inputs = dict(zip("xy", at, strict=True))
        return {f"d{u.label}": number(attempt(evaluate, formula, inputs)) for u, formula in formulas.items()}

    return read


def by_program(function: Function, target: str) -> Reader:
    """Derivatives by the gradients of three programs: of the function and of its two first derivatives."""
    x, y = Value(0.75, "x"), Value(1.25, "y")
    z = function(x, y)
    runs = []
    for output, names in zip((z, *grad(z, [x, y], create_graph=True)), (FIRST, *SECOND), strict=True):
        inputs = {u: i for i, u in enumerate((x, y)) if u in set(toposort(output))}
        if not inputs:
            continue
        program = engine.compile(output, inputs, backend="llvm" if target == "llvm" else "python")
        run: Callable[..., Any] = program.value_and_grad
        if target == "numpy":
            space: dict[str, Any] = {}
            exec(program.source_for("numpy"), space)
            run = partial(lambda function, *row: function([row], []), space["value_and_grad"])
        runs.append((run, [*inputs.values()], [names[i] for i in inputs.values()]))

    def read(at: Sequence[float]) -> Found:
        found: Found = {}
        if target == "numpy" and -INF in at:
            return found  # NumPy takes the square root for a power of 1/2: NaN at -∞, where `math.pow` gives ∞
        for run, used, names in runs:
            result = attempt(run, *[at[i] for i in used])
            if result is not None:
                found.update(zip(names, map(float, result[1]), strict=True))
        return found

    return read


def by_mpmath(outer: Choice, inner: Choice, tie: bool, at: Sequence[float]) -> Found:
    """Differences of the branches that are taken, where they are real numbers near a point that is not extreme."""
    if not all(x == 0.0 or 1e-30 < abs(x) < INF for x in at):
        return {}
    x, y = at
    u = number(attempt(inner.apply, x, y))
    if math.isnan(u):
        return {}
    function = one_after_another(outer.branch(u, u if tie else y), inner.branch(x, y), tie)
    with mp.workdps(DIGITS):
        try:
            found = differences(lambda point: function(*point), list(map(mpf, at)))
        except (ArithmeticError, ValueError):
            return {}
        numbers = zip((*FIRST, *SECOND[0], *SECOND[1]), (*found.first, *found.second[0], *found.second[1]), strict=True)
        return {name: float(x) for name, x in numbers if isinstance(x, mpf)}


def agree(x: float, y: float) -> bool:
    return math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9)


TARGETS = ["python", *(["numpy"] if importlib.util.find_spec("numpy") else []), *(["llvm"] if HAS_LLVM else [])]


@thorough_unless(
    lambda outer, n_inner: outer in ("abs(x)", "maximum(x, y)", "where(x, x, y)", "x ** 0.5") and n_inner == 8
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, of overflow
@pytest.mark.parametrize("n_inner", [8, len(CHOICES)], ids=["some", "all"])
@pytest.mark.parametrize("outer", CHOICES)
def test_readers_agree_on_two_choices_in_a_row(outer: str, n_inner: int) -> None:
    rng, wrong, compared = random.Random(outer), [], 0
    inners = rng.sample([*CHOICES], n_inner)
    for inner, tie in product(inners, (False, True) if "y" in outer else (False,)):
        first, second = CHOICES[outer], CHOICES[inner]
        function = one_after_another(first.apply, second.apply, tie)
        targets = by_night(rng.sample(TARGETS, 1) * rng.randrange(2), TARGETS)
        programs = {target: by_program(function, target) for target in targets}
        formulas = by_formulas(function)
        for at in by_night(rng.sample(TIES, 1) + rng.sample(POINTS, 2), POINTS):
            floats = by_engine(function, False, at)
            if not floats:
                continue
            answers = {"floats": floats, "graphs": by_engine(function, True, at), "formulas": formulas(at)}
            answers |= {target: program(at) for target, program in programs.items()}
            exact = by_mpmath(first, second, tie, at)
            for reader, found in answers.items():
                for key, x in found.items():
                    others = [exact[key]] if key in exact else []
                    others += [y for other in answers.values() if math.isfinite(y := other.get(key, NAN))][:1]
                    compared += len(others)
                    if math.isfinite(x) and not all(agree(x, y) for y in others):
                        wrong.append((inner, tie, at, reader, key, x, others))
                    if reader in TARGETS and math.isfinite(floats[key]) and not math.isfinite(x):
                        wrong.append((inner, tie, at, reader, key, x, [floats[key]]))
    assert compared > 100
    assert not wrong, (len(wrong), compared, wrong[:8])


STRAIGHT = [
    name for name in CHOICES if name not in ("leaky_relu(x, y)", "sigmoid(x)", "softplus(x)") and "**" not in name
]


@pytest.mark.parametrize("name", STRAIGHT)
def test_second_and_third_derivatives_of_straight_pieces_are_0(name: str) -> None:
    for at in POINTS:
        x, y = leaves = Value(at[0]), Value(at[1])
        outputs = [CHOICES[name].apply(x, y)]
        for order in (1, 2, 3):
            outputs = [slope for output in outputs for slope in grad(output, leaves, create_graph=True)]
            if order > 1:
                assert [slope.data for slope in outputs] == [0.0] * 2**order, at
