"""Labels of any text appear in generated code only in comments and identifiers."""

import ast
import builtins
import io
import keyword
import tokenize
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import TABLE, Value, compile, exp, grad
from engine.compiler.naming import identifier
from tests import share
from tests.engine.compiler.agreement import assert_near
from tests.engine.compiler.backends import needs_llvm

HOSTILE = [
    "a\nimport os",
    "a\r\nraise SystemExit",
    "a\x0craise SystemExit\x1c\x85\u2028\u2029x = 1",
    "'",
    '"',
    "'''",
    '"""',
    "\\",
    "\\n\\",
    "{0} {x} {{}} %s %(x)s",
    "x); raise SystemExit  #",
    "# comment",
    "\x00\x01\x7f",
    "\ud800 \udfff",
    "∂E/∂w — ½·ℝ 变量 عربي 🎉",
    "\u202eright to left\u202c",
    "x" * 10_000,
    "w_" + "1" * 5_000 + "^(2)",
    "w\n_1\"'^(3)",
    "^(1)",
    "a^(1)",
    "_",
    "__",
    "__import__",
    "__class__",
    "1x",
    "",
    " ",
    "-x",
    "+x",
    "x-",
    "x+",
    "t",
    "t_2",
    "E",
    "x",
    "x_2",
    "x_1",
    "np",
    "rows",
    "parameters",
    "sum_0",
    "sum_1",
    "value_and_grad",
    "value",
    "sum",
    "len",
    "math",
    "engine",
    "TABLE",
    "None",
    "True",
    "match",
    "type",
    "_",
    "_nan",
    "nan",
    "inf",
    "d_x",
    "delta1_1",
    "pathgrad_exp_1",
    "%r1",
    "@sum_rows",
    "; ret void",
    *TABLE,
    *keyword.kwlist,
]


def graph(labels: list[str]) -> tuple[Value, list[Value], list[Value]]:
    """A chain in which each label is that of an input, a weight and a node."""
    inputs = [Value(0.5 + i / 1000, label) for i, label in enumerate(labels)]
    weights = [Value(0.25 - i / 1000, label) for i, label in enumerate(labels)]
    node = Value(0.0)
    for x, w, label in zip(inputs, weights, labels, strict=True):
        node = exp(node * 0.5 - x * x) * w
        node.label = label
    return node, inputs, weights


def run(text: str) -> Any:
    space: dict[str, Any] = {}
    exec(compile_strictly(text), space)
    return space["value_and_grad"]


PLAIN = compile(Value(0.5), backend="python")


def strings(tree: ast.AST) -> set[str]:
    """The strings in a module."""
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def compile_strictly(text: str) -> Any:
    """The code object of a module, whose comments and names are checked first."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            assert token.string.isprintable()
            assert len(token.string) <= 110
        if token.type == tokenize.NAME:
            assert token.string.isascii()
            assert len(token.string) <= 60
    tree = ast.parse(text)
    if ast.get_docstring(tree) is not None:
        del tree.body[0]
    assert all(isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef)) for node in tree.body)
    assert strings(tree) <= strings(ast.parse(PLAIN.source)) | strings(ast.parse(PLAIN.source_for("numpy")))
    return builtins.compile(tree, "source", "exec")


def check(labels: list[str]) -> None:
    output, inputs, weights = graph(labels)
    wrt = [*weights, *inputs]
    program = compile(output, inputs, wrt, backend="python")
    row, numbers = [x.data for x in inputs], [w.data for w in weights]
    value, gradient = run(program.source)(*row, numbers)
    assert value == output.data
    assert_near(gradient, grad(output, wrt), 1e-12)
    total, sums = program.sum_over([row, row])
    assert_near([total, *sums], [2 * value, *(2 * number for number in gradient)], 1e-12)
    assert program(*row) == value
    assert repr(program).isprintable()


@pytest.mark.thorough  # all of them at once are tested below
@pytest.mark.parametrize("label", HOSTILE, ids=[f"{i} {label[:20]!a}" for i, label in enumerate(HOSTILE)])
def test_a_hostile_label(label: str) -> None:
    check([label, label])


def test_all_hostile_labels_at_once() -> None:
    check(HOSTILE)


@pytest.mark.thorough
@settings(max_examples=share(1.0))
@given(st.lists(st.text(st.characters(), max_size=12), min_size=1, max_size=4))
def test_any_labels(labels: list[str]) -> None:
    check(labels)


def test_hostile_labels_in_the_source_for_numpy() -> None:
    pytest.importorskip("numpy")
    output, inputs, weights = graph(HOSTILE)
    program = compile(output, inputs, weights, backend="python")
    run_batch = run(program.source_for("numpy"))
    value, gradient = run_batch([[x.data for x in inputs]] * 2, [w.data for w in weights])
    assert_near([value, *gradient], [2 * output.data, *(2 * number for number in grad(output, weights))], 1e-12)


@needs_llvm
def test_machine_code_contains_no_labels() -> None:
    labels = [label for label in HOSTILE if len(label.strip()) > 3]
    named = compile(*graph(labels), backend="llvm")
    bare = compile(*graph([""] * len(labels)), backend="llvm")
    assert named.llvm_ir == bare.llvm_ir
    assert named.llvm_ir.isascii()


def test_reserved_words_are_not_variables() -> None:
    words = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *TABLE, "np", "rows", "parameters"}
    for word in sorted(words):
        x = Value(0.5, word)
        tree = ast.parse(compile(exp(x * x) * x, [x], backend="python").source)
        [*_, function] = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
        stored = {name.id for name in names if isinstance(name.ctx, ast.Store)}
        given = [argument.arg for argument in function.args.args]
        assert given[-1] == "parameters"
        assert word not in stored.union(given[:-1])


def test_labels_that_differ_in_signs_alone_get_different_names() -> None:
    assert identifier("x+") == identifier("x-") == identifier("-x") == "x"
    check(["x+", "x-", "-x", "x", "x_2", "x_2_2"])


def test_ten_thousand_nodes_of_one_name() -> None:
    output, inputs, weights = graph(["z"] * 3_000)
    program = compile(output, inputs, weights, backend="python")
    assert program(*[x.data for x in inputs]) == output.data
