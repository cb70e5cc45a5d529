"""What is known of a published example: where it stands, the numbers printed there, which are not right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Source:
    """Where an example was published."""

    author: str
    title: str
    year: str
    address: str

    def __str__(self) -> str:
        return f'{self.author}, "{self.title}", {self.year}'


@dataclass(frozen=True)
class Erratum:
    """A printed number that is not right.

    Attributes:
        right: The number, with as many digits as are needed to see that the printed one is another.
        why: How they differ, in one sentence.
        found: The name of a number that does have the printed digits: what was computed there instead.
    """

    right: str
    why: str
    found: str


@dataclass(frozen=True)
class Published:
    """An example: its numbers by their names, in the order of the source."""

    title: str
    source: Source
    numbers: Mapping[str, str]
    errata: Mapping[str, Erratum] = field(default_factory=dict)
