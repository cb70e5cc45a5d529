"""`python -m demos.moons`: micrograd's demo, in which a network learns to tell two moons of points apart.

100 points of scikit-learn's make_moons, in two classes; 2-16-16-1 units, relu; the hinge loss with an L2 penalty; 100
steps of gradient descent, each over all points, with a learning rate that falls from 1 to 0.1. With seed 1337 these are
the points and the first weights of micrograd's notebook.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from demos.cli import format_count, format_progress, run_demo, run_program, train_and_show, training_parser
from nn import MLP, SGD, History, fit, hinge, plots
from nn.schedules import linear

POINTS, NOISE = 100, 0.1
SIZES = [2, 16, 16, 1]
FIRST_RATE, LAST_RATE = 1.0, 0.1
ALPHA = 1e-4  # of the penalty α Σ w², whose derivative 2αw is a weight decay of 2α
MARGIN = 0.5  # around the points
CLASSES = (("upper moon", -1, plots.LIGHT.blue, "o"), ("lower moon", 1, plots.LIGHT.mark, "s"))


@dataclass(frozen=True)
class Moons:
    """A trained network and its points: `inputs` are their coordinates, `targets` their classes, -1 or 1."""

    inputs: list[list[float]]
    targets: list[int]
    network: MLP
    history: History

    @property
    def correct(self) -> int:
        """The number of points on their own side: the sign of their score is that of their class."""
        scores = scores_at(self.network, *zip(*self.inputs, strict=True))
        return sum(score * y > 0 for score, y in zip(scores, self.targets, strict=True))

    @property
    def accuracy(self) -> str:
        """The percentage of the points that are on their own side."""
        return f"{100 * self.correct / len(self.targets):.1f} %"


def train(seed: int, epochs: int, progress: bool | None = False) -> Moons:
    """Train a network; each epoch is one step over all points.

    >>> train(1337, epochs=1).accuracy
    '81.0 %'
    """
    from sklearn.datasets import make_moons

    coordinates, classes = make_moons(n_samples=POINTS, noise=NOISE, random_state=seed)
    inputs, targets = coordinates.tolist(), [2 * int(y) - 1 for y in classes]
    rng = random.Random(seed)
    network = MLP(SIZES[0], SIZES[1:], rng=rng)
    optimizer = SGD(network.parameters(), lr=linear(FIRST_RATE, LAST_RATE, epochs), weight_decay=2 * ALPHA)
    history = fit(
        network, hinge, inputs, targets, optimizer=optimizer, epochs=epochs, batch_size=None, rng=rng, progress=progress
    )
    return Moons(inputs, targets, network, history)


def scores_at(network: MLP, x_1: Sequence[float], x_2: Sequence[float]) -> list[float]:
    """The network's output at each of the points (x_1, x_2)."""
    from nn.matrix import MatrixMLP

    scores: list[float] = MatrixMLP.from_mlp(network).forward([x_1, x_2]).z[len(SIZES) - 1][0].tolist()
    return scores


def draw_boundary(moons: Moons, path: Path) -> Path:
    """Draw the points, and the regions of the classes."""
    figure = plots.figure(7, 5.4)
    [axes] = plots.panels(figure, 1)
    (left, right), (bottom, top) = ((min(x) - MARGIN, max(x) + MARGIN) for x in zip(*moons.inputs, strict=True))
    plots.draw_regions(axes, partial(scores_at, moons.network), (left, bottom), (right, top), margins=[-1, 1])
    for name, target, colour, marker in CLASSES:
        points = [x for x, y in zip(moons.inputs, moons.targets, strict=True) if y == target]
        x_1, x_2 = zip(*points, strict=True)
        axes.scatter(x_1, x_2, s=38, c=colour, marker=marker, edgecolors="white", linewidths=0.8)
        outermost = max(points, key=lambda x: -target * x[1])  # the highest of the upper moon
        plots.note(axes, name, outermost, colour, offset=(0, -14 * target), ha="center", va="center", fontsize=11)
    more = "Line: the score is 0; dashed: it is ±1, beyond which the hinge loss is 0"
    plots.headline(axes, f"{moons.correct} of {len(moons.targets)} points lie on their own side", more)
    plots.tidy(axes, "$x_1$", "$x_2$")
    return plots.save(figure, path)


def main(arguments: list[str] | None = None) -> int:
    """Train and draw; 0 on success, 1 on failure, 2 for bad options."""
    options = training_parser("moons", __doc__, seed=1337, epochs=100).parse_args(arguments)
    show = partial(_print_result, seed=options.seed, folder=options.out)
    return run_demo(lambda: train_and_show(options, train, show, _table_row), "sklearn", "matplotlib")


def _print_result(moons: Moons, seconds: float, seed: int, folder: Path) -> None:
    units, n = "-".join(map(str, SIZES)), len(moons.network.parameters())
    print(f"Two moons of {POINTS} points (seed {seed}), {units} units, {n} parameters; the loss without its penalty:")
    print(*format_progress(moons.history, "step"), sep="\n")
    steps = format_count(moons.history.epochs, "step")
    print(f"{moons.accuracy} of the points are on their own side, after {steps} in {seconds:.1f} s")
    print(f"The boundary is drawn in {draw_boundary(moons, folder / 'moons.png')}")


def _table_row(moons: Moons) -> dict[str, str]:
    return {"accuracy": moons.accuracy, "loss": f"{moons.history.losses[-1]:.4f}"}


if __name__ == "__main__":
    run_program(main)
