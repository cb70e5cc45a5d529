"""Formulas to test with: every operation, formulas typed in Python, and random ones with their exact values."""

from __future__ import annotations

import re
from fractions import Fraction

from hypothesis import assume
from hypothesis import strategies as st

from engine import TABLE, DomainError, NamedGraph, Op, Value, dot, greater, maximum, sin, sqrt, where
from engine.symbolic.expression import Expression
from tests.engine.operations import ordinary_point

# The names in typed formulas.
FUNCTIONS = {"dot": dot, "greater": greater, "maximum": maximum, "sin": sin, "sqrt": sqrt, "where": where}
x, y, u, v = (Value(data, name) for name, data in (("x", 1.5), ("y", 2.5), ("u", 0.5), ("v", 3.0)))


def node_of(typed: str) -> Value:
    """The node of a formula that is typed in Python."""
    node: Value = eval(typed, {"x": x, "y": y, "u": u, "v": v, **FUNCTIONS})
    return node


def applied(op: Op) -> Value:
    """The operation on x, y, u, v, or on as many of them as it takes, at a point of its domain."""
    node: Value = op(*map(Value, ordinary_point(op, op.arity or 4), "xyuv"))
    return node


def relation(node: Value) -> Expression:
    """The formula of a node in terms of its leaves."""
    return NamedGraph(node).relation(node)


# Each operation of the table, applied to x, y, u, v.
TEXT_OF_OPERATION = {
    "add": "x + y",
    "subtract": "x − y",
    "multiply": "xy",
    "multiply_no_nan": "xy",
    "divide": "x / y",
    "negate": "−x",
    "square": "x²",
    "sqrt": "√x",
    "cbrt": "∛x",
    "hypot": "√(x² + y²)",
    "abs": "|x|",
    "greater": "[x > y]",
    "where": "y if x else u",
    "maximum": "max(x, y)",
    "minimum": "min(x, y)",
    "clamp": "clamp(x, y, u)",
    "floor": "⌊x⌋",
    "exp2": "2^x",
    "power": "x^y",
    "atan2": "atan2(x, y)",
    "leaky_relu": "leaky_relu(x, y)",
    "elu": "ELU(x, y)",
    "logaddexp": "logaddexp(x, y)",
    "dot": "xu + yv",
}
TEXT_OF_OPERATION |= {name: f"{op.symbol}(x)" for name, op in TABLE.items() if op.arity == 1} | TEXT_OF_OPERATION

# As it is typed, and as a reader would write it.
READABLE = {
    "x + y + u": "x + y + u",
    "x + (y + u)": "x + y + u",
    "x - (y + u)": "x − (y + u)",
    "x - (y - u)": "x − (y − u)",
    "x + (y - u)": "x + y − u",
    "x - y * u": "x − yu",
    "2 * x * 3": "6x",
    "x * 1 + 0": "x",
    "(x + y) * 2": "2 · (x + y)",
    "x * y * u": "xyu",
    "x * sin(y)": "x · sin(y)",
    "greater(x, y) * x": "[x > y] · x",
    "x**2 / 2": "½x²",
    "(x - y) ** 2 / 2": "½(x − y)²",
    "(x**2 + y**2) / 2 * u": "½(x² + y²)u",
    "(x + y) / 2": "(x + y) / 2",
    "x / (y**2 / 2)": "x / (½y²)",
    "x / y / u": "x / y / u",
    "x / (y / u)": "x / (y / u)",
    "x / (y * u)": "x / (yu)",
    "x * (y / u)": "x · (y / u)",
    "-(-x)": "x",
    "-(x + y)": "−(x + y)",
    "-(x**2)": "−x²",
    "(-x) ** 2": "(−x)²",
    "(x * y) ** 2": "(xy)²",
    "(x**2) ** 3": "(x²)³",
    "sin(x) ** 2": "sin(x)²",
    "x**-2": "x⁻²",
    "x**0.5": "x^0.5",
    "x**-0.5": "x^(−0.5)",
    "x ** (y + 1)": "x^(y + 1)",
    "2**x": "2^x",
    "sqrt(x) ** 2": "(√x)²",
    "sqrt(x + y)": "√(x + y)",
    "abs(abs(x) - y)": "||x| − y|",
    "maximum(x + 1, y) * 2": "2 · max(x + 1, y)",
    "where(greater(x, y), x, y) + 1": "(x if [x > y] else y) + 1",
    "where(where(x, y, u), x, y)": "x if (y if x else u) else y",
    "where(x, where(y, u, v), y)": "(u if y else v) if x else y",
    "dot([x, y], [u + 1, v], y)": "x · (u + 1) + yv + y",
    "1e20 * x": "1·10²⁰ · x",
}

# Formulas of + - * / and powers, written in Python with every bracket there can be. Numbers stay by themselves, so
# that nothing is folded into one with more digits than are printed.
VARIABLES = {"x": Fraction(3, 2), "y": Fraction(5, 2), "u": Fraction(-1, 2)}
NUMBERS = st.sampled_from(["2", "3", "0.5", "(-1)", "(-2)"])
EXPRESSIONS = st.recursive(
    st.sampled_from(list(VARIABLES)),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner | NUMBERS),
        st.builds("({} {} {})".format, NUMBERS, st.sampled_from("+-*/"), inner),
        st.builds("(-{})".format, inner),
        st.builds("({} ** {})".format, inner, st.sampled_from("23")),
    ),
    max_leaves=8,
)


def in_python(text: str) -> str:
    """A printed formula as Python: the signs replaced, numbers exact, and xy a product."""
    text = text.replace("−", "-").replace("·", "*").replace("½", "0.5*")
    text = re.sub(r"[0-9.]+(e[-+]\d+)?", r"F('\g<0>')", text).replace("²", "**2").replace("³", "**3")
    return re.sub(r"(?<=[xyu)])(?=[xyu])|(?<=\))(?=\()", "*", text)


def formula_and_value(expression: str) -> tuple[Expression, Fraction]:
    """The formula and the exact value of one of the EXPRESSIONS; one without a value is left out."""
    try:
        node = eval(expression, {name: Value(float(number), name) for name, number in VARIABLES.items()})
        return relation(node), exact_value(expression.replace("0.5", "F('0.5')"))
    except (DomainError, ZeroDivisionError):
        assume(False)
        raise


def exact_value(python: str) -> Fraction:
    """The value of a formula in Python, of VARIABLES and numbers F('...')."""
    value: Fraction = eval(python, {"F": Fraction, **VARIABLES})
    return value
