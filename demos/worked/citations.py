"""A published example: its citation, the numbers printed there, and corrections of those that are not right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Citation:
    """The publication of an example."""

    author: str
    title: str
    year: str
    address: str

    def __str__(self) -> str:
        return f'{self.author}, "{self.title}", {self.year}'


@dataclass(frozen=True)
class Correction:
    """A printed number that is not right.

    Attributes:
        right: The right number, with enough digits to tell it from the printed one.
        why: The reason for the difference, in one sentence.
        instead: The name of the number that has the printed digits, which was computed instead.
    """

    right: str
    why: str
    instead: str


@dataclass(frozen=True)
class PublishedExample:
    """An example: its numbers by their names, in the order of the publication."""

    title: str
    citation: Citation
    numbers: Mapping[str, str]
    corrections: Mapping[str, Correction] = field(default_factory=dict)
