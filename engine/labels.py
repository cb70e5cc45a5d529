r"""Labels: their grammar, functions that write and read them, and the role that a node has by its label.

A label is plain text in the habit of TeX, such as `x`, `y_hat`, `E_n`, `w_11^(1)`, `w_11,10^(1)`, `delta_i^(k-1)` or
`w_{iN_{k-1}}^(k)`: one letter, or the name of a Greek one, perhaps with a hat, a subscript and a superscript. Vectors
and matrices are bold: `y_bold_hat`, `W_bold^{(k+1)T}`. As in LaTeX, a Greek letter may have a backslash, `\delta`, and
an index braces, `w_{12}`. Any other text, such as `learning rate` or `hidden_size`, is allowed, as a word.

Only this module reads the letters. Others call `parse_label` for the parts, `role_of` for the role of a node;
`viz.math.formats` writes labels as Unicode and LaTeX.

>>> label = parse_label("w_11,10^(2)")
>>> label.role, label.layer, label.index_list(), str(label)
(<Role.WEIGHT: 'w'>, '2', ['11', '10'], 'w_11,10^(2)')
>>> parse_label("hidden_size") is None
True
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from itertools import count

# Greek letters by their names in LaTeX, which lacks omicron and the capitals that look like Latin ones.
_NAMES = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi"
_NAMES += " omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
GREEK = dict(zip(_NAMES.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True))
NAME_OF = {letter: name for name, letter in GREEK.items()}

# The grammar. Indices nest at most twice, as in w_{iN_{k-1}}^(k), so a regular expression is enough. It is unambiguous,
# so that matching takes linear time.
_LETTER = "[A-Za-z" + "".join(NAME_OF) + "]"
_ATOM = rf"(?:[0-9]+(?![0-9])|{_LETTER}|[-+,()])"
_BARE_INNER = f"(?:[0-9]|{_LETTER})"  # an index of an index, without braces: N_1
_BARE_INDEX = f"{_BARE_INNER}+(?:,{_BARE_INNER}+)*"  # any other index without braces: 11, iN, 11,10
_INNER = rf"(?:{_BARE_INNER}|\{{{_ATOM}+\}})"  # the index of an index
_ITEM = f"(?:{_ATOM}(?:_{_INNER})?)"
_ITEM_PARTS = re.compile(f"({_ATOM})(?:_({_INNER}))?")
_INDEX = rf"(?:{_BARE_INDEX}|\({_ITEM}+\)|\{{{_ITEM}+\}})"
_LABEL = re.compile(rf"({_LETTER}|\\?(?:{'|'.join(GREEK)}))(_bold)?(_hat)?(?:_({_INDEX}))?(?:\^({_INDEX}))?")
_WORD_WITH_INDEX = re.compile(
    r"(.+)_((?:[0-9]+|[a-z]|[0-9][a-z]|[a-z][0-9]|[ij]{2})|(?:[0-9]+|[a-z])(?:,(?:[0-9]+|[a-z]))+)"
)


class Role(Enum):
    """The role of a node in a network, by the letter of its label in the paper."""

    INPUT = "x"
    WEIGHT = "w"
    BIAS = "b"
    WEIGHTED_SUM = "a"  # of a unit, which the paper calls its activation
    UNIT = "z"
    TARGET = "y"
    DELTA = "δ"
    ERROR = "E"
    OTHER = ""


_ROLES = {role.value: role for role in Role}
_OF_UNITS = {Role.WEIGHTED_SUM, Role.UNIT, Role.DELTA}  # one for each unit of a layer


@dataclass(frozen=True)
class Label:
    """A letter with its hat and indices. In an index, the "letter" may also be a number, a sign or a bracket.

    >>> parse_label("w_i1^(2)").subscript == (Label("i"), Label("1"))
    True
    """

    letter: str
    hat: bool = False
    subscript: tuple[Label, ...] = ()
    superscript: tuple[Label, ...] = ()
    bold: bool = False

    def __str__(self) -> str:
        """The text that `parse_label` reads as this label."""
        return self.name + self.tail

    @property
    def name(self) -> str:
        """The letter; a Greek one by its name."""
        return NAME_OF.get(self.letter, self.letter)

    @property
    def tail(self) -> str:
        """The text after the letter: "_hat_1^(2)"."""
        return ("_bold" if self.bold else "") + ("_hat" if self.hat else "") + "".join(self.typed_indices)

    @property
    def typed_indices(self) -> list[str]:
        """The indices as they are typed: "_1" and "^(2)"."""
        return [_typed(mark, index, _INDEX) for mark, index in self.indices]

    @property
    def indices(self) -> list[tuple[str, tuple[Label, ...]]]:
        """The indices, each with its mark in a label."""
        return [(mark, index) for mark, index in (("_", self.subscript), ("^", self.superscript)) if index]

    @property
    def role(self) -> Role:
        """The role of a node with this label, by its letter."""
        return _ROLES.get(self.letter, Role.OTHER)

    @property
    def layer(self) -> str:
        """The superscript without brackets: "2" for w_11^(2), "k-1" for z_i^(k-1), "" for x."""
        return "".join(item.letter for item in self.superscript).strip("()")

    @property
    def layer_number(self) -> str:
        """The layer if it is a number in brackets, as in z_1^(2); else ""."""
        layer = self.layer
        return layer if layer.isdecimal() and self.typed_indices[-1] == f"^({layer})" else ""

    @property
    def layer_of_unit(self) -> str:
        """The layer of a unit: "2" for z_j^(2), a_j^(2) and δ_j^(2), "0" for x_j; "" for other labels."""
        if self.role in _OF_UNITS:
            return self.layer
        return "0" if self.role is Role.INPUT and not self.superscript else ""

    @property
    def family(self) -> tuple[object, ...]:
        """The part of the label that all units of a layer share: all but the numbers in the subscript."""
        return self.letter, self.superscript, bool(self.subscript)

    @property
    def index_letters(self) -> list[str]:
        """The letters in the subscript: i and j in w_ij, i in w_i1."""
        return [item.letter for item in self.subscript if item.letter.isalpha()]

    def index_list(self, is_split: bool = False) -> list[str]:
        """The indices in the subscript: 11 and j of w_11,j, 1 and j of w_1j.

        With `is_split`, a number without a comma is split into digits: 1 and 2 of w_12.
        """
        letters = [item.letter for item in self.subscript]
        if "," in letters:
            return "".join(letters).split(",")
        return list("".join(letters)) if is_split else letters

    def with_indices(self, indices: Sequence[str]) -> Label:
        """The label with these indices in its subscript."""
        return replace(self, subscript=_parse_index(f"{{{_listed(indices)}}}"))


@lru_cache(maxsize=10_000)
def parse_label(label: str) -> Label | None:
    r"""The parts of a label, or None for any other text.

    >>> parse_label("y_hat")
    Label(letter='y', hat=True, subscript=(), superscript=(), bold=False)
    >>> parse_label("delta") == parse_label("δ") == parse_label(r"\delta"), parse_label("loss_total")
    (True, None)
    """
    match = _LABEL.fullmatch(label)
    if match is None:
        return None
    letter, bold, hat, subscript, superscript = match.groups(default="")
    indices = _parse_index(subscript), _parse_index(superscript)
    return Label(GREEK.get(letter.removeprefix("\\"), letter), bool(hat), *indices, bool(bold))


def parse_indexed(name: str) -> Label | None:
    """The parts of a label, or of a word with an index, whose "letter" is the word; None for any other text.

    >>> parse_indexed("hidden_weights_12"), parse_indexed("learning_rate")
    (Label(letter='hidden_weights', hat=False, subscript=(Label(letter='12', ...),), superscript=(), bold=False), None)
    """
    match = None if parse_label(name) else _WORD_WITH_INDEX.fullmatch(name)
    return Label(match[1], subscript=_parse_index(match[2])) if match else parse_label(name)


def _parse_index(text: str) -> tuple[Label, ...]:
    items = _ITEM_PARTS.findall(text[1:-1] if text.startswith("{") else text)
    return tuple(Label(letter, subscript=_parse_index(inner)) for letter, inner in items)


def _typed(mark: str, index: tuple[Label, ...], bare: str) -> str:
    """An index as it is typed, in braces unless it matches `bare`."""
    inner = "".join(
        item.letter + "".join(_typed(*nested, bare=_BARE_INNER) for nested in item.indices) for item in index
    )
    return mark + (inner if re.fullmatch(bare, inner) else f"{{{inner}}}")


def role_of(label: str) -> Role | None:
    """The role of a node with this label, or None if it is a word.

    >>> role_of("a_1^(2)"), role_of("v_1"), role_of("area")
    (<Role.WEIGHTED_SUM: 'a'>, <Role.OTHER: ''>, None)
    """
    parsed = parse_label(label)
    return parsed.role if parsed else None


def starts_with_weight_letter(label: str) -> bool:
    """Whether it begins with w, as weights do, and words such as "weight" and "w1".

    >>> [starts_with_weight_letter(label) for label in ("w_11^(1)", "weight", "v")]
    [True, True, False]
    """
    return label.startswith(Role.WEIGHT.value)


def are_of_one_unit(a: str, z: str) -> bool:
    """Whether these are the labels of one unit: its weighted sum a_i^(k) and its output z_i^(k).

    >>> are_of_one_unit("a_1^(2)", "z_1^(2)"), are_of_one_unit("a_1^(2)", "z_2^(2)")
    (True, False)
    """
    first, second = parse_label(a), parse_label(z)
    roles = Role.WEIGHTED_SUM, Role.UNIT
    return bool(first and second and (first.role, second.role) == roles and first.indices == second.indices)


def delta_label(label: str) -> Label | None:
    """The label of ∂E/∂a_i^(k), which is δ_i^(k) (the paper's (38)); None if the label is not an a_i^(k).

    >>> print(delta_label("a_1^(2)"), delta_label("a^(3)"), delta_label("z_1^(2)"))
    delta_1^(2) delta^(3) None
    """
    parsed = parse_label(label)
    if parsed is None or parsed.role is not Role.WEIGHTED_SUM or parsed.hat or not parsed.superscript:
        return None
    return replace(parsed, letter=Role.DELTA.value)


def index_label(letter: str, indices: Sequence[int], layer: int | str = "") -> str:
    """A label such as w_11^(1), or x_1 and x, with commas where an index is above 9, as in w_11,10^(1).

    >>> index_label("w", (2, 1), 1), index_label("w", (11, 10), 1), index_label("x", (1,)), index_label("x", ())
    ('w_21^(1)', 'w_11,10^(1)', 'x_1', 'x')
    """
    subscript = f"_{_listed([str(index) for index in indices])}" if indices else ""
    return f"{letter}{subscript}" + (f"^({layer})" if layer != "" else "")


def _listed(indices: Sequence[str]) -> str:
    """The indices joined, by commas if one has several characters."""
    return ("," if any(len(index) > 1 for index in indices) else "").join(indices)


def short_labels(labels: Iterable[str]) -> dict[str, str]:
    """Each label's shorter form, without the index of the unit in layers of one unit, as in the paper's Table 1.

    A layer is known by its superscript. It has one unit if each a, z and delta with that superscript has subscript 1.

    >>> short_labels(["w_11^(2)", "w_12^(2)", "a_1^(2)", "z_1^(1)", "z_2^(1)"])
    {'w_11^(2)': 'w_1^(2)', 'w_12^(2)': 'w_2^(2)', 'a_1^(2)': 'a^(2)', 'z_1^(1)': 'z_1^(1)', 'z_2^(1)': 'z_2^(1)'}
    """
    parsed = {label: parse_label(label) for label in labels}
    units = defaultdict(set)
    for parts in parsed.values():
        if parts and parts.superscript and parts.role in _OF_UNITS and not parts.bold:
            units[parts.superscript].add(parts.subscript)
    single = {layer for layer, subscripts in units.items() if subscripts == {(Label("1"),)}}
    return {
        label: str(_without_unit(parts)) if parts and parts.superscript in single else label
        for label, parts in parsed.items()
    }


def _without_unit(label: Label) -> Label:
    match label.role, label.subscript:
        case Role.WEIGHTED_SUM | Role.UNIT | Role.DELTA | Role.BIAS, (Label("1"),):
            return replace(label, subscript=())
        case Role.WEIGHT, (Label("1"), Label(","), *source):  # w_1,12
            return replace(label, subscript=tuple(source))
        case Role.WEIGHT, (Label("1"), source):  # w_1j
            return replace(label, subscript=(source,))
        case Role.WEIGHT, (Label(digits),) if len(digits) == 2 and digits[0] == "1":  # w_12
            return replace(label, subscript=(Label(digits[1]),))
    return label


def distinct_names(labels: Sequence[str]) -> list[str]:
    """A name for each node by the labels of all: its label where no other has it, else "label#n", with n counting on.

    Names that are another node's label are skipped.

    >>> distinct_names(["x", "", "w", "w", "#2"])
    ['x', '#1', 'w#2', 'w#3', '#2']
    """
    times = Counter(labels)
    numbers = count(1)

    def numbered(label: str) -> str:
        return next(name for n in numbers if (name := f"{label}#{n}") not in times)

    return [label if label and times[label] == 1 else numbered(label) for label in labels]
