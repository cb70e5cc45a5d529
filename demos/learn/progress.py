"""The file that says where one stands: for each exercise the seed, the turn, the question, and the points."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from engine._support.safe_files import read_bounded, write_atomically

MAX_BYTES = 1_000_000
VERSION = 1


@dataclass
class Place:
    """Where one stands in an exercise.

    Attributes:
        seed: The seed of its numbers.
        turn: 0 for the worked example, 1 for that with the last question, 2 for that with all.
        question: The index of the next question.
        points: Those of this turn.
        best: The points of the best whole turn; -1 if it was not finished.
    """

    seed: int = 0
    turn: int = 0
    question: int = 0
    points: float = 0.0
    best: float = -1.0

    @property
    def is_done(self) -> bool:
        """Whether the exercise was finished once."""
        return self.best >= 0.0

    @property
    def is_begun(self) -> bool:
        """Whether one stands in the middle."""
        return (self.turn, self.question) > (0, 0)


@dataclass
class Progress:
    """Where one stands in all exercises; saved to a file if there is a path.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     Progress(Path(folder) / "progress.json", {"chain": Place(turn=1)}).save()
    ...     Progress.load(Path(folder) / "progress.json").place("chain").turn
    1
    """

    path: Path | None = None
    places: dict[str, Place] = field(default_factory=dict)
    problem: str = ""  # the sentence about a file that could not be read

    @classmethod
    def load(cls, path: Path) -> Progress:
        """The progress in a file; that of a beginner, with a `problem`, if the file is broken."""
        try:
            content = json.loads(read_bounded(path, MAX_BYTES))
            if not isinstance(content, dict) or content.get("version") != VERSION:
                raise ValueError(f"it does not have version {VERSION}")
            return cls(path, {str(name): _read_place(given) for name, given in content["exercises"].items()})
        except FileNotFoundError:
            return cls(path)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            return cls(path, problem=f"{path} cannot be read ({error or type(error).__name__}): this begins anew.")

    def place(self, name: str) -> Place:
        """Where one stands in an exercise."""
        return self.places.setdefault(name, Place())

    def save(self) -> None:
        """Write the file. Raises OSError if it cannot be written."""
        if self.path is not None:
            content = {"version": VERSION, "exercises": {name: asdict(place) for name, place in self.places.items()}}
            write_atomically(self.path, json.dumps(content, indent=1) + "\n")


def _read_place(given: dict[str, Any]) -> Place:
    """A place of a file. Raises ValueError for one that is not a place."""
    place = Place(**given)
    for wanted in fields(Place):
        number = getattr(place, wanted.name)
        kinds = (int, float) if isinstance(wanted.default, float) else (int,)
        if type(number) not in kinds or not -1 <= number < 2**31:
            raise ValueError(f"{wanted.name} is {number!r:.40}")
    if place.seed < 0 or place.turn not in (0, 1, 2) or place.question < 0:
        raise ValueError(f"turn {place.turn}, question {place.question}, seed {place.seed}")
    return place
