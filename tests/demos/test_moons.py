"""micrograd's demo: two moons."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from demos import moons
from demos.moons import Moons, main, scores_at, train
from nn import MLP, History
from tests.demos.png_files import is_png

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def trained() -> Moons:
    return train(1337, epochs=100)


def test_100_steps_put_every_point_on_its_side(trained: Moons) -> None:
    assert trained.correct == 100
    assert trained.accuracy == "100.0 %"
    assert trained.history.losses[-1] < 0.01


def test_the_first_loss_is_that_of_micrograds_notebook(trained: Moons) -> None:
    first = MLP(2, [16, 16, 1], rng=random.Random(1337))
    penalty = moons.ALPHA * sum(w.data**2 for w in first.parameters())
    assert trained.history.losses[0] + penalty == pytest.approx(0.8958441028683222, rel=1e-12)


def test_scores_are_the_networks_outputs(trained: Moons) -> None:
    x_1, x_2 = [0.5, -1.0], [0.25, 2.0]
    outputs: list[Any] = [trained.network([x, y]) for x, y in zip(x_1, x_2, strict=True)]
    assert scores_at(trained.network, x_1, x_2) == [pytest.approx(z.data, rel=1e-12) for z in outputs]


def test_points_on_the_wrong_side_are_not_counted(trained: Moons) -> None:
    opposite = [-y for y in trained.targets]
    assert Moons(trained.inputs, opposite, trained.network, History()).correct == 0


def test_the_demo_prints_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--epochs", "3", "--out", str(tmp_path)]
    assert main(arguments) == 0
    first = capsys.readouterr()
    assert first.err == ""
    assert "337 parameters" in first.out
    assert first.out.splitlines()[-1].endswith(str(tmp_path / "moons.png"))
    assert is_png(tmp_path / "moons.png")
    assert main(arguments) == 0
    assert without_times(capsys.readouterr().out) == without_times(first.out)


def test_a_table_of_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--epochs", "2", "--seeds", "2", "--seed", "5"]) == 0
    header, *rows = capsys.readouterr().out.splitlines()
    assert header.split() == ["seed", "accuracy", "loss", "seconds"]
    assert [row.split()[0] for row in rows] == ["5", "6"]


def test_what_was_learned_before_ctrl_c_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(moons, "fit", lambda *_, **__: History([0.5], interrupted=True))
    assert main(["--out", str(tmp_path)]) == 0
    assert "Stopped by Ctrl-C after 1 step;" in capsys.readouterr().out
    assert is_png(tmp_path / "moons.png")


def without_times(text: str) -> str:
    return re.sub(r"\d+\.\d s\b", "", text)
