"""`python -m demos.learn`: exercises in derivatives, from one multiplication to a network; they say what was mixed up.

Without a name it goes on where you stand.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from demos.cli import UnsuccessfulError, run_demo, run_program
from demos.learn.checking import Figures, check
from demos.learn.exercise import SUFFIX, find, load, names, numbered_names
from demos.learn.lesson import ASKING, Lesson, next_exercise, table
from demos.learn.progress import Place, Progress
from engine._support.typed_commands import python_command

TOML = "tomllib" if sys.version_info >= (3, 11) else "tomli"
N_SEEDS = 100  # of a check


def main(arguments: list[str] | None = None) -> int:
    """Run the exercises; 0, or 1 if something cannot be done or a check fails, 2 for bad options."""
    parser = argparse.ArgumentParser(
        prog=python_command("demos.learn"),
        description="Exercises in derivatives: an example, worked, then questions. Read sections 1 to 4 of"
        " demos/tour.ipynb before. Without a name it goes on where you stand. `list` shows the exercises and your"
        " points; `check` solves all with seeds 0 to 99, makes every mistake, and demands its diagnosis.",
        epilog=f"The exercises: {numbered_names()}. Where you stand is kept in learn.json, in the folder that your"
        " system has for the data of programs.",
    )
    parser.add_argument(
        "name",
        nargs="?",
        metavar="NAME",
        help="an exercise, its number or the beginning of its name; FILE.toml, one of your own; list; check",
    )
    parser.add_argument("checked", nargs="?", metavar="NAME", help="after check: the exercise, all by default")
    parser.add_argument("--seed", type=int, metavar="N", help="other numbers, and from the beginning")
    parser.add_argument("--file", type=Path, metavar="FILE", help="the file that keeps where you stand")
    options = parser.parse_args(arguments)
    try:
        if options.name not in (None, "list", "check"):
            options.name = find(options.name)
        options.checked = options.checked and find(options.checked)
    except ValueError as error:
        parser.error(str(error))
    if options.checked and options.name != "check":
        parser.error(f"only check takes the name of a second exercise: check {options.checked}")
    if options.seed is not None and options.name in ("list", "check"):
        parser.error(f"--seed is for an exercise, not for {options.name}")
    if options.seed is not None and not 0 <= options.seed < 2**31:
        parser.error(f"--seed takes an integer from 0 to 2147483647, not {options.seed}")
    return run_demo(lambda: _run(options), "platformdirs", "filelock", TOML, extra="learn")


def _run(options: argparse.Namespace) -> None:
    if options.name == "check":
        _check([options.checked] if options.checked else names())
        return
    progress = Progress.load(options.file or _default_file())
    if progress.problem:
        print(progress.problem)
    if options.name == "list":
        print(table(progress))
        return
    if not sys.stdin:
        raise UnsuccessfulError("The exercises read answers from the standard input, which is closed.")
    name = options.name or next_exercise(progress)
    if name is None:
        again = python_command("demos.learn NAME")
        print(f"{table(progress)}\nAll are done; {again} does one again, with other numbers.")
        return
    if options.seed is not None:
        progress.places[name] = Place(seed=options.seed, best=progress.place(name).best)
    if options.name is None:
        print(table(progress))
        if progress.place(name).is_begun:
            print(f"{names().index(name) + 1} is unfinished: going on.")
    with _one_line(name):
        lesson = Lesson(progress, name)
    lesson.cmdloop()


@contextmanager
def _one_line(name: str) -> Iterator[None]:
    """Say in one line what is wrong with an exercise."""
    try:
        yield
    except (ValueError, ArithmeticError) as error:
        file = f"{name}: " if name.endswith(SUFFIX) else ""
        raise UnsuccessfulError(f"{file}{error}") from error
    except OSError as error:
        raise UnsuccessfulError(f"{name} cannot be read: {error.strerror or error}") from error


def _default_file() -> Path:
    from platformdirs import user_data_path

    return user_data_path("pathgrad") / "learn.json"


def _check(checked: Iterable[str]) -> None:
    start, total = time.perf_counter(), Figures()
    for name in checked:
        with _one_line(name):
            exercise = load(name)
            figures = check(exercise, range(N_SEEDS), ASKING)
        print(f"{exercise.name:20}{figures}", flush=True)
        total.add(figures)
    print(f"{'all':20}{total}, seeds 0 to {N_SEEDS - 1}, {time.perf_counter() - start:.0f} s")
    if total.problems or total.collisions:
        raise UnsuccessfulError("\n".join(["Something is wrong:", *total.problems[:20]]))


if __name__ == "__main__":
    run_program(main)
