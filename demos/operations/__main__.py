"""`python -m demos.operations`: the table of operations: formulas, and what each gives at the edges of its domain."""

from __future__ import annotations

import argparse

from demos.operations.document import FILE, document
from demos.running import as_program, perform


def main(arguments: list[str] | None = None) -> int:
    """Print the document, or write it; 0, 1 if that fails, or 2 for bad options."""
    parser = argparse.ArgumentParser(
        prog="python -m demos.operations",
        description="The table of operations as Markdown: formulas, and what each gives at the edges of its domain.",
    )
    parser.add_argument("--write", action="store_true", help=f"write it to {FILE.parent.name}/{FILE.name} instead")
    options = parser.parse_args(arguments)
    return perform(_write if options.write else _print)


def _print() -> None:
    print(document(), end="")


def _write() -> None:
    FILE.write_text(document(), encoding="utf-8", newline="\n")
    print(f"written: {FILE.parent.name}/{FILE.name}")


if __name__ == "__main__":
    as_program(main)
