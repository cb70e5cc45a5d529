import ast
import re
from collections.abc import Callable, Iterator
from fractions import Fraction

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from engine import TABLE, DomainError, NamedGraph, Value, dot, greater, maximum, sin, sqrt, where
from viz.math.formulas import format_formula, format_number

# The names in the formulas that the tests below type.
FUNCTIONS = {"dot": dot, "greater": greater, "maximum": maximum, "sin": sin, "sqrt": sqrt, "where": where}
x, y, u, v = (Value(data, name) for name, data in (("x", 1.5), ("y", 2.5), ("u", 0.5), ("v", 3.0)))


def typed_as(text: str) -> Value:
    """The node that a formula makes which is typed in Python."""
    node: Value = eval(text, {"x": x, "y": y, "u": u, "v": v, **FUNCTIONS})
    return node


def written(node: Value) -> str:
    """The formula of a node, as print."""
    return format_formula(NamedGraph(node).relation(node))


# Every operation on x, y, ...
OPERATIONS = {
    "add": "x + y",
    "subtract": "x − y",
    "multiply": "xy",
    "divide": "x / y",
    "negate": "−x",
    "sqrt": "√x",
    "abs": "|x|",
    "greater": "[x > y]",
    "where": "y if x else u",
    "maximum": "max(x, y)",
    "minimum": "min(x, y)",
    "power": "x^y",
    "sigmoid": "σ(x)",
    "leaky_relu": "leaky_relu(x, y)",
    "dot": "xu + yv",
}
OPERATIONS |= {
    name: f"{name}(x)"
    for name in ("exp", "log", "log1p", "expm1", "sin", "cos", "tan", "atan", "tanh", "softplus", "relu")
}


@pytest.mark.parametrize("name", TABLE)
def test_every_operation_is_written(name: str) -> None:
    op = TABLE[name]
    assert written(op(*(x, y, u, v)[: op.arity or 4])) == OPERATIONS[name]


# As it is typed, and as a reader would write it.
READABLE = {
    "x + y + u": "x + y + u",
    "x + (y + u)": "x + y + u",
    "x - (y + u)": "x − (y + u)",
    "x - (y - u)": "x − (y − u)",
    "x + (y - u)": "x + y − u",
    "x - y * u": "x − yu",
    "2 * x * 3": "6 · x",
    "x * 1 + 0": "x",
    "(x + y) * 2": "2 · (x + y)",
    "x * y * u": "xy · u",
    "x * sin(y)": "x · sin(y)",
    "greater(x, y) * x": "[x > y] · x",
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
    "1e20 * x": "1e+20 · x",
}


@pytest.mark.parametrize("typed", READABLE)
def test_a_formula_is_written_as_a_reader_would(typed: str) -> None:
    assert written(typed_as(typed)) == READABLE[typed]


SIGNS = [
    "x + -2",
    "x - -2",
    "x - -y",
    "y - -2 * x",
    "x / -y",
    "x / -2",
    "dot([-1.0, 2.0], [x, y])",
    "dot([x], [y], -u)",
]


@pytest.mark.parametrize("typed", SIGNS)
def test_no_sign_follows_another(typed: str) -> None:
    assert not re.search("[+−·/] −", written(typed_as(typed)))


def test_labels_are_written_as_print() -> None:
    z = Value(0.25, "z_1^(1)")
    assert written(Value(0.5, "w_11^(2)") * z) == "w₁₁⁽²⁾z₁⁽¹⁾"
    assert written(Value(0.1, "rate") * z) == "rate · z₁⁽¹⁾"


def test_labels_can_be_written_in_another_way() -> None:
    node = x * y
    assert format_formula(NamedGraph(node).relation(node), short={"x": "u_1"}) == "u₁y"


@pytest.mark.parametrize(("label", "text"), [("x_1", "x₁²"), ("x^2", "(x²)²"), ("z^(2)", "(z⁽²⁾)²")])
def test_a_power_cannot_be_taken_for_a_superscript(label: str, text: str) -> None:
    assert written(Value(3.0, label) ** 2) == text


@pytest.mark.parametrize("exponent", [float("inf"), float("nan")])
def test_an_exponent_that_is_not_finite_is_written(exponent: float) -> None:
    assert str(exponent) in written(Value(0.5, "x") ** exponent)


def test_an_activation_is_written_with_its_derivative() -> None:
    z = x.sigmoid()
    assert format_formula(NamedGraph(z).formulas(z)[x]) == "σ'(x)"


@pytest.mark.parametrize(("digits", "text"), [(6, "−0.123457"), (2, "−0.12")])
def test_numbers_are_rounded_to_so_many_digits(digits: int, text: str) -> None:
    assert format_number(-0.123456789, digits) == text


def test_numbers_that_are_none_are_written() -> None:
    assert [format_number(float(text)) for text in ("inf", "-inf", "nan", "-0")] == ["inf", "−inf", "nan", "−0"]


def weighted_sum(n: int) -> str:
    weights = [Value(1.0, f"w_{j}") for j in range(1, n + 1)]
    return written(dot(weights, [Value(1.0, f"z_{j}") for j in range(1, n + 1)], Value(1.0, "b")))


def test_a_long_sum_is_shortened() -> None:
    assert weighted_sum(3) == "w₁z₁ + w₂z₂ + w₃z₃ + b"
    assert weighted_sum(12) == "w₁z₁ + w₂z₂ + ⋯ + w₁₂z₁₂ + b"


@pytest.mark.parametrize("step", [sin, lambda node: node + x, lambda node: node * node], ids=["sin", "+ x", "doubled"])
def test_a_formula_too_long_to_read_is_shortened(step: Callable[[Value], Value]) -> None:
    node = Value(0.5, "x")
    for _ in range(10_001):
        node = step(node)
    text = written(node)
    assert "…" in text
    assert len(text) < 10_000


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
    text = text.replace("−", "-").replace("·", "*")
    text = re.sub(r"[0-9.]+(e[-+]\d+)?", r"F('\g<0>')", text).replace("²", "**2").replace("³", "**3")
    return re.sub(r"(?<=[xyu])(?=[xyu])", "*", text)


def print_of(expression: str) -> tuple[str, Fraction]:
    """What is printed for an expression, and its exact value; expressions that have none are left out."""
    try:
        node = eval(expression, {name: Value(float(number), name) for name, number in VARIABLES.items()})
        return written(node), eval(expression.replace("0.5", "F('0.5')"), {"F": Fraction, **VARIABLES})
    except (DomainError, ZeroDivisionError):
        assume(False)
        raise


@example("(x / (-(y * u)))")
@example("((-x) - (y - (u + 2)))")
@given(EXPRESSIONS)
def test_what_is_printed_has_the_value_of_the_graph(expression: str) -> None:
    text, value = print_of(expression)
    assert eval(in_python(text), {"F": Fraction, **VARIABLES}) == value, text


def without_a_pair_of_brackets(text: str) -> Iterator[str]:
    """The text without each pair of brackets; those that keep a minus apart from the sign before it must stay."""
    open_brackets = []
    for i, char in enumerate(text):
        if char == "(":
            open_brackets.append(i)
        elif char == ")":
            start = open_brackets.pop()
            if not (text[start + 1] == "−" and text[:start].endswith(("+ ", "− ", "· ", "/ "))):
                yield text[:start] + text[start + 1 : i] + text[i + 1 :]


@given(EXPRESSIONS)
def test_there_is_no_bracket_without_need(expression: str) -> None:
    text, _ = print_of(expression)
    meaning = ast.dump(ast.parse(in_python(text)))
    for shorter in without_a_pair_of_brackets(text):
        assert ast.dump(ast.parse(in_python(shorter))) != meaning, f"{text} could be written {shorter}"
