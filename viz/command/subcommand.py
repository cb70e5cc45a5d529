"""A subcommand, and one that writes a file: the classes that those in `viz.command.subcommands` are made from."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from viz.command.graphs import Graph
from viz.command.printing import print_utf8

STANDARD_OUTPUT = ("-", "/dev/stdout")


class Subcommand(ABC):
    """A subcommand: `pathgrad NAME GRAPH`.

    Attributes:
        name: Its name.
        about: A sentence for the list of subcommands.
        examples: Its arguments in examples that run, with what they show.
    """

    name: str
    about: str
    examples: Sequence[tuple[str, str]]

    @abstractmethod
    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add its own options."""

    @abstractmethod
    def run(self, graph: Graph, options: argparse.Namespace) -> int:
        """Do its work, and return the exit status. Raises errors of `viz.command.program.ERRORS`, and ValueError."""

    def note(self, graph: Graph) -> str:
        """A sentence about what was chosen for the user; "" if nothing was."""
        return graph.note()


class Written(Subcommand):
    """A subcommand that writes a file, `--out`, and opens it with `--open`."""

    default: str
    written: str

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Add `--out` and `--open`."""
        help = f"{self.written}, its folder, or - to print it; {self.default} by default; an existing file is replaced"
        parser.add_argument("-o", "--out", type=Path, default=Path(self.default), metavar="FILE", help=help)
        parser.add_argument("--open", action="store_true", help="open it in the browser")

    @abstractmethod
    def write(self, graph: Graph, path: Path, options: argparse.Namespace) -> None:
        """Write the file."""

    def run(self, graph: Graph, options: argparse.Namespace) -> int:
        """Write the file, print its path, and open it; or print the file itself."""
        if str(options.out) in STANDARD_OUTPUT:
            return self._print(graph, options)
        path = options.out / self.default if options.out.is_dir() else options.out
        if path.exists() and not path.is_file():
            raise ValueError(
                f"--out {path} is not a file: write the name of one, such as {self.default}, or - to print"
            )
        path = path if path.suffix else path.with_suffix(Path(self.default).suffix)
        is_replaced = path.exists()
        self.write(graph, path, options)
        if is_replaced:
            print(f"An older {path.name} was replaced.", file=sys.stderr)
        print(path)
        if options.open and not webbrowser.open(path.absolute().as_uri()):
            print(f"A browser could not be opened: open {path} yourself.", file=sys.stderr)
            return 1
        return 0

    def _print(self, graph: Graph, options: argparse.Namespace) -> int:
        """Print what a file of the default kind would have in it."""
        if options.open:
            raise ValueError(f"--open needs a file, and --out {options.out} prints it: leave one of them out")
        with TemporaryDirectory() as folder:
            path = Path(folder) / self.default
            self.write(graph, path, options)
            print_utf8(path.read_text(encoding="utf-8"))
        return 0
