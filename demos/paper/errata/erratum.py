"""An entry of the errata, and the lines about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from demos.paper.errata.readings import DIGITS, Reading
from viz.math.formats.text import label_to_unicode
from viz.math.formulas import format_number

# A label in a sentence, and the space before the next one if the two are factors.
_LETTER = "[A-Za-zδσ](?:_bold)?"
_INDICES = r"(?:_\{[^ ]*?\}+|_[0-9a-z]+(?:,[0-9a-z]+)*)?(?:\^\([^) ]*\)|\^\{[^ ]*?\}|\^[Tk])?"
_LABEL = re.compile(rf"(?<![^\W\d])({_LETTER}{_INDICES})(?![\w({{])((?<=[^ ]{{2}}) (?={_LETTER}[_^]))?")

_EQUATION = re.compile(r"\((S?\d+)\)")


class Sort(NamedTuple):
    """A sort of errata: its name, that of several, the titles of the two texts of an entry, and how it is mended."""

    name: str
    plural: str
    printed: str
    correct: str
    mended: str


SORTS = {
    "misprint": Sort("Misprint", "Misprints", "printed", "should be", "corrected"),
    "inconsistency": Sort(
        "Inconsistency of notation", "Inconsistencies of notation", "printed", "consistent", "made consistent"
    ),
    "gap": Sort("Gap or ambiguity", "Gaps and ambiguities", "as it is", "complete", "completed"),
}


@dataclass(frozen=True)
class Erratum:
    """A misprint, an inconsistency of notation, or a gap.

    Attributes:
        id: "D1", "D2", ...; "G1" to "G3" for figures, "L1" for the language.
        sort: A key of `SORTS`.
        where: Its place in the paper.
        printed: The printed text.
        correct: The right, consistent or complete one.
        demonstrate: Computes the readings, if numbers show it.
        note: A remark, such as that only the paper's PDF shows it.
    """

    id: str
    sort: str
    where: str
    printed: str
    correct: str
    demonstrate: Callable[[], Iterable[Reading]] | None = None
    note: str = ""

    @property
    def equations(self) -> list[str]:
        """The numbers of the equations that its place names, "38" or "S5"."""
        return _EQUATION.findall(self.where)

    def texts(self) -> tuple[str, str]:
        """The printed and the right text, with labels in Unicode."""
        return _labels_to_unicode(self.printed), _labels_to_unicode(self.correct)

    def remark(self) -> str:
        """The note, with labels in Unicode."""
        return _labels_to_unicode(self.note)

    def lines(self, digits: int = DIGITS) -> Iterator[str]:
        """The lines about the entry."""
        sort = SORTS[self.sort]
        yield f"  {self.id:<4} {self.where}"
        for title, text in zip((sort.printed, sort.correct), self.texts(), strict=True):
            yield f"       {title:<11} {text}"
        if self.note:
            yield f"       {self.remark()}"
        readings = list(self.demonstrate()) if self.demonstrate else []
        digits = min([digits, *(reading.digits for reading in readings)])  # one precision in an entry
        for reading in readings:
            yield f"         {_labels_to_unicode(reading.name):<44} {format_result(reading, digits)}"


def format_result(reading: Reading, digits: int) -> str:
    """The number of a reading, or its text with labels in Unicode."""
    if isinstance(reading.result, str):
        return _labels_to_unicode(reading.result)
    return format_number(reading.result, digits)


def _labels_to_unicode(text: str) -> str:
    return write_labels(text, label_to_unicode)


def write_labels(text: str, write: Callable[[str], str], write_other: Callable[[str], str] = str) -> str:
    """The text with its labels written, and what stands between them, without the space between factors.

    >>> write_labels("the sum of w_1 x_2", lambda label: f"<{label}>", str.upper)
    'THE SUM OF <w_1><x_2>'
    """
    written, end = "", 0
    for found in _LABEL.finditer(text):
        written += write_other(text[end : found.start()]) + write(found[1])
        end = found.end()
    return written + write_other(text[end:])
