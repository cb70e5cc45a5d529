"""`python -m demos.regression`: a network learns a sine from noisy points, drawn as it learns.

60 points of sin x with normal noise; 1-16-1 units, tanh; the mean squared error; Adam, with batches of 10 points and a
learning rate that falls from 0.03 to 0.003.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from demos import plots
from demos.cli import format_count, format_progress, run_demo, run_program, train_and_show, training_parser
from engine._support.safe_files import write_atomically
from nn import MLP, Adam, History, fit, mean_squared_error
from nn.schedules import linear

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS, NOISE = 60, 0.2
END = math.pi  # x is from -π to π
SIZES = [1, 16, 1]
FIRST_RATE, LAST_RATE = 0.03, 0.003
BATCH = 10
XS = [END * i / 100 for i in range(-100, 101)]  # where curves are drawn
PANELS, FRAMES = 6, 40
KEY = "Orange: the network; dashed: the sine; dots: what it learns from"
FRAME_RATE, LAST_FRAME_STAYS = 8, 16  # frames in a second; how many frames long the last is shown


@dataclass(frozen=True)
class Learned:
    """A trained network, its points, and by epoch the curve that it was: its output at each of `XS`."""

    points: list[tuple[float, float]]
    curves: dict[int, list[float]]
    history: History

    @property
    def error(self) -> float:
        """How far the last curve is from the sine, which it has never seen without noise: root mean square."""
        last = self.curves[max(self.curves)]
        return math.sqrt(sum((z - math.sin(x)) ** 2 for x, z in zip(XS, last, strict=True)) / len(XS))


def noisy_sine(rng: random.Random) -> list[tuple[float, float]]:
    """The points, from left to right."""
    xs = sorted(rng.uniform(-END, END) for _ in range(POINTS))
    return [(x, math.sin(x) + rng.gauss(0.0, NOISE)) for x in xs]


def moments(epochs: int, n: int) -> list[int]:
    """The epochs after which to look, n at most, from 0 to the last, close together at first, when most is learned.

    >>> moments(300, 6)
    [0, 2, 19, 65, 154, 300]
    """
    return sorted({round(epochs * (i / (n - 1)) ** 3) for i in range(n)})


def train(seed: int, epochs: int, progress: bool | None = False) -> Learned:
    """Train a network, and keep its curve every now and then."""
    rng = random.Random(seed)
    points = noisy_sine(rng)
    network = MLP(SIZES[0], SIZES[1:], activation="tanh", rng=rng)
    curves = {0: curve(network)}
    kept = {*moments(epochs, PANELS), *moments(epochs, FRAMES)}

    def keep(epoch: int, history: History) -> None:
        if epoch in kept:
            curves[epoch] = curve(network)

    steps = epochs * -(-POINTS // BATCH)
    history = fit(
        network,
        mean_squared_error,
        [x for x, _ in points],
        [y for _, y in points],
        optimizer=Adam(network.parameters(), lr=linear(FIRST_RATE, LAST_RATE, steps)),
        epochs=epochs,
        batch_size=BATCH,
        rng=rng,
        callbacks=[keep],
        progress=progress,
    )
    curves[history.epochs] = curve(network)
    return Learned(points, curves, history)


def curve(network: MLP) -> list[float]:
    """The network's output at each of `XS`."""
    from nn.matrix import MatrixMLP

    outputs: list[float] = MatrixMLP.from_mlp(network).forward([XS]).z[len(SIZES) - 1][0].tolist()
    return outputs


def panels(learned: Learned, path: Path) -> Path:
    """Draw the curve at a few moments, side by side."""
    shown = sorted({*moments(max(learned.curves), PANELS)} & {*learned.curves})
    columns = min(3, len(shown))
    figure = plots.figure(9, 0.8 + 2.4 * -(-len(shown) // columns))
    all_axes = figure.subplots(-(-len(shown) // columns), columns, squeeze=False, sharex=True, sharey=True).ravel()
    for axes in all_axes[len(shown) :]:
        axes.set_axis_off()
    for epoch, axes in zip(shown, all_axes, strict=False):
        _panel(axes, learned.points)
        axes.plot(XS, learned.curves[epoch], color=plots.ORANGE, linewidth=2)
        axes.set_title(_after(epoch), loc="left", fontsize=10, color=plots.INK)
    title = f"A network of {SIZES[1]} tanh units learns a sine from {POINTS} noisy points"
    plots.caption(figure, title, KEY)
    return plots.save(figure, path)


def film(learned: Learned, path: Path) -> Path:
    """Draw the curve as it moves, as an animated GIF."""
    from matplotlib.animation import PillowWriter

    figure = plots.figure(6, 4.4)
    plots.caption(figure, "A network learns a sine", KEY)
    axes = figure.add_subplot()
    _panel(axes, learned.points)
    [line] = axes.plot([], [], color=plots.ORANGE, linewidth=2.5)
    last = max(learned.curves)
    shown = sorted({*moments(last, FRAMES)} & {*learned.curves})
    writer = PillowWriter(fps=FRAME_RATE)
    with TemporaryDirectory() as folder:
        with writer.saving(figure, f"{folder}/film.gif", dpi=100):
            for epoch in shown + [last] * LAST_FRAME_STAYS:
                line.set_data(XS, learned.curves[epoch])
                axes.set_title(_after(epoch), loc="left", fontsize=11, color=plots.INK)
                writer.grab_frame()
        return write_atomically(path, Path(folder, "film.gif").read_bytes())


def _after(epoch: int) -> str:
    return f"after {format_count(epoch, 'epoch')}" if epoch else "before training"


def _panel(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    """The sine and the points, without the curve."""
    axes.plot(XS, list(map(math.sin, XS)), color=plots.INK, linewidth=1, linestyle="dashed")
    xs, ys = zip(*points, strict=True)
    axes.scatter(xs, ys, s=12, color=plots.BLUE, alpha=0.6, linewidths=0)
    axes.set_xticks([-math.pi, 0, math.pi], ["−π", "0", "π"])
    axes.set_yticks([-1, 0, 1])
    axes.set_ylim(-1.8, 1.8)
    plots.tidy(axes)


def main(arguments: list[str] | None = None) -> int:
    """Train and draw; 0 if all is well, 1 if something could not be done, 2 for bad options."""
    options = training_parser("regression", __doc__, seed=0, epochs=300).parse_args(arguments)
    show = partial(_show, folder=options.out)
    return run_demo(lambda: train_and_show(options, train, show, _row), "matplotlib")


def _show(learned: Learned, seconds: float, folder: Path) -> None:
    print(f"A sine from {POINTS} points with noise of {NOISE}, {'-'.join(map(str, SIZES))} units, tanh")
    print(*format_progress(learned.history), sep="\n")
    print(f"The curve is {learned.error:.3f} from the sine itself (root mean square), after {seconds:.1f} s")
    print(f"The curve as it learns is drawn in {panels(learned, folder / 'regression.png')}")
    print(f"and moves in {film(learned, folder / 'regression.gif')}")


def _row(learned: Learned) -> dict[str, str]:
    return {"loss": f"{learned.history.losses[-1]:.4f}", "error": f"{learned.error:.4f}"}


if __name__ == "__main__":
    run_program(main)
