"""The file that says where one stands: for each exercise the seed, the turn, the question, hints, and points."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import count
from pathlib import Path
from typing import Any

from demos.learn.exercise import load, names
from engine._support.safe_files import read_bounded, write_atomically

MAX_BYTES = 1_000_000
MAX_WAIT = 10.0  # seconds, for other sessions to write
VERSION = 1


@dataclass
class Place:
    """Where one stands in an exercise.

    Attributes:
        seed: The seed of its numbers.
        turn: 0 for the worked example, 1 for that with the last question, 2 for that with all.
        question: The index of the next question.
        hints: The number of hints that were given to it.
        points: Those of this turn.
        best: The points of the best whole turn; -1 if it was not finished.
    """

    seed: int = 0
    turn: int = 0
    question: int = 0
    hints: int = 0
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
    problem: str = ""  # the sentence about what could not be read
    _kept: dict[str, Place] = field(default_factory=dict, repr=False)  # copies of the places, as the file has them

    @classmethod
    def load(cls, path: Path) -> Progress:
        """The progress in a file. What is broken begins anew, with a `problem`; the file is kept under a new name."""
        places, problems = _read(path)
        problems += _keep_aside(path) if problems else []
        return cls(path, places, " ".join(problems), _copied(places))

    def place(self, name: str) -> Place:
        """Where one stands in an exercise."""
        return self.places.setdefault(name, Place())

    def save(self) -> None:
        """Write the places that have changed into the file, which other sessions may change too, one after another.

        Raises OSError if it cannot be written.
        """
        from filelock import FileLock  # here, so that `main` can name all that the extra `learn` lacks

        if self.path is None:
            return
        path = self.path.expanduser()
        with FileLock(path.with_name(f".{path.name}.lock"), timeout=MAX_WAIT):
            written, _ = _read(path)
            for name, place in self.places.items():
                if place != self._kept.get(name, Place()):
                    written[name] = replace(place, best=max(place.best, written.get(name, place).best))
            content = {"version": VERSION, "exercises": {name: asdict(place) for name, place in written.items()}}
            write_atomically(path, json.dumps(content, indent=1) + "\n")
        self._kept = self._kept | _copied(self.places)


def _copied(places: Mapping[str, Place]) -> dict[str, Place]:
    return {name: replace(place) for name, place in places.items()}


def _read(path: Path) -> tuple[dict[str, Place], list[str]]:
    """The places in a file, none if it does not exist, and sentences about what cannot be read."""
    places: dict[str, Place] = {}
    problems = []
    try:
        for name, given in _read_exercises(path).items():
            try:
                places[name] = _read_place(name, given)
            except (ValueError, TypeError) as error:
                problems.append(f"{path} cannot be read ({name}: {error}): that exercise begins anew.")
    except FileNotFoundError:
        pass
    except (OSError, ValueError, RecursionError) as error:
        problems.append(f"{path} cannot be read ({error or type(error).__name__}): this begins anew.")
    return places, problems


def _read_exercises(path: Path) -> dict[str, Any]:
    """The entries of a file for each exercise. Raises OSError or ValueError if it cannot be read."""
    content = json.loads(read_bounded(path, MAX_BYTES))
    if not isinstance(content, dict) or content.get("version") != VERSION:
        raise ValueError(f"it does not have version {VERSION}")
    exercises = content.get("exercises")
    if not isinstance(exercises, dict):
        raise ValueError("it does not have exercises")
    return exercises


def _keep_aside(path: Path) -> list[str]:
    """Copy a file that cannot be read, and return the sentence that says to which name; nothing if that fails."""
    aside = next(
        path.with_name(name) for n in count(1) if not path.with_name(name := f"{path.name}.broken-{n}").exists()
    )
    try:
        shutil.copyfile(path, aside)
    except OSError:
        return []
    return [f"It is kept as {aside}."]


def _read_place(exercise: str, given: Any) -> Place:
    """A place of a file. Raises ValueError or TypeError for one that is not a place in the exercise."""
    place = Place(**given)
    for wanted in fields(Place):
        number = getattr(place, wanted.name)
        kinds = (int, float) if isinstance(wanted.default, float) else (int,)
        if type(number) not in kinds or not -1 <= number < 2**31:
            raise ValueError(f"{wanted.name} is {number!r:.40}")
    n_questions = len(load(exercise).questions) if exercise in names() else 2**31
    if place.best > n_questions or place.points > min(place.question, n_questions):
        raise ValueError(f"points {place.points} and {place.best}, at question {place.question} of {n_questions}")
    if min(place.seed, place.question, place.hints, place.points) < 0 or place.turn not in (0, 1, 2):
        raise ValueError(f"turn {place.turn}, question {place.question}, hints {place.hints}, seed {place.seed}")
    return place
