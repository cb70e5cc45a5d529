"""Animating a diagram: a style sheet and captions are added to the SVG drawn by Graphviz.

Time is divided into beats. Each part of the picture that changes has a CSS animation for the whole film, which repeats.
Viewers who ask for reduced motion see the picture as it was drawn.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring, register_namespace, tostring

from viz.drawing.diagram import Diagram
from viz.drawing.layout.parts import Circle
from viz.drawing.themes import Theme, css_color

Properties = dict[str, str]  # of CSS, by their names

REST_BEATS = 4  # beats during which the last picture stays
_NAMESPACE = "http://www.w3.org/2000/svg"
_SVG = f"{{{_NAMESPACE}}}"
_HIDDEN, _VISIBLE = {"visibility": "hidden"}, {"visibility": "visible"}
_REDUCED_MOTION = "@media (prefers-reduced-motion: reduce) { .m { animation: none !important } }"


class AnimatedSvg:
    """The picture as Graphviz draws it, to which animations are added.

    Its parts are found by the names that `Diagram.draw` gives them.

    Raises DrawingError if it cannot be drawn.
    """

    def __init__(self, diagram: Diagram, theme: Theme, n_beats: int) -> None:
        self.theme = theme
        self._n_beats = n_beats + REST_BEATS
        self._svg = fromstring(diagram.draw(theme=theme).render("svg"))
        self._names = {circle: f"n{i}" for i, circle in enumerate(diagram.circles, 1)}
        self._groups = _groups_by_title(self._svg)
        self._highlighted: dict[Element, list[int]] = defaultdict(list)
        self._rings: dict[str, list[int]] = defaultdict(list)
        self._keyframes: dict[str, str] = {}

    def reveal(self, circle: Circle, half: int, is_derivative: bool, beat: int) -> None:
        """Let a number appear in one half of a circle, and a ring around that half."""
        name, text = self._names[circle], circle.halves[half]
        numbers = [number for number in (text.value, text.derivative) if number]
        texts = [element for element in self._groups[name].iter(f"{_SVG}text") if element.text]
        found = [pair for pair in pairwise(texts) if [_plain(element) for element in pair] == numbers]
        self._animate(found[-half][is_derivative], [(beat, self._n_beats)], _HIDDEN, _VISIBLE)
        self._rings[f"{name}r{half}"].append(beat)

    def highlight(self, tail: Circle, head: Circle, beat: int) -> None:
        """Highlight the arrow from one circle to another, if there is one."""
        title = f"{self._names[tail]}->{self._names[head]}"
        if title in self._groups:
            self._highlight(self._groups[title], beat)

    def to_svg(self, seconds: float) -> str:
        """Return the SVG, in which each beat has its caption."""
        for shape, beats in self._highlighted.items():
            before = {name: shape.get(name, "1") for name in ("stroke", "stroke-width")}
            after = {"stroke": css_color(self.theme.mark), "stroke-width": self.theme.thick(2.5)}
            if self.theme.uniform:
                before, after = {"stroke-dasharray": "none", **before}, {"stroke-dasharray": "5,2", **after}
            if shape.tag == f"{_SVG}polygon":  # the head of an arrow
                before, after = {"fill": shape.get("fill", ""), **before}, {"fill": after["stroke"], **after}
            self._animate(shape, [(beat, beat + 1) for beat in beats], before, after)
        for name, beats in self._rings.items():
            self._show(self._groups[name], [(beat, beat + 1) for beat in beats])
        for i in range(self._n_beats - REST_BEATS):
            end = self._n_beats if i == self._n_beats - REST_BEATS - 1 else i + 1
            self._show(self._groups[f"c{i + 1}"], [(i, end)])
            self._show(self._groups[f"c{i + 1}t"], [(i, end)])
        rules = [f".m {{ animation: {self._n_beats * seconds:g}s step-end infinite }}"]
        for rule, name in self._keyframes.items():
            rules.append(f"@keyframes {name} {{{rule} }} .{name} {{ animation-name: {name} }}")
        style = Element(f"{_SVG}style")
        style.text = "\n".join(["", *rules, _REDUCED_MOTION, ""])
        self._svg.insert(0, style)
        register_namespace("", _NAMESPACE)
        return tostring(self._svg, encoding="unicode") + "\n"

    def _highlight(self, group: Element, beat: int) -> None:
        for shape in group:
            if shape.tag in (f"{_SVG}ellipse", f"{_SVG}path", f"{_SVG}polygon"):
                self._highlighted[shape].append(beat)

    def _animate(self, element: Element, spans: list[tuple[int, int]], before: Properties, after: Properties) -> None:
        """Give an element other CSS properties in some spans of beats."""
        n = self._n_beats
        frames = {0: before} | {end: before for _, end in spans if end < n} | {start: after for start, _ in spans}
        rule = "".join(
            f" {100 * beat / n:.4g}% {{ {'; '.join(f'{name}: {text}' for name, text in frames[beat].items())} }}"
            for beat in sorted(frames)
        )
        name = self._keyframes.setdefault(rule, f"k{len(self._keyframes) + 1}")
        element.set("class", f"m {name}")

    def _show(self, group: Element, spans: list[tuple[int, int]]) -> None:
        """Show a group in some spans of beats, and not at all where nothing moves."""
        group.attrib |= _HIDDEN
        self._animate(group, spans, _HIDDEN, _VISIBLE)


def _plain(element: Element) -> str:
    """The text of an element with ordinary spaces."""
    return (element.text or "").replace("\u00a0", " ")


def _groups_by_title(svg: Element) -> dict[str, Element]:
    """The groups by their titles, which are removed, since browsers would show them as tooltips."""
    groups = {}
    for group in svg.iter(f"{_SVG}g"):
        group.attrib.pop("id", None)
        title = group.find(f"{_SVG}title")
        if title is not None:
            groups[title.text or ""] = group
            group.remove(title)
    return groups
