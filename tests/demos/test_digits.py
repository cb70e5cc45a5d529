"""Handwritten digits, read after very little training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from demos import digits
from demos.digits import Examined, confusion, main, mistakes, train
from tests.demos import is_png

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def examined() -> Examined:
    return train(0, epochs=1)


def test_one_epoch_reads_most_digits_that_were_held_out(examined: Examined) -> None:
    assert len(examined.digits) == len(examined.read) == len(examined.images) == 360
    assert len(examined.wrong) < 72
    assert examined.accuracy == f"{100 - len(examined.wrong) / 3.6:.1f} %"


def test_what_was_read_is_the_largest_of_the_networks_outputs(examined: Examined) -> None:
    for image, read in list(zip(examined.images, examined.read, strict=True))[:20]:
        outputs = examined.network(image.tolist())
        assert isinstance(outputs, list)
        assert max(range(10), key=lambda i: outputs[i].data) == read


def test_every_digit_is_held_out_as_often_as_it_occurs(examined: Examined) -> None:
    assert [examined.digits.count(digit) for digit in range(10)] == [pytest.approx(36, abs=1)] * 10


@pytest.mark.parametrize("count", [1, 9, 100])
def test_any_number_of_wrong_digits_can_be_drawn(examined: Examined, count: int, tmp_path: Path) -> None:
    read = [(digit + (i < count)) % 10 for i, digit in enumerate(examined.digits)]
    worse = replace(examined, read=read)
    assert len(worse.wrong) == count
    assert is_png(mistakes(worse, tmp_path / "wrong.png"))
    assert is_png(confusion(worse, tmp_path / "confusion.png"))


def test_the_demo_prints_and_draws(
    examined: Examined, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(digits, "train", lambda *_: examined)
    assert main(["--out", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert f"{examined.accuracy} of 360 held-out digits" in printed.out
    for name in ("digits-confusion.png", "digits-wrong.png"):
        assert str(tmp_path / name) in printed.out
        assert is_png(tmp_path / name)


def test_where_nothing_is_misread_there_is_no_picture_of_it(
    examined: Examined, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    perfect = replace(examined, read=examined.digits)
    monkeypatch.setattr(digits, "train", lambda *_: perfect)
    assert main(["--out", str(tmp_path)]) == 0
    assert "100.0 % of 360" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["digits-confusion.png"]


def test_a_table_of_seeds(
    examined: Examined, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(digits, "train", lambda *_: examined)
    assert main(["--seeds", "1"]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split() == ["seed", "accuracy", "wrong", "of", "seconds"]
    assert row.split()[:5] == ["0", *examined.accuracy.split(), str(len(examined.wrong)), "360"]
