"""`python -m demos.operations`: the table of operations: formulas, and what each gives at the edges of its domain."""

from __future__ import annotations

import argparse

from demos.cli import run_demo, run_program
from demos.operations.document import FILE, document
from demos.operations.readme import README, with_table
from engine._support.safe_files import write_atomically


def main(arguments: list[str] | None = None) -> int:
    """Print the document, or write it; 0, 1 if that fails, or 2 for bad options."""
    parser = argparse.ArgumentParser(
        prog="python -m demos.operations",
        description="The table of operations as Markdown: formulas, and what each gives at the edges of its domain.",
    )
    parser.add_argument(
        "--write",
        action="store_true",
        help=f"write it to {FILE.parent.name}/{FILE.name}, and its formulas to README.md",
    )
    options = parser.parse_args(arguments)
    return run_demo(_write if options.write else _print)


def _print() -> None:
    print(document(), end="")


def _write() -> None:
    readme = with_table(README.read_text(encoding="utf-8"))
    for name, file, text in (("engine/OPERATIONS.md", FILE, document()), ("README.md", README, readme)):
        write_atomically(file, text)
        print(f"written: {name}")


if __name__ == "__main__":
    run_program(main)
