"""The solution that a solver of SciPy found."""

from __future__ import annotations

from typing import Any

from demos.cli import UnsuccessfulError


def solution(found: Any) -> Any:
    """The result's `x`. Raises UnsuccessfulError, with the message of the solver, if it did not succeed.

    >>> from scipy.optimize import minimize
    >>> solution(minimize(lambda x: (x - 3) ** 2, [0.0])).round(3)
    array([3.])
    """
    if not found.success:
        raise UnsuccessfulError(f"SciPy did not find a solution: {found.message}")
    return found.x
