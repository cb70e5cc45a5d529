"""The pictures of the trainings: every axis of theirs has a label."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from demos import digits, moons, regression, xor
from nn import plots
from tests import thorough_unless

pytestmark = pytest.mark.once

DRAWINGS: dict[str, Callable[[Path], object]] = {
    "moons": lambda path: moons.draw_boundary(moons.train(1337, 1), path),
    "confusion of digits": lambda path: digits.draw_confusion(digits.train(0, 1), path),
    "misread digits": lambda path: digits.draw_misread(digits.train(0, 1), path),
    "regression": lambda path: regression.draw_panels(regression.train(0, 4), path),
    "xor": lambda path: xor.draw_training(next(xor.attempts(0, 400)), path),
}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that are saved in a test."""
    figures: list[Figure] = []

    def keep(figure: Figure, path: Path) -> Path:
        figures.append(figure)
        return path

    monkeypatch.setattr(plots, "save", keep)
    return figures


@thorough_unless(lambda name: "digits" not in name)
@pytest.mark.parametrize("name", DRAWINGS)
def test_every_axis_has_a_label(name: str, drawn: list[Figure]) -> None:
    DRAWINGS[name](Path("picture.png"))
    [figure] = drawn
    assert figure.axes
    for axes in figure.axes:
        if axes.axison:  # not of images
            assert axes.get_xlabel()
            assert axes.get_ylabel()


def test_xor_marks_its_best_epoch_and_names_its_samples(drawn: list[Figure]) -> None:
    [attempt] = xor.attempts(0, 1000)
    xor.draw_training(attempt, Path("picture.png"))
    course, plane = drawn[0].axes
    assert course.texts[-1].get_text().startswith(f"best epoch {attempt.history.best_epoch}: ")
    assert sorted(text.get_text() for text in plane.texts) == ["0", "0", "1", "1"]
