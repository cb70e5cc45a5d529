import re
import unicodedata
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.notation import (
    GREEK,
    Symbol,
    delta_label,
    parse,
    short_labels,
    to_ascii,
    to_latex,
    to_mathml,
    to_unicode,
)

# label, Unicode, LaTeX; in ASCII each of them is itself
KNOWN = [
    ("x", "x", "x"),
    ("E", "E", "E"),
    ("E_n", "Eₙ", "E_n"),
    ("a_1", "a₁", "a_1"),
    ("x^2", "x²", "x^2"),
    ("y_hat", "ŷ", r"\hat{y}"),
    ("y_hat_1^(K)", "ŷ₁⁽ᴷ⁾", r"\hat{y}_1^{(K)}"),
    ("z^(3)", "z⁽³⁾", "z^{(3)}"),
    ("w_11^(1)", "w₁₁⁽¹⁾", "w_{11}^{(1)}"),
    ("w_11,10^(1)", "w_11,10⁽¹⁾", "w_{11,10}^{(1)}"),
    ("z_i^(k-1)", "zᵢ⁽ᵏ⁻¹⁾", "z_i^{(k-1)}"),
    ("w_q^(q)", "w_q^(q)", "w_q^{(q)}"),
    ("w_iN^(k)", "w_iN⁽ᵏ⁾", "w_{iN}^{(k)}"),
    ("z_{N_{k-1}}^(k-1)", "z_{N_{k-1}}⁽ᵏ⁻¹⁾", "z_{N_{k-1}}^{(k-1)}"),
    ("w_{iN_{k-1}}^(k)", "w_{iN_{k-1}}⁽ᵏ⁾", "w_{iN_{k-1}}^{(k)}"),
    ("w_{N_{k+1}i}^(k+1)", "w_{N_{k+1}i}⁽ᵏ⁺¹⁾", "w_{N_{k+1}i}^{(k+1)}"),
    ("w_{N_1N_0}^(1)", "w_{N_1N_0}⁽¹⁾", "w_{N_1N_0}^{(1)}"),
    ("delta", "δ", r"\delta"),
    ("delta_1^(2)", "δ₁⁽²⁾", r"\delta_1^{(2)}"),
    ("Sigma^2", "Σ²", r"\Sigma^2"),
    ("lambda", "λ", r"\lambda"),
    ("x_bold", "𝐱", r"\mathbf{x}"),
    ("z_bold^(k)", "𝐳⁽ᵏ⁾", r"\mathbf{z}^{(k)}"),
    ("W_bold^(1)", "𝐖⁽¹⁾", r"\mathbf{W}^{(1)}"),
    ("W_bold^{(k+1)T}", "𝐖⁽ᵏ⁺¹⁾ᵀ", r"\mathbf{W}^{(k+1)\top}"),
    ("W^{(k+1)T}", "W⁽ᵏ⁺¹⁾ᵀ", "W^{(k+1)T}"),
    ("y_bold_hat", "𝐲\u0302", r"\hat{\mathbf{y}}"),
    ("delta_bold^(k)", "𝛅⁽ᵏ⁾", r"\boldsymbol{\delta}^{(k)}"),
    ("Sigma_bold", "𝚺", r"\boldsymbol{\Sigma}"),
]
# What a good name in a program or a sentence looks like is not notation.
OTHER = [
    "",
    " ",
    "learning rate",
    "x_1 ",
    "x\n",
    "my_long_name",
    "hidden_size",
    "loss_total",
    "x1",
    "xy",
    "deltas",
    "3",
]
OTHER += ["x+y", "_1", "x_", "x^", "x_1_2", "x_1,", "x_{1", "x_{}", "x^(1", "x^-1", "x_{a_{b_{c}}}", "é_1"]
OTHER += [r"\deltas", r"\x", r"\\delta", r"\hat{y}", "\\"]

# Fragments that a program could take for its own.
HOSTILE = [*"_^{}(),+-<>&\"'\\[]|:;%$#~\n\r\t\0\x1b\x7f \u00a0\ud800\udfff\ufffe😀好éδx", "\\N", "\\G", "\\l"]
HOSTILE += ["&amp;", "&#93;", "]]>", "<B>", "</TD>", '"];n[', "-->", "\\text{", "w_1", "delta", "_hat"]
any_text = st.one_of(st.text(st.characters()), st.lists(st.sampled_from(HOSTILE), max_size=12).map("".join))

atom = st.sampled_from(["i", "j", "N", "q", "1", "10", "-", "+", ",", "(", ")"])
atoms = st.lists(atom, min_size=1, max_size=4).map("".join)
item = st.one_of(atom, st.just("N_1"), atoms.map("N_{{{}}}".format))
items = st.lists(item, min_size=1, max_size=4).map("".join)
index = st.one_of(items.map("{{{}}}".format), items.map("({})".format), st.sampled_from(["1", "ij", "11,10"]))
optional = st.one_of(st.just(""), index)
symbols = st.builds(
    lambda letter, bold, hat, sub, sup: letter + bold + hat + ("_" + sub if sub else "") + ("^" + sup if sup else ""),
    st.sampled_from(["w", "E", *GREEK, r"\beta", r"\Omega"]),
    st.sampled_from(["", "_bold"]),
    st.sampled_from(["", "_hat"]),
    optional,
    optional,
)


def flat(mathml: str) -> str:
    return "".join(ElementTree.fromstring(f"<math>{mathml}</math>").itertext())


@pytest.mark.parametrize(("label", "unicode", "latex"), KNOWN)
def test_known_notation_in_its_forms(label: str, unicode: str, latex: str) -> None:
    assert to_unicode(label) == unicode
    assert to_latex(label) == latex
    assert to_ascii(label) == label


@pytest.mark.parametrize("label", OTHER)
def test_other_text_is_shown_as_it_is(label: str) -> None:
    assert parse(label) is None
    assert to_unicode(label) == label.replace("\n", " ")
    assert flat(to_mathml(label)) == label.replace("\n", " ")


def test_greek_typed_as_itself_is_its_name() -> None:
    for name, letter in GREEK.items():
        assert parse(f"{letter}_1^(2)") == parse(f"{name}_1^(2)") is not None
        assert to_ascii(letter) == name
        assert unicodedata.name(letter).endswith(name.upper().replace("LAMBDA", "LAMDA"))  # as Unicode spells it


@pytest.mark.parametrize(
    ("label", "plain"),
    [(r"\sigma", "sigma"), (r"\beta_{12}", "beta_12"), (r"\delta_1^{(2)}", "delta_1^(2)"), (r"w_{12}", "w_12")],
)
def test_a_greek_letter_written_as_in_latex_is_the_letter(label: str, plain: str) -> None:
    assert parse(label) == parse(plain) is not None
    assert to_unicode(label) == to_unicode(plain)
    assert to_latex(label) == to_latex(plain)
    assert to_mathml(label) == to_mathml(plain)
    assert to_ascii(label) == plain


def test_numbers_in_an_index_stay_whole() -> None:
    symbol = parse("w_11,10^(1)")
    assert symbol is not None
    assert symbol.subscript == (Symbol("11"), Symbol(","), Symbol("10"))


def test_greek_in_an_index_does_not_run_into_the_next_letter() -> None:
    assert to_latex("w_δi") == r"w_{\delta i}"


def test_mathml_stacks_indices() -> None:
    assert to_mathml("w_11^(1)") == (
        "<msubsup><mi>w</mi><mn>11</mn><mrow><mo>(</mo><mn>1</mn><mo>)</mo></mrow></msubsup>"
    )
    assert to_mathml("E_n") == "<msub><mi>E</mi><mi>n</mi></msub>"
    assert to_mathml("y_hat") == '<mover accent="true"><mi>y</mi><mo stretchy="false">^</mo></mover>'
    assert to_mathml("z_{N_{k-1}}") == (
        "<msub><mi>z</mi><msub><mi>N</mi><mrow><mi>k</mi><mo>−</mo><mn>1</mn></mrow></msub></msub>"
    )


def test_every_letter_has_its_bold_one() -> None:
    for letter in [*"AZaz", *GREEK.values()]:
        bold, name = to_unicode(f"{letter}_bold"), unicodedata.name(letter)
        kind = "CAPITAL" if letter.isupper() else "SMALL"
        assert unicodedata.name(bold) == f"MATHEMATICAL BOLD {kind} {name.split()[-1]}"
        assert parse(f"{letter}_bold") != parse(letter)


def test_bold_letters_in_mathml_are_those_of_unicode() -> None:
    assert to_mathml("W_bold^T") == "<msup><mi>𝐖</mi><mi>T</mi></msup>"
    assert to_mathml("delta_bold") == "<mi>𝛅</mi>"


def test_a_bold_letter_is_no_unit_of_its_layer() -> None:
    labels = ["a_1^(3)", "z_bold^(3)", "z_2^(3)", "delta_bold^(4)", "a_1^(4)"]
    assert short_labels(labels) == {label: label for label in labels[:-1]} | {"a_1^(4)": "a^(4)"}
    assert delta_label("a_bold^(k)") == "delta_bold^(k)"


def test_latex_escapes_other_text() -> None:
    assert to_latex(r"50% of {a_b} \ ^~") == (
        r"\text{50\% of \{a\_b\} \textbackslash{} \textasciicircum{}\textasciitilde{}}"
    )


def test_terminals_get_no_control_characters() -> None:
    assert to_unicode("a\x1b[31m\nb\ud800") == "a\ufffd[31m b\ufffd"


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
        assert parse(label) is None


@given(any_text)
def test_any_text_has_all_forms(text: str) -> None:
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", to_unicode(text))
    assert to_ascii(text).isascii()
    assert (flat(to_mathml(text)) == to_unicode(text)) or parse(text)
    assert short_labels([text]).keys() == {text}


@given(any_text | symbols)
def test_latex_braces_balance(text: str) -> None:
    depth = 0
    for brace in re.findall(r"\\.|[{}]", to_latex(text)):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        assert depth >= 0
    assert depth == 0


@given(symbols)
def test_ascii_form_reads_as_the_same_symbol(label: str) -> None:
    assert parse(label) is not None
    assert to_ascii(label).isascii()
    assert parse(to_ascii(label)) == parse(label)


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


def test_delta_is_the_derivative_by_a_weighted_sum() -> None:
    assert delta_label("a_i^(k)") == "delta_i^(k)"
    assert delta_label("a_{N_{k+1}}^(k+1)") == "delta_{N_{k+1}}^(k+1)"


@pytest.mark.parametrize("label", ["z_1^(2)", "delta_1^(2)", "a_hat", "activation", ""])
def test_delta_of_anything_else_is_an_error(label: str) -> None:
    with pytest.raises(ValueError, match="not by " + re.escape(repr(label))):
        delta_label(label)
