"""A sine learned from noisy points, and drawn as it is learned."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from demos import regression
from demos.regression import XS, SineFit, curve, draw_film, main, sampled_epochs, train
from nn import MLP, History
from tests import by_night
from tests.demos.png_files import is_png

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def learned() -> SineFit:
    return train(0, epochs=60)


def test_the_curve_comes_closer_to_the_sine_than_the_points_are(learned: SineFit) -> None:
    assert learned.error < regression.NOISE
    last = learned.curves[60]
    assert max(abs(z - math.sin(x)) for x, z in zip(XS, last, strict=True)) < 0.5


def test_the_error_is_the_root_of_the_mean_square() -> None:
    off = {0: [0.0] * len(XS), 7: [math.sin(x) + 0.25 for x in XS]}
    assert SineFit([], off, History()).error == pytest.approx(0.25)


@pytest.mark.parametrize(("epochs", "n"), [(1, 6), (5, 40), (300, 40)])
def test_the_sampled_epochs_are_from_0_to_the_last(epochs: int, n: int) -> None:
    found = sampled_epochs(epochs, n)
    assert found[0] == 0
    assert found[-1] == epochs
    assert found == sorted(set(found))
    assert len(found) <= n


def test_the_curve_is_kept_at_every_sampled_epoch(learned: SineFit) -> None:
    assert {*sampled_epochs(60, regression.PANELS), *sampled_epochs(60, regression.FRAMES)} == {*learned.curves}
    assert len({tuple(z) for z in learned.curves.values()}) == len(learned.curves)


def test_a_curve_is_the_networks_output() -> None:
    network = MLP(1, [16, 1], activation="tanh")
    outputs: list[Any] = [network([x]) for x in XS[::50]]
    assert curve(network)[::50] == [pytest.approx(z.data, rel=1e-12) for z in outputs]


@pytest.mark.parametrize("epochs", by_night([1], [1, 4]))
def test_the_demo_prints_and_draws(epochs: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--epochs", str(epochs), "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert str(tmp_path / "regression.png") in printed.out
    assert is_png(tmp_path / "regression.png")
    assert (tmp_path / "regression.gif").read_bytes().startswith(b"GIF89a")


STOPPED_FILM = """
import os, signal, sys
from pathlib import Path
from matplotlib.animation import PillowWriter
from demos.regression import XS, SineFit, draw_film
from nn import History

def grab_frame(self):
    print("frame", flush=True)
    os.kill(os.getpid(), signal.SIGTERM)

PillowWriter.grab_frame, PillowWriter.finish = grab_frame, lambda self: None
draw_film(SineFit([(0.0, 0.0)], {0: XS, 1: XS}, History()), Path(sys.argv[1], "film.gif"))
"""


def test_after_sigterm_the_film_is_not_drawn_to_its_end(tmp_path: Path) -> None:
    (temporary := tmp_path / "temporary").mkdir()
    done = subprocess.run(
        [sys.executable, "-c", STOPPED_FILM, str(tmp_path)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "TMPDIR": str(temporary)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGTERM, "frame\n", "")
    assert os.listdir(temporary) == []
    assert os.listdir(tmp_path) == ["temporary"]


def test_the_film_has_a_frame_per_epoch_and_rests_on_the_last(
    learned: SineFit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PIL import Image

    monkeypatch.setattr(regression, "FRAMES", 3)
    monkeypatch.setattr(regression, "LAST_FRAME_REPEATS", 8)
    with Image.open(draw_film(learned, tmp_path / "film.gif")) as gif:
        durations = []
        for i in range(getattr(gif, "n_frames", 0)):
            gif.seek(i)
            durations.append(gif.info["duration"])
    assert len(durations) == len(sampled_epochs(60, 3)) == 3
    assert durations[-1] > 5 * durations[0]


def test_after_ctrl_c_the_last_curve_is_that_of_the_network_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regression, "fit", lambda *_, **__: History([0.5] * 7, interrupted=True))
    assert list(train(0, epochs=300).curves) == [0, 7]
