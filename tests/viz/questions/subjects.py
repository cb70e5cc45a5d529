"""Subjects of questions that tests ask about."""

from __future__ import annotations

from engine import Value, dot, label
from viz.questions.subject import Subject


def two_paths(x: float = 1.5, view: str = "paper") -> Subject:
    """y = 2.5 a_1 + 4 a_2, a_1 = 3x, a_2 = -0.5x: ∂y/∂x = 7.5 - 2."""
    leaf = Value(x, "x")
    a_1, a_2 = 3 * leaf, -0.5 * leaf
    y = 2.5 * a_1 + 4 * a_2
    label(a_1=a_1, a_2=a_2, y=y)
    return Subject.of(y, view)


def product_of_both(x: float = 1.4) -> Subject:
    """y = a b, b = -2.3 a, a = -1.5 x: a has two readers, one of which is made from it."""
    leaf = Value(x, "x")
    a = -1.5 * leaf
    b = -2.3 * a
    y = a * b
    label(a=a, b=b, y=y)
    return Subject.of(y)


def unit(w: float = 0.7, x: float = 1.6, y: float = 0.3) -> Subject:
    """E = ½(z - y)², z = σ(a), a = w x."""
    a = Value(w, "w") * Value(x, "x")
    z = a.sigmoid()
    E = (z - Value(y, "y")) ** 2 / 2
    label(a=a, z=z, E=E)
    return Subject.of(E)


def network() -> Subject:
    """E = 3 a_1 - 7 a_2, two weighted sums of two units: the weight from z_1 to a_2 is w_21."""
    z = [Value(0.25, "z_1^(1)"), Value(0.75, "z_2^(1)")]
    a_1 = dot([Value(0.5, "w_11^(2)"), Value(2.5, "w_12^(2)")], z)
    a_2 = dot([Value(1.5, "w_21^(2)"), Value(4.5, "w_22^(2)")], z)
    E = 3 * a_1 - 7 * a_2
    for name, node in {"a_1^(2)": a_1, "a_2^(2)": a_2, "E": E}.items():
        node.label = name
    return Subject.of(E)
