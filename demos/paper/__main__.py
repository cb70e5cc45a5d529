"""`python -m demos.paper`: the paper's worked examples in numbers, formulas and pictures."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from pathlib import Path

from demos.paper.examples import NET4, Example, Network, figure_1, figure_2, figure_3, figure_4
from demos.paper.report import Report
from viz import DrawingError, draw_network

DESCRIPTION = """\
The worked examples of Figures 1 to 4 and Table 1, computed from real graphs: the forward values, the local
derivatives, each path with its product, the sum over paths, and the gradient that backward() found."""

EPILOG = """\
To see Table 1 change, give the network of Figure 4 other numbers:
  python -m demos.paper --x 0.5 1 --y 0.75
  python -m demos.paper --w "0.5 -0.25; 0.75 1" --w "1.25 -0.375; -1.5 0.625" --w "2 -1.75"
  python -m demos.paper --network net.json    {"x": [1.5, -0.5], "y": 0.25, "weights": [[[0.5, -0.25], ...], ...]}"""


def main(arguments: list[str] | None = None) -> int:
    """Run the examples; 0 if all numbers agree, 1 if some do not or a picture cannot be drawn, 2 for bad options."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        network = _network(options)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal that lacks a sign shows ? instead of failing
    bold = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    examples = [figure_1(), figure_2(), figure_3(), figure_4(network)]
    disagreements = 0
    for example in examples:
        report = Report(example, bold)
        print(*report.lines(), sep="\n", end="\n\n")
        if example.figure == 4:
            print(*report.table(), sep="\n", end="\n\n")
        disagreements += report.disagreements
    try:
        _draw(examples, options.out, options.format)
    except (DrawingError, OSError) as error:
        print(f"The figures could not be drawn. {error}", file=sys.stderr)
        return 1
    if disagreements:
        print(f"{disagreements} numbers DISAGREE; they are marked with ✗ above.", file=sys.stderr)
        return 1
    print("All numbers agree.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demos.paper",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--out", type=Path, default=Path("demos/out"), metavar="DIR", help="where the figures go")
    parser.add_argument("--format", choices=("svg", "png", "pdf"), default="svg", help="of the figures")
    parser.add_argument("--network", type=Path, metavar="FILE", help="JSON with the numbers of Figure 4's network")
    parser.add_argument("--x", type=float, nargs="+", metavar="NUMBER", help="the network's inputs")
    parser.add_argument("--y", type=float, nargs="+", metavar="NUMBER", help="its targets")
    parser.add_argument("--w", type=_matrix, action="append", metavar='"ROW; ROW"', help="W^(1); again for W^(2), ...")
    return parser


def _matrix(text: str) -> list[list[float]]:
    try:
        return [[float(number) for number in row.replace(",", " ").split()] for row in text.split(";")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'{error}; a matrix is written "0.5 -0.25; 0.75 1"') from error


def _network(options: argparse.Namespace) -> Network:
    network = Network.from_json(options.network) if options.network else NET4
    given = {"x": options.x, "y": options.y, "weights": options.w}
    network = replace(network, **{name: value for name, value in given.items() if value is not None})
    network.check()
    return network


def _draw(examples: list[Example], folder: Path, format: str) -> None:
    for example in examples:
        path = draw_network(example.drawn, short=True).save(folder / f"figure-{example.figure}.{format}")
        print(f"Figure {example.figure} is drawn in {path}")
    network = draw_network(examples[-1].output, short=True, data=True, gradients=True)
    print(f"Figure 4 with its error, values and gradients: {network.save(folder / f'figure-4-numbers.{format}')}")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader, `head` for one, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit("stopped")
