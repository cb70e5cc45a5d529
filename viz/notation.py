r"""How a label is shown: plain text in the habit of TeX becomes print.

`engine.labels` reads a label, and there is one printer for each place where it is shown: a letter with its indices as
mathematics, any other text, such as `learning rate` or `hidden_size`, as it stands. The printer of drawings is
`viz.lettering`.

>>> label = "delta_1^(2)"
>>> to_unicode(label), to_ascii(label), to_latex(label)
('δ₁⁽²⁾', 'delta_1^(2)', '\\delta_1^{(2)}')
>>> to_unicode("hidden_size"), to_ascii("hidden_size"), to_latex("hidden_size")
('hidden_size', 'hidden_size', '\\text{hidden\\_size}')
"""

import html
import re
import unicodedata
from dataclasses import replace

from engine.labels import NAME_OF, Label, parse

_SPELT = str.maketrans(NAME_OF)
_BOLD = {0x41 + i: 0x1D400 + i for i in range(26)} | {0x61 + i: 0x1D41A + i for i in range(26)}  # A to Z, a to z
_BOLD |= {0x391 + i: 0x1D6A8 + i for i in range(25)} | {0x3B1 + i: 0x1D6C2 + i for i in range(25)}  # and the Greek

# All that Unicode has for indices: no comma, no q and few other letters.
SUBSCRIPTS = dict(zip("0123456789+-()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
SUPERSCRIPTS = dict(zip("0123456789+-()abcdefghijklmno", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒ", strict=True))
SUPERSCRIPTS |= dict(zip("prstuvwxyzABDEGHIJKLMNOPRTUVW", "ᵖʳˢᵗᵘᵛʷˣʸᶻᴬᴮᴰᴱᴳᴴᴵᴶᴷᴸᴹᴺᴼᴾᴿᵀᵁⱽᵂ", strict=True))

# What drawings and documents cannot hold: control characters, halves of surrogate pairs, two that are no characters.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_LATEX_TEXT = str.maketrans(
    {char: "\\" + char for char in "&%$#_{}"}
    | {"\\": r"\textbackslash{}", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}"}
    | {"<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}"}
)


def letter_of(symbol: Label) -> str:
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
    text = printable(label) if symbol is None else str(symbol).translate(_SPELT)
    return text.encode("ascii", "backslashreplace").decode()


def to_unicode(label: str) -> str:
    """Return the label for a terminal. An index is typed out if Unicode lacks any of its characters.

    >>> to_unicode("w_11^(1)"), to_unicode("w_11,10^(1)"), to_unicode("y_hat"), to_unicode("W_bold^{(k+1)T}")
    ('w₁₁⁽¹⁾', 'w_11,10⁽¹⁾', 'ŷ', '𝐖⁽ᵏ⁺¹⁾ᵀ')
    """
    symbol = parse(label)
    if symbol is None:
        return printable(label)
    return letter_of(symbol) + "".join(map(_small, symbol.typed_indices))


def _small(typed: str) -> str:
    small = SUBSCRIPTS if typed.startswith("_") else SUPERSCRIPTS
    index = typed[1:].strip("{}")
    return "".join(small[char] for char in index) if small.keys() >= set(index) else typed


def to_latex(label: str) -> str:
    r"""Return the label in LaTeX, for math mode.

    >>> to_latex("w_11^(1)"), to_latex("y_hat"), to_latex("W_bold^T"), to_latex("90 %")
    ('w_{11}^{(1)}', '\\hat{y}', '\\mathbf{W}^{\\top}', '\\text{90 \\%}')
    """
    symbol = parse(label)
    return rf"\text{{{printable(label).translate(_LATEX_TEXT)}}}" if symbol is None else _latex(symbol)


def _latex(symbol: Label) -> str:
    text = "\\" + NAME_OF[symbol.letter] if symbol.letter in NAME_OF else symbol.letter
    if symbol.bold:  # \mathbf knows no Greek
        text = (r"\boldsymbol" if symbol.letter in NAME_OF else r"\mathbf") + f"{{{text}}}"
    text = rf"\hat{{{text}}}" if symbol.hat else text
    for mark, index in symbol.indices:
        # TeX would read \deltai as one name.
        inner = (" " if any(item.letter in NAME_OF for item in index) else "").join(map(_latex, index))
        if symbol.bold and mark == "^" and index[-1] == Label("T"):  # transposition
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


def _mathml(symbol: Label) -> str:
    tag = "mi" if symbol.letter.isalpha() else "mn" if symbol.letter.isdigit() else "mo"
    text = f"<{tag}>{letter_of(replace(symbol, hat=False))}</{tag}>"
    if symbol.hat:
        text = f'<mover accent="true">{text}<mo stretchy="false">^</mo></mover>'
    for _, index in symbol.indices:
        inner = "".join(map(_mathml, index))
        text += inner if len(index) == 1 else f"<mrow>{inner}</mrow>"
    tag = "m" + "sub" * bool(symbol.subscript) + "sup" * bool(symbol.superscript)
    return f"<{tag}>{text}</{tag}>" if symbol.indices else text
