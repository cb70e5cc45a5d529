"""The places of the paper that an erratum names, as anchors of the page, and the errata of each place."""

from __future__ import annotations

import html
import re
from collections import defaultdict
from collections.abc import Iterator

from demos.paper.equations.catalogue import EQUATIONS
from demos.paper.errata.misprints import ERRATA, Erratum
from demos.paper.outline import SECTIONS

# "(38)"; or a word that says what the numbers after it count, until the next such word; or a number, "5.2".
_TOKEN = re.compile(r"\((S?\d+)\)|\b(?P<word>Section|Figure|Table|step|row)s?\b|\b(?P<number>\d+(?:\.\d)?)\b")
# In a sentence, numbers of one digit in brackets may be numbers.
_MENTION = re.compile(r"\((?:\d\d|S\d)\)|\b(?:Figure|Table) \d\b(?!\.\d)|\bSection \d\.\d\b")


def section_anchor(number: str) -> str:
    """The anchor of a section.

    >>> section_anchor("3.1")
    'section-3-1'
    """
    return f"section-{number.replace('.', '-')}"


ANCHORS = frozenset(
    [section_anchor(section.number) for section in SECTIONS]
    + [block.name for section in SECTIONS for block in section.blocks if block.name]
    + [f"eq-{number}" for number in EQUATIONS]
)


def link_places(where: str) -> str:
    """The place of an erratum as HTML, with a link for each section, equation, figure and table that it names.

    >>> link_places("Table 1, step 7")
    '<a href="#table-1">Table 1</a>, step 7'
    """
    linked, end = "", 0
    for start, stop, anchor in _find_places(where):
        linked += f'{html.escape(where[end:start])}<a href="#{anchor}">{html.escape(where[start:stop])}</a>'
        end = stop
    return linked + html.escape(where[end:])


def link_mentions(text: str) -> str:
    """A sentence as HTML, with a link for each place that it names: (14), Figure 4, Section 5.2.

    >>> link_mentions("(14) is said to follow from (2)")
    '<a href="#eq-14">(14)</a> is said to follow from (2)'
    """
    linked, end = "", 0
    for found in _MENTION.finditer(text):
        linked += html.escape(text[end : found.start()]) + link_places(found[0])
        end = found.end()
    return linked + html.escape(text[end:])


def _find_places(where: str) -> Iterator[tuple[int, int, str]]:
    """Where each name of a place begins and ends, and its anchor."""
    kind, start = "section", None  # numbers without a word are of sections
    for found in _TOKEN.finditer(where):
        if found["word"]:
            kind, start = found["word"].lower(), found.start()
            continue
        number = found[1] or found["number"]
        if found[1]:
            anchor = f"eq-{number}"
        else:
            anchor = section_anchor(number) if "." in number or kind == "section" else f"{kind}-{number}"
        if anchor in ANCHORS:
            yield found.start() if start is None else start, found.end(), anchor
        start = None


def _errata_by_place() -> dict[str, list[Erratum]]:
    found: defaultdict[str, list[Erratum]] = defaultdict(list)
    for erratum in ERRATA:
        named = [anchor for *_, anchor in _find_places(erratum.where)]
        for anchor in dict.fromkeys(named):
            found[anchor].append(erratum)
    return dict(found)


ERRATA_BY_PLACE = _errata_by_place()  # by anchor
