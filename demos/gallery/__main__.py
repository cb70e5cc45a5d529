"""`python -m demos.gallery`: every figure in every theme, on one page, each with the lines that draw it.

The page is one file that needs no other: demos/out/gallery.html.
"""

from __future__ import annotations

import argparse

from demos.gallery.page import page
from demos.running import add_out, as_program, described, perform
from engine._support.safe_files import write_whole


def main(arguments: list[str] | None = None) -> int:
    """Write the page; 0, 1 if a picture could not be drawn or written, or 2 for bad options."""
    parser = argparse.ArgumentParser(prog="python -m demos.gallery", description=described(__doc__))
    add_out(parser)
    options = parser.parse_args(arguments)
    return perform(lambda: print(f"The gallery: {write_whole(options.out / 'gallery.html', page())}"))


if __name__ == "__main__":
    as_program(main)
