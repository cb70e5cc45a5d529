"""Backpropagation done wrongly on purpose: the gradients of each wrong sweep, computed by hand."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from itertools import islice

import pytest

from demos import mistakes
from demos.mistakes import (
    DESCENTS,
    MISTAKES,
    Comparison,
    Descent,
    Sweep,
    __main__,
    after_step,
    compare_descents,
    correct_descent,
    correct_gradients,
    rebinding,
    sums,
    uphill,
)
from demos.mistakes.__main__ import GRAPHS, main
from demos.paper.descent import error_after_mid_sweep_updates
from demos.paper.examples import NET4, figure_1, figure_2, figure_4
from engine import Value, ops, toposort
from engine.comparisons import record_comparisons
from tests.commands import exit_status
from tests.nn.worked_networks import approx_12_digits
from viz._ctrl_c import STOPPED

NETWORK = "Figure 4"

# By hand, a node at a time. Right: c, b, a = 1, 2, 4.
ON_SUMS = {
    "overwriting": {"c": 1.0, "b": 1.0, "a": 1.0},
    "too_early": {"c": 1.0, "b": 2.0, "a": 4.0},
    "not_cleared": {"c": 2.0, "b": 4.0, "a": 8.0},
    "stale": {"c": 1.0, "b": 2.0 + 2.0, "a": 4.0 + 2 * 4.0},
    "leaves_changed": {"c": 1.0, "b": 2.0, "a": 4.0},
    "mid_sweep": {"c": 1.0, "b": 2.0, "a": 4.0},
}
# Right: y, a_2, a_1, x = 1, 1, 2, 5.
ON_FIGURE_2 = {
    "overwriting": {"y": 1.0, "a_2": 1.0, "a_1": 2.0, "x": 2.0 * 3},
    "too_early": {"y": 1.0, "a_2": 1.0, "a_1": 2.0, "x": 5.0},
    "not_cleared": {"y": 2.0, "a_2": 2.0, "a_1": 4.0, "x": 10.0},
    "stale": {"y": 1.0, "a_2": 1.0 + 1.0, "a_1": 2.0 + 2 * 2.0, "x": 5.0 - 2.0 + 6.0 * 3},
    "leaves_changed": {"y": 1.0, "a_2": 1.0, "a_1": 2.0, "x": 5.0},
    "mid_sweep": {"y": 1.0, "a_2": 1.0, "a_1": 2.0, "x": 5.0},
}
# The first node that goes wrong on each graph; "" for one without a label, None where nothing goes wrong.
FIRST: dict[str, tuple[str | None, str | None, str | None]] = {
    "overwriting": ("b", "x", "z_2^(1)"),
    "too_early": (None, None, "a_2^(1)"),
    "not_cleared": ("c", "y", "E_n"),
    "stale": ("b", "a_2", ""),
    "leaves_changed": (None, None, "z_2^(2)"),
    "mid_sweep": (None, None, "z_2^(2)"),
}
# The gradient of that node on the network of Figure 4, from the numbers of Table 1.
ON_NETWORK = {
    "overwriting": -0.0157558868609,  # the term over a_1^(2) alone
    "too_early": -0.0228800949403 * 0.227091704942,  # the term over a_2^(2) alone, times σ'
    "not_cleared": 2.0,
    "stale": 0.5 + 0.5,
    "leaves_changed": 0.0928757687914 * (-1.75 + 1.0),
    "mid_sweep": 0.0928757687914 * (-1.75 - 0.5 * 0.0318223410970),
}

every_mistake = pytest.mark.parametrize("sweep", MISTAKES, ids=lambda sweep: sweep.__name__)
every_graph = pytest.mark.parametrize("make", GRAPHS.values(), ids=list(GRAPHS))


def by_label(gradients: dict[Value, float]) -> dict[str, float]:
    return {node.label: gradient for node, gradient in gradients.items() if node.label}


def compare(sweep: Sweep, graph: str) -> Comparison:
    return Comparison(sweep, graph, GRAPHS[graph]())


def test_every_mistake_has_its_numbers() -> None:
    names = [sweep.__name__ for sweep in MISTAKES]
    assert names == list(ON_SUMS) == list(ON_FIGURE_2) == list(FIRST) == list(ON_NETWORK)


@every_mistake
def test_the_numbers_known_by_hand(sweep: Sweep) -> None:
    assert by_label(correct_gradients(sums())) == {"c": 1.0, "b": 2.0, "a": 4.0}
    assert by_label(sweep(sums())) == ON_SUMS[sweep.__name__]
    assert by_label(correct_gradients(figure_2().output)) == {"y": 1.0, "a_2": 1.0, "a_1": 2.0, "x": 5.0}
    assert by_label(sweep(figure_2().output)) == ON_FIGURE_2[sweep.__name__]


@every_mistake
def test_the_first_node_that_goes_wrong_is_marked(sweep: Sweep) -> None:
    for graph, label in zip(GRAPHS, FIRST[sweep.__name__], strict=True):
        comparison = compare(sweep, graph)
        lines = list(comparison.lines())
        if label is None:
            assert comparison.first is None
            assert lines == []
        else:
            assert comparison.first is not None
            assert comparison.first.label == label
            wrong = [line for line in lines if line.startswith("    ✗")]
            assert "← the first" in wrong[0]
            assert sum("← the first" in line for line in lines) == 1


@every_mistake
def test_the_first_wrong_number_in_the_network(sweep: Sweep) -> None:
    comparison = compare(sweep, NETWORK)
    assert comparison.first is not None
    assert comparison.wrong[comparison.first] == approx_12_digits(ON_NETWORK[sweep.__name__])


@every_mistake
def test_a_sweep_visits_each_node_once_and_changes_nothing(sweep: Sweep) -> None:
    for make in GRAPHS.values():
        output = make()
        nodes = toposort(output)
        for i, node in enumerate(nodes):
            node.grad = float(i)
        data = [node.data for node in nodes]
        assert (
            set(sweep(output))
            == set(correct_gradients(output))
            == {node for node in nodes if node.op is not ops.constant}
        )
        after_step(output, correct_gradients(output))
        assert [node.grad for node in nodes] == [float(i) for i in range(len(nodes))]
        assert [node.data for node in nodes] == data


@every_graph
def test_the_right_column_is_backward(make: Callable[[], Value]) -> None:
    output = make()
    output.backward()
    assert correct_gradients(output) == {node: node.grad for node in toposort(output) if node.op is not ops.constant}


def test_overwriting_goes_unnoticed_where_no_node_is_used_twice() -> None:
    output = figure_1().output
    assert mistakes.overwriting(output) == correct_gradients(output)


def test_a_node_visited_too_early_may_look_right_itself() -> None:
    comparison = compare(mistakes.too_early, NETWORK)
    gradients = {node.label: (comparison.right[node], comparison.wrong[node]) for node in comparison.wrong}
    for label in ("z_1^(1)", "z_2^(1)"):
        assert gradients[label][1] == approx_12_digits(gradients[label][0])
    assert gradients["x_1"][1] != approx_12_digits(gradients["x_1"][0])


def test_stale_gradients_are_more_than_those_of_two_passes() -> None:
    assert by_label(mistakes.stale(sums()))["a"] > by_label(mistakes.not_cleared(sums()))["a"]


def test_the_error_after_updates_in_the_middle_of_the_sweep() -> None:
    output = figure_4().output
    assert after_step(output, correct_gradients(output)) == approx_12_digits(0.0837925319797)
    wrong = after_step(output, mistakes.mid_sweep(output))
    assert wrong == approx_12_digits(0.0838045352179)
    assert wrong == approx_12_digits(error_after_mid_sweep_updates(NET4, mistakes.RATE))


@every_graph
def test_the_right_steps_are_those_of_gradient_descent(make: Callable[[], Value]) -> None:
    output = make()
    expected = after_step(output, correct_gradients(output))
    assert expected != output.data
    assert next(correct_descent(output)) == expected


@every_graph
@pytest.mark.parametrize("descent", DESCENTS[:-1], ids=lambda descent: descent.__name__)
def test_the_output_stays_the_same(descent: Descent, make: Callable[[], Value]) -> None:
    output = make()
    start = output.data
    assert list(islice(descent(output), 3)) == [start] * 3


def test_uphill_the_output_grows_as_it_should_fall() -> None:
    assert list(islice(uphill(sums()), 2)) == [12.0 + 0.5 * 4.0**2, 12.0 + 2 * 0.5 * 4.0**2]
    assert list(islice(correct_descent(sums()), 2)) == [12.0 - 0.5 * 4.0**2, 12.0 - 2 * 0.5 * 4.0**2]


# Of w in E = w², which begins at 3, after three steps: whether its data changed, and its grad.
AFTER_STEPS = {
    "rebinding": (False, 6.0),
    "changed_copy": (False, 6.0),
    "before_backward": (False, 6.0),
    "detached": (False, 0.0),
    "not_recomputed": (True, 0.0),
    "uphill": (True, 6.0 * 2 * 2),
}


@pytest.mark.parametrize("descent", DESCENTS, ids=lambda descent: descent.__name__)
def test_data_and_grad_of_a_weight_tell_what_went_wrong(descent: Descent) -> None:
    w = Value(3.0)
    list(islice(descent(w * w), 3))
    assert (w.data != 3.0, w.grad) == AFTER_STEPS[descent.__name__]


def test_a_comparison_of_steps_changes_nothing() -> None:
    output = figure_4().output
    output.backward()
    numbers = [(node.data, node.grad) for node in toposort(output)]
    for descent in DESCENTS:
        assert any(line.startswith("    ✗") for line in compare_descents(descent, NETWORK, output))
    assert [(node.data, node.grad) for node in toposort(output)] == numbers


def test_the_demo_shows_rebinding(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", "rebinding"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Here backward() is right")  # what the rows are
    start = lines.index(
        "7. rebinding: the line `p -= ...` makes a new node and calls it p; the weight stays as it was."
    )
    assert lines[start + 1] == "    p -= RATE * p.grad  # wrong: p.data is what the graph reads"
    assert "    ✗  after step 1      0.0837925           0.088274" in lines  # the paper's network
    assert "    ✗  w₁⁽³⁾.data        1.91067             2" in lines
    compared = list(compare_descents(rebinding, "sums", sums()))
    assert next(line for line in compared if "after step 3" in line).split()[-2:] == ["−12", "12"]


def test_the_demo_shows_every_mistake_in_100_columns(capsys: pytest.CaptureFixture[str]) -> None:
    with record_comparisons() as compared:
        assert main([]) == 0
    assert compared == []  # a node whose number is 0 is not taken for None
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert max(map(len, lines)) <= 100
    assert [line.partition(" ")[0] for line in lines if line[:1].isdigit()] == [f"{i}." for i in range(1, 13)]
    assert sum("# wrong" in line for line in lines) == 12
    assert "    node              ∂c/∂node, right     ∂c/∂node, wrong" in [line[3:] for line in lines]
    assert sum("∂/∂w" in line for line in lines) == 1  # what the columns are, said once
    assert "    ✗  b                 2                   1                   ← the first that goes wrong" in lines
    assert "    ∂y/∂x = 1 · (−1) + 2 · 3 = 5, not 6" in lines
    assert "       Eₙ after a step   0.0837925           0.0838045           λ = 0.5" in lines
    assert printed.out.count("It goes unnoticed on c = b + b, b = a + a and Figure 2, because") == 3
    assert printed.err == ""


@pytest.mark.parametrize("only", ["4", "stale"])
def test_one_mistake_alone(only: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--only", only]) == 0
    titles = [line for line in capsys.readouterr().out.splitlines() if line[:1].isdigit()]
    assert len(titles) == 1
    assert titles[0].startswith("4. stale: only the output's gradient is set back")


def test_help_names_the_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(main, ["--help"]) == 0
    printed = capsys.readouterr().out
    assert all(mistake.__name__ in printed for mistake in (*MISTAKES, *DESCENTS))


@pytest.mark.parametrize("only", ["0", "13", "nothing"])
def test_an_unknown_mistake_ends_with_status_2(only: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(main, ["--only", only]) == 2
    assert "'overwriting'" in capsys.readouterr().err.replace("choose from overwriting", "'overwriting'")


def test_a_mistake_that_shows_nowhere_makes_the_demo_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(GRAPHS, NETWORK)
    assert main(["--only", "overwriting"]) == 0
    assert main([]) == 1
    printed = capsys.readouterr()
    assert printed.err.rstrip().endswith("too_early, leaves_changed, mid_sweep")


@pytest.mark.thorough
def test_a_closed_pipe_is_not_an_error() -> None:
    command = [sys.executable, "-m", "demos.mistakes"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as demo:
        assert demo.stdout
        assert demo.stderr
        demo.stdout.close()
        assert demo.stderr.read() == b""


@pytest.mark.thorough
def test_a_terminal_without_unicode_gets_ascii() -> None:
    command = [sys.executable, "-m", "demos.mistakes", "--only", "1"]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=True)
    assert done.stderr == b""
    assert b"dc/db = 1 * 1 + 1 * 1 = 2, not 1" in done.stdout


def test_ctrl_c_stops_without_a_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("argparse.ArgumentParser.parse_args", interrupted)
    monkeypatch.setattr("sys.argv", ["mistakes"])
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(__main__.__file__, run_name="__main__")
    assert (stopped.value.code, capsys.readouterr().err) == (STOPPED, "stopped\n")
