"""Handwritten digits, read after very little training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from demos import digits
from demos.digits import Evaluation, draw_confusion, draw_misread, main, train
from tests import by_night
from tests.demos.png_files import is_png

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return train(0, epochs=1)


def test_one_epoch_reads_most_digits_that_were_held_out(evaluation: Evaluation) -> None:
    assert len(evaluation.digits) == len(evaluation.read) == len(evaluation.images) == 360
    assert len(evaluation.wrong) < 72
    assert evaluation.accuracy == f"{100 - len(evaluation.wrong) / 3.6:.1f} %"


def test_the_digit_read_is_the_networks_largest_output(evaluation: Evaluation) -> None:
    for image, read in list(zip(evaluation.images, evaluation.read, strict=True))[:20]:
        outputs = evaluation.network(image.tolist())
        assert isinstance(outputs, list)
        assert max(range(10), key=lambda i: outputs[i].data) == read


def test_every_digit_is_held_out_as_often_as_it_occurs(evaluation: Evaluation) -> None:
    assert [evaluation.digits.count(digit) for digit in range(10)] == [pytest.approx(36, abs=1)] * 10


@pytest.mark.thorough
@pytest.mark.parametrize("count", by_night([1, 100], [1, 9, 100]))
def test_any_number_of_wrong_digits_can_be_drawn(evaluation: Evaluation, count: int, tmp_path: Path) -> None:
    read = [(digit + (i < count)) % 10 for i, digit in enumerate(evaluation.digits)]
    worse = replace(evaluation, read=read)
    assert len(worse.wrong) == count
    assert is_png(draw_misread(worse, tmp_path / "wrong.png"))
    assert is_png(draw_confusion(worse, tmp_path / "confusion.png"))


def test_the_demo_prints_and_draws(
    evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(digits, "train", lambda *_: evaluation)
    assert main(["--out", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert f"{evaluation.accuracy} of 360 held-out digits" in printed.out
    for name in ("digits-confusion.png", "digits-wrong.png"):
        assert str(tmp_path / name) in printed.out
        assert is_png(tmp_path / name)


def test_without_misread_digits_none_are_drawn(
    evaluation: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    perfect = replace(evaluation, read=evaluation.digits)
    monkeypatch.setattr(digits, "train", lambda *_: perfect)
    assert main(["--out", str(tmp_path)]) == 0
    assert "100.0 % of 360" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["digits-confusion.png"]


def test_a_table_of_seeds(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(digits, "train", lambda *_: evaluation)
    assert main(["--seeds", "1"]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split() == ["seed", "accuracy", "wrong", "of", "seconds"]
    assert row.split()[:5] == ["0", *evaluation.accuracy.split(), str(len(evaluation.wrong)), "360"]
