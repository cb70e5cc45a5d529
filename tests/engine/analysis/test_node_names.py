"""Names from variables in Python, such as `locals()`."""

import time

import pytest

from engine import NamedGraph, Value, label
from engine.analysis.node_names import names_of_variables


def test_an_entry_of_a_list_gives_way_to_a_variable_or_label() -> None:
    w, w_1, x = [Value(1.0), Value(2.0), Value(3.0)], Value(4.0), Value(5.0)
    label(w_2=x)
    y = w[0] * w_1 + w[1] * x + w[2]
    graph = NamedGraph(y, names={"w": w, "w_1": w_1, "x": x, "y": y})
    assert graph.labelled == {w[2], w_1, x, y}
    assert (graph.names[w_1], graph.names[x], graph.names[w[2]]) == ("w_1", "w_2", "w_3")


def test_a_label_precedes_a_variable_of_the_same_name() -> None:
    x, a = Value(1.0, "y"), Value(2.0)
    y = a * x
    assert names_of_variables({"x": x, "a": a, "y": y}, [x, a, y]) == {x: "x", a: "a"}


@pytest.mark.parametrize(
    ("name", "is_kept"), [("_", False), ("___", False), ("_12", False), ("_a", True), ("a_1", True)]
)
def test_results_of_a_notebook_do_not_name_nodes(name: str, is_kept: bool) -> None:
    x = Value(1.0)
    assert names_of_variables({name: x}, [x]) == ({x: name} if is_kept else {})


def test_names_beside_millions_of_numbers_take_no_time() -> None:
    x = Value(1.0)
    start = time.process_time()
    assert names_of_variables({"rows": [[0.0] * 784] * 10_000, "w": [None, x]}, [x]) == {x: "w_2"}
    assert time.process_time() - start < 1.0  # a look at each number takes several seconds
