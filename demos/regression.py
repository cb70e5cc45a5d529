"""`python -m demos.regression`: a network learns a sine from noisy points, drawn as it learns.

60 points of sin x with normal noise; 1-16-1 units, tanh; the mean squared error; Adam, with batches of 10 points and a
learning rate that falls from 0.03 to 0.003.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import TYPE_CHECKING

from demos.cli import format_count, format_progress, run_demo, run_program, train_and_show, training_parser
from engine._support.safe_files import write_atomically
from engine._support.termination import termination_deferred
from nn import MLP, Adam, History, fit, mean_squared_error, plots
from nn.schedules import linear

if TYPE_CHECKING:
    from matplotlib.axes import Axes

POINTS, NOISE = 60, 0.2
MAX_X = math.pi  # x is from -π to π
SIZES = [1, 16, 1]
FIRST_RATE, LAST_RATE = 0.03, 0.003
BATCH_SIZE = 10
XS = [MAX_X * i / 100 for i in range(-100, 101)]  # of the curves
PANELS, FRAMES = 6, 40
LEGEND = "Red: the network; dashed: the sine; dots: the training data"
FRAME_RATE, LAST_FRAME_REPEATS = 8, 16  # frames per second; more frames for the last curve


@dataclass(frozen=True)
class SineFit:
    """The points, and by epoch the curve of the network: its output at each of `XS`."""

    points: list[tuple[float, float]]
    curves: dict[int, list[float]]
    history: History

    @property
    def error(self) -> float:
        """The root mean square of the last curve's distance from the sine without noise."""
        last = self.curves[max(self.curves)]
        return math.sqrt(sum((z - math.sin(x)) ** 2 for x, z in zip(XS, last, strict=True)) / len(XS))


def noisy_sine(rng: random.Random) -> list[tuple[float, float]]:
    """The points, from left to right."""
    xs = sorted(rng.uniform(-MAX_X, MAX_X) for _ in range(POINTS))
    return [(x, math.sin(x) + rng.gauss(0.0, NOISE)) for x in xs]


def sampled_epochs(epochs: int, n: int) -> list[int]:
    """At most n epochs from 0 to the last, closer together at first, when most is learned.

    >>> sampled_epochs(300, 6)
    [0, 2, 19, 65, 154, 300]
    """
    return sorted({round(epochs * (i / (n - 1)) ** 3) for i in range(n)})


def train(seed: int, epochs: int, progress: bool | None = False) -> SineFit:
    """Train a network, and keep its curve at sampled epochs."""
    rng = random.Random(seed)
    points = noisy_sine(rng)
    network = MLP(SIZES[0], SIZES[1:], activation="tanh", rng=rng)
    curves = {0: curve(network)}
    kept = {*sampled_epochs(epochs, PANELS), *sampled_epochs(epochs, FRAMES)}

    def keep(epoch: int, history: History) -> None:
        if epoch in kept:
            curves[epoch] = curve(network)

    steps = epochs * -(-POINTS // BATCH_SIZE)
    history = fit(
        network,
        mean_squared_error,
        [x for x, _ in points],
        [y for _, y in points],
        optimizer=Adam(network.parameters(), lr=linear(FIRST_RATE, LAST_RATE, steps)),
        epochs=epochs,
        batch_size=BATCH_SIZE,
        rng=rng,
        callbacks=[keep],
        progress=progress,
    )
    curves[history.epochs] = curve(network)
    return SineFit(points, curves, history)


def curve(network: MLP) -> list[float]:
    """The network's output at each of `XS`."""
    from nn.matrix import MatrixMLP

    outputs: list[float] = MatrixMLP.from_mlp(network).forward([XS]).z[len(SIZES) - 1][0].tolist()
    return outputs


def draw_panels(sine_fit: SineFit, path: Path) -> Path:
    """Draw the curve at a few epochs, side by side."""
    drawn = sorted({*sampled_epochs(max(sine_fit.curves), PANELS)} & {*sine_fit.curves})
    columns = min(3, len(drawn))
    figure = plots.figure(9, 0.8 + 2.6 * -(-len(drawn) // columns))
    for epoch, axes in zip(drawn, plots.panels(figure, len(drawn), columns), strict=True):
        _draw_points(axes, sine_fit.points)
        axes.plot(XS, sine_fit.curves[epoch], color=plots.LIGHT.mark, linewidth=2)
        axes.set_title(_format_epoch(epoch), loc="left", fontsize=10, color=plots.LIGHT.ink)
    title = f"A network of {SIZES[1]} tanh units learns a sine from {POINTS} noisy points"
    plots.caption(figure, title, LEGEND)
    return plots.save(figure, path)


def draw_film(sine_fit: SineFit, path: Path) -> Path:
    """Draw the curve as it moves, as an animated GIF."""
    from matplotlib.animation import PillowWriter

    figure = plots.figure(6, 4.4)
    plots.caption(figure, "A network learns a sine", LEGEND)
    [axes] = plots.panels(figure, 1)
    _draw_points(axes, sine_fit.points)
    [line] = axes.plot([], [], color=plots.LIGHT.mark, linewidth=2.5)
    last = max(sine_fit.curves)
    drawn = sorted({*sampled_epochs(last, FRAMES)} & {*sine_fit.curves})
    writer = PillowWriter(fps=FRAME_RATE)
    stopped = Event()
    with termination_deferred(stopped.set), TemporaryDirectory() as folder:
        with writer.saving(figure, f"{folder}/film.gif", dpi=100):
            for epoch in drawn + [last] * LAST_FRAME_REPEATS:
                if stopped.is_set():
                    raise CancelledError  # when the folder is deleted, the signal ends the process
                line.set_data(XS, sine_fit.curves[epoch])
                axes.set_title(_format_epoch(epoch), loc="left", fontsize=11, color=plots.LIGHT.ink)
                writer.grab_frame()
        return write_atomically(path, Path(folder, "film.gif").read_bytes())


def _format_epoch(epoch: int) -> str:
    return f"after {format_count(epoch, 'epoch')}" if epoch else "before training"


def _draw_points(axes: Axes, points: Sequence[tuple[float, float]]) -> None:
    """The sine and the points, without the curve."""
    axes.plot(XS, list(map(math.sin, XS)), color=plots.LIGHT.ink, linewidth=1, linestyle="dashed")
    xs, ys = zip(*points, strict=True)
    axes.scatter(xs, ys, s=12, color=plots.LIGHT.blue, alpha=0.6, linewidths=0)
    axes.set_xticks([-math.pi, 0, math.pi], ["−π", "0", "π"])
    axes.set_yticks([-1, 0, 1])
    axes.set_ylim(-1.8, 1.8)
    plots.tidy(axes, "$x$", "output and target")


def main(arguments: list[str] | None = None) -> int:
    """Train and draw; 0 on success, 1 on failure, 2 for bad options."""
    options = training_parser("regression", __doc__, seed=0, epochs=300).parse_args(arguments)
    show = partial(_print_result, folder=options.out)
    return run_demo(lambda: train_and_show(options, train, show, _table_row), "matplotlib")


def _print_result(sine_fit: SineFit, seconds: float, folder: Path) -> None:
    print(f"A sine from {POINTS} points with noise of {NOISE}, {'-'.join(map(str, SIZES))} units, tanh")
    print(*format_progress(sine_fit.history), sep="\n")
    print(f"The curve is {sine_fit.error:.3f} from the sine itself (root mean square), after {seconds:.1f} s")
    print(f"The curve as it learns is drawn in {draw_panels(sine_fit, folder / 'regression.png')}")
    print(f"and moves in {draw_film(sine_fit, folder / 'regression.gif')}")


def _table_row(sine_fit: SineFit) -> dict[str, str]:
    return {"loss": f"{sine_fit.history.losses[-1]:.4f}", "error": f"{sine_fit.error:.4f}"}


if __name__ == "__main__":
    run_program(main)
