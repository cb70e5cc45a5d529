"""`python -m tests.engine.reference`: the table of operations: formulas, and values at the edges of their domains."""

from __future__ import annotations

import argparse
import sys

from engine._support.safe_files import write_atomically
from tests.engine.reference.document import FILE, document


def main(arguments: list[str] | None = None) -> int:
    """Print the document in UTF-8, or write it; return 0, or 1 after one line if that fails."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.engine.reference",
        description="The table of operations as Markdown: formulas, and values at the edges of their domains.",
    )
    parser.add_argument("--write", action="store_true", help=f"write it to {FILE.parent.name}/{FILE.name}")
    options = parser.parse_args(arguments)
    try:
        if options.write:
            write_atomically(FILE, document())
            print(f"written: {FILE.parent.name}/{FILE.name}")
        else:
            with open(1, "w", encoding="utf-8", closefd=False) as standard_output:
                standard_output.write(document())
    except OSError as error:
        print(f"The document could not be written: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
