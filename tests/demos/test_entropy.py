"""Cross entropy: the steps lead to z - y, with sigmoid and with softmax outputs."""

from __future__ import annotations

import math
import random

import pytest

from demos.paper.__main__ import main
from demos.paper.entropy import EXAMPLES, deltas, example, network_example, table
from engine import Value, check_gradients, toposort
from viz.math.formulas import format_formula


@pytest.mark.parametrize("outputs", EXAMPLES)
def test_delta_is_the_difference_of_output_and_target(outputs: str) -> None:
    rng = random.Random(0)
    for n in range(1, 6):
        a = [rng.uniform(-3.0, 3.0) for _ in range(n)]
        y = [rng.uniform(0.0, 1.0) for _ in range(n)]
        total = sum(y)
        found = list(deltas(example(outputs, a, [t / total for t in y])))
        assert len(found) == n
        assert all(pair.agrees for pair in found)


def test_softmax_needs_targets_that_add_up_to_1() -> None:
    assert not any(pair.agrees for pair in deltas(example("softmax", (0.5, -0.5), (1.0, 1.0))))


def test_the_outputs_are_those_of_the_definitions() -> None:
    a = (0.75, -0.5, 1.25)
    node = {node.label: node.data for node in toposort(example("softmax", a)) if node.label}
    total = sum(map(math.exp, a))
    assert [node[f"z_{i}^(K)"] for i in (1, 2, 3)] == pytest.approx([math.exp(x) / total for x in a])
    assert node["E_n"] == pytest.approx(-math.log(math.exp(1.25) / total))
    node = {node.label: node.data for node in toposort(example("sigmoid", a)) if node.label}
    z = [1 / (1 + math.exp(-x)) for x in a]
    assert [node[f"z_{i}^(K)"] for i in (1, 2, 3)] == pytest.approx(z)
    assert node["E_n"] == pytest.approx(-math.log(1 - z[0]) - math.log(1 - z[1]) - math.log(z[2]))


@pytest.mark.parametrize("outputs", EXAMPLES)
def test_on_a_network_it_agrees_with_central_differences(outputs: str) -> None:
    E: Value = network_example(outputs)
    checks = check_gradients(E, tolerance=1e-8)
    assert len(checks) == 2 + 6 + 9 + 3
    assert all(check.agrees for check in checks)


def test_softmax_sums_two_kinds_of_paths() -> None:
    general = table("softmax").general()
    cells = [
        [format_formula(line) if not isinstance(line, str) else line for cell in row for line in cell]
        for row in general.rows
    ]
    assert cells[0][:4] == ["1", "zᵢ⁽ᴷ⁾", "Eₙ = −Σ(j = 1…N_K) yⱼ · log(zⱼ⁽ᴷ⁾)", "∂Eₙ/∂zᵢ⁽ᴷ⁾ = −yᵢ / zᵢ⁽ᴷ⁾"]
    assert cells[1][1:3] == ["S", "zⱼ⁽ᴷ⁾ = exp(aⱼ⁽ᴷ⁾) / S"]
    assert cells[2][2:6] == [
        "S = Σ(j = 1…N_K) exp(aⱼ⁽ᴷ⁾)",
        "zᵢ⁽ᴷ⁾ = exp(aᵢ⁽ᴷ⁾) / S",
        "∂S/∂aᵢ⁽ᴷ⁾ = exp(aᵢ⁽ᴷ⁾)",
        "∂zᵢ⁽ᴷ⁾/∂aᵢ⁽ᴷ⁾ = exp(aᵢ⁽ᴷ⁾) / S",
    ]
    assert cells[2][6].startswith("∂Eₙ/∂aᵢ⁽ᴷ⁾ = ∂Eₙ/∂S ∂S/∂aᵢ⁽ᴷ⁾ + ∂Eₙ/∂zᵢ⁽ᴷ⁾ ∂zᵢ⁽ᴷ⁾/∂aᵢ⁽ᴷ⁾ = ")
    assert cells[2][6].endswith(" ≜ δᵢ⁽ᴷ⁾")


def test_sigmoid_in_general() -> None:
    general = table("sigmoid").general()
    text = general.text()
    assert "Eₙ = −Σ(j = 1…N_K) (yⱼ · log(zⱼ⁽ᴷ⁾) + (1 − yⱼ) · log(1 − zⱼ⁽ᴷ⁾))" in text
    assert "∂Eₙ/∂zᵢ⁽ᴷ⁾ = (1 − yᵢ) / (1 − zᵢ⁽ᴷ⁾) − yᵢ / zᵢ⁽ᴷ⁾" in text


def test_the_tables_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["entropy"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("✓") == 8
    assert printed.count("20 of 20 derivatives agree") == 2
