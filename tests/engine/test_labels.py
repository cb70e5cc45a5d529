"""The grammar of labels, read and written; roles, units, layers and indices."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.labels import (
    Label,
    Role,
    are_of_one_unit,
    delta_label,
    index_label,
    parse_label,
    role_of,
    short_labels,
    starts_with_weight_letter,
)
from tests.labels import KNOWN, OTHER, any_text, well_formed


def parsed(label: str) -> Label:
    found = parse_label(label)
    assert found is not None
    return found


@pytest.mark.parametrize("label", [label for label, _, _ in KNOWN])
def test_known_labels_are_written_as_they_are_read(label: str) -> None:
    assert str(parsed(label)) == label
    assert parsed(label).name + parsed(label).tail == label


@given(well_formed)
def test_a_label_that_is_written_reads_as_the_same_label(label: str) -> None:
    assert parse_label(str(parsed(label))) == parsed(label)


@given(any_text | well_formed)
def test_any_text_is_a_label_or_a_word_and_has_a_short_form(text: str) -> None:
    assert (role_of(text) is None) == (parse_label(text) is None)
    assert short_labels([text]).keys() == {text}


def test_numbers_in_an_index_stay_whole() -> None:
    label = parse_label("w_11,10^(1)")
    assert label is not None
    assert label.subscript == (Label("11"), Label(","), Label("10"))


def test_hostile_brackets_are_neither_recursive_nor_slow() -> None:
    hostile = [
        "_{" * 5000,
        "w_{" + "a_{11}" * 1500,
        "w_(" + "(" * 5000,
        "w_" + "1" * 10_000 + "!",
        "w_{a_{" + "1" * 10_000,
    ]
    hostile += ["w_" + "1," * 5000, "w_{" + "x_{" * 3000 + "}" * 3000 + "}", "w^(" + "a_1" * 3000 + "}"]
    for label in hostile:
        assert parse_label(label) is None


def test_the_role_is_that_of_the_letter_with_any_indices() -> None:
    letters = {
        "x": Role.INPUT,
        "w": Role.WEIGHT,
        "b": Role.BIAS,
        "a": Role.WEIGHTED_SUM,
        "z": Role.UNIT,
        "y": Role.TARGET,
        "delta": Role.DELTA,
        "δ": Role.DELTA,
        "\\delta": Role.DELTA,
        "E": Role.ERROR,
    }
    for letter, role in letters.items():
        for label in (letter, f"{letter}_1^(2)", f"{letter}_hat", f"{letter}_bold_hat^{{(k+1)T}}"):
            assert role_of(label) is role


@pytest.mark.parametrize("label", ["v", "W", "X_1", "e", "omega", "alpha_1^(2)", "beta", "zeta", "Delta", "epsilon"])
def test_letters_whose_names_begin_like_a_role_are_others(label: str) -> None:
    assert role_of(label) is Role.OTHER


@pytest.mark.parametrize("text", [*OTHER, "weight", "bias_1", "area", "target"])
def test_a_word_has_neither_parts_nor_a_role(text: str) -> None:
    assert parse_label(text) is None
    assert role_of(text) is None


@pytest.mark.parametrize(
    ("label", "layer", "number", "of_unit"),
    [
        ("z_j^(2)", "2", "2", "2"),
        ("a_1^(12)", "12", "12", "12"),
        ("delta_i^(k-1)", "k-1", "", "k-1"),
        ("w_11^(2)", "2", "2", ""),
        ("x_1", "", "", "0"),
        ("x_1^(2)", "2", "2", ""),
        ("z^2", "2", "", "2"),
        ("z^(2_1)", "2", "", "2"),
        ("y_1", "", "", ""),
    ],
)
def test_the_layer_that_a_label_names(label: str, layer: str, number: str, of_unit: str) -> None:
    found = parsed(label)
    assert (found.layer, found.layer_number, found.layer_of_unit) == (layer, number, of_unit)


@pytest.mark.parametrize(
    ("label", "whole", "split"),
    [
        ("w_11^(1)", ["11"], ["1", "1"]),
        ("w_1j", ["1", "j"], ["1", "j"]),
        ("w_11,10", ["11", "10"], ["11", "10"]),
        ("w_11,j", ["11", "j"], ["11", "j"]),
        ("x", [], []),
    ],
)
def test_indices_are_read_and_written_as_a_list(label: str, whole: list[str], split: list[str]) -> None:
    assert parsed(label).index_list() == whole
    assert parsed(label).index_list(is_split=True) == split
    assert str(parsed(label).with_indices(split)) == label


def test_letters_among_the_indices() -> None:
    assert parsed("w_i1^(k)").index_letters == ["i"]
    assert parsed("w_{iN_{k-1}}").index_letters == ["i", "N"]
    assert parsed("w_11").index_letters == []


def test_the_labels_of_a_layer_are_one_family() -> None:
    assert parsed("a_1^(2)").family == parsed("a_12^(2)").family
    for other in ("a_1^(3)", "z_1^(2)", "a^(2)"):
        assert parsed("a_1^(2)").family != parsed(other).family


@given(st.lists(st.integers(1, 20), min_size=1, max_size=2), st.integers(1, 20))
def test_labels_of_networks_are_read_back(indices: list[int], layer: int) -> None:
    found = parsed(index_label("w", indices, layer))
    assert found.role is Role.WEIGHT
    assert found.layer == str(layer)
    assert found.index_list(is_split=max(indices) < 10) == [str(index) for index in indices]


def test_a_layer_is_written_as_a_number_or_a_letter() -> None:
    assert index_label("a", (1,), "K") == "a_1^(K)"
    assert index_label("a", (12,), 0) == "a_12^(0)"


def test_the_halves_of_a_unit_have_the_same_indices() -> None:
    assert are_of_one_unit("a", "z")
    assert are_of_one_unit("a_1^(2)", "z_{1}^(2)")
    for a, z in (("z", "a"), ("a_1", "z_2"), ("a^(1)", "z^(2)"), ("alpha", "z"), ("a", "zeta"), ("", ""), ("ab", "z")):
        assert not are_of_one_unit(a, z)


def test_words_may_name_weights() -> None:
    assert all(map(starts_with_weight_letter, ["w", "w_11^(1)", "w1", "weight"]))
    assert not any(map(starts_with_weight_letter, ["", "W", "omega", "v_w"]))


def test_short_labels_drop_the_unit_in_layers_of_one_unit() -> None:
    single = {
        "a_1^(3)": "a^(3)",
        "z_1^(3)": "z^(3)",
        "delta_1^(3)": "delta^(3)",
        "b_1^(3)": "b^(3)",
        "w_11^(3)": "w_1^(3)",
        "w_12^(3)": "w_2^(3)",
        "w_1,12^(3)": "w_12^(3)",
        "w_1j^(3)": "w_j^(3)",
        "w_{1N_{k-1}}^(3)": "w_{N_{k-1}}^(3)",
    }
    others = [
        "a_1^(2)",
        "a_2^(2)",
        "w_11^(2)",
        "b_1^(2)",
        "x_1",
        "a_1",
        "y",
        "w_11^(1)",
        "a^(4)",
        "w_11^(4)",
        "loss",
        "",
    ]
    assert short_labels([*single, *others]) == single | {label: label for label in others}


def test_short_labels_need_a_unit_to_know_the_layer() -> None:
    assert short_labels(["w_11^(1)", "b_1^(1)"]) == {"w_11^(1)": "w_11^(1)", "b_1^(1)": "b_1^(1)"}


def test_a_bold_letter_is_not_a_unit_of_its_layer() -> None:
    labels = ["a_1^(3)", "z_bold^(3)", "z_2^(3)", "delta_bold^(4)", "a_1^(4)"]
    assert short_labels(labels) == {label: label for label in labels[:-1]} | {"a_1^(4)": "a^(4)"}
    assert str(delta_label("a_bold^(k)")) == "delta_bold^(k)"


def test_delta_is_the_derivative_wrt_a_weighted_sum() -> None:
    assert str(delta_label("a_i^(k)")) == "delta_i^(k)"
    assert str(delta_label("a_{N_{k+1}}^(k+1)")) == "delta_{N_{k+1}}^(k+1)"


@pytest.mark.parametrize(
    "label", ["z_1^(2)", "delta_1^(2)", "a_hat", "a_hat^(2)", "a_1", "alpha^(2)", "activation", ""]
)
def test_nothing_else_has_a_delta(label: str) -> None:
    assert delta_label(label) is None
