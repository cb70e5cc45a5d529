"""The paper's errata: misprints, inconsistencies of notation, and gaps, with their places and their effect on numbers.

Of the misprints, D1 to D7 break code that follows the printed text. G1 to G3 are in figures, L1 is about the language.
"""

from __future__ import annotations

from collections.abc import Iterator

from demos.paper.equations.instances import describe_network
from demos.paper.errata import demonstrations as shown
from demos.paper.errata.erratum import SORTS, Erratum
from demos.paper.errata.readings import DIGITS, NETWORKS

__all__ = ["ERRATA", "SORTS", "Erratum", "lines", "list_ids"]

PDF = "seen in the paper's PDF only"

ERRATA = [
    Erratum(
        "D1",
        "misprint",
        "Section 3.1, the sum before (22)",
        "x_1 w_11^(1) + x_2 w_12^(2)",
        "x_1 w_11^(1) + x_2 w_12^(1)",
        shown.d1,
    ),
    Erratum(
        "D2",
        "misprint",
        "(23)",
        "z_1^(k) = σ(a_i^(k)) = σ(x_1 w_11^(1) + x_2 w_12^(2))",
        "z_1^(1) = σ(a_1^(1)) = σ(x_1 w_11^(1) + x_2 w_12^(1))",
        shown.d2,
    ),
    Erratum(
        "D3",
        "misprint",
        "(26)",
        "W_bold^(k) has N_{k+1} rows and N_k columns",
        "N_k rows and N_{k-1} columns",
        shown.d3,
    ),
    Erratum("D4", "misprint", "(32)", "∂a_i^(k)/∂w_ij^(k-1)", "∂a_i^(k)/∂w_ij^(k)", shown.d4),
    Erratum("D5", "misprint", "(38)", "the sum ends at N_k", "at N_{k+1}, as in Section 5.2", shown.d5),
    Erratum("D6", "misprint", "Section 5.2, (S5)", "z_i^(3) and a_i^(3)", "z_i^(K) and a_i^(K)", shown.d6),
    Erratum(
        "D7", "misprint", "Section 5.2", "k = K − 1…1 for the weights' gradients too", "k = K…1 for these", shown.d7
    ),
    Erratum(
        "D8",
        "gap",
        "Sections 3.1, 3.2, 5.2",
        "E_n is called mean square error, and is defined for one output",
        "half the squared error of one sample, ½ Σ(i = 1…N_K) (z_i^(K) − y_i)²",
        shown.d8,
    ),
    Erratum("D9", "misprint", "Section 2, before (20)", "w_i^(2) is to be calculated", "∂y/∂w_i^(1)", shown.d9),
    Erratum("D10", "misprint", "Section 2, after (21)", "∂y/∂a_i is said to be from (17)", "from (14)", shown.d10),
    Erratum("D11", "misprint", "Section 3.1, on Figure 7", "x_i^k", "z_i^(k): only inputs are called x"),
    Erratum("D12", "misprint", "Section 3.2, on step 1", "the gradient with respect to x^(3)", "to z^(3)", shown.d12),
    Erratum("D13", "misprint", "Section 3.2, on step 2", "a_3", "a^(3): a subscript counts units", shown.d13),
    Erratum(
        "D14",
        "gap",
        "Section 4.2, before (38)",
        "(38) is said to follow from (32)",
        "from ∂a_j^(k+1)/∂z_i^(k) = w_ji^(k+1), which does not have a number",
        shown.d14,
    ),
    Erratum("D15", "misprint", "(16)", "a number without an equation", "no number"),
    Erratum("D16", "misprint", "Section 3.2, before (33)", "Table 3.2", "Table 2"),
    Erratum(
        "D17",
        "inconsistency",
        "Sections 5.1 and 5.2, Table 3",
        "Table 3 is the picture of Figure 5; that of Figure 9 stands beside 5.2 without a caption",
        "figures, with captions",
        note=f"both pictures are {PDF}",
    ),
    Erratum(
        "D18",
        "inconsistency",
        "Table 1, step 7",
        "the local derivative is with respect to z_i^(0)",
        "to x_i, as in the rest of the row",
        shown.d18,
    ),
    Erratum("D19", "inconsistency", "Table 1, steps 5 and 7", "sums over k, elsewhere the layer", "sums over m"),
    Erratum(
        "D20",
        "inconsistency",
        "(38), (39), Figure 9",
        "E",
        "E_n, as everywhere else",
        note=f"that of Figure 9 is {PDF}",
    ),
    Erratum(
        "D21",
        "misprint",
        "(41), Section 5.2 (S9)",
        "∂E_n/∂w_bold^(k), small, which is a vector",
        "∂E_n/∂W_bold^(k)",
        note="the sentence before (41) leaves out the layer of w_ij^(k)",
    ),
    Erratum(
        "D22",
        "inconsistency",
        "Table 2, row 3",
        "w_bold^(3) is not defined",
        "w_bold^(3) = W_bold^{(3)T}, a column",
        shown.d22,
        note="the single subscript of w_j^(3) is as Figure 4's caption says: it is w_1j^(3) of the general rule",
    ),
    Erratum(
        "D23",
        "gap",
        "Table 2, rows 4 to 7, middle column",
        "products of derivatives conform as rows, the results are columns",
        "the products transposed",
        shown.d23,
    ),
    Erratum(
        "D24",
        "gap",
        "(39), Section 5.2 (S8), Table 2, row 6",
        "W_bold^T δ_bold ∘ σ' without brackets",
        "(W_bold^T δ_bold) ∘ σ'",
        shown.d24,
    ),
    Erratum("D25", "misprint", "(12), (19)", "the sum begins at j", "at j = 1", note=f"in (19) it is {PDF}"),
    Erratum(
        "D26",
        "inconsistency",
        "Sections 2 and 3",
        "layers by i, then units by i; y an output, later a target; a_i a value, later a sum",
        "one letter for each",
    ),
    Erratum(
        "D27",
        "gap",
        "(10) and (11)",
        "the rule for a_1 + a_2 is used on 2a_1 + a_2",
        "the rule with constant factors",
        shown.d27,
    ),
    Erratum(
        "D28",
        "gap",
        "Section 3.2, on Table 1",
        "said to hold every equation; biases do not occur",
        "the weights, which (31) needs, are in (40) and (41)",
        shown.d28,
    ),
    Erratum(
        "D29",
        "misprint",
        "Sections 2 and 4",
        "bare numbers: in 2, in 3, in 19, in 17, in 8",
        "Figure 2, Figure 3, (19), (17), Figure 8",
    ),
    Erratum("D30", "misprint", "Sections 3.1, 4.2", "proceeding layer", "next layer"),
    Erratum(
        "D31",
        "gap",
        "Section 5.2",
        "the start does not have a matrix form",
        "δ_bold^(K) = (z_bold^(K) − y_bold) ∘ σ'(a_bold^(K))",
        shown.d31,
    ),
    Erratum("D32", "gap", "throughout", "σ' is not written out", "σ'(a) = σ(a)(1 − σ(a))", shown.d32),
    Erratum(
        "D33",
        "gap",
        "Section 4.2",
        "(38) and (39) have neither a start nor a range of k",
        "k = K − 1…1, from δ_i^(K) of Section 5.2",
        shown.d33,
    ),
    Erratum("D34", "inconsistency", "(31)", "w_i, without its layer", "w_ij^(k), as other weights with indices"),
    Erratum(
        "D35",
        "gap",
        "Section 3.2, on step 5",
        "pathways from z_1^(2) and z_2^(2), but a_j^(2) in the formula; a sentence without a verb",
        "from a_1^(2) and a_2^(2)",
        shown.d35,
    ),
    Erratum(
        "D36", "inconsistency", "(38)", "δ_i^(k) = ∂E/∂a_i^(k)", "δ_i^(k) ≜ ∂E_n/∂a_i^(k), as in (39) and Section 5.2"
    ),
    Erratum("G1", "misprint", "Figure 6", "(1) on all weights below the layers", "(1), (2), (3), (K)", note=PDF),
    Erratum("G2", "misprint", "Figure 7", "the last unit on the right is z_{N_3}^(k+1)", "z_{N_{k+1}}^(k+1)", note=PDF),
    Erratum("G3", "gap", "Figures 3, 5, 9", "a gap stands for the units that are not drawn", "an ellipsis", note=PDF),
    Erratum(
        "L1",
        "misprint",
        "throughout",
        "the how, we adjust we adjust, one the error, righting our, right them all out, (we typically … layer count.,"
        " were we, computer with respect to, not that, in in",
        "how, we adjust, on the error, writing out our, write them all out, a closing bracket,"
        " where we, computed with respect to, note that, in",
    ),
    Erratum("L2", "gap", "References", "[1] to [3] are not cited in the text", "a citation where each is used"),
]


def list_ids() -> str:
    """The ids of all entries: "D1 to D9, G1"."""
    letters = dict.fromkeys(erratum.id[0] for erratum in ERRATA)
    ids = [[erratum.id for erratum in ERRATA if erratum.id[0] == letter] for letter in letters]
    return ", ".join(found[0] if len(found) == 1 else f"{found[0]} to {found[-1]}" for found in ids)


def lines(only: str = "", digits: int = DIGITS) -> Iterator[str]:
    """The lines about all entries by their sorts, or about the one with that id, after a line on their networks."""
    text: list[str] = []
    for key, sort in SORTS.items():
        found = [erratum for erratum in ERRATA if erratum.sort == key and only.upper() in ("", erratum.id)]
        if found:
            text.append(f"  {sort.name}" if only else f"  {sort.plural}: {len(found)}")
            text += [line for erratum in found for line in erratum.lines(digits)]
    named = [describe_network(network) for name, network in NETWORKS.items() if any(name in line for line in text)]
    if named:
        yield f"  on the network{'s' * (len(named) > 1)} {'; '.join(named)}"
    yield from text
