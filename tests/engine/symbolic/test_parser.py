"""Typed formulas: their meaning, their errors, and that they are never run as code."""

from __future__ import annotations

import math
import re
import sys
import traceback
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import TABLE, DomainError, Op, Value, ops, toposort
from engine.symbolic.parser import DEFAULT_VALUES, evaluate_formula, parse_formula, variables_of
from tests.effort import count_calls
from tests.engine.operations import OPERATIONS

ALL = ", ".join(sorted(name for name, op in TABLE.items() if op.arity is not None))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2*3", 7.0),
        ("-2**2", -4.0),
        ("2**-1", 0.5),
        ("2^3^2", 512.0),
        ("(1 + 2) * 3", 9.0),
        ("+x", 2.0),
        ("x - y - 1", -2.0),
        ("x / y / 4", 2.0 / 3.0 / 4.0),
        ("1e3 + .5", 1000.5),
        ("sin(x) + exp(0)", math.sin(2.0) + 1.0),
        ("maximum(x, y)", 3.0),
        ("leaky_relu(-x)", -0.02),
        ("leaky_relu(-x, 0.5)", -1.0),
        ("where(greater(x, y), 1, 2)", 2.0),
        ("  x*y\n", 6.0),
        ("2**-x**2", 2.0**-4.0),
        ("-x**2/4*y", -3.0),
        ("1_000.5e-3", 1.0005),
        ("maximum(x, y,)", 3.0),
        ("(" * 200 + "x" + ")" * 200, 2.0),
        ("alpha_1 + 1", 1.5),
        ("x·y × y ⋅ y ÷ x", 27.0),
        ("x − y – 1", -2.0),
        ("−x", -2.0),
        ("√x·y + √(x + y)*√4", math.sqrt(2.0) * 3.0 + 2.0 * math.sqrt(5.0)),
        ("σ(x) + sigma(x)", 2.0 / (1.0 + math.exp(-2.0))),
        ("ReLU(x - y) + ReLU'(x)", 1.0),
        ("-x² + (x + y)³ + x⁻¹ + x^y²", -4.0 + 125.0 + 0.5 + 512.0),
        ("|x − y·|x||*|−1|", 4.0),
        ("π*x + pi", 3.0 * math.pi),
        ("max(x, y) - min(x, y)", 1.0),
        ("1.235·10⁵ + 2·10⁻³*x/1·10³", 123500.0 + 4e-6),
        ("½*x", 1.0),
        ("ln(x) + log x + arctan(0)", 2.0 * math.log(2.0)),
        ("log10(100*x) + log10 y + log2(8)", 5.0 + math.log10(6.0)),
        ("sqrt x + sin y - cos 2", math.sqrt(2.0) + math.sin(3.0) - math.cos(2.0)),
        ("tanh'(0) + σ'(x - 2) + relu′(y)", 2.25),
        ("f = x*y", 6.0),
    ],
)
def test_formulas(text: str, value: float) -> None:
    assert parse_formula(text, {"x": 2.0, "y": 3.0}).data == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("w_{21}^{(1)}", "w_21^(1)"),
        ("w₂₁⁽¹⁾", "w_21^(1)"),
        ("w_21^(1)", "w_21^(1)"),
        ("a₁", "a_1"),
        ("a_{1}", "a_1"),
        ("ŷ₁", "y_hat_1"),
        ("δᵢ⁽ᵏ⁻¹⁾", "delta_i^(k-1)"),
        ("λ", "lambda"),
        ("hidden_size", "hidden_size"),
    ],
)
def test_a_name_may_be_typed_or_printed(typed: str, label: str) -> None:
    assert [x.label for x in variables_of(parse_formula(f"2*{typed} + x"))] == sorted([label, "x"])
    for name in (typed, label):
        assert parse_formula(f"2*{typed} + {label}", {name: 3.0}).data == 9.0


def test_an_index_ends_a_name_and_a_power_is_not_a_part_of_it() -> None:
    values = {"w_1": 2.0, "δ_1": 3.0, "x": 5.0}
    assert parse_formula("w₁δ₁ + w₁²*x^(2)", values).data == 6.0 + 100.0
    assert parse_formula("x", {"x^(2)": 1.0}).data == DEFAULT_VALUES[0]
    assert parse_formula("x^(2)", {"x^(2)": 1.0}).label == "x^(2)"
    for text in ("w_1 + w_1^(2)", "w_1^(2) + w_1"):
        assert [x.label for x in variables_of(parse_formula(text))] == ["w_1", "w_1^(2)"]


def test_an_equals_sign_names_the_output() -> None:
    y = parse_formula("y_1 = x*2")
    assert (y.label, [x.label for x in variables_of(y)]) == ("y_1", ["x"])
    assert parse_formula("π₁ = 3").label == "pi_1"


def test_variables_without_values_get_numbers_in_order() -> None:
    y = parse_formula("b*a + c*b + d", {"c": 7.0})
    assert {x.label: x.data for x in variables_of(y)} == {"b": 0.5, "a": 1.5, "c": 7.0, "d": 0.75}
    many = parse_formula(" + ".join(f"x_{i}" for i in range(100)))
    assert len({x.data for x in variables_of(many)}) == 100


@pytest.mark.parametrize(
    ("text", "written", "name"),
    [
        ("sinx + 1", "sin(x) + 1", "sinx"),
        ("2*sqrtx_1", "2*sqrt(x_1)", "sqrtx_1"),
        ("lnθ", "ln(θ)", "lnθ"),
        ("sint", "sin(t)", "sint"),
        ("sin2x", "sin(2*x)", "sin2x"),
        ("2*sinxy", "2*sin(x*y)", "sinxy"),
        ("2*pix", "2*pi*x", "pix"),
        ("πr²", "π*r²", "πr"),
        ("cost*t", "cos(t)*t", "cost"),
        ("sinab + a*b", "sin(a*b) + a*b", "sinab"),
        ("xy + x + y", "x*y + x + y", "xy"),
        ("3xyx - x/y", "3*x*y*x - x/y", "xyx"),
        ("2pir*r", "2*pi*r*r", "pir"),
        ("w₁x(1 − xw₁)*x", "w₁x*(1 − x*w₁)*x", ""),
    ],
)
def test_a_name_that_seems_two_is_refused_unless_given(text: str, written: str, name: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"is not a formula: write {written}")) as error:
        parse_formula(text)
    if name:
        assert str(error.value).endswith(f", or give {name} a value")
        with suppress(ValueError):
            parse_formula(text, {name: 2.0})
        assert name in [x.label for x in variables_of(parse_formula(f"1*{name}", {name: 2.0}))]
    parse_formula(written)


def test_a_name_alone_is_one_variable() -> None:
    assert [x.label for x in variables_of(parse_formula("xy + x"))] == ["x", "xy"]


@pytest.mark.parametrize("op", [op for op in TABLE.values() if op.arity == 1 and op.symbol.isidentifier()])
def test_an_operation_is_read_by_its_printed_name_too(op: Op) -> None:
    [number] = OPERATIONS[op.name].points[0]
    for name in (op.name, op.symbol):
        assert parse_formula(f"{name}(x)", {"x": number}).op is op


@pytest.mark.parametrize(
    ("text", "op"),
    [
        ("ln x", ops.log),
        ("lg x", ops.log10),
        ("arcsin(x)", ops.asin),
        ("arccos(x)", ops.acos),
        ("arctan(x)", ops.atan),
        ("arctan2(x, 2)", ops.atan2),
        ("arcsinh(x)", ops.asinh),
        ("arsinh(x)", ops.asinh),
        ("arctanh(x)", ops.atanh),
        ("sgn(x)", ops.sign),
        ("∛x", ops.cbrt),
        ("⌊x⌋", ops.floor),
        ("ReLU(x)", ops.relu),
        ("[x > 0]", ops.greater),
    ],
)
def test_usual_names_are_those_of_the_table(text: str, op: Op) -> None:
    assert parse_formula(text, {"x": 0.5}).op is op


def test_the_derivative_of_an_operation_can_be_differentiated() -> None:
    y = parse_formula("tanh'(x)", {"x": 0.5})
    y.backward()
    z = math.tanh(0.5)
    assert next(variables_of(y)).grad == pytest.approx(-2.0 * z * (1.0 - z * z))


def test_a_formula_of_known_names_has_no_variables() -> None:
    assert evaluate_formula("2*w_{1}² - #1", {"w_1": 3.0, "#1": 1.0}) == 17.0
    with pytest.raises(ValueError, match=r"unknown name 'y'; known names: x$"):
        evaluate_formula("x + y", {"x": 1.0})
    with pytest.raises(ValueError, match=r"unknown name 'y'; write a finite number, such as 1.5, 1/2 or pi$"):
        evaluate_formula("1/2*y", {})


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("1.1a", "1.1*a"),
        ("2x + sinx", "2*x + sin(x)"),
        ("a(1-a)", "a*(1-a)"),
        ("2xa - cosx + (1 + a)2", "2*x*a - cos(x) + (1 + a)*2"),
        ("w₁xa", "w₁x*a"),
    ],
)
def test_an_answer_is_refused_with_one_whole_rewrite(given: str, written: str) -> None:
    values = {"a": 0.5, "x": 1.5, "w_1": 2.0}
    with pytest.raises(ValueError, match=f"^{re.escape(f'{given!r} is not a formula: write {written}')}$"):
        evaluate_formula(given, values)
    assert math.isfinite(evaluate_formula(written, values))


@pytest.mark.parametrize("name", [name for name, op in TABLE.items() if op.arity is not None])
def test_every_operation_of_the_table_can_be_typed(name: str) -> None:
    values = dict(zip("abcd", OPERATIONS[name].points[0], strict=False))
    node = parse_formula(f"{name}({', '.join(values)})", values)
    assert node.op is TABLE[name]


def test_a_name_is_one_leaf_with_its_label() -> None:
    y = parse_formula("x*x + x", {"x": 3.0})
    y.backward()
    [x] = variables_of(y)
    assert (x.label, x.grad) == ("x", 7.0)


def test_leaves_may_be_given() -> None:
    x = Value(3.0, "x")
    assert x in toposort(parse_formula("x + 1", {"x": x}))


def test_numbers_alone_are_a_leaf() -> None:
    assert parse_formula("2 * 3").op is ops.variable


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "x +",
        "x y",
        "import os",
        "__import__('os').system('true')",
        "().__class__.__bases__",
        "x.data",
        "x[0]",
        "[x]",
        "[x >]",
        "[x > 1",
        "x > 1]",
        "[x > 0 > 1]",
        "[x for x in (1, 2)]",
        "lambda: 1",
        "x if y else z",
        "x < y",
        "x and y",
        "not x",
        "~x",
        "x // y",
        "x % y",
        "x @ y",
        "x := 1",
        "'text'",
        "b'x'",
        "None",
        "True",
        "1j",
        "...",
        "f'{x}'",
        "{x}",
        "sin",
        "max",
        "sin()",
        "sin(x, y)",
        "sin(x=1)",
        "sin(*x)",
        "dot(x, y)",
        "print(x)",
        "eval('1')",
        "x; y",
        "x\ny",
        "\x00",
        "(" * 5000,
        "-" * 5000 + "x",
        "x" * 20_000,
        "9**9**9**9",
        "1" * 400,
    ],
)
def test_everything_else_is_refused_in_bounded_work(text: str) -> None:
    def refuse() -> None:
        with pytest.raises((ValueError, DomainError)):
            parse_formula(text)

    assert count_calls(refuse) < 100 * (len(text) + 1_000)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x y", "'x y' is not a formula: write x*y"),
        ("x +", "'x +' is not a formula: write something like x*y + sin(x)"),
        ("2 * x.data", "'x.data' cannot stand in a formula: write numbers, names, + - * / ** and operations"),
        ("dot(x, y)", f"unknown operation 'dot' in 'dot(x, y)'; choose from {ALL}"),
        ("sigmoud(x)", f"unknown operation 'sigmoud' in 'sigmoud(x)'; did you mean sigmoid? Choose from {ALL}"),
        ("y*x(1 - y)", "'y*x(1 - y)' is not a formula: write y*x*(1 - y)"),
        ("2x + 1", "'2x + 1' is not a formula: write 2*x + 1"),
        ("a = 3x + 2b₁c₁", "'a = 3x + 2b₁c₁' is not a formula: write a = 3*x + 2*b₁c₁"),
        ("½(z − y)²σ'(a)", "\"½(z − y)²σ'(a)\" is not a formula: write ½*(z − y)²*σ'(a)"),
        ("2|x|", "'2|x|' is not a formula: write 2*|x|"),
        ("2[x > 0](1 - x)", "'2[x > 0](1 - x)' is not a formula: write 2*[x > 0]*(1 - x)"),
        ("2*|x", "'2*|x' is not a formula: a | is not closed"),
        ("0,5*x", "'0,5*x' is not a formula: write a decimal point, as in 0.5"),
        ("|x|y|", "'|x|y|' is not a formula: a | is not closed"),
        ("|x|y|z|", "'|x|y|z|' is not a formula: write |x|*y*|z|"),
        ("⌊x⌋y", "'⌊x⌋y' is not a formula: write ⌊x⌋*y"),
        ("sqrt x y", "'sqrt x y' is not a formula: the input of sqrt stands in brackets: sqrt(x)"),
        ("sin 2x", "'sin 2x' is not a formula: the input of sin stands in brackets: sin(x)"),
        ("sin 2x + siny", "'sin 2x + siny' is not a formula: the input of sin stands in brackets: sin(x)"),
        ("√x y", "'√x y' is not a formula: write √x*y"),
        ("1.2.3", "'1.2.3' is not a formula at character 4: write something like x*y + sin(x)"),
        ("2π", "'2π' is not a formula: write 2*π"),
        (
            "2*w21^(1)",
            "w21^(1) in '2*w21^(1)' can be read in two ways:"
            " write w_21^(1) for a name with a layer, or w21^1 for a power",
        ),
        ("½x²", "'½x²' is not a formula: write ½*x²"),
        ("x¾", "'x¾' is not a formula: write x*¾"),
        ("x==y", "'x==y' is not a formula: write only one =, as in y = x*2"),
        ("x = x*2 = 3", "'x = x*2 = 3' is not a formula: write only one =, as in y = x*2"),
        ("x/0", "divide(x = 0.5, 0.0) is not finite: divide needs a denominator other than 0"),
        ("1 000", "'1 000' is not a formula at character 3: write something like x*y + sin(x)"),
        ("sin 2*x", "'sin 2*x' is not a formula: the input of sin stands in brackets: sin(x)"),
        (
            "sin²(x)",
            "'sin²(x)' is not a formula: the input of sin stands in brackets: sin(x), and a power after them: sin(x)^2",
        ),
        ("√x²", "'√x²' is not a formula: the input of √ stands in brackets: √(x), and a power after them: √(x)^2"),
        ("σ", "'σ' is not a formula: the input of σ stands in brackets: σ(x)"),
        ("max x", "'max x' is not a formula: the inputs of max stand in brackets: max(x, y)"),
        ("max'(x, y)", "maximum' is ambiguous: maximum has 2 inputs"),
        ("f(x) = x^2", "'f(x) = x^2' is not a formula: write only a name before the =, as in f = x^2"),
        ("a = 3*x = 6", "'a = 3*x = 6' is not a formula: write only one =, as in a = 3*x"),
        ("y = x", "'y = x' only gives x another name: write a formula after the ="),
        ("x = x*2", "x stands on both sides of = in 'x = x*2': give the output a name of its own"),
        ("a=x, b=2*a\nb^2*a", "'a=x' only gives x another name: write a formula after the ="),
        ("a = 2*x; b = a; b + 1", "'b = a' only gives a another name: write a formula after the ="),
        ("a = x*2; y = w*3", "a is defined in 'a = x*2; y = w*3', but the last formula does not depend on it"),
        ("y = 2*a; a = x^2; y*a", "a stands in a formula before 'a = x^2': define each name once, before it is used"),
        ("a = 2*x; a = a + 1", "a stands in a formula before 'a = a + 1': define each name once, before it is used"),
        ("a = 2*x; y = a + b = 3", "'y = a + b = 3' is not a formula: write only one =, as in y = a + b"),
        ("a = 2*x; y = 3*(a", "'y = 3*(a' is not a formula: the ( at character 7 is not closed"),
        ("2pi", "'2pi' is not a formula: write 2*pi"),
        ("1 + 2.5 x_1", "'1 + 2.5 x_1' is not a formula: write 1 + 2.5*x_1"),
        ("2(x + 1)", "'2(x + 1)' is not a formula: write 2*(x + 1)"),
        ("(x + 1)(x - 1)", "'(x + 1)(x - 1)' is not a formula: write (x + 1)*(x - 1)"),
        ("sin(x + (y", "'sin(x + (y' is not a formula: the ( at character 9 is not closed"),
        ("sin(x + (y)", "'sin(x + (y)' is not a formula: the ( at character 4 is not closed"),
        ("x + y) * 2", "'x + y) * 2' is not a formula: the ) at character 6 closes nothing"),
        ("x^2 + y^2 x", "'x^2 + y^2 x' is not a formula: write x^2 + y^2*x"),
        ("  x^y x", "'  x^y x' is not a formula: write   x^y*x"),
        ("(log(-1) + x", "'(log(-1) + x' is not a formula: the ( at character 1 is not closed"),
        ("x / * 3", "'x / * 3' is not a formula: write a number or a name before the * at character 5"),
        ("2 sin(x)", "'2 sin(x)' is not a formula: write 2*sin(x)"),
        ("x if y", "'x if y' is not a formula: if is a keyword of Python"),
        ("sin(x, y)", "sin takes 1 input, not 2, in 'sin(x, y)'"),
        ("leaky_relu()", "leaky_relu takes 2 inputs, not 0, in 'leaky_relu()'"),
        ("1" * 400, f"a number in '{'1' * 79} is larger than the largest float"),
    ],
)
def test_an_error_shows_the_place_and_what_is_possible(text: str, message: str) -> None:
    with pytest.raises((ValueError, DomainError), match=f"^{re.escape(message)}$"):
        parse_formula(text)


def test_the_length_and_the_depth_of_a_formula_are_limited() -> None:
    assert parse_formula("x".ljust(10_000)).label == "x"
    with pytest.raises(ValueError, match="a formula has at most 10000 characters, not 10001"):
        parse_formula("x".ljust(10_001))
    for deep in ("-" * 200 + "x", "+" * 200 + "x", "x" + " + x" * 200):
        assert toposort(parse_formula(deep))[0].label == "x"
    for deeper in ("-" * 201 + "x", "+" * 201 + "x", "x" + " + x" * 201):
        with pytest.raises(ValueError, match="is nested more than 200 deep"):
            parse_formula(deeper)


def test_a_formula_that_is_not_text_is_an_error() -> None:
    text: Any = 3.0
    with pytest.raises(TypeError, match=r"a formula is text such as 'x\*y \+ sin\(x\)', not 3.0 of type float"):
        parse_formula(text)


def test_near_the_recursion_limit_a_formula_is_nested_too_deep() -> None:
    def from_deep_down(depth: int) -> Value:
        return parse_formula("-" * 90 + "x") if depth == 0 else from_deep_down(depth - 1)

    limit, messages = sys.getrecursionlimit(), set()
    sys.setrecursionlimit(len([*traceback.walk_stack(None)]) + 1_000)  # another test may have raised it
    try:
        for left in range(20, 400, 20):
            with suppress(RecursionError):  # raised by the parser itself
                try:
                    from_deep_down(1_000 - left)
                except ValueError as error:
                    messages.add(str(error)[-18:])
    finally:
        sys.setrecursionlimit(limit)
    assert "is nested too deep" in messages


@given(st.text(alphabet="xy01.+-*/^() ,sincosexp_[]{}'\"\\:;=<>@!\n", max_size=60))
def test_any_text_is_a_formula_or_a_clear_error(text: str) -> None:
    with suppress(ValueError, DomainError):
        assert isinstance(parse_formula(text), Value)


def test_pi_is_the_number_unless_it_is_given_another() -> None:
    assert parse_formula("pi*x", {"x": 2.0}).data == 2.0 * math.pi
    assert parse_formula("pi*x", {"x": 2.0, "pi": 3.0}).data == 6.0


def test_the_exponential_is_not_taken_for_a_power_of_a_variable() -> None:
    with pytest.raises(ValueError, match=r"e does not have a value in 'e\^x': write exp\(x\), or give e one"):
        parse_formula("e^x")
    assert parse_formula("e^x", {"e": 2.0, "x": 3.0}).data == 8.0
    assert parse_formula("d*e", {"d": 3.0}).data == 1.5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1e400", "a number in '1e400' is larger than the largest float"),
        ("1e308*10", "multiply(1e+308, 10.0) is inf: a formula is computed with finite numbers"),
        ("x - 1e308*10", "multiply(1e+308, 10.0) is inf"),
        ("1/(1e308*10*x)", "multiply(1e+308, 10.0) is inf"),
        ("-1e308 - 1.6e308*x", "subtract(-1e+308, 8e+307) is -inf"),
        ("x / 1e-320", "divide(x = 0.5, 1e-320) is inf"),
        ("y + 1", "add(y = inf, 1.0) is inf"),
    ],
)
def test_a_formula_that_is_not_finite_is_a_domain_error(text: str, message: str) -> None:
    with pytest.raises(DomainError, match=re.escape(message)):
        parse_formula(text, {"y": math.inf})


@pytest.mark.parametrize("name", ["cost", "sine", "logs", "expo", "tank", "sin2", "pixel", "signal", "abs_error"])
def test_words_that_begin_with_an_operation_are_names(name: str) -> None:
    assert [x.label for x in variables_of(parse_formula(f"2*{name}"))] == [name]


@pytest.mark.parametrize(
    ("text", "number"), [("½*x²", 0.125), ("⅓*x", 1 / 6), ("x*¾", 0.375), ("½", 0.5), ("x½", None)]
)
def test_fractions_of_one_character_are_numbers(text: str, number: float | None) -> None:
    if number is not None:
        assert evaluate_formula(text, {"x": 0.5}) == pytest.approx(number)
    else:
        with pytest.raises(ValueError, match=r"write x\*½"):
            evaluate_formula(text, {"x": 0.5})


@given(st.text(alphabet="xy2.+*^()|⌊⌋½π√sin ", max_size=12))
def test_a_formula_that_an_error_advises_is_accepted(text: str) -> None:
    try:
        parse_formula(text)
    except DomainError:
        return
    except ValueError as error:
        advice = re.search(r"is not a formula: write (.*?)(, or give \S+ a value)?$", str(error))
        if advice and not advice[1].startswith(("something", "a ")):
            with suppress(DomainError):
                assert parse_formula(advice[1])


@pytest.mark.parametrize(
    "text",
    [
        "a = w*x + b; z = tanh(a); E = (z - y)^2/2",
        "a = w*x + b, z = tanh(a), E = (z - y)^2/2;",
        "\na=w·x + b\n\nz = tanh(a)\nE = ½*(z - y)²\n",
        "a₁⁽¹⁾ = w*x + b; z_1^(1) = tanh(a_1^(1)); E = (z₁⁽¹⁾ − y)²/2",
    ],
)
def test_several_formulas_name_the_nodes_of_one_graph(text: str) -> None:
    values = {"w": 0.5, "x": 2.0, "b": -0.25, "y": 1.0}
    output = parse_formula(text, values)
    labels = [node.label.replace("_1^(1)", "") for node in toposort(output) if node.label]
    assert sorted(labels) == sorted([*values, "a", "z", "E"])
    assert output.data == pytest.approx((math.tanh(0.75) - 1.0) ** 2 / 2)
    assert output.label == "E"


def test_a_formula_that_is_a_number_is_a_leaf_of_the_next() -> None:
    output = parse_formula("w = 0.5; x = 2*3; w*x")
    output.backward()
    assert [(x.label, x.data, x.grad) for x in variables_of(output)] == [("w", 0.5, 6.0), ("x", 6.0, 0.5)]
