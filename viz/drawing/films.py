"""Films: animated SVG files of both passes, in which the values appear and then the derivatives, each with a caption.

Graphviz draws the network once, and CSS lets its numbers appear without scripts, so that a film also runs as an image.
Viewers who ask for reduced motion see the whole picture at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from engine import Value
from engine._support import checks
from engine._support.caller import warn_user
from engine._support.safe_files import write_atomically
from engine._support.typed_commands import install_command
from viz.drawing.animation import REST_BEATS, AnimatedSvg
from viz.drawing.dot_program import DrawingError
from viz.drawing.drawing import MAX_NODES, Drawing, check_values, html_image
from viz.drawing.filmed_network import Beat, FilmedNetwork
from viz.drawing.themes import THEMES, Theme, choose_theme


class Film:
    """The forward and the backward pass through the network that `draw_network` draws, with a caption for each number.

    The film uses a copy of the graph; values and gradients of the given one stay as they are. All numbers stay in the
    circles, in a film of a given size too, however small the type becomes.

    Args:
        root: The output.
        names, weights, short, theme, font, size, text, limit: As in `viz.draw_network`; leaves without names and nodes
            with equal ones are numbered, such as #1 and x#2.
        digits: The number of significant digits of all numbers.
        seconds: The time for each number.

    Attributes:
        drawing: The last picture.
        beats: The moments of the film, in order.

    Raises TypeError if `root` is not a `Value`, and the errors of `draw_network`.

    >>> x = Value(1.5, "x")
    >>> a = 3 * x
    >>> y = a**2
    >>> a.label, y.label = "a", "y"
    >>> for beat in Film(y).beats:
    ...     print(beat.phase, beat.caption)
    forward a = 3x = 4.5
    forward y = a² = 20.25
    backward ∂y/∂y = 1
    backward ∂y/∂a = ∂y/∂y · 2a = 9
    backward ∂y/∂x = ∂y/∂a · 3 = 27
    """

    def __init__(
        self,
        root: Value,
        *,
        names: Mapping[str, Any] | None = None,
        weights: Value | Iterable[Value] = (),
        short: bool = False,
        theme: str | Theme = "light",
        font: str | None = None,
        size: float | tuple[float, float] | None = None,
        text: float | None = None,
        digits: int = 4,
        seconds: float = 1.2,
        limit: int = MAX_NODES,
    ) -> None:
        if not isinstance(root, Value):
            raise TypeError(f"a film starts from a Value, not from {checks.format_given(root)}")
        checks.check_instance(seconds, (int, float), "seconds must be a number")
        checks.value_error_unless(0.0 < seconds <= 60.0, "seconds must be above 0 and at most 60", seconds)
        self.theme = choose_theme(theme, font, size, text)
        self.seconds = seconds
        self._network = FilmedNetwork(root, names, check_values(weights, "weights must be"), short, digits, limit)
        arrangement = self._network.arrangement(self.theme)
        self.drawing: Drawing = self._network.diagram.draw(theme=self.theme, arrangement=arrangement)
        self.beats: list[Beat] = [*self._network.forward(), *self._network.backward()]

    def svg(self) -> str:
        """Return the film as SVG. Raises DrawingError if it cannot be drawn."""
        diagram, circles = self._network.diagram_with(self._network.captions(self.beats, self.theme))
        animation = AnimatedSvg(diagram, self.theme, len(self.beats))
        for i, beat in enumerate(self.beats):
            is_backward, half = beat.phase == "backward", self._network.half(beat.node)
            animation.reveal(circles[beat.node], half, is_backward, i)
            for other in beat.others:
                tail, head = (beat.node, other) if is_backward else (other, beat.node)
                animation.highlight(circles[tail], circles[head], i)
        return animation.to_svg(self.seconds)

    def frames(self) -> list[Drawing]:
        """Return the film as drawings for slides, one for each number, all of the same size, with their captions.

        `for i, frame in enumerate(film.frames(), 1): frame.save(f"frame-{i:02}.png")` writes them; `save`, in one PDF.

        >>> len(Film(2 * Value(1.5, "x")).frames())
        3
        """
        return self._frames(self.theme)

    def _frames(self, theme: Theme) -> list[Drawing]:
        diagram, circles = self._network.diagram_with(self._network.captions(self.beats, theme))
        arrangement = diagram.arrange(theme=theme)
        drawings = []
        for i in range(len(self.beats)):
            self._network.show_beat(diagram, circles, self.beats, i)
            drawings.append(diagram.draw(theme=theme, arrangement=arrangement))
        return drawings

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the film to a file, and return its path: .svg moves, .pdf is a deck of slides, one for each number.

        The pages of a deck have the `size` of the film if that is a pair, as that of the theme "slide" is; else they
        are 13.33 by 7.5 inches, 16:9. A deck needs pypdf. A UserWarning says so if the type of its pages is smaller
        than the 18 points, or `text`, that are wanted: that of a layer of more than two or three units.
        Raises ValueError for another suffix, ImportError if pypdf is not installed, and the errors of `Drawing.save`.

        >>> x = Value(1.5, "x")
        >>> Film(2 * x).save("demos/out/film.svg").name
        'film.svg'
        """
        path = Path(path)
        suffix = path.suffix.lower()
        if suffix not in (".svg", ".pdf"):
            raise ValueError(f"cannot save {path}: the suffix of a film must be .svg or .pdf; frames() have others")
        return write_atomically(path, self.svg() if suffix == ".svg" else self._deck())

    def _deck(self) -> bytes:
        """The frames as the pages of a PDF. Graphviz writes several pictures as files one after the other."""
        try:
            from pypdf import PdfReader, PdfWriter
        except ImportError as error:
            raise ImportError(f"a deck needs pypdf: {install_command('slides')}") from error
        is_page = isinstance(self.theme.size, (tuple, list))
        slide = THEMES["slide"]
        theme = self.theme if is_page else replace(self.theme, size=slide.size, text=self.theme.text or slide.text)
        deck, frames = PdfWriter(), self._frames(theme)
        for frame in frames:
            deck.append(PdfReader(BytesIO(frame.render("pdf"))))
        deck.compress_identical_objects()
        content = BytesIO()
        deck.write(content)
        if frames[0].is_type_small():
            width, height, smallest = frames[0].measures()
            warn_user(
                f"the smallest type of this deck has {smallest:.3g} points on pages of {width:g} × {height:g} points,"
                f" less than the {frames[0].wanted_type:g} that are wanted. Fewer units in a layer, digits=2, or a film"
                " of a part of the graph, such as Film(z) for its node z, have larger type",
                UserWarning,
            )
        return content.getvalue()

    def _repr_html_(self) -> str | None:
        """The film as an image; inside the page, the style sheets of two films would affect each other."""
        try:
            return html_image(self.svg(), repr(self))
        except DrawingError:
            return None  # the notebook then shows the text of `__repr__`

    def __repr__(self) -> str:
        seconds = self.seconds * (len(self.beats) + REST_BEATS)
        numbers = "1 number" if len(self.beats) == 1 else f"{len(self.beats)} numbers"
        return f"<film of {numbers}, {seconds:.0f} seconds; .save('name.svg') writes it>"
