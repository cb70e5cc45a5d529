"""What all tests share."""

from hypothesis import settings


def share(fraction: float) -> int:
    """So many examples: a share of those of the profile that was chosen, see `tests/conftest.py`; at least one."""
    examples: int = settings().max_examples
    return max(1, round(fraction * examples))
