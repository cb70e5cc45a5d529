"""The paper's misprints and gaps: their places, the printed and the right text, and their effect on numbers.

D1 to D7 break code that follows the printed text; D8 to D32 mislead or are unclear; G1 to G3 are in figures.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from demos.paper.equations.instances import describe_instances
from demos.paper.errata import demonstrations
from demos.paper.errata.demonstrations import Reading
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_number

# A label in a sentence: a letter with an index.
_LABEL = re.compile(
    r"(?<!\w)[A-Za-zδσ](?:_\{[^ ]*?\}+|_[0-9a-z]+(?:,[0-9a-z]+)*)?(?:\^\([^) ]*\)|\^\{[^ ]*?\}|\^T)?(?![\w({])"
)


@dataclass(frozen=True)
class Erratum:
    """A misprint, an ambiguity or a gap.

    Attributes:
        id: "D1" to "D32", and "G1" to "G3" for figures.
        where: Its place in the paper.
        printed: The printed text.
        correct: The right one.
        demonstrate: Computes the readings, if the misprint changes numbers.
    """

    id: str
    where: str
    printed: str
    correct: str
    demonstrate: Callable[[], Iterable[Reading]] | None = None

    def texts(self) -> tuple[str, str]:
        """The printed and the right text, with labels in Unicode."""
        return _labels_to_unicode(self.printed), _labels_to_unicode(self.correct)

    def lines(self) -> Iterator[str]:
        """The lines about the entry."""
        printed, correct = self.texts()
        yield f"  {self.id:<4} {self.where}"
        yield f"       printed    {printed}"
        yield f"       should be  {correct}"
        for reading in self.demonstrate() if self.demonstrate else ():
            result = (
                _labels_to_unicode(reading.result)
                if isinstance(reading.result, str)
                else format_number(reading.result, 12)
            )
            yield f"         {_labels_to_unicode(reading.name):<44} {result}"


ERRATA = [
    Erratum(
        "D1",
        "3.1, the sum before (22)",
        "x_1 w_11^(1) + x_2 w_12^(2)",
        "x_1 w_11^(1) + x_2 w_12^(1)",
        demonstrations.d1,
    ),
    Erratum(
        "D2", "(23)", "z_1^(k) = σ(a_i^(k)) with w_12^(2)", "z_1^(1) = σ(a_1^(1)) with w_12^(1)", demonstrations.d2
    ),
    Erratum("D3", "(26)", "W^(k) has N_{k+1} rows and N_k columns", "N_k rows and N_{k-1} columns", demonstrations.d3),
    Erratum("D4", "(32)", "∂a_i^(k)/∂w_ij^(k-1)", "∂a_i^(k)/∂w_ij^(k)", demonstrations.d4),
    Erratum("D5", "(38)", "the sum ends at N_k", "at N_{k+1}, as in Section 5.2", demonstrations.d5),
    Erratum("D6", "5.2, the first formula", "z_i^(3) and a_i^(3)", "z_i^(K) and a_i^(K)", demonstrations.d6),
    Erratum("D7", "5.2", "k = K-1, ..., 1 for weight gradients too", "k = K, ..., 1 for these", demonstrations.d7),
    Erratum(
        "D8",
        "3.1, 3.2, 5.2",
        "E_n is called mean square error",
        "half the squared error of one sample",
        demonstrations.d8,
    ),
    Erratum("D9", "2, before (20)", "w_i^(2) is to be calculated", "∂y/∂w_i^(1)", demonstrations.d9),
    Erratum("D10", "2, after (21)", "∂y/∂a_i is said to be from (17)", "from (14)", demonstrations.d10),
    Erratum("D11", "3.1, on Figure 7", "x_i^k", "z_i^(k): only inputs are called x"),
    Erratum("D12", "3.2, on step 1", "the gradient with respect to x^(3)", "to z^(3)", demonstrations.d12),
    Erratum("D13", "3.2, on step 2", "a_3", "a^(3): a subscript counts units", demonstrations.d13),
    Erratum(
        "D14", "4.2, before (38)", "(38) is said to follow from (32)", "from ∂a_j^(k+1)/∂z_i^(k)", demonstrations.d14
    ),
    Erratum("D15", "(16)", "a number without an equation", "no number", demonstrations.d15),
    Erratum("D16", "3.2, before (33)", "Table 3.2", "Table 2"),
    Erratum("D17", "5.1 and 5.2", "Table 3 is a picture; a second picture lacks a caption", "a figure, with a caption"),
    Erratum(
        "D18",
        "Table 1, step 7",
        "the local derivative is by z_i^(0)",
        "by x_i, as in the rest of the row",
        demonstrations.d18,
    ),
    Erratum("D19", "Table 1, steps 5 and 7", "sums over k, elsewhere the layer", "sums over m"),
    Erratum("D20", "(38), (39), Figure 9", "E", "E_n, as everywhere else"),
    Erratum("D21", "(41), 5.2", "∂E_n/∂w^(k), a bold small letter, thus a vector", "∂E_n/∂W^(k)"),
    Erratum(
        "D22",
        "Tables 1 and 2, Figure 4",
        "w_j^(3), and w^(3) undefined",
        "w_1j^(3); w^(3) = W^{(3)T}",
        demonstrations.d22,
    ),
    Erratum(
        "D23",
        "Table 2, middle column",
        "products of derivatives in the order of rows",
        "transposed",
        demonstrations.d23,
    ),
    Erratum("D24", "(39), 5.2, Table 2", "W^T δ ∘ σ' without brackets", "(W^T δ) ∘ σ'", demonstrations.d24),
    Erratum("D25", "(12)", "the sum begins at j", "at j = 1"),
    Erratum("D26", "2", "layers by i, then units by i; y is an output, later a target", "a letter for each"),
    Erratum(
        "D27",
        "(10) and (11)",
        "the rule for a_1 + a_2 is used on 2 a_1 + a_2",
        "also constant factors",
        demonstrations.d27,
    ),
    Erratum(
        "D28", "3.2, on Table 1", "said to hold every equation", "the weights are in (40), (41)", demonstrations.d28
    ),
    Erratum("D29", "2, 3.2, 4", "bare numbers: in 2, in 3, in 8, in 19", "Figure 2, Figure 3, Figure 8, (19)"),
    Erratum("D30", "3.1, 4.2", "the proceeding layer", "the next layer"),
    Erratum("D31", "5.2", "no matrix form for the start", "δ^(K) = (z^(K) - y) ∘ σ'(a^(K))", demonstrations.d31),
    Erratum("D32", "throughout", "σ' is never written out", "σ'(a) = σ(a)(1 - σ(a))", demonstrations.d32),
    Erratum("G1", "Figure 6", "(1) on all weights below the layers", "(1), (2), (3), (K)"),
    Erratum("G2", "Figure 7", "the last unit on the right is z_{N_3}^(k+1)", "z_{N_{k+1}}^(k+1)"),
    Erratum("G3", "Figures 3, 5, 9", "a gap stands for the units that are not drawn", "an ellipsis"),
]


def lines(only: str = "") -> Iterator[str]:
    """The lines about all entries, or about the one with that id, after a line on the networks that they name."""
    found = [line for erratum in ERRATA if not only or erratum.id == only.upper() for line in erratum.lines()]
    first = describe_instances(found)
    yield from [f"  {first}", *found] if first else found


def _labels_to_unicode(text: str) -> str:
    """The text with its labels in Unicode."""
    return _LABEL.sub(lambda match: label_to_unicode(match[0]), text)
