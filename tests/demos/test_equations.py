"""Every equation of the paper, in two ways; wrong numbers disagree."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from demos.paper.__main__ import main
from demos.paper.checks import Pair
from demos.paper.equations import instances, section_2, sections_3_to_5
from demos.paper.equations.catalogue import EQUATIONS, describe_errata, format_in_full, format_line
from demos.paper.equations.instances import Instances, NetworkInstance, sigma, sigma_prime
from demos.paper.equations.registry import Equation
from demos.paper.examples import NETU, Network, figure_1, figure_2
from demos.paper.places import ERRATA_BY_PLACE
from engine import check_gradients, numerical_gradient
from engine._support.typed_commands import python_command
from tests.layout_program import needs_dot
from tests.nn.worked_networks import FIGURE_4, UNEQUAL, WorkedNetwork, approx_12_digits
from viz.math.formulas import format_formula

FULL = [equation for equation in EQUATIONS.values() if equation.formula is not None]
SIGMOID = {"1", "22", "23", "25", "29", "36", "38", "S2", "S5", "S6"}  # those that use σ or σ' in plain Python


@pytest.fixture(scope="module")
def paper() -> Instances:
    return Instances(seed=0)


def test_all_numbers_from_1_to_41_and_section_5_are_there() -> None:
    assert list(EQUATIONS) == [*map(str, range(1, 42)), *(f"S{n}" for n in range(1, 10))]
    assert [number for number, equation in EQUATIONS.items() if equation.formula is None] == ["16"]


@pytest.mark.parametrize("number", [equation.number for equation in FULL])
def test_an_equation_holds_on_named_and_random_instances(number: str) -> None:
    for seed in range(4):
        found = list(EQUATIONS[number].compare(Instances(seed)))
        assert found
        assert [pair for pair in found if not pair.agrees] == []


@pytest.mark.parametrize("number", sorted(SIGMOID))
def test_a_wrong_sigma_disagrees(number: str, paper: Instances, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (section_2, sections_3_to_5):
        monkeypatch.setattr(module, "sigma", lambda a, *name: sigma(a, *name) * (1 + 1e-9))
        monkeypatch.setattr(module, "sigma_prime", lambda a, *name: sigma_prime(a, *name) * (1 + 1e-6))
    assert not all(pair.agrees for pair in EQUATIONS[number].compare(paper))


# These read no node's value or gradient: constants, shapes, and derivatives that are computed again from the weights.
UNTOUCHED = {"5", "10", "15", "26", "32", "33"}


@pytest.mark.parametrize("number", [e.number for e in FULL if e.number not in SIGMOID | UNTOUCHED])
def test_wrong_nodes_disagree(number: str) -> None:
    """Every node's number and gradient is changed after the graph was made: the two ways must disagree."""
    wrong = Instances(seed=1)
    rng = random.Random(0)
    nodes = [node for figures in wrong.figures.values() for figure in figures for node in figure.node.values()]
    for instance in wrong.networks:
        nodes += [node for layers in (instance.a, instance.z, *instance.w) for layer in layers for node in layer]
    for node in nodes:
        node.data += rng.uniform(0.1, 1.0)
        node.grad += rng.uniform(0.1, 1.0)
    assert not all(pair.agrees for pair in EQUATIONS[number].compare(wrong))


def test_a_pair_agrees_up_to_rounding_alone() -> None:
    assert Pair("", "", 1e6, 1e6 + 1e-7).agrees
    assert not Pair("", "", 1e-14, 2e-14).agrees
    assert Pair("", "", 1e-14, 2e-14, scale=1.0).agrees
    assert not Pair("", "", 1.0, 1.0 + 1e-11).agrees
    assert Pair("", "", 1.0, 1.0 + 1e-9, tolerance=1e-8).agrees


@pytest.mark.parametrize(
    ("name", "expected"), [("the paper's Figure 4 with our numbers", FIGURE_4), ("unequal layers", UNEQUAL)]
)
def test_the_papers_networks_to_12_digits(paper: Instances, name: str, expected: WorkedNetwork) -> None:
    [instance] = [instance for instance in paper.networks if instance.name.endswith(name)]
    assert instance.E.data == approx_12_digits(expected.error)
    assert [x.grad for x in instance.z[0]] == [approx_12_digits(x) for x in expected.input_gradient]
    for k in range(1, instance.K + 1):
        assert [a.data for a in instance.a[k]] == [approx_12_digits(x) for x in expected.a[k - 1]]
        assert [z.data for z in instance.z[k]] == [approx_12_digits(x) for x in expected.z[k - 1]]
        assert [a.grad for a in instance.a[k]] == [approx_12_digits(x) for x in expected.deltas[k - 1]]
        for row, numbers in zip(instance.w[k], expected.weight_gradients[k - 1], strict=True):
            assert [w.grad for w in row] == [approx_12_digits(x) for x in numbers]


def test_the_lattice_network_is_the_unequal_one() -> None:
    assert (NETU.x, NETU.y, NETU.weights) == (UNEQUAL.x, UNEQUAL.y, UNEQUAL.weights)


def test_equation_1_on_a_known_number(paper: Instances) -> None:
    first = next(iter(EQUATIONS["1"].compare(paper)))
    assert first.first == approx_12_digits(0.296967698049)


def test_equation_10_is_not_yet_the_derivative_of_y(paper: Instances) -> None:
    assert [pair.first for pair in EQUATIONS["10"].compare(paper)] == [2.0, 2.0]
    assert {pair.first for pair in EQUATIONS["11"].compare(paper)} == {5.0}


def test_a_new_network_agrees_with_central_differences() -> None:
    instance = NetworkInstance("5-7-1-4-3", Network.random([5, 7, 1, 4, 3], random.Random(2026)))
    assert all(check.agrees for check in check_gradients(instance.E, tolerance=1e-8))
    for w, slope in zip(instance.weights, numerical_gradient(instance.E, instance.weights), strict=True):
        assert w.grad == pytest.approx(slope, rel=1e-6, abs=1e-10)


def test_the_random_instances_have_sizes_of_their_own() -> None:
    shapes = {tuple(instance.network.sizes) for seed in range(20) for instance in Instances(seed).networks}
    assert len(shapes) > 40


PRINTED = {
    "2": "y = 2a",
    "6": "∂y/∂x = ∂y/∂a ∂a/∂x = (2)(3) = 6",
    "7": "y = 2a₁ + a₂",
    "11": "∂y/∂x = ∂y/∂a₁ ∂a₁/∂x + ∂y/∂a₂ ∂a₂/∂x = (2)(3) + (1)(−1) = 5",
    "17": "∂y/∂x = Σ(j = 1…N) ∂y/∂aⱼ ∂aⱼ/∂x",
    "19": "∂y/∂wᵢ⁽²⁾ = ∂/∂wᵢ⁽²⁾(Σ(j = 1…N) wⱼ⁽²⁾aⱼ) = aᵢ",
    "21": "∂y/∂wᵢ⁽¹⁾ = (wᵢ⁽²⁾)(x)",
    "23": "z₁⁽¹⁾ = σ(a₁⁽¹⁾) = σ(x₁w₁₁⁽¹⁾ + x₂w₁₂⁽¹⁾)",
    "31": "wᵢ ← wᵢ − λ ∂Eₙ/∂wᵢ",
    "32": "∂aᵢ⁽ᵏ⁾/∂wᵢⱼ⁽ᵏ⁾ = zⱼ⁽ᵏ⁻¹⁾",
    "35": "𝐚⁽ᵏ⁾ = 𝐖⁽ᵏ⁾𝐳⁽ᵏ⁻¹⁾",
    "37": "𝐳⁽ᵏ⁾ = σ(𝐚⁽ᵏ⁾)",
    "38": "δᵢ⁽ᵏ⁾ ≜ ∂Eₙ/∂aᵢ⁽ᵏ⁾ = σ'(aᵢ⁽ᵏ⁾) Σ(j = 1…Nₖ₊₁) δⱼ⁽ᵏ⁺¹⁾wⱼᵢ⁽ᵏ⁺¹⁾",
    "39": "𝛅⁽ᵏ⁾ ≜ ∂Eₙ/∂𝐚⁽ᵏ⁾ = (𝐖⁽ᵏ⁺¹⁾ᵀ𝛅⁽ᵏ⁺¹⁾) ∘ σ'(𝐚⁽ᵏ⁾)",
    "40": "∂Eₙ/∂wᵢⱼ⁽ᵏ⁾ = ∂Eₙ/∂aᵢ⁽ᵏ⁾ ∂aᵢ⁽ᵏ⁾/∂wᵢⱼ⁽ᵏ⁾ = δᵢ⁽ᵏ⁾zⱼ⁽ᵏ⁻¹⁾",
    "41": "∂Eₙ/∂𝐖⁽ᵏ⁾ = 𝛅⁽ᵏ⁾𝐳⁽ᵏ⁻¹⁾ᵀ",
    "S5": "δᵢ⁽ᴷ⁾ ≜ ∂Eₙ/∂aᵢ⁽ᴷ⁾ = (zᵢ⁽ᴷ⁾ − yᵢ)σ'(aᵢ⁽ᴷ⁾)",
}


@pytest.mark.parametrize("number", PRINTED)
def test_an_equation_reads_as_printed_or_corrected(number: str) -> None:
    formula = EQUATIONS[number].formula
    assert formula is not None
    assert format_formula(formula) == PRINTED[number]


def test_vectors_and_matrices_are_written_out(paper: Instances) -> None:
    line, _ = format_line(EQUATIONS["33"], paper)
    assert [text.removesuffix("D16  6 of 6 ✓").rstrip() for text in line.splitlines()] == [
        "      ⎡x₁⎤   ⎡y₁⎤   ⎡x₁y₁⎤",
        "(33)  ⎢x₂⎥ ∘ ⎢y₂⎥ = ⎢x₂y₂⎥",
        "      ⎣x₃⎦   ⎣y₃⎦   ⎣x₃y₃⎦",
    ]
    line, _ = format_line(EQUATIONS["26"], paper)
    assert "𝐖⁽ᵏ⁾ = ⎢⋮         ⋮         ⋱  ⋮          ⎥" in line
    assert "⎣w_Nₖ1⁽ᵏ⁾  w_Nₖ2⁽ᵏ⁾  ⋯  w_NₖNₖ₋₁⁽ᵏ⁾⎦" in line


def test_a_number_and_its_mark_stand_on_the_formulas_line(paper: Instances) -> None:
    for equation in FULL:
        for printed in (format_line(equation, paper)[0].splitlines(), list(format_in_full(equation, paper))):
            [line] = [line for line in printed if line.startswith(f"({equation.number})")]
            assert re.fullmatch(r"\(\w+\) +\S.*[=←].*  (as \(\d+\), )?\d+ of \d+ ✓", line)
            assert max(map(len, printed)) <= 100


def test_each_equation_is_listed_with_its_number(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["equations", "--seed", "7"]) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("(")]
    assert [line.split(")")[0][1:] for line in lines] == list(EQUATIONS)
    assert all(line.endswith("✓") for line in lines if not line.startswith("(16)"))
    assert "empty" in lines[15]


def test_errata_of_an_equation_are_those_whose_place_names_it() -> None:
    for number, equation in EQUATIONS.items():
        assert list(equation.errata) == [erratum.id for erratum in ERRATA_BY_PLACE.get(f"eq-{number}", [])]
        assert set(equation.changes) <= set(equation.errata)
    assert EQUATIONS["20"].errata == ("D9",)
    assert EQUATIONS["39"].errata == ("D20", "D24")
    assert {
        number: " ".join(equation.errata) for number, equation in EQUATIONS.items() if equation.section[0] == "5"
    } == {**dict.fromkeys(("S1", "S2", "S3", "S4", "S6", "S7"), ""), "S5": "D6", "S8": "D24", "S9": "D21"}


def test_a_gap_is_completed_and_not_corrected(paper: Instances) -> None:
    assert describe_errata(EQUATIONS["39"]) == {"made consistent": ["D20"], "completed": ["D24"]}
    assert describe_errata(EQUATIONS["23"]) == {"corrected": ["D2"]}
    assert describe_errata(EQUATIONS["31"]) == {"see also": ["D34"]}  # which stands as printed
    assert format_line(EQUATIONS["S8"], paper)[0].endswith("  D24  as (39), 31 of 31 ✓")
    assert "      errata: completed D24" in format_in_full(EQUATIONS["S8"], paper)


def test_constants_of_figures_1_and_2_are_the_readers_own() -> None:
    own = Instances(figures=[figure_1(7.0, [4.0], [-0.12345]), figure_2(7.0, [3.0, -1.0], [2.0, -4.0])])
    expected = {
        "2": "y = −0.123a",
        "3": "a = 4x",
        "4": "∂y/∂a = −0.123",
        "5": "∂a/∂x = 4",
        "6": "∂y/∂x = ∂y/∂a ∂a/∂x = (−0.123)(4) = −0.494",
        "7": "y = 2a₁ − 4a₂",
        "8": "a₁ = 3x",
        "9": "a₂ = −x",
        "11": "∂y/∂x = ∂y/∂a₁ ∂a₁/∂x + ∂y/∂a₂ ∂a₂/∂x = (2)(3) + (−4)(−1) = 10",
    }
    for number, text in expected.items():
        line, agreement = format_line(EQUATIONS[number], own, digits=3)
        assert re.split(r"\s{2,}", line)[1] == text
        assert agreement.wrong == 0
        assert EQUATIONS[number].formula_for(Instances()) == EQUATIONS[number].formula


def test_a_network_without_hidden_layers_says_what_it_lacks() -> None:
    single = Instances(network=replace(Network.lattice([2, 2]), output_activation="linear"))
    assert [number for number, e in EQUATIONS.items() if format_line(e, single)[0].endswith("no hidden layer")] == [
        "38",
        "39",
        "S6",
        "S8",
    ]
    assert format_line(EQUATIONS["22"], single)[0].endswith("no activation")


def test_one_equation_at_length_with_its_graph(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("graphviz")
    main(["eq", "38", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "0.0420156982958" in printed
    assert "errata: corrected D5; made consistent D20, D36; see also D14\n" in printed
    assert f"its errata: {python_command('demos.paper errata D5')}\n" in printed
    assert [path.stem for path in tmp_path.iterdir()] == ["equation-38"]


def named_rows(number: str, instances: Instances) -> list[tuple[str, str]]:
    """The instance and the name of every pair of an equation."""
    return [(pair.instance, pair.name) for pair in EQUATIONS[number].compare(instances)]


@pytest.mark.parametrize("number", [equation.number for equation in FULL])
def test_rows_have_names_of_their_own_without_raw_labels(number: str, paper: Instances) -> None:
    rows = named_rows(number, paper)
    assert len(set(rows)) == len(rows)
    assert not any(re.search(r"_\d|\^|NET|F\d", name) for row in rows for name in row)


def test_instances_are_named_by_what_they_are(paper: Instances) -> None:
    assert [instance.name for instance in paper.networks if not instance.is_random] == [
        "2-2-2-1, the paper's Figure 4 with our numbers",
        "3-4-2-3, unequal layers",
    ]
    assert {instance for instance, _ in named_rows("8", paper)} == {"Figure 2, x = 1.5", "Figure 2, x = 1.378, random"}


def test_a_network_of_the_readers_own_stands_alone() -> None:
    own = Instances(network=Network.lattice([3, 2, 2]))
    for equation in FULL:
        if not equation.section.startswith("2") and equation.number != "33":
            assert {instance for instance, _ in named_rows(equation.number, own)} == {"3-2-2, your own network"}


def test_a_number_is_not_compared_with_itself(paper: Instances) -> None:
    for number in ("30", "37", "S4", "S2"):
        assert len(named_rows(number, paper)) == sum(len(layer) for net in paper.networks for layer in net.a)
    linear = Instances(network=replace(Network.lattice([3, 2, 2]), output_activation="linear"))
    assert [name for _, name in named_rows("22", linear)] == [name for _, name in named_rows("30", linear)]
    assert len(named_rows("30", linear)) == 2  # z is a in the last layer


def test_repeated_equations_are_counted_once(capsys: pytest.CaptureFixture[str]) -> None:
    repeats = {number: equation.repeats for number, equation in EQUATIONS.items() if equation.repeats}
    assert repeats == {
        **dict.fromkeys(("25", "29", "36", "S2"), "22"),
        **dict.fromkeys(("27", "34", "S1"), "24"),
        **dict.fromkeys(("35", "S3"), "28"),
        **dict.fromkeys(("37", "S4"), "30"),
        "S6": "38",
        "S8": "39",
        "S7": "40",
        "S9": "41",
    }
    main(["equations"])
    printed = capsys.readouterr().out
    assert re.search(r"^\(25\) .* as \(22\), 42 of 42 ✓$", printed, re.MULTILINE)


def test_the_columns_of_an_equation_are_apart(paper: Instances) -> None:
    for equation in EQUATIONS.values():
        lines = [line for line in format_in_full(equation, paper) if re.match(r"    \S.*✓", line)]
        assert all(re.fullmatch(r"    .{39} \S{1,21} +\S{1,21} +✓", line) for line in lines)


def test_the_empty_number_is_reported_as_empty(paper: Instances) -> None:
    assert any("without an equation" in line for line in format_in_full(EQUATIONS["16"], paper))


def test_without_numpy_the_matrix_form_is_skipped(paper: Instances, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demos.paper.equations.registry.HAS_NUMPY", False)
    matrix = [equation.number for equation in FULL if equation.is_skipped]
    assert matrix == ["26", "28", "30", "33", "35", "37", "39", "41", "S3", "S4", "S8", "S9"]
    line, agreement = format_line(EQUATIONS["39"], paper)
    assert line.endswith("skipped: needs NumPy")
    assert any(instances.NO_NUMPY in line for line in format_in_full(EQUATIONS["39"], paper))
    assert agreement.compared == 0


def test_a_line_that_disagrees_says_so(paper: Instances) -> None:
    equation = EQUATIONS["2"]
    broken = Equation(
        "2", "2", equation.formula, ("graph", "formula"), lambda _: iter([Pair("Figure 1", "y", 1.0, 2.0)])
    )
    line, agreement = format_line(broken, paper)
    assert (agreement.wrong, line.endswith("0 of 1 ✗ DISAGREES")) == (1, True)
    assert any("DISAGREES" in line for line in format_in_full(broken, paper))


def test_every_number_of_a_named_instance_is_listed(paper: Instances) -> None:
    pairs = [Pair("a network", f"a_{i}", 1.0, 1.0 + (i == 99)) for i in range(100)]
    broken = Equation("2", "2", EQUATIONS["2"].formula, ("graph", "formula"), lambda _: iter(pairs))
    lines = list(format_in_full(broken, paper))
    assert [line.split()[0] for line in lines if line.endswith("DISAGREES")] == ["(2)", "a_99"]
    assert sum(line.startswith("    a_") for line in lines) == 100
    assert sum("∂Eₙ/∂w" in line for line in format_in_full(EQUATIONS["40"], paper)) == 1 + 2 * (10 + 26)


@needs_dot
def test_the_summary_counts_repeated_equations_once(
    summary: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["equations"])
    found = re.findall(r"^\(\w+\) .*?(as \(\d+\), )?(\d+) of \d+ ✓$", capsys.readouterr().out, re.MULTILINE)
    counts = re.search(r"^  equations .* (\d+) of \d+ ✓$", summary[1], re.MULTILINE)
    assert counts
    assert int(counts[1]) == sum(int(count) for repeats, count in found if not repeats)


def test_a_learning_rate_of_0_compares_nothing() -> None:
    assert not list(EQUATIONS["31"].compare(Instances(0, rate=0.0)))
    assert list(EQUATIONS["31"].compare(Instances(0, rate=0.1)))
