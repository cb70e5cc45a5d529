"""`python -m demos.pictures`: draws the pictures in demos/pictures again, each beside its DOT text.

Snippets of the gallery draw them. A picture differs slightly between versions of Graphviz; its DOT text does not.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from demos.cli import add_out, describe_demo, run_demo, run_program
from demos.gallery import snippets
from demos.gallery.snippets import Snippet
from engine._support.safe_files import write_atomically
from engine._support.typed_commands import python_command
from viz import Drawing, Film

FOLDER = Path(__file__).parent / "pictures"
PICTURES: dict[str, tuple[Snippet, str]] = {
    "figure-4-numbers": (snippets.figure_4_numbers, "light"),
    "figure-4-numbers-dark": (snippets.figure_4_numbers, "dark"),
    "figure-4-film": (snippets.figure_4_film, "light"),
    "figure-4-film-dark": (snippets.figure_4_film, "dark"),
    "expression": (snippets.expression, "light"),
    "xor-before": (snippets.xor_before, "light"),
    "xor-after": (snippets.xor_after, "light"),
}


def draw(name: str) -> Drawing | Film:
    """Draw a picture."""
    snippet, theme = PICTURES[name]
    return snippet(theme)


def dot_text(picture: Drawing | Film) -> str:
    """The DOT text of a picture; of a film, that of its last picture."""
    return picture.drawing.source if isinstance(picture, Film) else picture.source


def main(arguments: list[str] | None = None) -> int:
    """Draw all pictures; 0, 1 if one could not be drawn or written, or 2 for bad options."""
    parser = argparse.ArgumentParser(prog=python_command("demos.pictures"), description=describe_demo(__doc__))
    add_out(parser, FOLDER)
    options = parser.parse_args(arguments)
    return run_demo(lambda: _draw_all(options.out))


def _draw_all(folder: Path) -> None:
    for name in PICTURES:
        picture = draw(name)
        write_atomically(folder / f"{name}.dot", dot_text(picture))
        print(picture.save(folder / f"{name}.svg"))


if __name__ == "__main__":
    run_program(main)
