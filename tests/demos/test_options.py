"""Numbers of the reader's own: each option changes what the parts that use it show, and is refused by all others."""

from __future__ import annotations

import re
import shutil
from itertools import product
from pathlib import Path

import pytest

from demos.paper.__main__ import main
from demos.paper.cli import build_parser, check_use, check_which
from demos.paper.commands import PARTS
from demos.paper.descent import lines
from demos.paper.equations.instances import NetworkInstance
from demos.paper.examples import NET4, Network
from demos.paper.options import FIGURES_OF, NUMBERS, OPTIONS, expand, format_places
from demos.paper.own_numbers import OwnNumbers
from demos.paper.tables import activation_rules, derivative_pairs
from engine import check_gradients
from nn.activations import activations
from tests import by_night, thorough_unless
from tests.commands import exit_status
from tests.layout_program import needs_dot
from viz.math.formulas import format_number

pytestmark = pytest.mark.once

PLACES = [(part, number) for part, numbers in NUMBERS.items() for number in numbers]
TWO_WEIGHTS = ["--w", "3; -1", "--w", "2 1"]
# Values for each option, other than those without it.
VALUES = {
    "x": ["0.5", "1"],
    "y": ["0.75"],
    "w": ["1 2; 3 4", "--w", "0.5 -0.5"],
    "sizes": ["3", "2", "2"],
    "activation": ["tanh"],
    "output": ["none"],
    "seed": ["7"],
    "rate": ["0.125"],
    "steps": ["3"],
    "step": ["2"],
    "digits": ["4"],
    "style": ["latex"],
    "format": ["png"],
    "out": ["elsewhere"],
}
# For each, parts that show what it changes.
NETWORK = "examples, equations, eq 38, table 1, table 2, descent, figure 4, figure 8"
SHOWN = dict.fromkeys(("x", "y", "w", "sizes", "activation", "output"), NETWORK) | {
    "seed": "equations, descent",
    "rate": "eq 31, descent",
    "steps": "descent",
    "step": "table 1, table 2",
    "digits": "examples, eq 1, eq 38, tables, table 1, table 2, descent, entropy, errata D5",
    "style": "table",
}
UNCHANGED: dict[tuple[str, str], str] = {}  # what is shown without options, by part and number


def shown(arguments: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The printed lines and the pictures."""
    shutil.rmtree(folder / "demos", ignore_errors=True)
    assert main(arguments) == 0
    pictures = sorted((folder / "demos" / "out").glob("*.svg"))
    return capsys.readouterr().out + "".join(path.read_text(encoding="utf-8") for path in pictures)


def refusal(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The message of options that are refused, which is one line."""
    assert exit_status(main, arguments) == 2
    printed = capsys.readouterr()
    [line] = printed.err.splitlines()
    assert printed.out == ""
    return line.partition(" -m demos.paper: error: ")[2]


@thorough_unless(lambda dest: dest not in ("digits", "rate", "style"))
@needs_dot
@thorough_unless(lambda every: every == 8)
@pytest.mark.parametrize("every", [8, 2])  # of the places of a network
@pytest.mark.parametrize("dest", SHOWN)
def test_an_option_changes_what_is_shown(
    dest: str, every: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    places = [*expand(SHOWN[dest])]
    turn = [*SHOWN].index(dest) % every
    for part, number in by_night(places[turn::every], places) if SHOWN[dest] == NETWORK else places:
        place = [part, number] if number else [part]
        changed = shown([*place, f"--{OPTIONS[dest].name}", *VALUES[dest]], tmp_path, capsys)
        if (part, number) not in UNCHANGED:
            UNCHANGED[part, number] = shown(place, tmp_path, capsys)
        assert changed != UNCHANGED[part, number], place


def test_every_option_is_used_or_refused_by_every_part() -> None:
    assert set(VALUES) | {"network"} == set(OPTIONS)
    parser = build_parser()
    for (part, number), (dest, values) in product(PLACES, VALUES.items()):
        option = OPTIONS[dest]
        options = parser.parse_intermixed_args([part, *[number] * bool(number), f"--{option.name}", *values])
        check_which(options)
        if (part, number) in option.places:
            check_use(options)
        else:
            place = f"{part} {number}".rstrip()
            with pytest.raises(ValueError, match=re.escape(f"{place} does not use --{option.name}; these do: ")):
                check_use(options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            "errata --x 1",
            "errata does not use --x; these do: examples; equations; tables; descent; figures; eq 1 to 15, 17 to 32",
        ),
        ("errata D5 --x 1", "errata D5 does not use --x; these do: examples"),
        ("entropy --x 1", "entropy does not use --x; these do: examples"),
        ("eq 38 --as latex", "eq 38 does not use --as; these do: table"),
        ("eq 16 --x 1", "eq 16 does not use --x; these do: "),
        ("eq 1 --w 3 --w 2", "eq 1 does not use --w; these do: "),
        ("eq 7 --w 3 --w 2", 'Figure 2 has a constant on each arrow: --w "3; -1" --w "2 1"'),
        ("eq 30 --rate 1", "eq 30 does not use --rate; these do: equations; descent; eq 31"),
        ("table 3 --step 2", "table 3 does not use --step; these do: table 1 and 2"),
        ("table 1 --step 8", "--step 8: the table has steps 1 to 7, not 8"),
        ("table 1 --output none --step 8", "--step 8: the table has steps 1 to 7, not 8"),
        ("table 1 --steps 2", "table 1 does not use --steps; these do: descent"),
        (
            "table 1 --seed 2",
            "table 1 does not use --seed; these do: equations; descent; eq 1 to 15 and 17 to S9; beside --sizes",
        ),
        ("all --as latex", "all does not use --as; these do: tables; every table"),
        (
            "table 1 --output none --step 1",
            "--step 1: without σ, z is a, so that the table has step 2, of a, but not step 1",
        ),
        (
            "examples --out here",
            "examples does not use --out; these do: figures; eq 1 to 15 and 17 to S9; table 3; every figure",
        ),
        ("figure 5 --x 1", "figure 5 does not use --x; these do: "),
        ("figure 1 --y 1", "figure 1 does not use --y; these do: "),
        ("figure 2 --x 1 2", "Figure 2 has one input, x, but --x gives 2 numbers"),
        ("figure 2 --w 1;2;3 --w 1,2,3", 'Figure 2 has a constant on each arrow: --w "3; -1" --w "2 1"'),
        ("figure 1 --w 3", "Figure 1 has a constant on each arrow: --w 3 --w 2"),
        ("figure 3 --w 1;2 --w 1;2", "Figure 3 has a constant on each arrow: "),
        ("figure 1 --x nan", "the numbers must be finite; nan is not"),
        ("figure 4 --x 1", "--x gives 1 number, but the network has 2 inputs"),
        ("table 1 --y 1 2", "--y gives 2 numbers, but the network has 1 target"),
        ("table 1 --sizes 3 2 --x 1 2", "--x gives 2 numbers, but --sizes asks for 3 inputs"),
        ("table 1 --sizes 3 2 1 --y 1 2", "--y gives 2 numbers, but --sizes asks for 1 target"),
        ("all --step 2", "all does not use --step; these do: table 1 and 2"),
        ("--as html", "summary does not use --as; these do: tables; every table"),
        ("all --x 1 2 3", "--x gives 3 numbers, but the network has 2 inputs"),
        ("table 1 --x 1 --w 1,2 --w 3", "row 1 of 𝐖⁽¹⁾ has 2 weights, but there must be 1, for 1 input"),
        ("tabel 1", "argument part: invalid choice: 'tabel' (choose from "),
        ("descent --rate quick", "argument --rate: 'quick' is not a number"),
        ("table 1 --x one", "argument --x: 'one' is not a number"),
        ("table 1 --w 1,x", "argument --w: 'x' is not a number; a matrix is written "),
        ("descent --rate inf", "argument --rate: a finite number is needed, not inf"),
        ("descent --steps 0", "argument --steps: the number of steps must be a whole number from 1 to 10000, not 0"),
        ("table 1 --activation step", "argument --activation: invalid choice: 'step' (choose from "),
        ("figure 4 --forma png", "unrecognized arguments: --forma png"),
    ],
)
def test_an_option_that_a_part_cannot_use_is_one_line(
    arguments: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refusal(arguments.split(), capsys).startswith(message)


def test_names_of_places_are_written_in_words() -> None:
    parts = "examples; equations; tables; descent; entropy; figures; every eq; every table; every figure; errata"
    assert format_places(PLACES) == parts
    assert format_places(FIGURES_OF).endswith("eq 1 to 15, 17 to 32 and 34 to S9; table 1 and 2; figure 1 to 4 and 8")


@needs_dot
@pytest.mark.parametrize(
    ("arguments", "texts"),
    [
        (["figure", "1", "--x", "2", "--w", "-3", "--w", "0.5"], ["−6", "−3", "0.5", "−1.5"]),
        (["figure", "2", "--x", "7", *TWO_WEIGHTS], ["7", "21", "−7", "35", "3", "−1", "2", "1", "5"]),
        (["figure", "3", "--w", "1; -2; 3; 0.5", "--w", "2 0.5 -1.5 6"], ["−4", "−0.5"]),
        (["figure", "3", "--x", "1", "--w", "1; 1; 1; 1; 9", "--w", "1 1 1 1 9"], ["85", "9"]),
    ],
)
def test_figures_1_to_3_take_numbers(arguments: list[str], texts: list[str], tmp_path: Path) -> None:
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    drawn = (tmp_path / f"figure-{arguments[1]}-numbers.svg").read_text(encoding="utf-8")
    found = re.findall(r">(?:∂ )?([−\d.]+)</text>", drawn)
    assert set(texts) <= set(found)


def test_printed_numbers_can_be_given_again(capsys: pytest.CaptureFixture[str]) -> None:
    printed = []
    for x in ("-0.5", "−0.5"):
        assert main(["table", "1", "--x", "1.5", x, "--w", f"1 {x}"]) == 0
        printed.append(capsys.readouterr().out)
    assert printed[0] == printed[1]


def test_equations_of_figures_take_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    examples = OwnNumbers(x=[7.0], weights=[[[3.0], [-1.0]], [[2.0, 1.0]]]).choose_figures([1, 2, 3])
    assert examples.own == {2, 3}
    assert [example.figure for example in examples.for_equations()] == [2, 3]
    assert [examples.figure(n).output.data for n in (1, 2, 3)] == [9.0, 35.0, 35.0]
    assert main(["equations", "--x", "7", "--w", "5;1", "--w", "1,2"]) == 0
    printed = capsys.readouterr().out
    assert re.search(r"^\(8\)   a₁ = 5x ", printed, re.MULTILINE)
    assert "The given numbers do not fit Figure 1, which keeps its own." in printed


@needs_dot
@thorough_unless(lambda part: part == [])
@pytest.mark.parametrize("part", [[], ["all"]])
def test_the_whole_hands_options_on_and_says_what_is_unused(
    part: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*part, "--x", "0.5", "1", "--y", "0.75", "--rate", "0.125"]) == 0
    whole = capsys.readouterr().out
    assert ("λ = 0.125" in whole) == ("all" in part)
    *_, note, verdict = whole.splitlines()
    assert note == (
        "--x and --y not used by entropy and errata. --rate not used by examples, tables, entropy, errata and figures."
        " The given numbers do not fit Figures 1, 2 and 3, which keep their own."
    )
    assert verdict.startswith("All ")


def test_a_part_says_which_figures_keep_their_own_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["examples", "--x", "7"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("  x = 7") == 3
    assert printed.splitlines()[-1] == "The given numbers do not fit Figure 4, which keeps its own."


def test_any_rate_and_number_of_steps_of_descent() -> None:
    instance = NetworkInstance("", NET4)
    for _ in range(12):
        instance.E.zero_grad()
        instance.E.backward()
        for w in instance.weights:
            w.data -= 0.1 * w.grad
        instance.E.forward()
    text = list(lines(NET4, rate=0.1, steps=12))
    title = next(line for line in text if "start" in line)
    assert re.split(r"\s{2,}", title.strip()) == ["start", "after step 1", "after step 2", "after step 12"]
    row = next(line for line in text if line.startswith("    Eₙ "))
    assert row.split()[-1] == format_number(instance.E.data, 12)
    assert sum("λ = 0.1" in line for line in text) == 2  # also the stochastic part's
    assert [line.split()[1] for line in text if "    epoch " in line] == ["1", "2", "3", "12"]
    assert max(map(len, text)) <= 105


def test_each_part_of_descent_has_a_rate_of_its_own() -> None:
    rates = [line.rpartition("λ = ")[2].split(",")[0] for line in lines() if "λ = " in line]
    assert rates == ["0.5", "2"]
    assert "λ = 0.1," in "\n".join(lines(Network(NET4.x, NET4.y, NET4.weights, "tanh", "linear")))
    assert "after step 1\n" in "\n".join(lines(steps=1))


def test_descent_without_a_rate_stands_still() -> None:
    text = "\n".join(lines(rate=0.0, steps=1))
    assert "    Eₙ                   0.0882739976194     0.0882739976194\n" in text


@pytest.mark.parametrize(("hidden", "output"), [*product(activations(), repeat=2)][:: by_night(4, 1)])
def test_tables_of_every_activation_agree_with_backward(hidden: str, output: str) -> None:
    network = Network.lattice([3, 4, 2, 3])
    instance = NetworkInstance("", Network(network.x, network.y, network.weights, hidden, output))
    assert all(pair.agrees for pair in derivative_pairs(instance))
    assert all(check.agrees for check in check_gradients(instance.E) if not check.undecided)
    for a, z, y in zip(instance.a[-1], instance.z[-1], instance.y, strict=True):
        slope = {"tanh": 1 - z.data**2, "sigmoid": z.data * (1 - z.data), "linear": 1.0}.get(output)
        if slope is not None:
            assert a.grad == pytest.approx((z.data - y.data) * slope, rel=1e-12)


def test_the_rules_of_activations_are_written_out() -> None:
    rules = {name: [*activation_rules(Network(NET4.x, NET4.y, NET4.weights, name, name))] for name in activations()}
    assert rules["linear"] == []
    assert rules["sigmoid"] == ["  σ'(a) = σ(a)(1 − σ(a))"]
    assert rules["relu"] == ["  ReLU'(a) = [a > 0]"]
    assert rules["tanh"] == ["  tanh'(a) = 1 − tanh²(a)"]
    assert all(len(found) == 1 for name, found in rules.items() if name != "linear")


def test_one_step_of_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["table", "1", "--step", "5"]) == 0
    printed = capsys.readouterr().out
    assert re.findall(r"^(?:Step|Weights|Targets)[^:]*", printed, re.MULTILINE) == ["Step 5, see D19", "Step 5"]
    assert "4 of 4 derivatives agree with backpropagation, by index and by matrix ✓" in printed
    assert "\n\n\n" not in printed
    assert "0.107431850726" in printed
    assert "−0.0386359818012" in printed
    assert main(["table", "2", "--step", "5", "--as", "markdown"]) == 0
    assert "0.107432" in capsys.readouterr().out


def test_descent_and_entropy_have_no_raw_label(capsys: pytest.CaptureFixture[str]) -> None:
    for part in ("descent", "entropy", "tables", "examples"):
        assert main([part]) == 0
        printed = capsys.readouterr().out
        assert not re.search(r"_(?!K)|\^|\b(?:E|∂E) ", printed), part
        assert not re.search(r"w₁₁⁽³⁾|\d-\d(?!-|,)|e-\d", printed.replace("2-2-2-1", "").replace("2-3-3", "")), part


def test_help_and_summary_name_all_errata(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    printed = " ".join(capsys.readouterr().out.split())
    assert "D1 to D36, G1 to G3, L1" in printed
    assert all(f"--{option.name} " in printed for option in OPTIONS.values())
    assert max(len(part.about) for part in PARTS) <= 72
