"""`python -m demos.xor`: the network of the paper's Figure 4 learns XOR, drawn before and after, and as it learns.

2-2-2-1 sigmoid units and half the squared error, by gradient descent over all four samples at once, with a learning
rate of 2 and a momentum of 0.9. So small a network gets stuck from some initial weights, and starts again with others.
Figure 4 does not have biases; with them fewer attempts get stuck.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demos.cli import UnsuccessfulError, format_count, print_seed_table, run_demo, run_program, training_parser
from engine import Value, toposort
from nn import MLP, SGD, History, fit, half_squared_error, plots
from viz import LivePage, draw_network, live

INPUTS = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
TARGETS = [0.0, 1.0, 1.0, 0.0]
DRAWN_SAMPLE = 2
RATE, MOMENTUM = 2.0, 0.9
LEARNED_LOSS = 0.001  # a mean of ½(z - y)² at which no z is further than 0.09 from its y
MAX_ATTEMPTS = 20
MARGIN = 0.4  # around the points


@dataclass(frozen=True)
class Attempt:
    """A network before and after training; attempts are counted from 1."""

    number: int
    before: MLP
    after: MLP
    history: History

    @property
    def succeeded(self) -> bool:
        """Whether every output is close to its target."""
        return self.history.epochs > 0 and self.history.losses[-1] <= LEARNED_LOSS


def attempts(seed: int, epochs: int, bias: bool = True, progress: bool | None = False) -> Iterator[Attempt]:
    """Attempts with new networks until one succeeds, Ctrl-C ends one, or `MAX_ATTEMPTS` is reached.

    >>> [attempt.succeeded for attempt in attempts(0, epochs=1000)]
    [True]
    """
    rng = random.Random(seed)
    for number in range(1, MAX_ATTEMPTS + 1):
        network = MLP(2, [2, 2, 1], activation="sigmoid", output_activation="sigmoid", bias=bias, rng=rng)
        before = deepcopy(network)
        history = fit(
            network,
            half_squared_error,
            INPUTS,
            TARGETS,
            optimizer=SGD(network.parameters(), lr=RATE, momentum=MOMENTUM),
            epochs=epochs,
            batch_size=None,
            rng=rng,
            callbacks=[lambda _, history: history.losses[-1] <= LEARNED_LOSS],
            progress=progress,
        )
        yield (attempt := Attempt(number, before, network, history))
        if attempt.succeeded or history.interrupted:
            return


def outputs(network: MLP) -> list[float]:
    """The network's output for each of the four samples."""
    values: list[Any] = [network(x) for x in INPUTS]
    return [z.data for z in values]


def graph(network: MLP) -> Value:
    """The error of one sample, after its backward pass."""
    error = half_squared_error(network(INPUTS[DRAWN_SAMPLE]), TARGETS[DRAWN_SAMPLE])
    error.backward()
    return error


def mean_error(network: MLP) -> Value:
    """The mean error of the four samples, as one graph: four copies of the network that share its parameters.

    The unit a_1^(2) is labelled a_1,3^(2) for the third sample.

    >>> E = mean_error(next(attempts(0, epochs=1)).before)
    >>> [v.label for v in toposort(E) if v.label.startswith("z_1,3")]
    ['z_1,3^(1)', 'z_1,3^(2)', 'z_1,3^(3)']
    """
    parameters = set(network.parameters())
    errors: list[Value] = []
    for number, (sample, target) in enumerate(zip(INPUTS, TARGETS, strict=True), 1):
        x, y = [Value(x_i, f"x_{i}") for i, x_i in enumerate(sample, 1)], Value(target, f"y_{number}")
        error = half_squared_error(network(x), y)
        for node in toposort(error):
            if node.label and node not in parameters and node is not y:
                letters, layer, rest = node.label.partition("^")
                node.label = f"{letters},{number}{layer}{rest}"
        error.label = f"E_{number}"
        errors.append(error)
    E: Value = sum(errors[1:], errors[0]) / len(errors)
    E.label = "E"
    return E


def live_page(network: MLP) -> LivePage:
    """A page in which a copy of the network, with rounded parameters, is trained on all samples."""
    network = deepcopy(network)
    for parameter in network.parameters():
        parameter.data = round(parameter.data, 2)
    return live(mean_error(network), parameters=network.parameters(), title="XOR: the mean error of four samples")


def draw_training(attempt: Attempt, path: Path) -> Path:
    """Draw the loss over the epochs, and the plane of inputs with the border between outputs.

    Raises ImportError if matplotlib is not installed.
    """
    from nn.matrix import MatrixMLP

    figure = plots.figure(9.2, 4.4)
    course, plane = plots.panels(figure, 2)
    attempt.history.plot(course)
    network = MatrixMLP.from_mlp(attempt.after)

    def score(x_1: list[float], x_2: list[float]) -> list[float]:
        distances: list[float] = (network.forward([x_1, x_2]).z[len(attempt.after.sizes) - 1][0] - 0.5).tolist()
        return distances

    plots.draw_regions(plane, score, (-MARGIN, -MARGIN), (1 + MARGIN, 1 + MARGIN))
    for (x_1, x_2), y in zip(INPUTS, TARGETS, strict=True):
        colour, marker = (plots.LIGHT.mark, "s") if y else (plots.LIGHT.blue, "o")
        plane.scatter(x_1, x_2, s=60, c=colour, marker=marker, edgecolors="white")
        plots.note(plane, f"{y:.0f}", (x_1, x_2), colour, offset=(8, 4), fontsize=11)
    plane.set_xticks([0, 1])
    plane.set_yticks([0, 1])
    plots.tidy(plane, "$x_1$", "$x_2$")
    more = "Left: the mean error of the four samples; right: the samples and their targets, and the line where z is 0.5"
    plots.caption(figure, f"XOR: {_result(attempt)} after {format_count(attempt.history.epochs, 'epoch')}", more)
    return plots.save(figure, path)


def main(arguments: list[str] | None = None) -> int:
    """Train and draw; 0 if XOR was learned, 1 if not or on another failure, 2 for bad options."""
    options_parser = training_parser("xor", __doc__, seed=0, epochs=1000)
    options_parser.add_argument("--no-bias", dest="bias", action="store_false", help="as in Figure 4")
    options = options_parser.parse_args(arguments)
    return run_demo(lambda: _train_and_draw(options))


def _train_and_draw(options: argparse.Namespace) -> None:
    if options.seeds:
        print_seed_table(options, lambda seed: list(_attempts(seed, options))[-1], _table_row)
        return
    biases = "with biases, unlike Figure 4" if options.bias else "without biases, as in Figure 4"
    print(f"XOR, 2-2-2-1 sigmoid units {biases}")
    for attempt in _attempts(options.seed, options):
        print(f"  attempt {attempt.number}: {_result(attempt)} after {format_count(attempt.history.epochs, 'epoch')}")
    before, after = outputs(attempt.before), outputs(attempt.after)
    print("\n  x₁  x₂   y   z before   z after")
    for (x_1, x_2), y, first, last in zip(INPUTS, TARGETS, before, after, strict=True):
        print(f"  {x_1:2.0f}  {x_2:2.0f}  {y:2.0f}   {first:8.3f}  {last:8.3f}")
    sample = "x = ({:.0f}, {:.0f})".format(*INPUTS[DRAWN_SAMPLE])
    for name, network in (("before", attempt.before), ("after", attempt.after)):
        drawing = draw_network(graph(network), short=True, data=True, gradients=True)
        path = drawing.save(options.out / f"xor-{name}.svg")
        print(f"Its graph for {sample} {name} training is drawn in {path}")
    page = live_page(attempt.before).save(options.out / "xor.html")
    print(f"It can be trained step by step in {page}, with λ = 10 in about 800 steps")
    try:
        print(f"Its training is drawn in {draw_training(attempt, options.out / 'xor-training.png')}")
    except ImportError as error:
        print(f"Its training is not drawn: {error}")
    if not attempt.succeeded and not attempt.history.interrupted:
        raise UnsuccessfulError(
            f"XOR was not learned in {attempt.number} attempts; another --seed or more --epochs may help"
        )


def _attempts(seed: int, options: argparse.Namespace) -> Iterator[Attempt]:
    return attempts(seed, options.epochs, options.bias, options.progress)


def _result(attempt: Attempt) -> str:
    result = "learned" if attempt.succeeded else "stopped by Ctrl-C" if attempt.history.interrupted else "not learned"
    losses = attempt.history.losses
    return f"{result}, loss {losses[-1]:.4f}" if losses else result


def _table_row(attempt: Attempt) -> dict[str, str]:
    """The cells of a table of seeds, for the last attempt."""
    return {
        "learned": "yes" if attempt.succeeded else "no",
        "attempts": str(attempt.number),
        "epochs": str(attempt.history.epochs),
        "loss": f"{attempt.history.losses[-1]:.4f}",
    }


if __name__ == "__main__":
    run_program(main)
