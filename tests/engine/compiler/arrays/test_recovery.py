"""Matrices recovered from graphs of scalars: the printed modules have the engine's values and derivatives."""

import math
import random
import re
from functools import reduce
from itertools import accumulate
from operator import add, mul
from typing import Any

import pytest

from engine import TABLE, DomainError, Value, compile, dot, exp, greater, maximum, primitive, sigmoid, toposort, where
from engine.compiler.arrays import recovery
from nn import MLP, cross_entropy
from tests import by_night
from tests.engine.compiler.agreement import assert_agrees, spread
from tests.engine.compiler.arrays.layered_graphs import GRAPHS, Graph, mlp, random_chains, recurrent
from tests.engine.compiler.generated_modules import load_function

np = pytest.importorskip("numpy")


def module_of(graph: Graph) -> str:
    """The module of the value and the gradient."""
    return compile(graph.output, graph.inputs, graph.parameters, backend="python").source_for("numpy")


def assert_module_agrees(graph: Graph, n_rows: int = 7) -> None:
    """Assert that the module computes the engine's sums, to 1e-12 of the largest derivative."""
    program = compile(graph.output, graph.inputs, graph.parameters, backend="python")
    run = load_function(program.source_for("numpy"))
    for n in (n_rows, 1, 0):
        rows = np.array(spread(n, len(graph.inputs))).reshape(n, len(graph.inputs))
        value, gradient = run(rows, list(program.parameters))
        total, derivatives = program.sum_over(rows)
        assert abs(float(value) - total) <= 1e-12 * abs(total)
        assert gradient.shape == (len(graph.parameters),)
        assert np.abs(gradient - derivatives).max() <= 1e-12 * np.abs(derivatives).max()


@pytest.mark.parametrize("name", GRAPHS)
def test_the_module_has_the_engines_derivatives(name: str) -> None:
    assert_module_agrees(GRAPHS[name]())


@pytest.mark.thorough
def test_networks_of_any_sizes() -> None:
    rng = random.Random(0)
    for seed in range(by_night(30, 100)):
        sizes = [rng.choice([1, 1, 2, 3, 5, 8]) for _ in range(rng.randint(2, 5))]
        loss = "entropy" if sizes[-1] > 1 and seed % 2 else "squares"
        activation = rng.choice(["tanh", "sigmoid", "relu", "gelu", "linear"])
        assert_module_agrees(mlp(sizes, seed, activation, loss), n_rows=3)


def test_a_network_is_written_as_in_table_2() -> None:
    text = module_of(mlp([3, 4, 2, 3], activation="sigmoid"))
    for line in (
        "W1, b1 = layer1[:, :3], layer1[:, 3]",
        "a1 = x @ W1.T + b1  # (28)",
        "z1 = sigmoid(a1)  # (30)",
        "delta1 = (delta2 @ W2) * (z1 * (1.0 - z1))  # (39)",
        "dW1, db1 = delta1.T @ x, delta1.sum(0)  # (41)",
    ):
        assert f"    {line}\n" in text


@pytest.mark.parametrize("order", ["reversed", "of the graph", "random"])
def test_parameters_in_any_order_are_written_as_in_table_2(order: str) -> None:
    graph = mlp([3, 4, 2, 3], activation="sigmoid")
    shuffled = random.Random(1).sample(graph.parameters, len(graph.parameters))
    given = set(graph.parameters)
    orders = {
        "reversed": graph.parameters[::-1],
        "of the graph": [x for x in toposort(graph.output) if x in given],
        "random": shuffled,
    }
    graph = graph._replace(parameters=orders[order])
    text = module_of(graph).replace("[:, ::-1]", "").replace("[::-1]", "")
    for line in (
        "    a1 = x @ W1.T + b1  # (28)",
        "    a2 = z1 @ W2.T + b2  # (28)",
        "    delta1 = (delta2 @ W2) * (z1 * (1.0 - z1))  # (39)",
    ):
        assert f"{line}\n" in text.replace("[::-1, ::-1]", "")
    assert len(text.partition("def value_and_grad")[2].splitlines()) < 37
    assert_module_agrees(graph)


def test_the_docstring_says_what_is_given_and_returned() -> None:
    program = compile(*mlp([3, 4, 2, 3], activation="sigmoid"), backend="python")
    text = program.source_for("numpy")
    assert text.startswith('"""The columns of rows: x_1, x_2, x_3, y_1, y_2, y_3 (6 numbers).\n')
    assert "The numbers of parameters: w_11^(1), w_12^(1), ..., b_3^(3) (35 numbers).\n" in text
    assert "the sum of E over the rows, and its derivatives by the parameters, in their order." in text
    assert "float32, unless" in " ".join(program.source_for("jax").split())


@pytest.mark.parametrize("label", ["\\", '"', 'a"""', "\\u", "x\n", "π_1"])
def test_labels_that_would_end_the_docstring(label: str) -> None:
    x = Value(0.5, label)
    assert_module_agrees(Graph(exp(x), [x], [Value(2.0, label)]))


@pytest.mark.parametrize("name", GRAPHS)
def test_lines_have_at_most_120_characters(name: str) -> None:
    assert max(map(len, module_of(GRAPHS[name]()).splitlines())) <= 120


def test_a_long_statement_is_divided_where_python_goes_on() -> None:
    functions = ("sin", "cos", "tanh", "exp", "sinh")
    for n in (3, 4, 5):
        x, w = Value(0.5, "x_1"), [Value(0.1 * i, f"weight_number_{i}") for i in range(n)]
        parts = [getattr(x, function)() * u for function, u in zip(functions, w, strict=False)]
        graph = Graph(reduce(add, parts), [x], [*w[::2], Value(0.0), Value(1.0), *w[1::2]])
        assert max(map(len, module_of(graph).splitlines())) <= 120
        load_function(module_of(graph))


@pytest.mark.parametrize("name", ["attention", "skip connection", "recurrent"])
def test_to_import_a_module_for_jax_computes_nothing_by_jax(name: str) -> None:
    graph = GRAPHS[name]()
    shuffled = random.Random(1).sample(graph.parameters, len(graph.parameters))
    text = compile(graph.output, graph.inputs, shuffled, backend="python").source_for("jax")
    constants = [line for line in text.partition("def value_and_grad")[0].splitlines() if line[:1] in ("c", "i")]
    assert any("np.array(" in line for line in constants)
    assert not any("jnp." in line for line in constants if not line.startswith("import"))


def test_matrices_that_are_multiplied_as_one_are_named() -> None:
    graph = GRAPHS["attention"]()
    for letter, matrix in zip("QKV", (graph.parameters[i : i + 9] for i in (0, 9, 18)), strict=True):
        for i, x in enumerate(matrix):
            x.label = f"{letter}_{i // 3 + 1}{i % 3 + 1}"
    text = module_of(graph)
    assert "    QKV = parameters.reshape(9, 3)\n" in text
    assert "np.concatenate([dQ.ravel(), dK.ravel(), dV.ravel()])" in text


def test_parts_of_a_family_are_named_as_parts() -> None:
    graph = recurrent(3)
    for i, x in enumerate(graph.inputs, 1):
        x.label = f"x_{i}" if i < 10 else "y"
    assert "x_1, x_2, x_3, y = rows[:, :3], rows[:, 3:6], rows[:, 6:9], rows[:, 9]" in module_of(graph)


def test_arguments_that_are_words_keep_their_names() -> None:
    at = [np.ones((3, 2)), np.ones((3, 3)), np.ones(2), np.ones(3), 0.5]
    program = compile(lambda Wx, Wh, np, rows, bo: rows @ (Wh @ (Wx @ np)) + bo, at=at, wrt=["Wx", "bo"])
    source = program.source_for("numpy")
    assert re.findall(r"^ {4}(\w+) = rows", source, re.MULTILINE) == ["Wx", "Wh", "np_2", "rows_2", "bo"]
    assert "    dWx = " in source
    numbers = np.arange(21.0) / 8
    value, derivatives = load_function(source)(numbers[None], [])
    assert value == program(numbers)
    assert derivatives.tolist() == program.grad(numbers).tolist()
    z, w = [Value(i / 8, f"z_{i}") for i in range(1, 6)], Value(0.5, "w")
    output = exp(z[0]) + z[1].cos() * z[2] + z[3].cos() * z[4]
    graph = Graph(output * w, z, [w])
    text = module_of(graph)
    assert "z_part1" in text
    assert "    z = " not in text
    assert_module_agrees(graph)


def test_names_do_not_decide_what_is_a_matrix() -> None:
    graph = mlp([3, 4, 2, 3], activation="sigmoid")
    labelled = module_of(graph)
    for x in (*graph.inputs, *graph.parameters):
        x.label = ""
    bare = module_of(graph)
    assert [line.count("@") for line in bare.splitlines()] == [line.count("@") for line in labelled.splitlines()]
    assert "W1, w1 = layer1[:, :3], layer1[:, 3]" in bare


@pytest.mark.parametrize("word", ["np", "rows", "parameters", "floats", "len", "layer1", "t1", "c1", "tanh", "for"])
def test_labels_that_are_names_of_the_module(word: str) -> None:
    graph = mlp([3, 4, 2, 3], activation="sigmoid")
    graph.output.label = graph.inputs[-1].label = graph.parameters[3].label = word
    x = graph.inputs[0]
    assert_module_agrees(graph._replace(output=graph.output + dot([x, x.tanh()], [0.5, 0.25])))


def test_the_steps_of_a_recurrent_network_share_their_matrices() -> None:
    text = module_of(recurrent(3))
    assert "t2 = np.tanh(x2 @ W1.T + t1 @ W2.T + w1)" in text
    assert text.count(".reshape(4, 3)") == 1


def test_the_lines_of_a_network_do_not_depend_on_its_sizes() -> None:
    """Not on the number of classes either, though the largest score is a chain of maxima."""
    functions = [module_of(mlp([20, 8, n], loss="entropy")).partition("def value_and_grad")[2] for n in (5, 10, 30)]
    assert {len(function.splitlines()) for function in functions} == {24}
    rectified = module_of(mlp([20, 8, 5], activation="relu", loss="entropy"))
    assert "delta1 = (delta2 @ W2) * (a1 > 0.0)  # (39)" in rectified
    assert all("delta2 = " in function and "a2.max(1)" in function for function in functions)


def test_prefix_sums_and_products_are_arrays() -> None:
    x, w = [Value(0.5 + i / 8) for i in range(6)], Value(0.75)
    sums, products = list(accumulate(x)), list(accumulate(x, mul, initial=w))
    output = dot(x, [s.sin() for s in sums]) + dot(x, [p.cos() for p in products[1:]])
    output += reduce(maximum, [w * u for u in x])
    text = module_of(Graph(output, x, [w]))
    assert "np.cumsum(x1, axis=-1)" in text
    assert "np.cumprod(np.concatenate([" in text
    assert "np.maximum.accumulate(" in text
    assert_module_agrees(Graph(output, x, [w]))


def test_a_chain_that_depends_on_itself_is_computed_step_by_step() -> None:
    x, w = [Value(0.5 + i / 8) for i in range(5)], Value(0.75)
    state = w
    for u in x:
        state = state + (state * u).sin()
    assert "cumsum" not in module_of(Graph(state, x, [w]))
    assert_module_agrees(Graph(state, x, [w]))


def test_a_chain_whose_steps_become_different_is_none() -> None:
    x, w = [Value(1.0), Value(2.0)], [Value(v) for v in (1.0, 2.0, 3.0, 5.0)]
    layers = [x[0] * w[j] + x[1] * w[2 + j] for j in (0, 1)] + [x[1] * w[j] + x[0] * w[2 + j] for j in (0, 1)]
    for op in (mul, maximum):
        assert_module_agrees(Graph(reduce(op, layers), x, w))


def test_a_chain_that_begins_with_a_single_number_or_repeats_one() -> None:
    x, w = Value(2.0), Value(3.0)
    products = list(accumulate([1.01, 1.02, 1.03, 1.04], mul, initial=w))
    assert_module_agrees(Graph(x * reduce(add, [p.sin() for p in products[1:]]), [x], [w]))


def test_an_array_of_equal_elements_has_them_all() -> None:
    x, w, v = [Value(0.5), Value(0.25)], [Value(2.0), Value(3.0)], [Value(-1.0), Value(1.5)]
    a = [dot(w, x), w[0] * x[0] + w[1] * x[1]]
    b = [x[0] * w[0], w[0] * x[0]]
    assert_module_agrees(Graph(v[0] * a[0] + v[1] * a[1] + (b[0] * v[1]).sin() * (b[1] * v[0]).sin(), x, [*w, *v]))


def test_gathered_weights_that_are_read_again_in_another_shape() -> None:
    x, w = [Value(0.5), Value(0.25), Value(-0.5)], [Value(i / 8) for i in range(1, 13)]
    table = [0, 5, 2, 7, 1, 10]
    a = [dot([w[i] for i in table[3 * j : 3 * j + 3]], x).sin() for j in (0, 1)]
    b = [dot([w[table[i]] for i in (j, j + 2)], a).sin() for j in (1, 2, 3)]
    assert_module_agrees(Graph(dot(a, a) + dot(b, b), x, w))


def test_sums_at_random_are_right_after_any_number_of_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = []
    for rounds in (1, recovery.MAX_ROUNDS):
        monkeypatch.setattr(recovery, "MAX_ROUNDS", rounds)
        rng = random.Random(0)
        x, w = ([Value(rng.uniform(-1.0, 1.0)) for _ in range(8)] for _ in range(2))
        z = [(u * v).tanh() for u, v in zip(x, w, strict=True)]
        for _ in range(3):
            z = [reduce(add, rng.sample(z, 3)).tanh() for _ in range(8)]
        graph = Graph(reduce(add, z), x, w)
        assert_module_agrees(graph)
        tables.append(module_of(graph).count("np.array("))
    assert tables[0] > tables[1]


def test_layers_and_reversed_layers_with_chains() -> None:
    """Where these are badly conditioned, a program may be as far off as the engine is, if it rounds more coarsely."""
    for seed in range(by_night(15, 300)):
        graph = random_chains(random.Random(seed))
        assert_agrees(compile(*graph, backend="numpy"), *graph, spread(3, len(graph.inputs)), threads=[1])


def test_a_graph_without_inputs_or_without_parameters() -> None:
    w, x = Value(0.5, "w"), Value(2.0, "x")
    assert_module_agrees(Graph(w * w + 3.0, [], [w]))
    run = load_function(compile(exp(x), [x], backend="python").source_for("numpy"))
    assert [float(run([[1.0], [2.0]], [])[0])] == pytest.approx([np.exp(1.0) + np.exp(2.0)])
    value, gradient = load_function(compile(3.0 * x, [x], [], backend="python").source_for("numpy"))([[1.0], [2.0]], [])
    assert (float(value), gradient.shape) == (9.0, (0,))


def test_derivatives_by_inputs_and_parameters_in_any_order() -> None:
    x, w = [Value(0.5), Value(0.25)], [Value(1.0), Value(-2.0), Value(3.0)]
    output = dot(w[:2], x).sin() * w[2] + x[1]
    for wrt in ([w[2], x[1], w[0]], [x[0], *w, x[1]]):
        program = compile(output, x, wrt, backend="numpy")
        assert_agrees(program, output, x, wrt, spread(5, 2))


def test_results_that_do_not_vary_from_row_to_row() -> None:
    x, w = Value(0.5), [Value(2.0), Value(3.0)]
    program = compile([w[0] * w[1], x, w[0] * x, w[0] * 0.0 + 5.0, x * 2.0], [x], w, backend="numpy")
    assert program.each([[1.0], [2.0]]) == [[6.0, 1.0, 2.0, 5.0, 2.0], [6.0, 2.0, 4.0, 5.0, 4.0]]
    assert compile(x**0.0, [x], backend="numpy").each([[1.0], [2.0]]) == [1.0, 1.0]


def test_zeros_between_the_columns_of_a_jacobian() -> None:
    x, w = [Value(0.0), Value(0.5), Value(-0.25)], [Value(0.5), Value(0.25), Value(2.0), Value(-1.0)]
    outputs = [(w[0] * u + (w[3] * u).tanh()).tanh() for u in x]
    found, expected = (compile(outputs, x, w, backend=b).jacobian(*spread(1, 3)[0]) for b in ("numpy", "python"))
    assert np.allclose(found, expected, rtol=1e-13, atol=0.0)


def test_the_error_of_one_class_reads_the_other_rows_of_a_matrix() -> None:
    model, x = MLP(3, [6, 5], rng=random.Random(0)), [Value(0.5, f"x_{i}") for i in (1, 2, 3)]
    graph = Graph(cross_entropy(model(x), 1), x, model.parameters())
    assert_module_agrees(graph)
    for target, module in (("numpy", "np"), ("jax", "jnp")):
        text = compile(*graph, backend="python").source_for(target)
        assert f"E = {module}.log(t3) - t1[:, 1]\n" in text
        assert "= np.arange(6)[:, None] + np.array([24, 38, 45, 52])\n" in text


def test_the_branch_that_is_not_taken_does_not_count() -> None:
    x = [Value(0.5), Value(2.0), Value(1.5)]
    output = dot(x, [where(greater(u, 0.0), u, 1.0).log() for u in x])
    program = compile(output, x, backend="numpy")
    assert_agrees(program, output, x, x, [[0.5, 2.0, 3.0], [-1.0, 0.25, 0.0]])


@pytest.mark.parametrize("name", ["softmax", "attention", "convolution"])
def test_all_derivatives_of_the_backend(name: str) -> None:
    graph = GRAPHS[name]()
    ours, theirs = (compile(graph.output, graph.inputs, graph.inputs[:3], backend=b) for b in ("numpy", "python"))
    rows = np.array(spread(3, len(graph.inputs)))
    for method in ("__call__", "grad", "hessian"):
        found, expected = getattr(ours, method)(rows), getattr(theirs, method)(rows)
        assert np.allclose(found, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("name", ["softmax", "attention", "convolution", "6-5-4 with cross entropy"])
def test_float32_on_request(name: str) -> None:
    graph = GRAPHS[name]()
    precise, program = (compile(*graph, backend="numpy", dtype=dtype) for dtype in (np.dtype("float64"), np.float32))
    rows = np.array(spread(5, len(graph.inputs)))
    (total, gradient), (found, derivatives) = precise.sum_over(rows), program.sum_over(rows)
    assert found != total
    assert found == pytest.approx(total, rel=1e-6)
    assert np.abs(np.subtract(derivatives, gradient)).max() <= 1e-6 * np.abs(gradient).max()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_sigmoid_is_exact_everywhere(dtype: str) -> None:
    x = [-np.inf, -700.0, -80.0, -1.0, -1e-300, 0.0, 1.0, 36.0, 40.0, 80.0, 1000.0, np.inf, np.nan]
    found = compile(lambda x: x.sigmoid(), n_inputs=1, backend="numpy", dtype=dtype).each([[number] for number in x])
    tolerance = 4 * float(np.finfo(dtype).eps)
    assert found == pytest.approx([sigmoid(number) for number in x], rel=tolerance, abs=1e-40, nan_ok=True)


def test_a_users_function_is_called_entry_by_entry() -> None:
    op = primitive("halved", "halved", lambda x: x / 2.0 if type(x) is float else 0.0, lambda z, x: 0.5)
    try:
        x, w = [Value(1.0), Value(2.0)], [Value(3.0), Value(5.0)]
        output = dot([op(u) for u in x], w)
        program = compile(output, x, w, backend="numpy")
        del TABLE["halved"]
        assert_agrees(program, output, x, w, spread(4, 2))
    finally:
        TABLE.pop("halved", None)


def test_only_undefined_functions_have_errors_of_the_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    op = primitive("remainder", "mod", math.fmod, lambda z, x, y: 1.0, lambda z, x, y: (z - x) / y)
    try:
        x = [Value(1.5), Value(1.0)]
        program = compile(op(*x), x, backend="numpy")
        assert program(1.5, 1.0) == 0.5
        with pytest.raises(DomainError, match="remainder"):
            program(1.5, 0.0)
        monkeypatch.setattr(program._executable, "_value", lambda *_: np.concatenate([np.array(1.0)]))
        with pytest.raises(RuntimeError, match="NumPy cannot run the program: zero-dimensional arrays"):
            program(1.5, 1.0)
    finally:
        del TABLE["remainder"]


@pytest.mark.parametrize("rows", [[["1"]], [[1j]], np.ma.masked_equal([[1.0]], 1.0)])
def test_rows_that_are_not_real_numbers_are_refused(rows: Any) -> None:
    x = Value(0.5)
    run = load_function(compile(exp(x), [x], backend="python").source_for("numpy"))
    with pytest.raises(TypeError, match="real numbers are needed, none of them masked, not"):
        run(rows, [])


@pytest.mark.parametrize("rows", [[1.0, 2.0], [[1.0, 2.0, 3.0]], [[1.0]], 1.0])
def test_rows_of_another_width_are_refused(rows: Any) -> None:
    x, w = [Value(0.5), Value(0.25)], Value(2.0)
    run = load_function(compile(dot(x, x) * w, x, [w], backend="python").source_for("numpy"))
    with pytest.raises(ValueError, match=r"2 numbers in each row are needed, not the shape \("):
        run(rows, [2.0])
    with pytest.raises(ValueError, match=r"1 numbers are needed, not the shape \(2,\)"):
        run([[1.0, 2.0]], [2.0, 3.0])
