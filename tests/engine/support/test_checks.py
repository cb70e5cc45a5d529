"""Errors show an argument in at most one line."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from engine import Value
from engine._support import checks
from tests.effort import count_calls, peak_of_bytes


class Shy:
    """An object that cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "make",
    [
        lambda: "x" * 2_000_000,
        lambda: [0.125] * 400_000,
        lambda: dict.fromkeys(range(100_000), 2 / 3),
        lambda: 10**4000,
        Shy,
    ],
    ids=["text", "list", "dict", "int", "Shy"],
)
def test_any_argument_is_formatted_in_one_short_line(make: Callable[[], object]) -> None:
    given = make()
    with pytest.raises(TypeError, match=rf"^a Value is needed, not .* of type {type(given).__name__}$") as caught:
        checks.check_instance(given, Value, "a Value is needed")
    assert len(str(caught.value)) < 150
    formatted = partial(checks.format_given, given)
    assert count_calls(formatted) < 1_000
    assert peak_of_bytes(formatted) < 1_000_000  # none is formatted whole


def test_a_node_is_shown_with_its_label() -> None:
    assert checks.format_given(Value(0.5, "z_1")) == "Value(data=0.5, grad=0.0, label='z_1') of type Value"


def test_other_types_than_text_are_unknown_choices() -> None:
    for given in (None, ["svg"], 3):
        with pytest.raises(ValueError, match=r"^unknown format .*; choose from svg, png$"):
            checks.check_choice(given, ["svg", "png"], "format")


@pytest.mark.parametrize("given", [1.0, "1", None])
def test_floats_and_text_are_not_whole_numbers(given: Any) -> None:
    with pytest.raises(TypeError, match=r"^needs one \(a whole number\), not .* of type "):
        checks.check_positive_int(given, "needs one")


def test_a_whole_number_has_bounds() -> None:
    assert checks.check_positive_int(3, "needs one", maximum=3) == 3
    with pytest.raises(ValueError, match=r"^needs one, not -1$"):
        checks.check_positive_int(-1, "needs one")
    with pytest.raises(ValueError, match=r"^needs one, and at most 3, not 1e\+300$"):
        checks.check_positive_int(10**5000, "needs one", maximum=3)
