"""The paper's errata: the printed form fails, and the corrected form holds."""

from __future__ import annotations

import re

import pytest

from demos.paper.__main__ import main
from demos.paper.errata import demonstrations, misprints
from demos.paper.errata.demonstrations import delta_38, delta_of_output, gradients_40
from demos.paper.errata.misprints import ERRATA
from demos.paper.errata.readings import central_difference, net4, netu
from tests.nn.worked_networks import approx_12_digits


def readings(id: str) -> dict[str, float | str]:
    [erratum] = [erratum for erratum in ERRATA if erratum.id == id]
    assert erratum.demonstrate is not None
    return {reading.name: reading.result for reading in erratum.demonstrate()}


def test_all_errata_are_listed() -> None:
    assert [erratum.id for erratum in ERRATA] == [*(f"D{n}" for n in range(1, 37)), "G1", "G2", "G3", "L1", "L2"]


def test_a_demonstration_belongs_to_the_entry_of_its_name() -> None:
    for erratum in ERRATA:
        name = erratum.id.lower()
        assert erratum.demonstrate is getattr(demonstrations, name, None)


def test_d1_the_first_sum_needs_the_weights_of_layer_1() -> None:
    found = readings("D1")
    assert found["as printed, with w_12^(2)"] == 0.9375
    assert found["corrected, with w_12^(1)"] == found["a_1^(1) in the graph of 2-2-2-1"] == 0.875
    assert found["∂a_1^(1)/∂w_12^(2) in the graph"] == 0.0


def test_d2_the_first_value_needs_them_too() -> None:
    found = readings("D2")
    assert found["as printed, σ of the sum with w_12^(2)"] == approx_12_digits(0.718594392571)
    assert found["corrected"] == found["z_1^(1) in the graph of 2-2-2-1"] == approx_12_digits(0.705785027837)
    assert found["z_1^(2) in the graph of 2-2-2-1"] == approx_12_digits(0.654295158490)
    assert found["σ(a_2^(1)), if i were 2"] == approx_12_digits(0.651354864666)


def test_d3_the_printed_shape_conforms_nowhere() -> None:
    found = readings("D3")
    for k, shape in ((1, "4 × 3"), (2, "2 × 4"), (3, "3 × 2")):
        assert found[f"weights into layer {k} of 3-4-2-3"] == shape
        assert found[f"W_bold^({k}) corrected, N_k × N_{{k-1}}"] == shape
        assert found[f"W_bold^({k}) as printed, N_{{k+1}} × N_k"] != shape
        assert str(found[f"W_bold^({k}) z_bold^({k - 1}) with the printed shape"]).startswith("fails")


def test_d4_the_weight_is_of_the_same_layer() -> None:
    found = readings("D4")
    value = approx_12_digits(0.651354864666)
    assert found["z_2^(1) in 2-2-2-1, the right side"] == value
    assert found["corrected, ∂a_1^(2)/∂w_12^(2)"] == value
    assert found["as printed, ∂a_1^(2)/∂w_12^(1)"] == approx_12_digits(-0.129782826449)
    assert found["∂a_1^(2)/∂w_12^(2), central difference"] == pytest.approx(0.651354864666, abs=1e-9)


@pytest.mark.parametrize(
    ("unit", "printed", "corrected"), [(1, 0.00795125959112, 0.0128269349867), (2, -0.00668838434096, -0.0115674904455)]
)
def test_eq_38_needs_the_next_layer(unit: int, printed: float, corrected: float) -> None:
    instance = netu()
    assert delta_38(instance, 2, unit, len(instance.a[2])) == approx_12_digits(printed)
    assert delta_38(instance, 2, unit, len(instance.a[3])) == approx_12_digits(corrected)
    assert central_difference(instance.network, 2, unit) == pytest.approx(corrected, abs=1e-9)


def test_d5_the_printed_sum_needs_units_that_do_not_exist() -> None:
    instance = netu()
    assert delta_38(instance, 1, 1, len(instance.a[1])) == "fails: δ_4^(2) does not exist, for N_2 = 2"
    assert delta_38(instance, 1, 1, len(instance.a[2])) == approx_12_digits(-0.00126148462139)
    assert delta_38(net4(), 1, 1, 2) == approx_12_digits(0.0223084947806)  # right by accident of equal sizes
    assert delta_38(net4(), 2, 1, 2) == "fails: δ_2^(3) does not exist, for N_3 = 1"


def test_d6_the_start_is_in_layer_k() -> None:
    found = readings("D6")
    assert found["2-2-3-2-2: as printed, layer 3"] == approx_12_digits(0.0620042901311)
    assert found["2-2-3-2-2: corrected, layer K = 4"] == approx_12_digits(0.0732013020647)
    assert found["2-2-3-2-2: central difference"] == pytest.approx(0.0732013020647, abs=1e-9)
    assert found["2-3-2: as printed, layer 3"] == "fails: layer 3 does not exist, the network has 2"
    assert delta_of_output(net4(), 3) == pytest.approx(net4().a[3][0].grad, rel=1e-14)


def test_d7_the_last_weights_get_a_gradient_too() -> None:
    instance = net4()
    printed, corrected = (
        gradients_40(instance, range(instance.K - 1, 0, -1)),
        gradients_40(instance, range(instance.K, 0, -1)),
    )
    assert (len(printed), len(corrected)) == (8, 10)
    left_out = {label: slope for label, slope in corrected.items() if label not in printed}
    assert left_out == {"w_1^(3)": approx_12_digits(0.0607681658613), "w_2^(3)": approx_12_digits(0.0318223410970)}
    assert max(corrected.values(), key=abs) == left_out["w_1^(3)"]
    assert corrected == {instance.symbol(w).name: pytest.approx(w.grad, rel=1e-12) for w in instance.weights}


def test_d8_a_mean_square_error_is_another_error() -> None:
    found = readings("D8")
    assert found["2-2-2-1: ∂/∂z^(3) of the mean square error"] == approx_12_digits(0.840352295740)
    assert found["2-2-2-1: ∂E_n/∂z^(3) in the graph"] == approx_12_digits(0.420176147870)
    assert found["3-4-2-3: ∂/∂z_1^(3) of the mean square error"] == approx_12_digits(0.155990770954)
    assert found["3-4-2-3: ∂E_n/∂z_1^(3) in the graph"] == approx_12_digits(0.233986156431)


def test_d24_the_order_of_the_products_matters() -> None:
    found = readings("D24")
    assert found["2-2-2-1, i = 1: W_bold^T (δ_bold ∘ σ')"] == approx_12_digits(0.0233759436062)
    assert found["2-2-2-1, i = 2: W_bold^T (δ_bold ∘ σ')"] == approx_12_digits(-0.00846762941725)
    assert found["2-2-2-1, i = 1: (W_bold^T δ_bold) ∘ σ'"] == approx_12_digits(0.0223084947806)
    assert found["2-2-2-1, i = 2: (W_bold^T δ_bold) ∘ σ'"] == approx_12_digits(-0.00877391097934)


@pytest.mark.parametrize(
    ("id", "numbers"),
    [
        ("D9", ["4, 1, −3, 12", "2, −4, 6, 1"]),
        ("D10", [-0.5, "2, 0.5, −1.5, 6"]),
        ("D12", ["is not in the graph of 2-2-2-1", "z^(3)"]),
        ("D14", [-0.375, -0.375, approx_12_digits(0.651354864666)]),
        ("D18", [0.75, 0.75]),
        ("D27", [2.0, 5.0]),
        ("D28", ["12 in 2-2-2-1", "10 in 2-2-2-1"]),
        ("D33", ["fails: layer 4 does not exist", *[approx_12_digits(0.0584365349522)] * 2]),
        ("D35", [approx_12_digits(x) for x in (0.0525196228698, 0.0549122278566, *[0.107431850726] * 2)]),
    ],
)
def test_the_other_demonstrations(id: str, numbers: list[float | str]) -> None:
    assert list(readings(id).values()) == numbers


def test_d22_d31_d32_are_identities() -> None:
    for id, tolerance in (("D22", 1e-15), ("D31", 1e-15), ("D32", 1e-9)):
        numbers = list(readings(id).values())
        for first, second in zip(numbers[::2], numbers[1::2], strict=True):
            assert first == pytest.approx(second, abs=tolerance)


def test_errata_are_printed_together_or_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["errata"]) == 0
    whole = capsys.readouterr().out
    assert all(f"\n  {erratum.id:<4} " in whole for erratum in ERRATA)
    assert main(["errata", "d5"]) == 0
    assert len(capsys.readouterr().out.splitlines()) < 25


NET4_LINE = "2-2-2-1, the paper's Figure 4 with our numbers"
NETU_LINE = "3-4-2-3, unequal layers"


@pytest.mark.parametrize(
    ("id", "named"),
    [("D5", f"{NET4_LINE}; {NETU_LINE}"), ("D3", NETU_LINE), ("", f"{NET4_LINE}; {NETU_LINE}"), ("D11", "")],
)
def test_named_networks_are_described(id: str, named: str) -> None:
    first = next(misprints.lines(id))
    networks = "networks" if ";" in named else "network"
    assert first == (f"  on the {networks} {named}" if named else "  Misprint")


# The three sorts, as they were told apart when the paper was read.
SORTED = {
    "misprint": [1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 15, 16, 21, 25, 29, 30],
    "inconsistency": [17, 18, 19, 20, 22, 26, 34, 36],
    "gap": [8, 14, 23, 24, 27, 28, 31, 32, 33, 35],
}


def test_the_three_sorts() -> None:
    sorts = {erratum.id: erratum.sort for erratum in ERRATA}
    assert {sort: [int(id[1:]) for id in sorts if id[0] == "D" and sorts[id] == sort] for sort in SORTED} == SORTED
    assert [sorts[id] for id in ("G1", "G2", "G3", "L1", "L2")] == ["misprint", "misprint", "gap", "misprint", "gap"]


def test_the_sorts_are_headings_and_titles(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["errata"]) == 0
    lines = capsys.readouterr().out.splitlines()
    headings = ["  Misprints: 21", "  Inconsistencies of notation: 8", "  Gaps and ambiguities: 12"]
    assert [line for line in lines if line in headings] == headings
    for id, sort, title in (
        ("D22", "Inconsistency of notation", "consistent"),
        ("D24", "Gap or ambiguity", "complete"),
    ):
        assert main(["errata", id]) == 0
        shown = capsys.readouterr().out
        assert f"\n  {sort}\n  {id}  " in shown
        assert f"\n       {title} " in shown


def test_what_only_the_pdf_shows_says_so() -> None:
    notes = {erratum.id: erratum.note for erratum in ERRATA if "PDF" in erratum.note}
    assert list(notes) == ["D17", "D20", "D25", "G1", "G2", "G3"]
    assert "    seen in the paper's PDF only" in "\n".join(misprints.lines("G1"))


def test_no_label_is_raw_and_no_network_is_called_by_a_code() -> None:
    for line in misprints.lines():
        assert not re.search(r"_[^NK]|\^|NET", line), line


def test_a_central_difference_has_the_digits_that_are_right() -> None:
    differences = [line for line in misprints.lines() if "central difference" in line]
    assert len(differences) == 11
    assert all(len(line.split()[-1].lstrip("−0.").replace("·10", "")) <= 9 for line in differences)
    assert next(line.split()[-1] for line in misprints.lines("D5", digits=4) if "2 terms" in line) == "0.007951"
