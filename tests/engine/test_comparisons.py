"""Recording which nodes Python code branches on."""

from collections.abc import Callable

import numpy as np
import pytest

from engine import Value
from engine.comparisons import record_comparisons


def match(x: Value) -> bool:
    match x:
        case 2.0:
            return True
    return False


DECISIONS: dict[str, Callable[[Value], object]] = {
    "<": lambda x: x < 1.0,
    "<=": lambda x: x <= 1.0,
    ">": lambda x: x > 1.0,
    ">=": lambda x: x >= 1.0,
    "between two": lambda x: Value(1.0) < x,
    "max": lambda x: max(x, 1.0),
    "sorted": lambda x: sorted([Value(1.0), x]),
    "==": lambda x: x == 2,
    "!=": lambda x: x != 2.0,
    "== of NumPy": lambda x: np.float64(2.0) == x,
    "in": lambda x: x in [2.0],
    "match": match,
    "bool": bool,
    "not": lambda x: not x,
    "any": lambda x: any([x]),
}


@pytest.mark.parametrize("decide", DECISIONS.values(), ids=DECISIONS)
def test_a_decision_by_a_number_is_noticed(decide: Callable[[Value], object]) -> None:
    x = Value(2.0)
    with record_comparisons() as outside, record_comparisons() as inside:
        decide(x)
    decide(x)
    assert len(inside) == len(outside) == 1


def test_operations_are_not_recorded_as_comparisons() -> None:
    x = Value(2.0)
    with record_comparisons() as compared:
        (x.relu() + x.maximum(1.0) + abs(x) ** x).backward()
        assert x in [x]
        assert x != Value(2.0)
    assert compared == []


def test_comparisons_are_watched_no_longer_after_an_error() -> None:
    with pytest.raises(KeyError), record_comparisons() as compared:
        raise KeyError
    assert Value(1.0) < 2.0
    assert compared == []
