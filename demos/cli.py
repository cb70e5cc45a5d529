"""How demos run: the options that they share, what goes wrong on the way in one line, and how each ends."""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from threading import Timer, main_thread
from types import FrameType
from typing import NoReturn, Protocol, TypeVar

from demos import STOPPED, stop
from nn import History, TrainingError
from viz import DrawingError
from viz.math.ascii import AsciiStream, can_print_formulas

MAX_INTEGER = 2**31 - 1  # number given; so that no seed of a table is above the 2^32 - 1 that scikit-learn takes


class Trained(Protocol):
    """What a demo has trained."""

    @property
    def history(self) -> History:
        """The course of the training."""


T = TypeVar("T", bound=Trained)


class UnsuccessfulError(Exception):
    """Raised by a demo that ran as it should and did not reach what it is for; its text says so."""


def run_program(main: Callable[[], int]) -> NoReturn:
    """Run a demo as a program, and exit with its status: 1 if it cannot print, 130 if Ctrl-C stops it."""
    sys.stdout = sys.stdout or io.StringIO()  # it is None where standard output is closed
    is_ours = signal.getsignal(signal.SIGINT) is stop  # else somebody else sees to Ctrl-C
    status = 0
    try:
        if is_ours:
            signal.signal(signal.SIGINT, _interrupt)
        status = main()
        sys.stdout.flush()  # here, where an error is still expected
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still waiting to be printed
        if not status and not isinstance(error, BrokenPipeError):  # the reader, `head` for one, has seen enough
            print(f"Something could not be written: {error}", file=sys.stderr)
        status = 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        status = STOPPED
    if is_ours:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done; what is left is Python's own tidying up
    sys.exit(status)


def _interrupt(_: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt, but a moment later where a finalizer runs: no exception comes out of one."""
    while frame:
        if frame.f_code.co_name == "__del__":
            Timer(0.001, signal.pthread_kill, [main_thread().ident, signal.SIGINT]).start()
            return
        frame = frame.f_back
    raise KeyboardInterrupt


def run_demo(work: Callable[[], None], *needs: str, extra: str = "demos") -> int:
    """Do the work of a demo in a terminal of any kind; 0 if all is well, or 1 and a line on what went wrong.

    `needs` are the packages without which it would fail on the way, and which the `extra` brings: they are looked for
    before it begins.

    >>> run_demo(lambda: print("done"), "math")
    done
    0
    """
    for package in needs:
        try:
            import_module(package)
        except ImportError as error:
            install = f"pip install -e '.[{extra}]'"
            print(f"This demo needs packages that are not installed: {install} ({error})", file=sys.stderr)
            return 1
    try:
        with redirect_stdout(sys.stdout if can_print_formulas(sys.stdout) else AsciiStream(sys.stdout)):
            work()
    except BrokenPipeError:
        raise
    except DrawingError as error:
        problem = f"A picture could not be drawn. {error}"
    except TrainingError as error:
        problem = f"Training failed: {error}"
    except UnsuccessfulError as error:
        problem = str(error)
    except OSError as error:
        problem = f"Something could not be written: {error}"
    else:
        return 0
    print(problem, file=sys.stderr)
    return 1


def describe_demo(docstring: str | None) -> str:
    """What the docstring of a demo says of it after its command, for its --help.

    >>> describe_demo("`python -m demos.xor`: learns XOR.")
    'Learns XOR.'
    """
    _, _, description = (docstring or "").partition(": ")
    return description[:1].upper() + description[1:]


def training_parser(name: str, docstring: str | None, *, seed: int, epochs: int) -> argparse.ArgumentParser:
    """The options that all demos of training have, with the defaults of this one.

    >>> training_parser("xor", "`python -m demos.xor`: learns XOR.", seed=0, epochs=5).parse_args(["--seed", "3"]).seed
    3
    """
    parser = argparse.ArgumentParser(
        prog=f"python -m demos.{name}",
        description=describe_demo(docstring),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--seed",
        type=_seed,
        default=seed,
        metavar="N",
        help=f"of everything that is drawn at random; {seed} if not given",
    )
    parser.add_argument(
        "--epochs", type=_count, default=epochs, metavar="N", help=f"how often it meets the data; {epochs} if not given"
    )
    add_out(parser)
    parser.add_argument(
        "--progress",
        action=argparse.BooleanOptionalAction,
        help="show how far training is; in a terminal, if not given",
    )
    parser.add_argument(
        "--seeds", type=_count, metavar="N", help="instead: a table of N trainings, with this seed and those after it"
    )
    return parser


def add_out(parser: argparse.ArgumentParser, default: Path = Path("demos/out")) -> None:
    """The option --out of a demo that draws.

    >>> parser = argparse.ArgumentParser()
    >>> add_out(parser)
    >>> parser.parse_args(["--out", "pictures"]).out == Path("pictures")
    True
    """
    where = "/".join(default.parts[-2:])  # as seen from the root of the clone
    parser.add_argument(
        "--out", type=_parse_folder, default=default, metavar="DIR", help=f"where the pictures go; {where} if not given"
    )


def train_and_show(
    options: argparse.Namespace,
    train: Callable[[int, int, bool | None], T],
    show: Callable[[T, float], None],
    row: Callable[[T], Mapping[str, str]],
) -> None:
    """Train once, and show what was learned and the seconds that it took; with --seeds, print a table instead.

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
    """Print a table: for each seed a row about what `train` makes of it, with the time that it took.

    Raises KeyboardInterrupt where Ctrl-C ended a training.

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
            raise KeyboardInterrupt  # what is there is no whole table
        cells = {"seed": str(seed), **row(trained), "seconds": f"{time.perf_counter() - start:.1f}"}
        if seed == options.seed:
            print(*(f"{name:>{_width(name)}}" for name in cells), sep="")
        print(*(f"{text:>{_width(name)}}" for name, text in cells.items()), sep="", flush=True)


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
    """So many of something.

    >>> format_count(1, "epoch"), format_count(2, "epoch")
    ('1 epoch', '2 epochs')
    """
    return f"{n} {unit}{'' if n == 1 else 's'}"


def _width(name: str) -> int:
    return max(len(name), 5) + 3


def _parse_folder(text: str) -> Path:
    path = Path(text.lstrip())  # of the blank that demos.paper puts before a name such as -1
    if path.exists() and not path.is_dir():  # said now, not after the training
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return path


def _seed(text: str) -> int:
    return _parse_integer(text, 0, MAX_INTEGER)


def _count(text: str) -> int:
    return _parse_integer(text, 1, MAX_INTEGER)


def _parse_integer(text: str, least: int, most: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
    return number
