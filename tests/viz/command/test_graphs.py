"""The graph of a command: of a formula, of a Value or a function in a file; and errors where it is missing."""

from __future__ import annotations

import math
import sys
import warnings
from pathlib import Path

import pytest

from engine import DomainError, ops, toposort
from viz.command.graphs import read_graph

NOTES = """\
from engine import Value, sin
from math import pi
x = Value(2.0, "x")
inner = 3 * x
loss = inner * x
n, pair = 3, [x, x]

def error(w, x=1.5, /, *, power: float = 2, kind="tanh"):
    return (w * x).tanh() ** power if kind == "tanh" else w

def broken(w):
    return w / 0.0

def number(w):
    return 3.0

def vector(w):
    return w[0] * w[1]
"""


@pytest.fixture
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "notes.py").write_text(NOTES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return "notes.py"


def test_a_value_of_a_file_has_the_names_of_the_file(notes: str) -> None:
    graph = read_graph("notes.py:loss", ["x=−3"])
    assert graph.output.label == "loss"
    assert graph.output.data == 27.0
    assert graph.find("inner").data == -9.0
    assert graph.chosen == []


def test_the_parameters_of_a_function_are_variables(notes: str) -> None:
    graph = read_graph("notes.py:error", ["w=0.5", "x=2,power=3"])
    assert [x.label for x in graph.variables()] == ["x", "w", "power"]
    assert graph.output.data == math.tanh(0.5 * 2) ** 3
    assert read_graph("notes.py:error", ["w=0.5"]).find("x").data == 1.5


def test_what_is_not_given_is_chosen_and_said(notes: str) -> None:
    graph = read_graph("notes.py:error", [])
    assert graph.note() == "Not given, so chosen: w = 0.5. To change: --set w=2."
    assert read_graph("xy + mu", []).note() == (
        "Not given, so chosen: xy = 0.5, μ = 1.5. To change: --set xy=2. xy is one variable; a product is written x*y."
    )
    assert read_graph("x*y", ["y=2"]).note("set") == (
        "Not given, so chosen: x = 0.5. To change: --set x=2, here: set x=2."
    )


def test_variables_in_a_file_name_nodes_without_labels(tmp_path: Path) -> None:
    text = "from engine import Value\nw, b = [Value(0.5), Value(2.0)], Value(1.0, 'bias')\nagain = w\n"
    text += "def error(x):\n    a = w[0] * x + w[1] * b\n    E = a * a\n    return E\ny = a = error(Value(3.0))\n"
    (tmp_path / "file.py").write_text(text, encoding="utf-8")
    of_value, of_function = (read_graph(f"{tmp_path}/file.py:{name}", []) for name in ("a", "error"))
    assert [of_value.find(name).data for name in ("w_1", "w_2", "bias", "a")] == [0.5, 2.0, 1.0, 12.25]
    assert [of_function.find(name).data for name in ("w_1", "x", "a", "E")] == [0.5, 0.5, 2.25, 5.0625]
    assert of_function.output.label == "E"


LOOPS = """
from engine import Value
inputs, target = [Value(0.5), Value(-1.0)], Value(0.25)
W = [[Value(0.125), Value(0.25)], [Value(-0.5), Value(0.75)]]
V = [[Value(0.5), Value(-0.25)]]

def layer(weights, inputs):
    results = []
    for row in weights:
        s = 0
        for w, x in zip(row, inputs):
            s = s + w * x
        results.append(s)
    return results

hidden = []
for row in W:
    s = 0
    for w, x in zip(row, inputs):
        s = s + w * x
    hidden.append(s.tanh())
out = []
for row in V:
    s = 0
    for w, x in zip(row, hidden):
        s = s + w * x
    out.append(s)
error = out[0] - target
constants = [target, error]

def product_with(x):
    parts = [part for part in (layer(W, inputs)[0], x)]
    for part in parts:
        product = parts[0] * part
    return product
"""


def test_variables_that_loops_leave_behind_name_nothing(tmp_path: Path) -> None:
    (tmp_path / "loops.py").write_text(LOOPS, encoding="utf-8")

    def names(text: str) -> set[str]:
        graph = read_graph(f"{tmp_path}/loops.py:{text}", [])
        names = {graph.name_of(node) for node in toposort(graph.output) if node.op is not ops.constant}
        return {name for name in names if not name.startswith("#")}

    weights = {"W_11", "W_12", "W_21", "W_22", "V_11", "V_12"}
    assert names("error") == weights | {"inputs_1", "inputs_2", "hidden_1", "hidden_2", "out_1", "target", "error"}
    parts = {"W_11", "W_12", "inputs_1", "inputs_2", "parts_1", "x"}  # a list that has x in it does not rename it
    assert names("product_with") == parts | {"product"}


def test_a_function_names_its_output_if_no_variable_does(tmp_path: Path) -> None:
    text = "def price(rate):\n    growth = 1 + rate\n    return 100 * growth\n"
    (tmp_path / "prices.py").write_text(text + "def cost(rate):\n    E = 2 * rate\n    return E\n", encoding="utf-8")
    labels = [read_graph(f"{tmp_path}/prices.py:{name}", []).output.label for name in ("price", "cost")]
    assert labels == ["price", "E"]


def test_a_parameter_keeps_its_name_when_it_is_assigned_again(tmp_path: Path) -> None:
    text = "def doubled(x):\n    for _ in range(3):\n        x = x * 2\n    return x\n"
    (tmp_path / "loops.py").write_text(text, encoding="utf-8")
    graph = read_graph(f"{tmp_path}/loops.py:doubled", [])
    assert graph.note() == "Not given, so chosen: x = 0.5. To change: --set x=2."
    assert (graph.find("x").data, graph.output.label) == (0.5, "doubled")
    assert read_graph(f"{tmp_path}/loops.py:doubled", ["x=2"]).output.data == 16.0


@pytest.mark.parametrize(
    ("graph", "settings", "complaint"),
    [
        ("notes.py:pair", [], "notes.py, line 6: pair is a list of Values: name one of them, y = pair[0]"),
        ("notes.py:los", [], "notes.py does not define 'los', a Value, or a function of numbers that returns one; did"),
        ("notes.py:zz", [], "; known names: x, inner, loss, error, broken, number, vector"),
        ("notes.py:n", [], "notes.py, line 6: n must be a Value, or a function of numbers that returns one, not 3 of"),
        ("notes.py:Value", [], "notes.py: Value must be a Value, or a function of numbers that returns one, not the"),
        ("notes.py:broken", [], "notes.py, line 12, broken(w=0.5) failed: DomainError: divide(w = 0.5, 0.0)"),
        ("notes.py:vector", [], "; a function takes a number, a Value, for each argument, not a list"),
        ("notes.py:number", ["w=1"], "notes.py: number(w=1) must be a Value, not 3.0 of type float"),
        ("notes.py:pi", [], "notes.py: pi must be a Value"),
        ("notes.py:error", ["v=1"], "--set v: error does not have this argument; its arguments are w, x, power"),
        ("notes.py:error", ["powr=1"], "--set powr: error does not have this argument; did you mean power?"),
        ("notes.py:error", ["kind=1"], "--set kind: error does not have this argument"),
        ("notes.py:loss", ["inner=1"], "--set inner: inner is computed; only leaves can be set: x"),
        ("notes.py:loss", ["y=1"], "unknown node 'y'; known names: x, inner, loss"),
        ("notes:loss", [], "'notes:loss' is not a formula; did you mean notes.py:loss?"),
        ("“x*y”", [], '“x*y” stands in curly quotes: use straight ones, "x*y"'),
        ("notes.py", [], "notes.py lacks the name of a Value or of a function: notes.py:NAME"),
    ],
)
def test_a_wrong_name_is_an_error_that_names_others(
    graph: str, settings: list[str], complaint: str, notes: str
) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        read_graph(graph, settings)
    assert str(raised.value).startswith(complaint) or str(raised.value).endswith(complaint)


def test_a_file_imports_what_lies_beside_it(notes: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "helper_of_notes.py").write_text("def twice(x):\n    return 2 * x\n", encoding="utf-8")
    text = "from helper_of_notes import twice\ndef y(x):\n    from helper_of_notes import twice as again\n"
    (tmp_path / "other.py").write_text(f"{text}    return again(twice(x))\n", encoding="utf-8")
    monkeypatch.chdir("/")
    assert read_graph(f"{tmp_path}/other.py:y", ["x=1"]).output.data == 4.0


def test_a_file_does_not_see_the_arguments_of_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "import sys\nfrom engine import Value\ny = Value(float(len(sys.argv)))\ndef z(x): return x * len(sys.argv)\n"
    (tmp_path / "other.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["pathgrad", "draw", "--out", "x.svg"])
    assert read_graph(f"{tmp_path}/other.py:y", []).output.data == 1.0
    assert read_graph(f"{tmp_path}/other.py:z", ["x=3"]).output.data == 3.0
    assert len(sys.argv) == 4


def test_a_fault_in_an_imported_file_names_the_line_that_imports(tmp_path: Path) -> None:
    (tmp_path / "faulty_module.py").write_text("\n\nx = = 2\n", encoding="utf-8")
    (tmp_path / "other.py").write_text("\nimport faulty_module\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"other\.py, line 2, cannot be run: SyntaxError: .*faulty_module\.py, line 3"):
        read_graph(f"{tmp_path}/other.py:y", [])


def test_a_warning_of_the_compiler_is_shown_once(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text("from engine import Value\ns = '\\d'\ny = 2 * Value(3.0)\n", encoding="utf-8")
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        read_graph(f"{tmp_path}/odd.py:y", [])
    assert ["invalid escape" in str(warning.message) for warning in shown] == [True]


def test_a_fault_of_syntax_names_its_line_once(tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("\nx = = 2\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"other\.py, line 2, cannot be run: SyntaxError: invalid syntax$"):
        read_graph(f"{tmp_path}/other.py:y", [])


def test_a_result_that_is_not_finite_says_how_to_change_it() -> None:
    with pytest.raises(DomainError, match="--set x=2 gives a variable x another value"):
        read_graph("log(x)", ["x=-1"])


def test_nodes_are_found_by_each_spelling() -> None:
    graph = read_graph("w_1*x_1", ["w₁=2"])
    assert graph.find("w₁") is graph.find("w_1") is graph.find("w_{1}")
    with pytest.raises(ValueError, match="unknown node 'w_2'; did you mean"):
        graph.find("w_2")


def test_several_formulas_name_nodes_and_numbers() -> None:
    graph = read_graph("w = 2; a = w*x; E = (a - 1)^2", [])
    assert [graph.find(name).data for name in ("w", "x", "a", "E")] == [2.0, 0.5, 1.0, 0.0]
    assert graph.note().startswith("Not given, so chosen: x = 0.5. ")
    with pytest.raises(ValueError, match=r"^w is the result of 'w = 2': it is computed, and cannot be given a value"):
        read_graph("w = 2; a = w*x; E = (a - 1)^2", ["w=3"])
