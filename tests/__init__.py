"""How often tests repeat themselves, by the profile of hypothesis that is chosen in `conftest` and by markers."""

from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import settings

T = TypeVar("T")


def share(fraction: float) -> int:
    """The number of examples of a test: a fraction of those of the profile, and at least one."""
    examples: int = settings().max_examples
    return max(1, round(fraction * examples))


def by_night(day: T, night: T) -> T:
    """The first argument, or the second in the profile `nightly`: a size, a number of repetitions, or parameters.

    The assertions are the same by day and by night.
    """
    return night if settings.get_current_profile_name() == "nightly" else day


def thorough_unless(chosen: Callable[..., bool]) -> pytest.MarkDecorator:
    """Mark a test as `thorough` for parameters of which a function, with arguments of their names, is false.

    What it shows is then shown with the others too: tests/README.md says by which rule they are chosen.
    """
    return pytest.mark.thorough_unless(chosen=chosen)
