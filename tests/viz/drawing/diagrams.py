"""Diagrams made by hand, for tests."""

from viz.drawing.diagram import Diagram, PassArrow
from viz.drawing.layout.parts import Arrow, Circle, NodeText


def circle(label: str, column: int) -> Circle:
    return Circle((NodeText(label),), column)


def dots(column: int) -> Circle:
    return Circle((), column, is_dots=True)


def sample_diagram() -> Diagram:
    """A diagram with one of everything that a diagram can have."""
    x, unit, y = circle("x", 0), Circle((NodeText("a"), NodeText("z")), 1), [circle(f"y_{i}", 2) for i in "12N"]
    x.before, x.above, x.below, unit.note = ("v", " ="), (NodeText("b"),), "0.25", ("delta", " = ∂", "E")
    faint = Circle((), 3, is_faint=True)
    arrows = [Arrow(x, unit, "w"), *(Arrow(unit, node, f"w_{node.halves[0].symbol[2]}") for node in y)]
    arrows += [Arrow(y[1], faint, is_cut=True, is_faint=True)]
    arrows[1].is_under = True
    return Diagram(
        [x, unit, *y[:2], dots(2), y[2], faint],
        arrows,
        headings={0: ("X_bold",), 0.5: ("W_bold",), 1: ("z_bold", " = ", "y_bold_hat")},
        steps={0: (4,), 1: (3, 2), 2: (1,), 3: (0,)},
        pass_arrows=[PassArrow("back", 0, 2, is_backward=True), PassArrow("on", 2, 3)],
    )
