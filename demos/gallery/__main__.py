"""`python -m demos.gallery`: every figure in every theme, on one page, each with the lines that draw it.

The page is a single file, demos/out/gallery.html.
"""

from __future__ import annotations

import argparse

from demos.cli import add_out, describe_demo, run_demo, run_program
from demos.gallery.page import render_page
from engine._support.safe_files import write_atomically
from engine._support.typed_commands import python_command


def main(arguments: list[str] | None = None) -> int:
    """Write the page; 0, 1 if a picture could not be drawn or written, or 2 for bad options."""
    parser = argparse.ArgumentParser(prog=python_command("demos.gallery"), description=describe_demo(__doc__))
    add_out(parser)
    options = parser.parse_args(arguments)
    return run_demo(lambda: print(f"The gallery: {write_atomically(options.out / 'gallery.html', render_page())}"))


if __name__ == "__main__":
    run_program(main)
