"""Formulas in LaTeX and MathML: how they are written, and that they mean the same as in Unicode."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import TABLE, NamedGraph, Value, dot
from engine.symbolic.expression import Expression
from tests import share, thorough_unless
from tests.labels import any_text, well_formed
from tests.viz.math.formula_examples import (
    EXPRESSIONS,
    applied,
    exact_value,
    formula_and_value,
    in_python,
    node_of,
    relation,
    u,
    x,
    y,
)
from tests.viz.math.hostile_text import HOSTILE, UNPRINTABLE
from tests.viz.math.mathml_reading import parse_mathml, text_of
from viz.math.equations import equal, partial, sum_over, symbol
from viz.math.formats import FORMATS
from viz.math.formulas import format_formula, format_number

CALL = (
    r"\operatorname{{{0}}}(x)",
    '<mtext>{0}</mtext><mrow><mo stretchy="false">(</mo><mi>x</mi><mo stretchy="false">)</mo></mrow>',
)
CALL_2 = r"\operatorname{{{0}}}(x, y)", CALL[1].replace("x</mi>", "x</mi><mo>,</mo><mi>y</mi>")
WITH_U = "<mi>y</mi>", "<mi>y</mi><mo>,</mo><mi>u</mi>"
BESIDE = '<mspace width="0.15em"/>'

# Every operation on x, y, u, v: LaTeX, MathML.
WRITTEN = {
    "add": ("x + y", "<mi>x</mi><mo>+</mo><mi>y</mi>"),
    "subtract": ("x - y", "<mi>x</mi><mo>−</mo><mi>y</mi>"),
    "multiply": ("x y", f"<mi>x</mi>{BESIDE}<mi>y</mi>"),
    "multiply_no_nan": ("x y", f"<mi>x</mi>{BESIDE}<mi>y</mi>"),
    "divide": (r"\frac{x}{y}", "<mfrac><mrow><mi>x</mi></mrow><mrow><mi>y</mi></mrow></mfrac>"),
    "negate": ("-x", '<mo form="prefix">−</mo><mi>x</mi>'),
    "sqrt": (r"\sqrt{x}", "<msqrt><mi>x</mi></msqrt>"),
    "square": ("x^{2}", "<msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup>"),
    "cbrt": (r"\sqrt[3]{x}", "<mroot><mrow><mi>x</mi></mrow><mn>3</mn></mroot>"),
    "hypot": (
        r"\sqrt{x^{2} + y^{2}}",
        "<msqrt><msup><mrow><mi>x</mi></mrow><mrow><mn>2</mn></mrow></msup><mo>+</mo>"
        "<msup><mrow><mi>y</mi></mrow><mrow><mn>2</mn></mrow></msup></msqrt>",
    ),
    "exp2": ("2^{x}", "<msup><mrow><mn>2</mn></mrow><mrow><mi>x</mi></mrow></msup>"),
    "floor": (r"\lfloor x\rfloor", '<mrow><mo stretchy="false">⌊</mo><mi>x</mi><mo stretchy="false">⌋</mo></mrow>'),
    "log2": (r"\log_2(x)", CALL[1].replace("<mtext>{0}</mtext>", "<msub><mi>log</mi><mn>2</mn></msub>")),
    "log10": (r"\log_{10}(x)", CALL[1].replace("<mtext>{0}</mtext>", "<msub><mi>log</mi><mn>10</mn></msub>")),
    "clamp": (CALL_2[0].format("clamp").replace("y)", "y, u)"), CALL_2[1].format("clamp").replace(*WITH_U)),
    "abs": (r"\lvert x\rvert", '<mrow><mo stretchy="false">|</mo><mi>x</mi><mo stretchy="false">|</mo></mrow>'),
    "greater": (
        r"[x > y]",
        '<mrow><mo stretchy="false">[</mo><mi>x</mi><mo>&gt;</mo><mi>y</mi><mo stretchy="false">]</mo></mrow>',
    ),
    "where": (
        r"\begin{cases} y & x \\ u & \text{otherwise} \end{cases}",
        "<mrow><mi>y</mi><mtext>&#160;if&#160;</mtext><mi>x</mi><mtext>&#160;else&#160;</mtext><mi>u</mi></mrow>",
    ),
    "power": ("x^{y}", "<msup><mrow><mi>x</mi></mrow><mrow><mi>y</mi></mrow></msup>"),
    "sigmoid": (
        r"\sigma(x)",
        '<mi>σ</mi><mrow><mo stretchy="false">(</mo><mi>x</mi><mo stretchy="false">)</mo></mrow>',
    ),
    "leaky_relu": (CALL_2[0].format(r"leaky\_relu"), CALL_2[1].format("leaky_relu")),
    "atan2": (CALL_2[0].format("atan2"), CALL_2[1].format("atan2")),
    "elu": (CALL_2[0].format("ELU"), CALL_2[1].format("ELU")),
    "logaddexp": (CALL_2[0].format("logaddexp"), CALL_2[1].format("logaddexp")),
    "maximum": (r"\max(x, y)", CALL_2[1].format("max")),
    "minimum": (r"\min(x, y)", CALL_2[1].format("min")),
    "dot": ("x u + y v", f"<mi>x</mi>{BESIDE}<mi>u</mi><mo>+</mo><mi>y</mi>{BESIDE}<mi>v</mi>"),
}
KNOWN_TO_TEX = ["exp", "log", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh"]
for op in TABLE.values():
    function = rf"\{op.symbol}(x)" if op.symbol in KNOWN_TO_TEX else CALL[0].format(op.symbol.replace("_", r"\_"))
    WRITTEN.setdefault(op.name, (function, CALL[1].format(op.symbol)))

# As it is typed, in LaTeX, and in MathML without tags: a fraction, a root and what is raised need no brackets there.
BRACKETS = {
    "(x + y) * u": (r"(x + y) u", "(x+y)u"),
    "x - (y - u)": (r"x - (y - u)", "x−(y−u)"),
    "x - y - u": ("x - y - u", "x−y−u"),
    "(-x) ** 2": (r"(-x)^{2}", "(−x)2"),
    "-(x ** 2)": ("-x^{2}", "−x2"),
    "x / (y / u)": (r"\frac{x}{\frac{y}{u}}", "xyu"),
    "(x / y) ** 2": (r"\left(\frac{x}{y}\right)^{2}", "(xy)2"),
    "(x**2) ** 3": (r"(x^{2})^{3}", "(x2)3"),
    "x ** (y + 1)": ("x^{y + 1}", "xy+1"),
    "x ** -0.5": ("x^{-0.5}", "x−0.5"),
    "-(x * y)": ("-x y", "−xy"),
    "-(x + y)": (r"-(x + y)", "−(x+y)"),
    "x * -2.0 + y": (r"-2 x + y", "−2x+y"),
    "sqrt(x + y)": (r"\sqrt{x + y}", "x+y"),
    "sqrt(x) ** 2": (r"(\sqrt{x})^{2}", "(x)2"),
    "abs(x) * y": (r"\lvert x\rvert \cdot y", "|x|·y"),
    "abs(abs(x) - y)": (r"\lvert \lvert x\rvert - y\rvert", "||x|−y|"),
    "where(x, y, u) + 1": (
        r"\left(\begin{cases} y & x \\ u & \text{otherwise} \end{cases}\right) + 1",
        "(y\u00a0if\u00a0x\u00a0else\u00a0u)+1",
    ),
    "where(x, where(y, u, v), y)": (
        r"\begin{cases} \left(\begin{cases} u & y \\ v & \text{otherwise} \end{cases}\right) & x \\"
        r" y & \text{otherwise} \end{cases}",
        "(u\u00a0if\u00a0y\u00a0else\u00a0v)\u00a0if\u00a0x\u00a0else\u00a0y",
    ),
    "dot([x], [y], -u)": (r"x y + (-u)", "xy+(−u)"),
}

# The number of children of elements of MathML; those in ROWS have any number.
CHILDREN = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "munderover": 3, "mover": 2}
CHILDREN |= {"mi": 0, "mn": 0, "mo": 0, "mtext": 0, "mspace": 0}
ROWS = {"math", "mrow", "msqrt"}


@pytest.mark.parametrize("name", TABLE)
def test_every_operation_is_written(name: str) -> None:
    written = relation(applied(TABLE[name]))
    assert (format_formula(written, "latex"), format_formula(written, "html")) == WRITTEN[name]


@pytest.mark.parametrize("typed", BRACKETS)
def test_brackets_stand_where_a_reader_needs_them(typed: str) -> None:
    written = relation(node_of(typed))
    assert (format_formula(written, "latex"), text_of(format_formula(written, "html"))) == BRACKETS[typed]


def test_a_derivative_of_an_activation_has_its_prime() -> None:
    for op, latex, mathml in [("sigmoid", r"\sigma'", "σ′"), ("tanh", r"\tanh'", "tanh′")]:
        z = TABLE[op](x)
        written = NamedGraph(z).formulas(z)[x]
        assert format_formula(written, "latex") == rf"{latex}(x)"
        assert text_of(format_formula(written, "html")) == f"{mathml}(x)"


@pytest.mark.parametrize(
    ("power", "latex"),
    [(2e20**x, r"(2 \times 10^{20})^{x}"), ((x**y) ** u, r"(x^{y})^{u}"), (Value(3.0, "z^(2)") ** 2, r"(z^{(2)})^{2}")],
)
def test_no_power_follows_another(power: Value, latex: str) -> None:
    assert format_formula(relation(power), "latex") == latex  # TeX stops at x^{2}^{3}


NUMBERS = {
    -0.123456789: ("-0.123457", "−0.123457"),
    3.0: ("3", "3"),
    1e-20: (r"1 \times 10^{-20}", "1·10−20"),
    -2.5e30: (r"-2.5 \times 10^{30}", "−2.5·1030"),
    float("inf"): (r"\infty", "inf"),
    float("-inf"): (r"-\infty", "−inf"),
    float("nan"): (r"\text{nan}", "nan"),
}


@pytest.mark.parametrize("x", NUMBERS)
def test_numbers(x: float) -> None:
    assert (format_number(x, format="latex"), text_of(format_number(x, format="html"))) == NUMBERS[x]
    if x < 0:
        assert format_number(x, format="html").startswith('<mo form="prefix">−</mo><mn>')


def test_long_sums_are_shortened() -> None:
    node = dot([Value(1.0, f"w_{j}") for j in range(1, 13)], [Value(1.0, f"z_{j}") for j in range(1, 13)])
    assert format_formula(relation(node), "latex") == r"w_1 z_1 + w_2 z_2 + \cdots + w_{12} z_{12}"
    assert text_of(format_formula(relation(node), "html")) == "w1z1+w2z2+⋯+w12z12"


@thorough_unless(lambda format: format == "latex")
@pytest.mark.parametrize(("format", "max_length"), [("latex", 20_000), ("html", 100_000)])
def test_a_formula_too_long_to_read_is_shortened(format: str, max_length: int) -> None:
    node = x
    for _ in range(3_001):
        node = node.sin() + y
    text = format_formula(relation(node), format)
    assert "…" in text
    assert len(text) < max_length


def test_labels_can_be_written_in_another_way() -> None:
    assert format_formula(relation(x * y), "latex", {"x": "u_1"}) == "u_1 y"
    assert text_of(format_formula(relation(x * y), "html", {"x": "u_1"})) == "u1y"


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("tanh", r"\tanh"),
        ("relu", r"\operatorname{relu}"),
        ("leaky_relu'", r"\operatorname{leaky\_relu}'"),
        ("sigma", r"\sigma"),
        ("f", "f"),
        ("input", r"\operatorname{input}"),  # \input reads a file
        ("a b", r"\text{a b}"),
        ("x\\y", r"\text{x\textbackslash{}y}"),
        ("größe", r"\text{größe}"),
        ("", ""),
    ],
)
def test_names_of_functions_are_upright(name: str, latex: str) -> None:
    assert FORMATS["latex"].function(name) == latex


# Readers of LaTeX and MathML, by which the formulas have the value of the graph, so that no bracket is missing.

TOKEN = re.compile(r" *(\\frac|\\cdot|[(){}^+-]|[xyu]|[0-9.]+)")


def latex_in_python(text: str) -> str:
    """A formula of + - * /, powers and numbers. A power may be that of a letter, a number or a bracket alone."""
    text = re.sub(r"\\left|\\right|\\,", "", text)  # the height of a bracket, and space
    tokens = TOKEN.findall(text)
    assert "".join(tokens) == text.replace(" ", "")
    return _group(iter([*tokens, "}"]))


def _group(tokens: Iterator[str]) -> str:
    """The formula before the closing brace, in Python."""
    python, last = "", ""
    for token in tokens:
        if token == "}":
            return python
        is_first = last in ("", "+", "-", r"\cdot", "(")
        if token == "^":
            assert re.fullmatch(r"[xyu0-9.]+|\)", last), "the base of the power cannot be seen"
            python += f"**({_braces(tokens)})"
        elif token == r"\frac":
            python += "*" * (not is_first) + f"(({_braces(tokens)})/({_braces(tokens)}))"
        elif token in ("+", "-"):
            python += token
        elif token in (r"\cdot", ")"):
            python += "*" if token == r"\cdot" else ")"
        elif token == "(":
            python += "*" * (not is_first) + "("
        else:
            python += "*" * (not is_first) + (token if token.isalpha() else f"F('{token}')")
        last = token
    raise AssertionError("a brace is not closed")


def _braces(tokens: Iterator[str]) -> str:
    assert next(tokens) == "{"
    return _group(tokens)


def mathml_in_python(element: ElementTree.Element) -> str:
    """An element of MathML in Python."""
    parts = [mathml_in_python(child) for child in element]
    match element.tag:
        case "mi":
            return element.text or ""
        case "mn":
            return f"F('{element.text}')"
        case "mo":
            return {"−": "-", "·": "*"}.get(element.text or "", element.text or "")
        case "mspace":
            return "*"
        case "mfrac":
            return f"(({parts[0]})/({parts[1]}))"
        case "msup":
            assert len(element[0]) == 1, "the base of the power cannot be seen"
            assert element[0][0].tag in ("mi", "mn") or (element[0][0][0].text == "(" and element[0][0].tag == "mrow")
            return f"{parts[0]}**({parts[1]})"
        case "math" | "mrow":
            return "".join(parts)
    raise AssertionError(f"<{element.tag}>")


@example("(x / (-(y * u)))")
@example("((-x) - (y - (u + 2)))")
@example("(((x / y) ** 2) * (y / (x + u)))")
@settings(derandomize=True, deadline=None)
@given(EXPRESSIONS)
def test_all_formats_say_the_same(expression: str) -> None:
    written, value = formula_and_value(expression)
    latex, mathml = format_formula(written, "latex"), format_formula(written, "html")
    for python in (in_python(format_formula(written)), latex_in_python(latex), mathml_in_python(parse_mathml(mathml))):
        assert exact_value(python) == value, (python, latex)


# Formulas of any operations, with any labels.


def applied_to(formulas: list[Expression], name: str) -> Expression:
    op = TABLE[name]
    return formulas[0].apply(op, tuple(formulas[i % len(formulas)] for i in range(op.arity or 4)))


labels = st.sampled_from(["", *HOSTILE, *UNPRINTABLE]) | any_text | well_formed
leaves = labels.map(symbol) | st.floats().map(symbol("").builder.constant)
formulas = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(applied_to, st.lists(inner, min_size=1, max_size=3), st.sampled_from(list(TABLE))),
        st.builds(equal, inner, inner),
        st.builds(partial, inner, inner),
        st.builds(sum_over, labels, labels, inner),
    ),
    max_leaves=8,
)


@settings(max_examples=share(3.0))
@given(formulas)
def test_mathml_is_well_formed(written: Expression) -> None:
    root = parse_mathml(format_formula(written, "html"))
    for element in root.iter():
        assert element.tag in ROWS or len(element) == CHILDREN[element.tag]
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe]", "".join(root.itertext()))


@settings(max_examples=share(3.0))
@given(formulas)
def test_latex_closes_what_it_opens(written: Expression) -> None:
    opened = []
    for token in re.findall(r"\\(?:left|right|begin|end)\b|\\.|[{}$%#~\n]", format_formula(written, "latex")):
        if token in ("{", r"\left", r"\begin"):
            opened.append(token)
        elif token in ("}", r"\right", r"\end"):
            assert opened.pop() == {"}": "{", r"\right": r"\left", r"\end": r"\begin"}[token]
        else:
            assert token not in {*"$%#~\n"}, "TeX reads it as a command"
    assert opened == []
