"""`python -m demos.digits`: a network learns to read handwritten digits, and is tested on others.

1797 images of 8 by 8 pixels, scikit-learn's load_digits, of which a fifth is held out; 64-32-10 units, relu; cross
entropy; Adam, with batches of 16 images and a learning rate that falls from 0.02 to 0.002.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from demos.cli import format_count, format_progress, run_demo, run_program, train_and_show, training_parser
from nn import MLP, Adam, History, cross_entropy, fit, plots
from nn.schedules import linear

if TYPE_CHECKING:
    from nn.matrix import FloatArray

CLASSES = 10
SIDE = 8  # pixels
SIZES = [SIDE * SIDE, 32, CLASSES]
MAX_PIXEL = 16.0  # inputs are from 0 to 1
HELD_OUT_FRACTION = 0.2
FIRST_RATE, LAST_RATE = 0.02, 0.002
BATCH_SIZE = 16
MAX_DIGITS_DRAWN = 24


@dataclass(frozen=True)
class Evaluation:
    """A trained network, and the digits that it read in the held-out images, each a row of pixels."""

    images: FloatArray
    digits: list[int]
    read: list[int]
    network: MLP
    history: History

    @property
    def wrong(self) -> list[int]:
        """The indices of the misread images."""
        return [i for i, (digit, read) in enumerate(zip(self.digits, self.read, strict=True)) if digit != read]

    @property
    def accuracy(self) -> str:
        """The percentage of held-out images that were read correctly."""
        return f"{100 * (1 - len(self.wrong) / len(self.digits)):.1f} %"


def train(seed: int, epochs: int, progress: bool | None = False) -> Evaluation:
    """Train a network, and evaluate it on held-out digits."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    from nn.matrix import MatrixMLP

    pixels, digits = load_digits(return_X_y=True)
    inputs, held_out, targets, answers = train_test_split(
        pixels / MAX_PIXEL, digits, test_size=HELD_OUT_FRACTION, random_state=seed, stratify=digits
    )
    rng = random.Random(seed)
    network = MLP(SIZES[0], SIZES[1:], init="xavier", rng=rng)
    steps = epochs * -(-len(inputs) // BATCH_SIZE)
    history = fit(
        network,
        cross_entropy,
        inputs,
        targets,
        optimizer=Adam(network.parameters(), lr=linear(FIRST_RATE, LAST_RATE, steps)),
        epochs=epochs,
        batch_size=BATCH_SIZE,
        rng=rng,
        progress=progress,
    )
    logits = MatrixMLP.from_mlp(network).forward(held_out.T).z[len(SIZES) - 1]
    return Evaluation(held_out, answers.tolist(), logits.argmax(axis=0).tolist(), network, history)


def draw_confusion(evaluation: Evaluation, path: Path) -> Path:
    """Draw the confusion matrix: how often each digit was read as each."""
    import numpy as np
    from matplotlib.colors import to_rgb

    counts = np.zeros((CLASSES, CLASSES), dtype=int)
    np.add.at(counts, (evaluation.digits, evaluation.read), 1)
    errors = counts * (1 - np.eye(CLASSES, dtype=int))
    shade = (errors / max(1, errors.max()))[..., np.newaxis]
    pale, full = np.array(to_rgb(plots.LIGHT.pale_mark)), np.array(to_rgb(plots.LIGHT.mark))
    colours = np.where(errors[..., np.newaxis] > 0, pale + shade * (full - pale), 1.0)
    colours[np.eye(CLASSES, dtype=bool)] = to_rgb(plots.LIGHT.pale_blue)

    figure = plots.figure(6.2, 6.4)
    [axes] = plots.panels(figure, 1)
    axes.imshow(colours)
    for (i, j), n in np.ndenumerate(counts):
        if n:
            colour = plots.LIGHT.background if shade[i, j] > 0.5 else plots.LIGHT.ink
            axes.text(j, i, str(n), ha="center", va="center", color=colour, weight="normal" if i == j else "bold")
    title = f"{evaluation.accuracy} of {len(evaluation.digits)} held-out digits are read correctly"
    plots.headline(axes, title, "Blue: read correctly; red: misread")
    axes.set_xticks(range(CLASSES))
    axes.set_yticks(range(CLASSES))
    axes.set_xticks(np.arange(CLASSES + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(CLASSES + 1) - 0.5, minor=True)
    axes.grid(which="minor", color=plots.LIGHT.faint, linewidth=0.8)
    plots.tidy(axes, "read as", "digit")
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    return plots.save(figure, path)


def draw_misread(evaluation: Evaluation, path: Path) -> Path:
    """Draw the misread images, each with its digit and the one that was read."""
    drawn = evaluation.wrong[:MAX_DIGITS_DRAWN]
    columns = 8
    rows = -(-len(drawn) // columns)
    figure = plots.figure(8, 0.7 + 1.3 * rows)
    for i, axes in zip(drawn, plots.panels(figure, len(drawn), columns), strict=True):
        axes.set_axis_off()
        axes.imshow(evaluation.images[i].reshape(SIDE, SIDE), cmap="gray_r", vmin=0, vmax=1)
        axes.set_title(f"{evaluation.digits[i]} → {evaluation.read[i]}", fontsize=11, color=plots.LIGHT.ink, pad=3)
    some = f"{len(drawn)} of the " if len(drawn) < len(evaluation.wrong) else ""
    title = f"{some}{len(evaluation.wrong)} digits that the network misreads"
    plots.caption(figure, title, "Above each image: its digit → the one that the network reads")
    return plots.save(figure, path)


def main(arguments: list[str] | None = None) -> int:
    """Train, evaluate and draw; 0 on success, 1 on failure, 2 for bad options."""
    options = training_parser("digits", __doc__, seed=0, epochs=10).parse_args(arguments)
    show = partial(_print_result, folder=options.out)
    return run_demo(lambda: train_and_show(options, train, show, _table_row), "sklearn", "matplotlib")


def _print_result(evaluation: Evaluation, seconds: float, folder: Path) -> None:
    parameters = len(evaluation.network.parameters())
    print(f"Digits of {SIDE} by {SIDE} pixels, {'-'.join(map(str, SIZES))} units, {parameters} parameters")
    print(*format_progress(evaluation.history), sep="\n")
    read = f"{evaluation.accuracy} of {len(evaluation.digits)} held-out digits are read correctly"
    print(f"{read}, after {format_count(evaluation.history.epochs, 'epoch')} in {seconds:.1f} s")
    print(f"The confusion matrix is drawn in {draw_confusion(evaluation, folder / 'digits-confusion.png')}")
    if evaluation.wrong:
        print(f"The misread digits are drawn in {draw_misread(evaluation, folder / 'digits-wrong.png')}")


def _table_row(evaluation: Evaluation) -> dict[str, str]:
    return {"accuracy": evaluation.accuracy, "wrong": f"{len(evaluation.wrong)}", "of": f"{len(evaluation.digits)}"}


if __name__ == "__main__":
    run_program(main)
