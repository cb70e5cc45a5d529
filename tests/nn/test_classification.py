"""Losses of classification, from logits and scores: their accuracy at any logit, and the arguments that are refused."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any, cast

import numpy as np
import pytest

from engine import Value, grad, toposort
from nn import binary_cross_entropy, cross_entropy, half_squared_error, hinge
from nn.losses import one_hot

# Logits of any size


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("target", [0.0, 0.25, 1.0])
def test_binary_cross_entropy_of_a_logit_of_1000_is_exact(sign: float, target: float) -> None:
    a = Value(sign * 1000.0)
    E = binary_cross_entropy(a, target)
    probability = 1.0 if sign > 0 else 0.0
    assert E.data == 1000.0 * abs(probability - target)
    assert grad(E, [a]) == [probability - target]
    [slope] = grad(E, [a], create_graph=True)
    assert grad(slope, [a]) == [0.0]


@pytest.mark.parametrize("numbers", [[1000.0, 0.0, -1000.0], [-1000.0, 1000.0, 0.0], [1000.0, 1000.0, -1000.0]])
@pytest.mark.parametrize("index", [0, 1, 2])
def test_cross_entropy_of_logits_of_1000_is_exact(numbers: list[float], index: int) -> None:
    a = [Value(number) for number in numbers]
    E = cross_entropy(a, index)
    winners = numbers.count(1000.0)
    assert E.data == math.log(winners) + (1000.0 - numbers[index])
    probabilities = [1.0 / winners if number == 1000.0 else 0.0 for number in numbers]
    assert grad(E, a) == [p - y for p, y in zip(probabilities, one_hot(index, 3), strict=True)]
    for slope in grad(E, a, create_graph=True):
        assert all(map(math.isfinite, grad(slope, a)))


def test_cross_entropy_stays_when_all_logits_are_shifted() -> None:
    for shift in (-1e6, 0.0, 1e6):
        E = cross_entropy([Value(shift), Value(shift + 1.0), Value(shift - 2.0)], 1)
        assert E.data == pytest.approx(math.log1p(math.exp(-1.0) + math.exp(-3.0)), rel=1e-12)


def test_cross_entropy_of_two_classes_equals_the_binary_one() -> None:
    for a, b in [(0.5, -0.25), (3.0, 30.0), (-1.0, -1.0)]:
        assert cross_entropy([Value(a), Value(b)], 0).data == pytest.approx(binary_cross_entropy(Value(a - b), 1).data)


def test_the_derivative_by_a_target_is_minus_log_p() -> None:
    a, y = [Value(0.5), Value(-1.0)], [Value(1.0), Value(0.0)]
    total = math.exp(0.5) + math.exp(-1.0)
    assert grad(cross_entropy(a, y), y) == pytest.approx([math.log(total) - 0.5, math.log(total) + 1.0], rel=1e-14)


@pytest.mark.parametrize("n", [2, 3, 10])
def test_an_error_has_few_nodes(n: int) -> None:
    outputs = [Value(0.1 * i) for i in range(n)]

    def nodes(E: Value) -> int:
        return len([node for node in toposort(E) if node.inputs])

    assert nodes(binary_cross_entropy(outputs, [1.0] * n)) == 7 * n + (n - 1) + 1  # terms, sum, mean
    # maximum n - 1, stop_gradient, shift n, exp n, sum n - 1, log, -log p n, times y n, sum n - 1
    assert nodes(cross_entropy(outputs, 0)) == 7 * n - 1
    # The right score: times y n, sum n - 1; 1 + a, - right, relu, times 1 - y: 5 n, sum n - 1.
    assert nodes(hinge(outputs, 0)) == 8 * n - 2


# Margins


@pytest.mark.parametrize(
    ("score", "target", "error", "slope"),
    [(2.0, 1, 0.0, 0.0), (0.5, 1, 0.5, -1.0), (0.5, -1, 1.5, 1.0), (-3, -1, 0, 0)],
)
def test_hinge_is_0_beyond_the_margin_and_linear_before_it(
    score: float, target: float, error: float, slope: float
) -> None:
    a = Value(score)
    E = hinge(a, target)
    assert (E.data, grad(E, [a])) == (error, [slope])


def test_hinge_of_several_scores_sums_margins_of_wrong_classes() -> None:
    a = [Value(1.0), Value(0.5), Value(3.0), Value(-5.0)]
    E = hinge(a, 0)
    assert E.data == (1 + 0.5 - 1) + (1 + 3 - 1)
    assert grad(E, a) == [-2.0, 1.0, 1.0, 0.0]


# Arguments


def test_a_class_may_be_given_as_any_whole_number() -> None:
    a = [Value(0.5), Value(-1.0), Value(2.0)]
    expected = cross_entropy(a, 1).data
    same: list[Any] = [True, 1.0, np.int64(1), np.float32(1), Fraction(1)]
    for index in same:
        assert cross_entropy(a, index).data == expected


TWO, THREE = [Value(1.0), Value(2.0)], [Value(1.0), Value(2.0), Value(3.0)]


REFUSALS: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: binary_cross_entropy(TWO, [1, 2]), ValueError, "needs targets from 0 to 1, but y_2 = 2.0"),
    (lambda: binary_cross_entropy(Value(1.0), -1), ValueError, "needs targets from 0 to 1, but y = -1.0"),
    (lambda: binary_cross_entropy(Value(1.0), math.nan), ValueError, "needs targets from 0 to 1, but y = nan"),
    (lambda: cross_entropy(THREE, 3), ValueError, "unknown class 3; with 3 outputs, the classes are 0 to 2"),
    (lambda: cross_entropy(THREE, -1), ValueError, "unknown class -1; with 3 outputs, the classes are 0 to 2"),
    (lambda: cross_entropy(THREE, 0.5), ValueError, "unknown class 0.5; with 3 outputs, the classes are 0 to 2"),
    (lambda: cross_entropy(THREE, math.nan), ValueError, "unknown class nan"),
    (lambda: cross_entropy(THREE, cast(Any, None)), TypeError, "the index of a class is None, of type NoneType"),
    (
        lambda: cross_entropy(Value(1.0), 0),
        ValueError,
        "compares two outputs or more of one sample, 1 given; for one output use binary",
    ),
    (lambda: cross_entropy(TWO, [1, 1]), ValueError, "whose sum is 1, but y_1 = 1, y_2 = 1"),
    (lambda: cross_entropy(TWO, [-1, 2]), ValueError, "numbers of at least 0 whose sum is 1, but y_1 = -1, y_2 = 2"),
    (lambda: cross_entropy(TWO, [math.nan, 1]), ValueError, "but y_1 = nan, y_2 = 1"),
    (lambda: hinge(Value(1.0), 0), ValueError, "hinge needs a target of -1 or 1, but y = 0.0"),
    (lambda: hinge([Value(1.0)], [0.5]), ValueError, "hinge needs a target of -1 or 1, but y_1 = 0.5"),
    (lambda: hinge(THREE, 4), ValueError, "unknown class 4; with 3 outputs, the classes are 0 to 2"),
    (
        lambda: hinge(TWO, [0.5, 0.5]),
        ValueError,
        "hinge needs the index of a class, or one 1 and otherwise 0, but y_1 = 0.5",
    ),
    (lambda: hinge(TWO, [1, -1]), ValueError, "or one 1 and otherwise 0, but y_1 = 1, y_2 = -1"),
    (lambda: half_squared_error(TWO, [1.0, cast(Any, "2")]), TypeError, "y_2 is '2', of type str"),
]


@pytest.mark.parametrize(("attempt", "error", "message"), REFUSALS, ids=[message for _, _, message in REFUSALS])
def test_an_error_names_the_argument(attempt: Callable[[], object], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        attempt()
