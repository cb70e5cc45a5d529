"""Graphs whose paths and derivatives are known."""

from engine import Value, label


def figure_2() -> tuple[Value, Value]:
    """y and x of the paper's Figure 2, between which there are two paths."""
    x = Value(1.5, "x")
    a_1, a_2 = 3 * x, -x
    y = 2 * a_1 + a_2
    label(a_1=a_1, a_2=a_2, y=y)
    return y, x


def doubled(times: int) -> tuple[Value, Value]:
    """y and x, between which there are 2 to the power of `times` paths."""
    x = y = Value(1.0, "x")
    for _ in range(times):
        y = 0.5 * y + 0.5 * y
    return y, x
