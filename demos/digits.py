"""`python -m demos.digits`: a network learns to read handwritten digits, and is examined on others.

1797 images of 8 by 8 pixels, scikit-learn's load_digits, of which a fifth is held out; 64-32-10 units, relu; cross
entropy; Adam, with batches of 16 images and a learning rate that falls from 0.02 to 0.002.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from demos import plots
from demos.cli import format_count, format_progress, run_demo, run_program, train_and_show, training_parser
from nn import MLP, Adam, History, cross_entropy, fit
from nn.schedules import linear

if TYPE_CHECKING:
    from nn.matrix import FloatArray

CLASSES = 10
SIDE = 8  # pixels
SIZES = [SIDE * SIDE, 32, CLASSES]
DARKEST = 16.0  # of a pixel; inputs are from 0 to 1
HELD_OUT = 0.2
FIRST_RATE, LAST_RATE = 0.02, 0.002
BATCH = 16
MOST_SHOWN = 24  # wrong digits in the picture


@dataclass(frozen=True)
class Examined:
    """A trained network, and what it read in the held-out images: `images` has a row of pixels for each."""

    images: FloatArray
    digits: list[int]
    read: list[int]
    network: MLP
    history: History

    @property
    def wrong(self) -> list[int]:
        """Which of the images were misread."""
        return [i for i, (digit, read) in enumerate(zip(self.digits, self.read, strict=True)) if digit != read]

    @property
    def accuracy(self) -> str:
        """The percentage of held-out images that were read rightly."""
        return f"{100 * (1 - len(self.wrong) / len(self.digits)):.1f} %"


def train(seed: int, epochs: int, progress: bool | None = False) -> Examined:
    """Train a network, and examine it on digits that it has not seen."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    from nn.matrix import MatrixMLP

    pixels, digits = load_digits(return_X_y=True)
    inputs, held_out, targets, answers = train_test_split(
        pixels / DARKEST, digits, test_size=HELD_OUT, random_state=seed, stratify=digits
    )
    rng = random.Random(seed)
    network = MLP(SIZES[0], SIZES[1:], init="xavier", rng=rng)
    steps = epochs * -(-len(inputs) // BATCH)
    history = fit(
        network,
        cross_entropy,
        inputs,
        targets,
        optimizer=Adam(network.parameters(), lr=linear(FIRST_RATE, LAST_RATE, steps)),
        epochs=epochs,
        batch_size=BATCH,
        rng=rng,
        progress=progress,
    )
    logits = MatrixMLP.from_mlp(network).forward(held_out.T).z[len(SIZES) - 1]
    return Examined(held_out, answers.tolist(), logits.argmax(axis=0).tolist(), network, history)


def confusion(examined: Examined, path: Path) -> Path:
    """Draw how often each digit was read as each."""
    import numpy as np
    from matplotlib.colors import to_rgb

    counts = np.zeros((CLASSES, CLASSES), dtype=int)
    np.add.at(counts, (examined.digits, examined.read), 1)
    errors = counts * (1 - np.eye(CLASSES, dtype=int))
    shade = (errors / max(1, errors.max()))[..., np.newaxis]
    pale, full = np.array(to_rgb(plots.PALE_ORANGE)), np.array(to_rgb(plots.ORANGE))
    colours = np.where(errors[..., np.newaxis] > 0, pale + shade * (full - pale), 1.0)
    colours[np.eye(CLASSES, dtype=bool)] = to_rgb(plots.PALE_BLUE)

    figure = plots.figure(6.2, 6.4)
    axes = figure.add_subplot()
    axes.imshow(colours)
    for (i, j), n in np.ndenumerate(counts):
        if n:
            axes.text(j, i, str(n), ha="center", va="center", color=plots.INK, weight="normal" if i == j else "bold")
    title = f"{examined.accuracy} of {len(examined.digits)} held-out digits are read rightly"
    plots.headline(axes, title, "Blue: as what they are; orange: as another")
    axes.set_xlabel("read as", color=plots.GREY)
    axes.set_ylabel("digit", color=plots.GREY)
    axes.set_xticks(range(CLASSES))
    axes.set_yticks(range(CLASSES))
    axes.set_xticks(np.arange(CLASSES + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(CLASSES + 1) - 0.5, minor=True)
    axes.grid(which="minor", color=plots.PALE_GREY, linewidth=0.8)
    axes.tick_params(which="both", length=0, labelcolor=plots.INK)
    axes.spines[:].set_visible(False)
    return plots.save(figure, path)


def mistakes(examined: Examined, path: Path) -> Path:
    """Draw the images that were misread, with what they are and what was read."""
    shown = examined.wrong[:MOST_SHOWN]
    columns = 8
    rows = -(-len(shown) // columns)
    figure = plots.figure(8, 0.7 + 1.3 * rows)
    all_axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in all_axes:
        axes.set_axis_off()
    for i, axes in zip(shown, all_axes, strict=False):
        axes.imshow(examined.images[i].reshape(SIDE, SIDE), cmap="gray_r", vmin=0, vmax=1)
        axes.set_title(f"{examined.digits[i]} → {examined.read[i]}", fontsize=11, color=plots.INK, pad=3)
    some = f"{len(shown)} of the " if len(shown) < len(examined.wrong) else ""
    title = f"{some}{len(examined.wrong)} digits that the network misreads"
    plots.caption(figure, title, "Above each image: what it is → what the network reads")
    return plots.save(figure, path)


def main(arguments: list[str] | None = None) -> int:
    """Train, examine and draw; 0 if all is well, 1 if something could not be done, 2 for bad options."""
    options = training_parser("digits", __doc__, seed=0, epochs=10).parse_args(arguments)
    show = partial(_show, folder=options.out)
    return run_demo(lambda: train_and_show(options, train, show, _row), "sklearn", "matplotlib")


def _show(examined: Examined, seconds: float, folder: Path) -> None:
    parameters = len(examined.network.parameters())
    print(f"Digits of {SIDE} by {SIDE} pixels, {'-'.join(map(str, SIZES))} units, {parameters} parameters")
    print(*format_progress(examined.history), sep="\n")
    read = f"{examined.accuracy} of {len(examined.digits)} held-out digits are read rightly"
    print(f"{read}, after {format_count(examined.history.epochs, 'epoch')} in {seconds:.1f} s")
    print(f"What is read as what is drawn in {confusion(examined, folder / 'digits-confusion.png')}")
    if examined.wrong:
        print(f"The misread digits are drawn in {mistakes(examined, folder / 'digits-wrong.png')}")


def _row(examined: Examined) -> dict[str, str]:
    return {"accuracy": examined.accuracy, "wrong": f"{len(examined.wrong)}", "of": f"{len(examined.digits)}"}


if __name__ == "__main__":
    run_program(main)
