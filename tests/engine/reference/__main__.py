"""`python -m tests.engine.reference`: the table of operations: formulas, and values at the edges of their domains."""

from __future__ import annotations

import argparse
import sys

from engine._support.safe_files import write_atomically
from tests.engine.reference.document import FILE, document


def main(arguments: list[str] | None = None) -> None:
    """Print the document, or write it."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.engine.reference",
        description="The table of operations as Markdown: formulas, and values at the edges of their domains.",
    )
    parser.add_argument("--write", action="store_true", help=f"write it to {FILE.parent.name}/{FILE.name}")
    if parser.parse_args(arguments).write:
        write_atomically(FILE, document())
    else:
        sys.stdout.write(document())


if __name__ == "__main__":
    main()
