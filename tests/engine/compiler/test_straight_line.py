"""Generated modules: they have the form of the paper's Section 5, and run without this project, also on NumPy."""

import ast
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine import (
    TABLE,
    Op,
    Value,
    acos,
    acosh,
    asin,
    atanh,
    compile,
    dot,
    exp,
    forward,
    grad,
    ops,
    sigmoid,
    stop_gradient,
    tanh,
    toposort,
)
from engine.compiler.targets import printer_names
from nn import MLP, hinge
from tests.engine.compiler.agreement import Expected, assert_near, spread
from tests.engine.compiler.generated_modules import load_function
from tests.paper_graphs import figure_4

GOLDEN = Path(__file__).parent / "golden"


def network() -> tuple[Value, list[Value], list[Value]]:
    """The error of the network of Figure 4, its inputs and target, and its weights."""
    error = figure_4()
    error.label = "E"
    variables = sorted((x for x in toposort(error) if x.op is ops.variable), key=lambda x: (x.label[-3:], x.label))
    weights = [x for x in variables if x.label.startswith("w")]
    return error, [x for x in variables if not x.label.startswith("w")], weights


@pytest.mark.parametrize("target", ["python", "numpy"])
def test_the_source_of_figure_4_is_unchanged(target: str) -> None:
    text = compile(*network(), backend="python").source_for(target)
    assert text == (GOLDEN / f"figure_4_{target}.txt").read_text(encoding="utf-8")


def test_it_reads_like_section_5() -> None:
    text = compile(*network(), backend="python").source
    forward_pass, backward_pass = text.split("    # backward\n")
    assert "    a2_1 = w2_11 * z1_1 + w2_12 * z1_2  # a_1^(2)\n    z2_1 = sigmoid(a2_1)  # z_1^(2)\n" in forward_pass
    deltas = [line.split()[0] for line in backward_pass.splitlines() if line.strip().startswith("delta")]
    assert deltas == ["delta3_1", "delta2_2", "delta2_1", "delta1_1", "delta1_2"]
    assert "# δ_1^(2) = ∂E/∂a_1^(2) = ∂E/∂z_1^(2) · ∂z_1^(2)/∂a_1^(2)\n" in backward_pass
    assert "    d_w1_11 = delta1_1 * x_1  # ∂E/∂w_11^(1) = ∂E/∂a_1^(1) · ∂a_1^(1)/∂w_11^(1)\n" in backward_pass
    assert "    d_z1_1 = delta2_2 * w2_21 + delta2_1 * w2_11  # ∂E/∂z_1^(1) = ∂E/∂a_2^(2) · " in backward_pass
    assert max(map(len, text.splitlines())) <= 160


def test_backward_lines_say_which_derivative_they_compute() -> None:
    _, backward_pass = compile(*network(), backend="python").source.split("    # backward\n")
    lines = [line for line in backward_pass.splitlines() if " = " in line.partition("#")[0]]
    assert len(lines) == 19
    assert all("∂E/∂" in line.partition("#")[2] for line in lines)


def test_the_source_runs_by_itself() -> None:
    output, given, weights = network()
    program = compile(output, given, weights, backend="python")
    row = [leaf.data for leaf in given]
    value, gradient = load_function(program.source)(*row, [w.data for w in weights])
    assert (value, gradient) == program.value_and_grad(*row)
    assert value == output.data


INTO_DOMAIN: dict[Op, Callable[[Value], Value]] = dict.fromkeys((asin, acos, atanh), sigmoid)
INTO_DOMAIN |= {acosh: lambda x: x + 1.5}


def everything() -> tuple[Value, list[Value], list[Value]]:
    """A graph with every operation of the table, without labels."""
    x, y, w = Value(0.75, "x"), Value(1.25, "y"), Value(0.5, "w")
    total = Value(1.0)
    for op in TABLE.values():
        n = op.arity or 5
        inputs = [x, y, w, x * w + 0.25, y][:n]
        for operands in (inputs, [leaf * 0.5 + 0.25 for leaf in inputs]):
            total = total * 0.5 + op(*[INTO_DOMAIN[op](x) if op in INTO_DOMAIN else x for x in operands])
    return total, [x, y], [w, x, y]


def test_the_source_of_a_network_needs_nothing_of_this_project() -> None:
    nodes = ast.walk(ast.parse(compile(*network(), backend="python").source))
    assert {node.module for node in nodes if isinstance(node, ast.ImportFrom)} == {"array", "math"}


def test_every_operation_runs_by_itself() -> None:
    output, inputs, wrt = everything()
    program = compile(output, inputs, wrt, backend="python")
    value, gradient = load_function(program.source)(0.75, 1.25, [0.5])
    assert value == output.data
    assert_near(gradient, grad(output, wrt), 1e-10)


@pytest.mark.parametrize("case", [everything, network])
def test_numpy_runs_a_batch(case: Any) -> None:
    pytest.importorskip("numpy")
    output, inputs, wrt = case()
    program = compile(output, inputs, wrt, backend="python")
    rows = spread(50, len(inputs), 0.25, 1.5)
    value, gradient = load_function(program.source_for("numpy"))(rows, list(program.parameters))
    Expected(output, inputs, wrt, rows).assert_sums(value, gradient)


def test_numpy_multiplies_invariant_terms_by_the_rows() -> None:
    np = pytest.importorskip("numpy")
    x, y, w, v = Value(0.5, "x"), Value(1.0, "y"), Value(2.0, "w"), Value(3.0, "v")
    output = tanh(x * w) + 0.5 * (w * w + v * v)
    program = compile(output, [x, y], [v, w, y], backend="python")
    rows = spread(9, 2)
    value, gradient = load_function(program.source_for("numpy"))(rows, [3.0, 2.0])
    total, derivatives = program.sum_over(rows)
    assert_near([value, *gradient], [total, *derivatives], 1e-12)
    same = load_function(compile(w * 3.0, [x], [w], backend="python").source_for("numpy"))(np.zeros((7, 1)), [2.0])
    assert [float(same[0]), *same[1]] == [42.0, 21.0]


def test_the_source_of_several_outputs_has_their_values() -> None:
    pytest.importorskip("numpy")
    x, w = Value(0.5, "x"), Value(2.0, "w")
    program = compile([exp(x) * w, x, w, sigmoid(w)], [x], [w], backend="python")
    assert load_function(program.source, "value")(0.5, [2.0]) == program(0.5)
    table = load_function(program.source_for("numpy"), "value")([[0.5], [1.0]], [2.0])
    assert table.tolist() == [pytest.approx(program(0.5)), pytest.approx(program(1.0))]


@pytest.mark.parametrize("backend", ["python", "auto"])
def test_both_backends_have_the_same_source(backend: str) -> None:
    assert compile(*network(), backend=backend).source == compile(*network(), backend="python").source


def test_wide_sums_and_deep_formulas_are_split_into_lines() -> None:
    x = [Value(number, f"x_{i}") for i, (number,) in enumerate(spread(200, 1))]
    node = dot(x, x)
    for _ in range(50):
        node = (node + x[0]) * 0.5
    program = compile(node, x, backend="python")
    text = program.source
    assert max(len(line) for line in text.splitlines() if not line.startswith("def")) < 1000
    value, gradient = load_function(text)(*[leaf.data for leaf in x], [])
    forward(node)
    assert value == node.data
    assert_near(gradient, grad(node, x), 1e-12)


def test_special_numbers_are_imported() -> None:
    x = Value(1.0, "x")
    output = x * Value(float("inf")) + x * Value(float("nan")) - Value(float("-inf")) * x + Value(-0.0) * x
    value, gradient = load_function(compile(output, [x], backend="python").source)(1.0, [])
    assert value != value
    assert gradient[0] != gradient[0]


def test_a_classifier_of_moons_runs_as_a_module() -> None:
    import random

    model = MLP(2, [3, 1], rng=random.Random(0))
    x, y = [Value(0.5, "x_1"), Value(-0.25, "x_2")], Value(1.0, "y")
    output = hinge(model(x), y)
    program = compile(output, [*x, y], model.parameters(), backend="python")
    value, gradient = load_function(program.source)(0.5, -0.25, 1.0, [w.data for w in model.parameters()])
    assert value == output.data
    assert_near(gradient, grad(output, model.parameters()), 1e-12)


def test_source_for_an_unknown_target_is_refused() -> None:
    with pytest.raises(ValueError, match=f"'fortran' is unknown .*; choose from {', '.join(printer_names())}$"):
        compile(*network(), backend="python").source_for("fortran")


def test_a_common_subexpression_has_the_label_of_either_node() -> None:
    x, y = Value(0.5, "x"), Value(0.25, "y")
    plain, named = x * y, x * y
    named.label = "b"
    for output in (exp(plain) * named.sin(), exp(named) * plain.sin()):
        assert "    b = x * 0.25\n" in compile(output, [x], backend="python").source


def test_of_many_readers_the_first_and_the_last_are_named() -> None:
    x = Value(0.5, "x")
    readers = [x.sin(), x.cos(), x.exp()]
    for node, label in zip(readers, "abc", strict=True):
        node.label = label
    output = readers[0] * readers[1] * readers[2]
    output.label = "E"
    source = compile(output, [x], backend="python").source
    assert "  # ∂E/∂x = ∂E/∂c · ∂c/∂x + … + ∂E/∂a · ∂a/∂x\n" in source
    source = compile(readers[0] * readers[1], [x], backend="python").source
    assert "  # ∂output/∂x = ∂output/∂b · ∂b/∂x + ∂output/∂a · ∂a/∂x\n" in source


def test_forward_values_are_not_called_derivatives() -> None:
    x, y = Value(0.5, "x"), Value(0.25, "y")
    program = compile(exp(x) * y, [x, y], backend="python")  # of which exp(x) is the derivative by y
    assert "    # forward\n    t = exp(x)\n    # backward\n    d_x = y * t  # ∂output/∂x\n" in program.source
    assert "    # forward\n    t1 = np.exp(x)\n    # backward\n    dx = y @ t1\n" in program.source_for("numpy")


def test_a_pass_without_lines_does_not_have_a_heading() -> None:
    x, y = Value(0.5, "x"), Value(0.25, "y")
    source = compile(x + y, [x, y], backend="python").source
    assert source.endswith("    x, y = floats([x, y])\n    return x + y, [1.0, 1.0]\n")


@pytest.mark.parametrize(
    ("target", "line"), [("python", "t = x * w"), ("numpy", "t1 = x * w"), ("jax", "t1 = jax.lax.stop_gradient(x * w)")]
)
def test_what_is_held_is_recomputed_without_a_call(target: str, line: str) -> None:
    x, w = Value(3.0, "x"), Value(2.0, "w")
    y = stop_gradient(x * w) * x - exp(stop_gradient(x))
    program = compile(y, [x], [x, w], backend="python")
    assert program.value_and_grad(0.5) == (1.0 * 0.5 - math.exp(0.5), [1.0, 0.0])
    text = program.source_for(target)
    assert f"    {line}\n" in text
    assert (text.count("import jax.lax"), text.count("stop_gradient")) == ((1, 2) if target == "jax" else (0, 0))
