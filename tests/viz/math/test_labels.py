"""Labels in Unicode, LaTeX, MathML and ASCII."""

import re
import unicodedata

import pytest
from hypothesis import given

from engine.labels import GREEK, parse_label
from tests.labels import KNOWN, OTHER, any_text, well_formed
from tests.viz.math.mathml_reading import text_of
from viz.math.formats.html import label_to_mathml
from viz.math.formats.latex import label_to_latex
from viz.math.formats.text import label_to_ascii, label_to_unicode


@pytest.mark.parametrize(("label", "unicode", "latex"), KNOWN)
def test_known_notation_in_its_forms(label: str, unicode: str, latex: str) -> None:
    assert label_to_unicode(label) == unicode
    assert label_to_latex(label) == latex
    assert label_to_ascii(label) == label


@pytest.mark.parametrize("label", OTHER)
def test_other_text_is_shown_as_it_is(label: str) -> None:
    assert parse_label(label) is None
    assert label_to_unicode(label) == label.replace("\n", " ")
    assert text_of(label_to_mathml(label)) == label.replace("\n", " ")


def test_greek_typed_as_itself_is_its_name() -> None:
    for name, letter in GREEK.items():
        assert parse_label(f"{letter}_1^(2)") == parse_label(f"{name}_1^(2)") is not None
        assert label_to_ascii(letter) == name
        assert unicodedata.name(letter).endswith(name.upper().replace("LAMBDA", "LAMDA"))  # as Unicode spells it


@pytest.mark.parametrize(
    ("label", "typed"),
    [(r"\sigma", "sigma"), (r"\beta_{12}", "beta_12"), (r"\delta_1^{(2)}", "delta_1^(2)"), (r"w_{12}", "w_12")],
)
def test_a_greek_letter_written_as_in_latex_is_the_letter(label: str, typed: str) -> None:
    assert parse_label(label) == parse_label(typed) is not None
    assert label_to_unicode(label) == label_to_unicode(typed)
    assert label_to_latex(label) == label_to_latex(typed)
    assert label_to_mathml(label) == label_to_mathml(typed)
    assert label_to_ascii(label) == typed


def test_greek_in_an_index_does_not_run_into_the_next_letter() -> None:
    assert label_to_latex("w_δi") == r"w_{\delta i}"


def test_mathml_stacks_indices() -> None:
    assert label_to_mathml("w_11^(1)") == (
        "<msubsup><mi>w</mi><mn>11</mn><mrow>"
        '<mo stretchy="false">(</mo><mn>1</mn><mo stretchy="false">)</mo></mrow></msubsup>'
    )
    assert label_to_mathml("E_n") == "<msub><mi>E</mi><mi>n</mi></msub>"
    assert label_to_mathml("y_hat") == '<mover accent="true"><mi>y</mi><mo stretchy="false">^</mo></mover>'
    assert label_to_mathml("z_{N_{k-1}}") == (
        "<msub><mi>z</mi><msub><mi>N</mi><mrow>"
        '<mi>k</mi><mo lspace="0" rspace="0">−</mo><mn>1</mn></mrow></msub></msub>'
    )


def test_every_letter_has_its_bold_one() -> None:
    for letter in [*"AZaz", *GREEK.values()]:
        bold, name = label_to_unicode(f"{letter}_bold"), unicodedata.name(letter)
        kind = "CAPITAL" if letter.isupper() else "SMALL"
        assert unicodedata.name(bold) == f"MATHEMATICAL BOLD {kind} {name.split()[-1]}"
        assert parse_label(f"{letter}_bold") != parse_label(letter)


def test_bold_letters_in_mathml_are_those_of_unicode() -> None:
    assert label_to_mathml("W_bold^T") == '<msup><mi>𝐖</mi><mo lspace="0" rspace="0">⊤</mo></msup>'
    assert label_to_mathml("delta_bold") == "<mi>𝛅</mi>"


def test_latex_escapes_other_text() -> None:
    assert label_to_latex(r"50% of {a_b} \ ^~") == (
        r"\text{50\% of \{a\_b\} \textbackslash{} \textasciicircum{}\textasciitilde{}}"
    )


def test_terminals_get_no_control_characters() -> None:
    assert label_to_unicode("a\x1b[31m\nb\ud800") == "a\ufffd[31m b\ufffd"


@given(any_text)
def test_any_text_has_all_forms(text: str) -> None:
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", label_to_unicode(text))
    assert label_to_ascii(text).isascii()
    assert (text_of(label_to_mathml(text)) == label_to_unicode(text)) or parse_label(text)


@given(any_text | well_formed)
def test_latex_braces_balance(text: str) -> None:
    depth = 0
    for brace in re.findall(r"\\.|[{}]", label_to_latex(text)):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        assert depth >= 0
    assert depth == 0


@given(well_formed)
def test_ascii_form_reads_as_the_same_label(label: str) -> None:
    assert parse_label(label) is not None
    assert label_to_ascii(label).isascii()
    assert parse_label(label_to_ascii(label)) == parse_label(label)
