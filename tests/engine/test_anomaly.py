"""Anomaly detection: the node, the operands and the line of an error; gradients that belong to several points."""

import linecache
import math
import re
import threading
from collections.abc import Callable

import pytest

from engine import AnomalyError, DomainError, Value, detect_anomaly, grad, log, sigmoid
from engine.anomaly import WATCHES
from nn import MLP, half_squared_error


def found(work: Callable[[], object]) -> str:
    with detect_anomaly(), pytest.raises(AnomalyError) as caught:
        work()
    return str(caught.value)


def test_an_operation_without_a_value_names_its_line() -> None:
    x = Value(-1.0, "x")
    problem, line = found(lambda: log(x)).split("\n")
    assert problem.startswith("log(x = -1.0) is not finite: log needs a number above 0; ")
    assert re.fullmatch(r"  at test_anomaly\.py, line \d+: problem, line = found\(lambda: log\(x\)\).*", line)


def test_the_first_nan_is_named_and_not_what_follows_from_it() -> None:
    x, y = Value(math.inf, "x"), Value(1.0, "y")

    def work() -> None:
        a = y * 2.0
        b = x - x * a
        b + a

    message = found(work)
    assert message.startswith("subtract(x = inf, inf) is nan\n  made at test_anomaly.py, line ")
    assert message.endswith(": b = x - x * a")


def test_in_a_notebook_the_line_is_that_of_a_cell() -> None:
    file = "/tmp/ipykernel_4711/2574081965.py"
    source = "x = w * w\ny = x - x\n"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)  # as IPython does
    try:
        message = found(lambda: exec(compile(source, file, "exec"), {"w": Value(1e200, "w")}))
    finally:
        del linecache.cache[file]
    assert message == "subtract(inf, inf) is nan\n  made at a cell, line 2: y = x - x"


def test_a_nan_that_was_given_is_not_an_anomaly() -> None:
    with detect_anomaly():
        y = Value(math.nan, "x") * 2.0 + 1.0
    assert math.isnan(y.data)


def test_every_operator_and_function_is_watched() -> None:
    x, inf = Value(0.0, "x"), Value(math.inf, "inf")
    for work in (
        lambda: x * inf,
        lambda: inf - inf,
        lambda: inf / inf,
        lambda: 0.0 * inf,
        lambda: math.inf - inf,
        lambda: inf + -inf,
        lambda: inf.sin(),
    ):
        assert re.match(r"\w+\(.*\) (is nan|is not finite)", found(work))


def test_forward_names_the_line_that_made_the_node() -> None:
    x = Value(2.0, "x")

    def work() -> None:
        y = 1.0 / x
        x.data = 0.0
        y.forward()

    message = found(work)
    assert message.startswith("divide(1.0, x = 0.0) is not finite")
    assert message.endswith(": y = 1.0 / x")


def test_forward_leaves_the_old_values_when_it_finds_a_nan() -> None:
    x = Value(1.0, "x")
    with detect_anomaly():
        a = x * 2.0
        y = a - a * 1.0
        x.data = math.inf
        with pytest.raises(AnomalyError, match="subtract"):
            y.forward()
    assert (a.data, y.data) == (2.0, 0.0)


def test_a_derivative_that_is_not_finite_names_the_nodes_line() -> None:
    x = Value(0.0, "x")

    def work() -> None:
        y = x.sqrt()
        (y * 2.0).backward()

    message = found(work)
    assert message.startswith("the derivative of sqrt(x = 0.0) is not finite")
    assert message.endswith(": y = x.sqrt()")
    assert x.grad == 0.0


def test_a_nan_on_the_way_back_names_the_edge() -> None:
    x, y = Value(0.0, "x"), Value(1e200, "y")

    def work() -> None:
        z = x * y
        (z * 1e200 * 1e200).backward()

    assert found(work).startswith(
        "the derivative with respect to y is nan at multiply(x = 0.0, y = 1e+200): its local derivative 0.0 times the "
        "upstream gradient inf\n"
    )
    assert (x.grad, y.grad) == (0.0, 0.0)


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_leaf_changed_before_the_backward_pass_is_found(create_graph: bool) -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")

    def work() -> None:
        z = x * y
        z.label = "z"
        x.data = 5.0
        grad(z, [x, y], create_graph=create_graph)

    assert found(work).startswith("x.data was 2.0 and is 5.0 now, after z was computed; the gradient would not belong")


def test_after_forward_a_changed_leaf_is_in_order() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    with detect_anomaly():
        z = x * y
        x.data = 5.0
        z.forward()
        z.backward()
    assert y.grad == 5.0


def test_a_graph_that_was_made_before_is_checked_too() -> None:
    x = Value(2.0, "x")
    y = x * 3.0
    x.data = 4.0
    message = found(y.backward)
    assert message.startswith("multiply(x = 4.0, 3.0) does not agree with the stored 6.0, after multiply was computed")
    assert message.endswith("made before anomalies were looked for")


def test_an_overwritten_node_is_found() -> None:
    x = Value(2.0, "x")

    def work() -> None:
        y = x * 3.0
        y.data = 7.0
        (y + 1.0).backward()

    assert found(work).startswith("multiply(x = 2.0, 3.0) does not agree with the stored 7.0")


def test_outside_the_mode_rules_in_the_output_use_the_old_result() -> None:
    x = Value(0.0, "x")
    z = sigmoid(x)
    y = z * x
    x.data = 100.0
    y.backward()
    assert x.grad == 0.5 + 100.0 * 0.25  # z, and z(1 - z), are those of x = 0


def test_a_network_inside_the_mode_computes_the_same() -> None:
    network = MLP(2, [3, 1], activation="tanh")

    def gradients() -> list[float]:
        network.zero_grad()
        half_squared_error(network([0.5, -1.0]), 0.25).backward()
        return [p.grad for p in network.parameters()]

    outside = gradients()
    with detect_anomaly():
        assert gradients() == outside


def test_after_the_block_nothing_is_watched() -> None:
    with detect_anomaly():
        with detect_anomaly():  # one within another is the same one
            assert len(WATCHES) == 1
        assert len(WATCHES) == 1
        with pytest.raises(AnomalyError):
            Value(-1.0).log()
    assert not WATCHES
    x = Value(math.inf)
    assert math.isnan((x - x).data)
    with pytest.raises(DomainError) as caught:
        Value(-1.0).log()
    assert type(caught.value) is DomainError


def test_another_thread_is_not_watched() -> None:
    made: list[float] = []

    def elsewhere() -> None:
        x = Value(math.inf)
        made.append((x - x).data)

    with detect_anomaly():
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert math.isnan(made[0])


def test_operands_without_a_label_are_counted_from_1() -> None:
    x, y = Value(0.0), Value(1e200)
    message = "the derivative with respect to input 2 is nan at multiply(0.0, 1e+200): its local derivative 0.0 times"
    assert found(lambda: (x * y * 1e200 * 1e200).backward()).startswith(message)


@pytest.mark.parametrize("i", [0, 1])
def test_a_changed_leaf_without_a_label_is_named_by_its_index(i: int) -> None:
    leaves = [Value(2.0), Value(3.0)]

    def work() -> None:
        z = leaves[0] * leaves[1]
        leaves[i].data = math.nan
        z.backward()

    assert found(work).startswith(f"input {i + 1}.data was {2.0 + i} and is nan now, after multiply was computed")


def test_the_line_of_a_node_made_before_is_not_known() -> None:
    x = Value(1.0, "x")
    y = x - x
    x.data = math.inf
    assert found(y.forward).endswith("\n  made at a line that was not watched")
