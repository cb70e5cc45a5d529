r"""How a label is shown: plain text in the habit of TeX becomes print.

A label such as `x`, `y_hat`, `E_n`, `w_11^(1)`, `w_11,10^(1)`, `delta_i^(k-1)` or `w_{iN_{k-1}}^(k)` is a symbol: one
letter, or the name of a Greek one, perhaps with a hat, a subscript and a superscript. Vectors and matrices are bold:
`y_bold_hat`, `W_bold^{(k+1)T}`. As in LaTeX, a Greek letter may have a backslash, `\delta`, and an index braces,
`w_{12}`. Any other text, such as `learning rate` or `hidden_size`, is shown as it stands. Only this module knows the
difference: `parse` reads the label, and there is one printer for each place where it is shown. That of drawings has a
room of its own, `viz.lettering`.

>>> label = "delta_1^(2)"
>>> to_unicode(label), to_ascii(label), to_latex(label)
('δ₁⁽²⁾', 'delta_1^(2)', '\\delta_1^{(2)}')
>>> to_unicode("hidden_size"), to_ascii("hidden_size"), to_latex("hidden_size")
('hidden_size', 'hidden_size', '\\text{hidden\\_size}')
"""

import html
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

# Greek letters by the names that LaTeX has for them: none for omicron and for the capitals that look like Latin ones.
_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
    "omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
GREEK = dict(zip(_NAMES.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True))
NAME_OF = {letter: name for name, letter in GREEK.items()}
_SPELT = str.maketrans(NAME_OF)
_BOLD = {0x41 + i: 0x1D400 + i for i in range(26)} | {0x61 + i: 0x1D41A + i for i in range(26)}  # A to Z, a to z
_BOLD |= {0x391 + i: 0x1D6A8 + i for i in range(25)} | {0x3B1 + i: 0x1D6C2 + i for i in range(25)}  # and the Greek

# All that Unicode has for indices: no comma, no q and few other letters.
SUBSCRIPTS = dict(zip("0123456789+-()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
SUPERSCRIPTS = dict(zip("0123456789+-()abcdefghijklmno", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒ", strict=True))
SUPERSCRIPTS |= dict(zip("prstuvwxyzABDEGHIJKLMNOPRTUVW", "ᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ", strict=True))

# The grammar. Indices nest twice and no deeper, as in w_{iN_{k-1}}^(k), so a regular expression is enough; and no text
# matches it in two ways, so that it takes time in proportion to the label's length.
_LETTER = "[A-Za-z" + "".join(NAME_OF) + "]"
_ATOM = rf"(?:[0-9]+(?![0-9])|{_LETTER}|[-+,()])"
_ONE = f"(?:[0-9]|{_LETTER})"  # an index of an index, if it has no braces: N_1
_RUN = f"{_ONE}+(?:,{_ONE}+)*"  # any other index without braces: 11, iN, 11,10
_ITEM = rf"{_ATOM}(?:_(?:{_ONE}|\{{{_ATOM}+\}}))?"
_ITEM_PARTS = re.compile(rf"({_ATOM})(?:_({_ONE}|\{{{_ATOM}+\}}))?")
_INDEX = rf"(?:{_RUN}|\((?:{_ITEM})+\)|\{{(?:{_ITEM})+\}})"
_SYMBOL = re.compile(rf"({_LETTER}|\\?(?:{'|'.join(GREEK)}))(_bold)?(_hat)?(?:_({_INDEX}))?(?:\^({_INDEX}))?")

# What drawings and documents cannot hold: control characters, halves of surrogate pairs, two that are no characters.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_LATEX_TEXT = str.maketrans(
    {char: "\\" + char for char in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
)


@dataclass(frozen=True)
class Symbol:
    """A letter with what stands around it. In an index it may also be a number, a sign or a bracket.

    >>> parse("w_i1^(2)").subscript == (Symbol("i"), Symbol("1"))
    True
    """

    letter: str
    hat: bool = False
    subscript: "tuple[Symbol, ...]" = ()
    superscript: "tuple[Symbol, ...]" = ()
    bold: bool = False

    @property
    def indices(self) -> "list[tuple[str, tuple[Symbol, ...]]]":
        """The indices that are there, each with its mark in a label."""
        return [(mark, index) for mark, index in (("_", self.subscript), ("^", self.superscript)) if index]


def parse(label: str) -> Symbol | None:
    r"""Return the symbol that `label` writes, or None if it is any other text.

    >>> parse("y_hat")
    Symbol(letter='y', hat=True, subscript=(), superscript=(), bold=False)
    >>> parse("delta") == parse("δ") == parse(r"\delta"), parse("loss_total")
    (True, None)
    """
    match = _SYMBOL.fullmatch(label)
    if match is None:
        return None
    letter, bold, hat, subscript, superscript = match.groups(default="")
    indices = _parse_index(subscript), _parse_index(superscript)
    return Symbol(GREEK.get(letter.removeprefix("\\"), letter), bool(hat), *indices, bool(bold))


def _parse_index(text: str) -> tuple[Symbol, ...]:
    items = _ITEM_PARTS.findall(text[1:-1] if text.startswith("{") else text)
    return tuple(Symbol(letter, subscript=_parse_index(inner)) for letter, inner in items)


def label_of(symbol: Symbol) -> str:
    """Return the label that `parse` reads as this symbol."""
    return NAME_OF.get(symbol.letter, symbol.letter) + "_bold" * symbol.bold + "_hat" * symbol.hat + _typed(symbol)


def _typed(symbol: Symbol, bare: str = _INDEX) -> str:
    """Return the indices as a label has them; those that do not match `bare` need braces."""
    text = ""
    for mark, index in symbol.indices:
        inner = "".join(item.letter + _typed(item, bare=_ONE) for item in index)
        text += mark + (inner if re.fullmatch(bare, inner) else f"{{{inner}}}")
    return text


def letter_of(symbol: Symbol) -> str:
    """Return the letter with its hat, as one character where Unicode has it, and a minus as long as a plus."""
    letter = symbol.letter.translate(_BOLD) if symbol.bold else symbol.letter.replace("-", "−")
    return unicodedata.normalize("NFC", letter + "\u0302" * symbol.hat)


def printable(text: str) -> str:
    """Return the text without what cannot be shown: spaces for line breaks and tabs, and � for the rest."""
    return _UNPRINTABLE.sub(lambda match: " " if match[0].isspace() else "\ufffd", text)


def to_ascii(label: str) -> str:
    r"""Return the label in ASCII, for terminals that know nothing else.

    >>> to_ascii("δ_1^(2)"), to_ascii("größe")
    ('delta_1^(2)', 'gr\\xf6\\xdfe')
    """
    symbol = parse(label)
    text = printable(label) if symbol is None else label_of(symbol).translate(_SPELT)
    return text.encode("ascii", "backslashreplace").decode()


def to_unicode(label: str) -> str:
    """Return the label for a terminal. An index is typed out if Unicode lacks any of its characters.

    >>> to_unicode("w_11^(1)"), to_unicode("w_11,10^(1)"), to_unicode("y_hat"), to_unicode("W_bold^{(k+1)T}")
    ('w₁₁⁽¹⁾', 'w_11,10⁽¹⁾', 'ŷ', '𝐖⁽ᵏ⁺¹⁾ᵀ')
    """
    symbol = parse(label)
    if symbol is None:
        return printable(label)
    below, above = _typed(replace(symbol, superscript=())), _typed(replace(symbol, subscript=()))
    return letter_of(symbol) + _small(below, SUBSCRIPTS) + _small(above, SUPERSCRIPTS)


def _small(typed: str, small: dict[str, str]) -> str:
    index = typed[1:].strip("{}")
    return "".join(small[char] for char in index) if small.keys() >= set(index) else typed


def to_latex(label: str) -> str:
    r"""Return the label in LaTeX, for math mode.

    >>> to_latex("w_11^(1)"), to_latex("y_hat"), to_latex("W_bold^T"), to_latex("90 %")
    ('w_{11}^{(1)}', '\\hat{y}', '\\mathbf{W}^{\\top}', '\\text{90 \\%}')
    """
    symbol = parse(label)
    return rf"\text{{{printable(label).translate(_LATEX_TEXT)}}}" if symbol is None else _latex(symbol)


def _latex(symbol: Symbol) -> str:
    text = "\\" + NAME_OF[symbol.letter] if symbol.letter in NAME_OF else symbol.letter
    if symbol.bold:  # \mathbf knows no Greek
        text = (r"\boldsymbol" if symbol.letter in NAME_OF else r"\mathbf") + f"{{{text}}}"
    text = rf"\hat{{{text}}}" if symbol.hat else text
    for mark, index in symbol.indices:
        # TeX would read \deltai as one name.
        inner = (" " if any(item.letter in NAME_OF for item in index) else "").join(map(_latex, index))
        if symbol.bold and mark == "^" and index[-1] == Symbol("T"):  # transposition
            inner = inner[:-1] + r"\top"
        text += mark + (inner if len(inner) == 1 else f"{{{inner}}}")
    return text


def to_mathml(label: str) -> str:
    """Return the label in MathML, to stand inside `<math>`.

    >>> to_mathml("z_1^(k)")
    '<msubsup><mi>z</mi><mn>1</mn><mrow><mo>(</mo><mi>k</mi><mo>)</mo></mrow></msubsup>'
    >>> to_mathml("a < b")
    '<mtext>a &lt; b</mtext>'
    """
    symbol = parse(label)
    return f"<mtext>{html.escape(printable(label))}</mtext>" if symbol is None else _mathml(symbol)


def _mathml(symbol: Symbol) -> str:
    tag = "mi" if symbol.letter.isalpha() else "mn" if symbol.letter.isdigit() else "mo"
    text = f"<{tag}>{letter_of(replace(symbol, hat=False))}</{tag}>"
    if symbol.hat:
        text = f'<mover accent="true">{text}<mo stretchy="false">^</mo></mover>'
    for _, index in symbol.indices:
        inner = "".join(map(_mathml, index))
        text += inner if len(index) == 1 else f"<mrow>{inner}</mrow>"
    tag = "m" + "sub" * bool(symbol.subscript) + "sup" * bool(symbol.superscript)
    return f"<{tag}>{text}</{tag}>" if symbol.indices else text


def short_labels(labels: Iterable[str]) -> dict[str, str]:
    """Map each label to a shorter one, without the unit's index in layers of one unit, as in the paper's Table 1.

    A layer is known by its superscript. It has one unit if each a, z and delta with that superscript has subscript 1.

    >>> short_labels(["w_11^(2)", "w_12^(2)", "a_1^(2)", "z_1^(1)", "z_2^(1)"])
    {'w_11^(2)': 'w_1^(2)', 'w_12^(2)': 'w_2^(2)', 'a_1^(2)': 'a^(2)', 'z_1^(1)': 'z_1^(1)', 'z_2^(1)': 'z_2^(1)'}
    """
    symbols = {label: parse(label) for label in labels}
    units = defaultdict(set)
    for symbol in symbols.values():
        if symbol and symbol.superscript and symbol.letter in "azδ" and not symbol.bold:
            units[symbol.superscript].add(symbol.subscript)
    single = {layer for layer, subscripts in units.items() if subscripts == {(Symbol("1"),)}}
    return {
        label: label_of(_without_unit(symbol)) if symbol and symbol.superscript in single else label
        for label, symbol in symbols.items()
    }


def _without_unit(symbol: Symbol) -> Symbol:
    match symbol.letter, symbol.subscript:
        case "a" | "z" | "δ" | "b", (Symbol("1"),):
            return replace(symbol, subscript=())
        case "w", (Symbol("1"), Symbol(","), *source):  # w_1,12
            return replace(symbol, subscript=tuple(source))
        case "w", (Symbol("1"), source):  # w_1j
            return replace(symbol, subscript=(source,))
        case "w", (Symbol(digits),) if len(digits) == 2 and digits[0] == "1":  # w_12
            return replace(symbol, subscript=(Symbol(digits[1]),))
    return symbol


def delta_label(label: str) -> str:
    """Return the name of the derivative of the error by the weighted sum `label`: delta = dE/da (the paper's eq. 38).

    >>> delta_label("a_1^(2)"), delta_label("a^(3)")
    ('delta_1^(2)', 'delta^(3)')
    """
    symbol = parse(label)
    if symbol is None or symbol.letter != "a" or symbol.hat:
        raise ValueError(f"delta is the derivative by a weighted sum, such as 'a_1^(2)', not by {label!r}")
    return label_of(replace(symbol, letter="δ"))
