"""`python -m demos.applied`: problems of engineers and economists, from a GARCH model to a robot's arm.

A demo is a module of this folder, and its options are the arguments of its function `show`: of the type of their
defaults, and explained by the lines `name: text` of the docstring.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from demos.__main__ import find_demos, print_list
from demos.cli import UnsuccessfulError, add_out, describe_demo, run_demo, run_program
from demos.option_types import parse_count, parse_finite, parse_seed
from engine import DomainError
from engine._support.typed_commands import python_command
from nn import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FOLDER = Path(__file__).parent
COMMAND = "python -m demos.applied "
NEEDS = ("numpy", "scipy", "matplotlib")


def list_demos() -> dict[str, str]:
    """The name and the description of every demo, in the order of their names."""
    return {command.removeprefix(COMMAND): text for command, text in find_demos(FOLDER, f"`{COMMAND}")}


def demo_parser(name: str, docstring: str | None, show: Callable[..., Any]) -> argparse.ArgumentParser:
    """The options of a demo, which are the arguments of its function `show`, and --out.

    >>> def show(rows: int = 500, rate: float = 0.5) -> None:
    ...     '''Print the estimates.
    ...
    ...     rows: the number of customers
    ...     '''
    >>> demo_parser("logistic", "...", show).parse_args(["--rows", "20"])
    Namespace(rows=20, rate=0.5, out=...Path('demos/out'))
    """
    parser = argparse.ArgumentParser(
        prog=python_command(f"demos.applied {name}"),
        description=describe_demo(docstring),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    texts = dict(re.findall(r"^ *(\w+): (.+)$", show.__doc__ or "", re.MULTILINE))
    for option, parameter in inspect.signature(show).parameters.items():
        default = parameter.default
        parse = parse_seed if option == "seed" else parse_count if isinstance(default, int) else parse_finite
        explained = f"{texts[option]}; " if option in texts else ""
        parser.add_argument(
            f"--{option}", type=parse, default=default, metavar="N", help=f"{explained}{default} by default"
        )
    add_out(parser)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a demo, or list them; 0 on success, 1 on failure, 2 for bad options."""
    name, *rest = [*(sys.argv[1:] if arguments is None else arguments)] or [""]
    listed = list_demos()
    if name in listed:
        return run_demo(lambda: _run(name, rest), *NEEDS)
    parser = argparse.ArgumentParser(
        prog=python_command("demos.applied"),
        usage="%(prog)s [-h] [NAME [options of the demo]]",
        description="Problems of engineers and economists, solved with derivatives. NAME --help describes the options.",
    )
    parser.add_argument("name", nargs="?", choices=[*listed], metavar="NAME", help=f"one of {', '.join(listed)}")
    parser.parse_args([name, *rest] if name else [])
    return run_demo(lambda: print_list({COMMAND + name: text for name, text in listed.items()}))


def _run(name: str, arguments: Sequence[str]) -> None:
    module = import_module(f"demos.applied.{name}")
    options = vars(demo_parser(name, module.__doc__, module.show).parse_args(arguments))
    folder = options.pop("out")
    try:
        picture: Figure = module.show(**options)
    except DomainError as error:
        raise UnsuccessfulError(f"The result is not defined for these numbers: {error}") from error
    print(f"Drawn in {plots.save(picture, folder / f'applied-{name}.png')}")


if __name__ == "__main__":
    run_program(main)
