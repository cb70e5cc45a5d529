"""Comparing floats bit by bit."""


def bits(x: float) -> str:
    """The text that two floats share if they are the same, NaN and the sign of 0 included."""
    assert type(x) is float, f"{x!r} is not a float"
    return x.hex()
