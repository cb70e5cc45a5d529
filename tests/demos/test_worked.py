"""Examples that others published: their numbers, those of the graphs, and those of formulas without the engine."""

from __future__ import annotations

import io
import math
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import mpmath
import pytest

from demos import step
from demos.worked.__main__ import main
from demos.worked.agreement import ComparedNumber, agrees, compare_numbers
from demos.worked.citations import Correction
from demos.worked.computed import UPDATES, computed_numbers
from demos.worked.graphs import GRAPHS
from demos.worked.published import MIXED, PUBLISHED, ROUND, ROUNDS
from tests.commands import exit_status
from tests.demos.worked_by_hand import N_ROUNDS, Numbers, by_hand, mazur_by_hand
from tests.layout_program import needs_dot

pytestmark = pytest.mark.once

every_example = pytest.mark.parametrize("name", GRAPHS)

# The printed numbers that are known not to be right; a new one belongs here too.
MISPRINTED = {
    "mazur": ["∂E_o2/∂out_h1", f"E_total {ROUND}", f"E_total {ROUNDS}", f"out_o1 {ROUNDS}", f"out_o2 {ROUNDS}"],
    "notebook": ["L_CE after one step"],
}


@pytest.fixture(scope="module")
def hand() -> Callable[[str], Numbers]:
    """`by_hand`, at 40 digits; Mazur's 10,000 rounds at 20, and once."""
    found: dict[str, Numbers] = {}

    def of(name: str) -> Numbers:
        if name not in found:
            with mpmath.workdps(20 if name == "mazur" else 40):
                found[name] = by_hand(name)
        return found[name]

    return of


@pytest.fixture
def changed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change the printed numbers of an example."""

    def change(name: str, numbers: Mapping[str, str], corrections: Mapping[str, Correction] | None = None) -> None:
        monkeypatch.setitem(PUBLISHED, name, replace(PUBLISHED[name], numbers=numbers, corrections=corrections or {}))

    return change


def test_each_example_has_a_graph_numbers_and_a_source() -> None:
    assert list(GRAPHS) == list(PUBLISHED)
    assert set(UPDATES) < set(GRAPHS)
    for example in PUBLISHED.values():
        assert example.citation.author
        assert example.citation.address.startswith("https://")
        assert set(example.corrections) <= set(example.numbers)


@every_example
def test_every_printed_number_is_ours_or_explained(name: str) -> None:
    wrong = [row for row in compare_numbers(PUBLISHED[name], computed_numbers(name)) if not row.is_right]
    assert wrong == []


@every_example
def test_the_misprinted_numbers_are_these_and_no_others(name: str) -> None:
    found = [row.name for row in compare_numbers(PUBLISHED[name], computed_numbers(name)) if not row.agrees]
    assert found == MISPRINTED.get(name, [])


@every_example
def test_ours_are_those_of_formulas_at_many_digits(name: str, hand: Callable[[str], Numbers]) -> None:
    ours = computed_numbers(name)
    compared = {key: value for key, value in hand(name).items() if key in ours}
    assert len(compared) >= 3
    for key, value in compared.items():
        assert ours[key] == pytest.approx(float(value), rel=1e-11, abs=1e-15), key


@pytest.mark.parametrize("name", ["mazur", "logistic", "sentiment", "notebook"])
def test_every_number_of_a_network_was_computed_by_hand_too(name: str, hand: Callable[[str], Numbers]) -> None:
    for key, printed in PUBLISHED[name].numbers.items():
        correction = PUBLISHED[name].corrections.get(key)
        assert agrees(correction.right if correction else printed, float(hand(name)[key])), key


def test_mazurs_error_after_a_round_is_that_of_mid_sweep_updates(hand: Callable[[str], Numbers]) -> None:
    mixed = mazur_by_hand(1, mpmath.mpf, mpmath.exp, mixed=True)
    ours = computed_numbers("mazur")
    key = f"E_total {ROUND}"
    assert mpmath.nstr(hand("mazur")[key], 9) == "0.291027774"
    assert mpmath.nstr(mixed[key], 9) == "0.291027924"
    assert ours[key + MIXED] == pytest.approx(float(mixed[key]), rel=1e-13)


def test_mazurs_new_weights_are_right_although_the_error_is_not(hand: Callable[[str], Numbers]) -> None:
    mixed = mazur_by_hand(1, mpmath.mpf, mpmath.exp, mixed=True)
    for k in range(1, 5):
        printed = PUBLISHED["mazur"].numbers[f"w_{k} {ROUND}"]
        assert agrees(printed, float(hand("mazur")[f"w_{k} {ROUND}"]))
        assert not agrees(printed, float(mixed[f"w_{k} {ROUND}"]))


def test_mazurs_outputs_and_error_after_10000_rounds_do_not_fit(hand: Callable[[str], Numbers]) -> None:
    printed = PUBLISHED["mazur"].numbers
    mixed = mazur_by_hand(N_ROUNDS, float, math.exp, mixed=True)
    o_1, o_2 = float(printed[f"out_o1 {ROUNDS}"]), float(printed[f"out_o2 {ROUNDS}"])
    assert agrees(printed[f"out_o1 {ROUNDS}"], float(mixed[f"out_o1 {ROUNDS}"]))
    assert agrees(printed[f"out_o2 {ROUNDS}"], float(mixed[f"out_o2 {ROUNDS}"]))
    assert agrees("0.0000350848", ((o_1 - 0.01) ** 2 + (o_2 - 0.99) ** 2) / 2)
    assert agrees("0.0000350848", float(mixed[f"E_total {ROUNDS}"]))
    assert agrees("0.0000351019", float(hand("mazur")[f"E_total {ROUNDS}"]))
    assert agrees(printed[f"E_total {ROUNDS}"], float(hand("mazur")["E_total after 9,999 rounds"]))


@pytest.mark.parametrize(
    ("printed", "x", "expected"),
    [
        ("0.37", 0.3651, True),
        ("0.37", 0.3749, True),
        ("0.37", 0.3649, False),
        ("0.37", 0.3751, False),
        ("0.370", 0.3749, False),
        ("0.12", 0.125, True),  # half-way
        ("0.13", 0.125, True),
        ("-1.50", -1.4951, True),
        ("-1.50", 1.5, False),
        (".05", 0.05, True),
        ("-12", -12.0, True),
        ("-12", -12.1, False),  # an integer is taken as exact
        ("2.", 2.0, True),
        ("-0.", 0.0, True),
        ("2.", 2.1, False),
        ("1.79e-06", 1.792e-06, True),
        ("1.79e-06", 1.796e-06, False),
        ("0.30000000000000004", 0.3, True),  # the rounding of doubles
        ("0.300000000000001", 0.3, False),
        ("0.5", float("nan"), False),
        ("0.5", float("inf"), False),
    ],
)
def test_a_number_agrees_to_the_digits_that_were_printed(printed: str, x: float, expected: bool) -> None:
    assert agrees(printed, x) is expected


@pytest.mark.parametrize(
    ("row", "is_right"),
    [
        (ComparedNumber("x", "0.52", 0.5, Correction("0.50", "", ""), 0.5199), True),
        (ComparedNumber("x", "0.50", 0.5, Correction("0.50", "", ""), 0.5), False),  # nothing is wrong with it
        (ComparedNumber("x", "0.52", 0.5, Correction("0.51", "", ""), 0.5199), False),  # another number is right
        (ComparedNumber("x", "0.52", 0.5, Correction("0.50", "", ""), 0.53), False),  # another number was printed
        (ComparedNumber("x", "0.52", 0.5), False),
        (ComparedNumber("x", "0.50", 0.5), True),
    ],
)
def test_a_correction_has_to_hold_too(row: ComparedNumber, is_right: bool) -> None:
    assert row.is_right is is_right


def test_a_number_has_the_name_of_its_node_or_of_a_derivative() -> None:
    graph = GRAPHS["sigmoid"]()
    assert graph.value_of("dot") == 1.0
    assert graph.value_of("∂(their sum)/∂(w_0 * x_0)") == graph.value_of("∂dot/∂w_2") == 1.0
    assert graph.value_of("∂dot/∂w_1") == -2.0
    with pytest.raises(KeyError, match="w_3"):
        graph.value_of("∂f/∂w_3")


def test_the_demo_prints_every_example_in_100_columns(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    assert max(map(len, lines)) <= 100
    assert "    Eₜₒₜₐₗ                       0.298371109            0.29837110876          ✓" in lines
    assert "    Eₜₒₜₐₗ after one round       0.291027924            0.291027773694         ✗ 0.291027774" in lines
    assert "  28 of 33 numbers agree to the digits that were printed; 5 are explained above" in lines
    assert "  15 of 16 numbers agree to the digits that were printed; 1 is explained above" in lines
    assert "  15 of 15 numbers agree to the digits that were printed" in lines
    assert [line for line in lines if line.startswith(tuple(f"{name}: " for name in GRAPHS))] == [
        f"{name}: {PUBLISHED[name].title}" for name in GRAPHS
    ]
    for example in PUBLISHED.values():
        assert f"  {example.citation.address}" in lines
    assert printed.err == ""


def test_one_example_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gates"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("gates: ")
    assert printed.count("numbers agree") == 1


def test_a_number_that_disagrees_makes_the_demo_fail(
    changed: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    changed("gates", {**PUBLISHED["gates"].numbers, "∂f/∂x": "-5"})
    assert main(["lecture"]) == 0
    capsys.readouterr()
    assert main(["gates", "lecture"]) == 1
    printed = capsys.readouterr()
    assert "    ∂f/∂x                        −5                     −4                     ✗ DISAGREES" in printed.out
    assert "lecture: " in printed.out
    assert printed.err == "These numbers disagree: gates: ∂f/∂x\n"


def test_a_wrong_correction_makes_the_demo_fail(
    changed: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    changed("gates", PUBLISHED["gates"].numbers, {"f": Correction("-12", "It is right.", "f")})
    assert main(["gates"]) == 1
    assert capsys.readouterr().err == "These numbers disagree: gates: f\n"


def test_an_unknown_example_ends_with_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(main, ["gates", "mazurr"]) == 2
    printed = capsys.readouterr()
    assert "unknown example 'mazurr'; did you mean mazur?" in printed.err
    assert printed.out == ""


@pytest.mark.parametrize("program", [main, step.main], ids=["worked", "step"])
def test_help_names_the_examples(program: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status(program, ["--help"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in GRAPHS)


@needs_dot
def test_each_is_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [name for name in GRAPHS if name != "notebook"]  # which is drawn like sentiment
    assert main([*names, "--draw", "--out", str(tmp_path / "new")]) == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(f"worked-{name}.svg" for name in names)
    assert "0.2984" in (tmp_path / "new" / "worked-mazur.svg").read_text(encoding="utf-8")
    assert f"Drawn in {tmp_path / 'new' / 'worked-gates.svg'}" in capsys.readouterr().out


@pytest.mark.usefixtures("no_dot")
def test_without_dot_it_says_how_to_install_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gates", "--draw", "--out", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert "7 of 7 numbers agree" in printed.out
    assert "apt install graphviz" in printed.err


def test_a_folder_that_is_a_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SystemExit):
        main(["gates", "--draw", "--out", str(tmp_path / "file")])
    assert f"{str(tmp_path / 'file')!r} exists and is not a folder" in capsys.readouterr().err


@pytest.mark.thorough
def test_a_terminal_without_unicode_is_not_an_error() -> None:
    command = [sys.executable, "-m", "demos.worked", "gates"]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, check=True)
    assert done.stderr == b""
    assert b"7 of 7 numbers agree" in done.stdout


@every_example
def test_each_can_be_stepped_through(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = GRAPHS[name]()
    leaf = {"neuron": "x1", "lecture": "a", "forks": "a", "micrograd": "a", "gates": "x", "routing": "x"}.get(
        name, "w_1"
    )
    graph.output.backward()
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"last\np {leaf}\n"))
    assert step.main([name]) == 0
    printed = capsys.readouterr().out.replace("−", "-")
    assert f"value {graph[leaf].data:g}, gradient {graph[leaf].grad:.6g}\n" in printed


def test_a_leaf_of_an_example_can_be_set(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("last\np x\n"))
    assert step.main(["gates", "--set", "z=7"]) == 0
    assert "x: value −2, gradient 7" in capsys.readouterr().out
