"""The command line of the demos: shared options, errors in one line, Ctrl-C, and exit statuses."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import NoReturn, Protocol, TypeVar

from demos.option_types import parse_count, parse_folder, parse_seed
from engine._support.typed_commands import install_command, python_command
from nn import History, TrainingError
from viz.command import program
from viz.command.program import ERRORS, report_errors
from viz.math.ascii import AsciiStream, can_print_formulas


class Trained(Protocol):
    """The result of a demo's training."""

    @property
    def history(self) -> History:
        """The course of the training."""


T = TypeVar("T", bound=Trained)


class UnsuccessfulError(Exception):
    """Raised by a demo that ran without an error and did not reach its goal; its text says which."""


def run_program(main: Callable[[], int]) -> NoReturn:
    """Run a demo as a program, and exit with its status: 1 if it cannot print, 130 if Ctrl-C stops it."""
    program.run_program(main)


def run_demo(work: Callable[[], None], *needs: str, extra: str = "demos") -> int:
    """Run the work of a demo; return 0, or 1 after one line that names the error.

    `needs` are the packages that the `extra` installs; they are imported first, so that none is missing later. A
    terminal without Unicode gets ASCII.

    >>> run_demo(lambda: print("done"), "math")
    done
    0
    """
    for package in needs:
        try:
            import_module(package)
        except ImportError as error:
            print(
                f"This demo needs packages that are not installed: {install_command(extra)} ({error})", file=sys.stderr
            )
            return 1

    def run() -> None:
        with redirect_stdout(sys.stdout if can_print_formulas(sys.stdout) else AsciiStream(sys.stdout)):
            work()

    return report_errors(run, ERRORS | {TrainingError: "Training failed: {}", UnsuccessfulError: "{}"})


def check_docstrings() -> None:
    """Raise UnsuccessfulError if Python has removed the docstrings, which some demos print.

    >>> check_docstrings()
    """
    if sys.flags.optimize > 1:
        raise UnsuccessfulError("This demo prints docstrings, which python -OO removes: run it without -OO.")


def describe_demo(docstring: str | None) -> str:
    """The description in the docstring of a demo, which follows its command, for its --help.

    >>> describe_demo("`python -m demos.xor`: learns XOR.")
    'Learns XOR.'
    """
    _, _, description = (docstring or "").partition(": ")
    return description[:1].upper() + description[1:]


def training_parser(name: str, docstring: str | None, *, seed: int, epochs: int) -> argparse.ArgumentParser:
    """The options of the demos that train, with the defaults of one of them.

    >>> training_parser("xor", "`python -m demos.xor`: learns XOR.", seed=0, epochs=5).parse_args(["--seed", "3"]).seed
    3
    """
    parser = argparse.ArgumentParser(
        prog=python_command(f"demos.{name}"),
        description=describe_demo(docstring),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--seed", type=parse_seed, default=seed, metavar="N", help=f"seed of all random numbers; {seed} by default"
    )
    parser.add_argument(
        "--epochs", type=parse_count, default=epochs, metavar="N", help=f"passes over the data; {epochs} by default"
    )
    add_out(parser)
    parser.add_argument(
        "--progress", action=argparse.BooleanOptionalAction, help="show a progress bar; by default in a terminal only"
    )
    parser.add_argument(
        "--seeds", type=parse_count, metavar="N", help="print a table of N trainings, with this seed and those after it"
    )
    return parser


def add_out(parser: argparse.ArgumentParser, default: Path = Path("demos/out")) -> None:
    """Add the option --out of a demo that draws.

    >>> parser = argparse.ArgumentParser()
    >>> add_out(parser)
    >>> parser.parse_args(["--out", "pictures"]).out == Path("pictures")
    True
    """
    folder = "/".join(default.parts[-2:])  # relative to the root of the clone
    parser.add_argument(
        "--out",
        type=parse_folder,
        default=default,
        metavar="FOLDER",
        help=f"folder of the pictures; {folder} by default",
    )


def train_and_show(
    options: argparse.Namespace,
    train: Callable[[int, int, bool | None], T],
    show: Callable[[T, float], None],
    row: Callable[[T], Mapping[str, str]],
) -> None:
    """Train once, and show the result and the seconds that it took; with --seeds, print a table instead.

    `train` takes the seed, the epochs and whether to show progress.
    """
    if options.seeds:
        print_seed_table(options, lambda seed: train(seed, options.epochs, options.progress), row)
    else:
        start = time.perf_counter()
        trained = train(options.seed, options.epochs, options.progress)
        show(trained, time.perf_counter() - start)


def print_seed_table(
    options: argparse.Namespace, train: Callable[[int], T], row: Callable[[T], Mapping[str, str]]
) -> None:
    """Print a table with a row for each seed: the cells of `row`, and the time that the training took.

    Raises KeyboardInterrupt if Ctrl-C ended a training.

    >>> train = lambda seed: argparse.Namespace(history=History([0.5 / seed]))
    >>> options = argparse.Namespace(seed=1, seeds=2)
    >>> print_seed_table(options, train, lambda trained: {"loss": f"{trained.history.losses[-1]:.2f}"})
        seed    loss   seconds
           1    0.50       0.0
           2    0.25       0.0
    """
    for seed in range(options.seed, options.seed + options.seeds):
        start = time.perf_counter()
        trained = train(seed)
        if trained.history.interrupted:
            raise KeyboardInterrupt  # the table is not complete
        cells = {"seed": str(seed), **row(trained), "seconds": f"{time.perf_counter() - start:.1f}"}
        if seed == options.seed:
            print(*(f"{name:>{_column_width(name)}}" for name in cells), sep="")
        print(*(f"{text:>{_column_width(name)}}" for name, text in cells.items()), sep="", flush=True)


def format_progress(history: History, unit: str = "epoch", lines: int = 5) -> Iterator[str]:
    """The loss in a few lines, from the first epoch to the last, and whether Ctrl-C ended it.

    >>> print(*format_progress(History([0.5, 0.25, 0.125], interrupted=True), lines=2), sep="\\n")
      epoch    1   loss 0.5000
      epoch    3   loss 0.1250
    Stopped by Ctrl-C after 3 epochs; what was learned so far is used.
    """
    n = history.epochs
    for epoch in sorted({1 + round(i * (n - 1) / (lines - 1)) for i in range(lines)} if n else ()):
        yield f"  {unit} {epoch:>4}   loss {history.losses[epoch - 1]:.4f}"
    if history.interrupted:
        yield f"Stopped by Ctrl-C after {format_count(n, unit)}; what was learned so far is used."


def format_count(n: int, unit: str) -> str:
    """A number with its unit, in the singular or plural.

    >>> format_count(1, "epoch"), format_count(2000, "epoch")
    ('1 epoch', '2,000 epochs')
    """
    return f"{n:,} {unit}{'' if n == 1 else 's'}"


def _column_width(name: str) -> int:
    return max(len(name), 5) + 3
