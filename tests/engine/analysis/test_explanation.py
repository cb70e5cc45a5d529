"""A derivative explained: the sum over paths beside the result of backpropagation."""

import math
from typing import Any, cast

import pytest

from engine import Value, count_paths, dot, explain
from engine.analysis.explanation import explain_with_names
from engine.backprop import check_numbers
from tests.engine.known_graphs import figure_2
from tests.nn.worked_networks import FIGURE_4, approx_12_digits, nodes_by_label


def test_the_explanation_of_figure_2() -> None:
    y, x = figure_2()
    y.backward()
    assert str(explain(y, x)).splitlines() == [
        "∂y/∂x, 2 paths",
        "  y ← a_1 ← x      2 · 3     =  6",
        "  y ← a_2 ← x      1 · (−1)  = −1",
        "  sum over paths             =  5",
        "  backpropagation            =  5",
    ]
    assert str(explain(y, x, named=False)).splitlines() == [
        "∂y/∂x, 2 paths",
        "  y ← #1 ← a_1 ← x  1 · 2 · 3  =  6",
        "  y ← a_2 ← x       1 · (−1)   = −1",
        "  sum over paths               =  5",
        "  backpropagation              =  5",
        "  #1 = multiply(2, a_1)",
    ]


def square() -> tuple[Value, Value]:
    x = Value(2.0, "x")
    y = x * x
    y.label = "y"
    return y, x


NOT_RUN = "x.grad is 0: y.backward() has not run, or grads were cleared since"
TWICE = "derivative: grads were not cleared before another y.backward(), or it is that of a later node"


def test_a_missing_and_a_second_backward_pass_are_said() -> None:
    y, x = square()
    remarks = []
    for _ in range(4):
        remarks.append(explain(y, x).remarks)
        y.backward()
    y.zero_grad()
    remarks.append(explain(y, x).remarks)
    lines = [f"x.grad is {number}, {factor} the {TWICE}" for number, factor in ((8, "twice"), (12, "3 times"))]
    assert remarks == [(NOT_RUN,), (), *((line,) for line in lines), (NOT_RUN,)]
    assert str(explain(y, x)).splitlines()[-2:] == ["  backpropagation     =  4", f"  {NOT_RUN}"]


def test_the_grad_of_another_output_is_not_remarked_on() -> None:
    y, x = square()
    (y.tanh() + x).backward()
    assert explain(y, x).remarks == ()
    [unread] = [Value(3.0, "u")]
    unread.grad = 5.0
    assert explain(y, unread).remarks == ("u is not in the graph of y",)


def test_nodes_without_labels_are_called_input_and_output() -> None:
    x = Value(2.0)
    y = -x
    not_run = "the grad of the input is 0: backward() of the output has not run, or grads were cleared since"
    assert explain(y, x).remarks == (not_run,)
    y.backward()
    y.backward()
    twice = "the grad of the input is −2, twice the derivative: grads were not cleared before another backward() of the"
    assert explain(y, x).remarks == (f"{twice} output, or it is that of a later node",)


def test_a_grad_that_is_not_a_number_is_named() -> None:
    y, x = square()
    x.grad = cast(Any, None)
    with pytest.raises(TypeError, match=r"^x\.grad is None"):
        explain(y, x)


def test_a_stale_output_is_said_instead_of_its_grads() -> None:
    y, x = square()
    x.data = 5.0
    assert explain(y, x).remarks == ("y is stale: multiply(x = 5.0, x = 5.0) is not 4.0 any more; call y.forward()",)
    y.forward()
    assert explain(y, x).remarks == (NOT_RUN,)


def test_the_explanation_of_the_network_of_figure_4() -> None:
    E = FIGURE_4.build()
    x = nodes_by_label(E)["x_1"]
    named, every = explain(E, x), explain(E, x, named=False)
    assert named.title == "∂E/∂x_1"
    assert named.rows[0] == (
        "E ← z_1^(3) ← a_1^(3) ← z_2^(2) ← a_2^(2) ← z_1^(1) ← a_1^(1) ← x_1",
        "0.420176 · 0.22104 · (−1.75) · 0.225236 · (−1.5) · 0.207653 · 0.5",
        approx_12_digits(0.00570133131027),
    )
    assert every.rows[0][0].startswith("E ← #2 ← #1 ← z_1^(3) ← ")
    assert every.rows[0][1].startswith("0.5 · 0.840352 · 1 · 0.22104 · ")
    for explanation in (named, every):
        sizes = [abs(product) for _, _, product in explanation.rows]
        assert sizes == sorted(sizes, reverse=True)
        assert explanation.n_paths == 4
        assert (explanation.total, explanation.gradient) == (approx_12_digits(0.00457381415582),) * 2


def test_more_paths_than_asked_for_are_counted_but_not_summed() -> None:
    x = y = Value(1.0, "x")
    for _ in range(4):
        y = y + y
    y.backward()
    explanation = explain(y, x, named=False, most=1)
    assert explanation.total is None
    assert [" ".join(line.split()) for line in str(explanation).splitlines()] == [
        "∂y/∂x, 16 paths",
        "y ← #3 ← #2 ← #1 ← x 1 · 1 · 1 · 1 = 1",
        "… 15 more",
        "backpropagation = 16",
        "#1 = add(x, x)",
        "#2 = add(#1, #1)",
        "#3 = add(#2, #2)",
    ]


def test_the_wrong_order_of_output_and_input_is_explained() -> None:
    x = Value(1.5, "x")
    y = 3 * x
    y.label = "y"
    text = "∂x/∂y: x is not made from y, but y from x. The output comes first: ∂y/∂x has 1 path"
    assert repr(explain(x, y)) == text
    assert explain(x, y)[2:] == (0, 0, 0.0, 0.0, text.split(": ", 1)[1], (), True, True, ())
    z = y + y
    assert repr(explain(x, z)).endswith("The output comes first: ∂f/∂x has 2 paths")


def test_names_may_be_given_for_nodes_without_a_label() -> None:
    x = Value(1.5, "x")
    product = 3 * x
    y = product + 1.0
    names = {y: "#2", product: "#1", x: "x"}
    shown = repr(explain_with_names(y, x, names.__getitem__, lambda node: node.op.name)).splitlines()
    assert shown[0] == "∂#2/∂x, 1 path"
    assert shown[1].split() == ["#2", "←", "#1", "←", "x", "1", "·", "3", "=", "3"]
    assert shown[-2:] == ["  #1 = multiply", "  #2 = add"]
    assert "∂#1/∂x has 1 path" in repr(explain_with_names(x, product, names.__getitem__, names.__getitem__))
    assert repr(explain(y, x)).startswith("∂y/∂x")


def test_without_a_path_the_explanation_counts_0_paths() -> None:
    y, x = figure_2()
    assert str(explain(y, Value(2.0, "u"))).splitlines()[0] == "∂y/∂u, 0 paths"
    assert str(explain(x, x)).splitlines()[0] == "∂x/∂x, 1 path"


def test_a_label_that_is_not_between_the_two_merges_nothing() -> None:
    x, u = Value(1.5, "x"), Value(2.0, "u")
    b = 2 * u
    b.label = "b"
    assert [names for names, _, _ in explain(x * x + b, x).rows] == ["y ← #1 ← x"] * 2


def test_a_huge_number_of_paths_is_exact_and_shown_rounded() -> None:
    x = y = Value(1.0, "x")
    for _ in range(7_500):
        y = dot([0.25] * 4, [y] * 4)
    assert count_paths(y, x) == 2**15_000
    y.backward()
    shown = str(explain(y, x, most=2)).splitlines()
    assert shown[0] == "∂y/∂x, about 2.82e+4515 paths"  # Python refuses to write more than 4300 digits
    assert shown[3].strip() == "… about 2.82e+4515 more"
    assert shown[-2:] == ["  #20 = dot(0.25, 0.25, 0.25, 0.25, #19, #19, #19, #19)", "  … 38 more"]
    assert max(map(len, shown)) < 1000
    assert " ← … 7441 more … ← " in shown[1]


def test_labels_of_the_two_ends_alone_merge_nothing() -> None:
    x = Value(1.5, "x")
    a = -x
    y = -a
    y.label = "y"
    assert [names for names, _, _ in explain(y, x).rows] == ["y ← #1 ← x"]
    a.label = "a"
    assert [names for names, _, _ in explain(y * 1 * 1, x).rows] == ["f ← y ← a ← x"]


def test_20_paths_are_shown_by_default() -> None:
    x = y = Value(0.5, "x")
    for _ in range(20):
        y = y + x
    assert len(explain(y, x).rows) == 20
    assert "… 1 more" in repr(explain(y, x))


def test_a_label_that_reads_like_a_count_keeps_its_number() -> None:
    more = Value(1.5, "more")
    assert repr(explain(-more, more)).splitlines()[1] == "  y ← more         −1  = −1"
    y = Value(math.nan, "x") * more
    y.backward()
    nan = explain(y, more)
    assert [line.split()[-1] for line in repr(nan).splitlines()[1:]] == ["nan"] * 3


def test_of_a_path_of_61_nodes_the_first_and_last_30_are_shown() -> None:
    x = y = Value(0.5, "x")
    for _ in range(59):
        y = -y
    assert explain(y, x).rows[0][0].count("#") == 58
    [(names, factors, _)] = explain(-y, x).rows
    assert names == " ← ".join(["y", *(f"#{n}" for n in [*range(59, 30, -1), *range(29, 0, -1)]), "x"]).replace(
        "#31 ←", "#31 ← … 1 more … ←"
    )
    assert factors == " · ".join(["−1", *["(−1)"] * 59])


def test_a_number_of_1000_bits_is_written_in_full() -> None:
    x = y = Value(0.5, "x")
    for _ in range(999):
        y = y + y
    assert f", {2**999} paths" in repr(explain(y, x, most=1))
    assert ", about 1.07e+301 paths" in repr(explain(y + y, x, most=1))


def test_a_label_gives_no_commands_to_the_terminal() -> None:
    x = Value(1.0, "\x1b[31mred\nx\u202e")
    y = x * x
    y.label = "\x1b]0;title\x07y"
    assert repr(explain(y, x)).startswith("∂�]0;title�y/∂�[31mred x�, 2 paths\n")
    changed: Any = x
    for refused in (lambda: (x - 2.0).log() + (-x).log(), lambda: check_numbers([x], "grad")):
        changed.grad = "1"
        with pytest.raises((ArithmeticError, TypeError)) as caught:
            refused()
        assert str(caught.value).isprintable()
