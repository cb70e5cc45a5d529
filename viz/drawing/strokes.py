"""Drawing the circles and arrows of a diagram, and the texts that belong to them."""

from __future__ import annotations

from collections.abc import Mapping

from viz.drawing import dot_labels
from viz.drawing.canvas import Canvas, FontSize
from viz.drawing.layout.arrangement import Arrangement, before_box
from viz.drawing.layout.blocks import Block, block_size, block_to_dot, table
from viz.drawing.layout.boxes import Point
from viz.drawing.layout.circle_sizes import Style
from viz.drawing.layout.label_places import Place
from viz.drawing.layout.parts import Arrow, Circle
from viz.drawing.themes import Theme

STUB_FRACTION = 0.3  # of an arrow that is cut, drawn at either end
MIN_WIDTH, MAX_WIDTH = 0.4, 4.0  # of arrows whose width is their weight, in widths of an ordinary line


def draw_circle(canvas: Canvas, name: str, circle: Circle, style: Style) -> None:
    """Draw a circle and the texts that have a fixed place beside it."""
    theme, at, half_height = canvas.theme, circle.at, circle.half_height
    if circle.is_dots:
        canvas.text(name, ("⋮",), FontSize.DOTS, at, fontcolor=theme.faint if circle.is_faint else theme.ink)
        return
    faint = {"color": theme.faint} if circle.is_faint else {}
    halves, inside = (circle.half_width, half_height), _inside(circle, style, theme)
    for half, is_visible in enumerate(circle.rings):
        canvas.ring(f"{name}r{half}", at, halves, half if circle.is_split else None, is_visible)
    canvas.circle(name, at, halves, inside, **(theme.marked() if circle.is_marked else faint))
    if circle.before:
        x, y = canvas.on_page(at)
        box = before_box(circle, (x, y), theme.font)
        canvas.text(f"{name}c", circle.before, FontSize.ARROW_SYMBOL, at, (box.x - x, box.y - y))
    if circle.note:
        first_half = -circle.half_width / 2
        canvas.point(f"{name}d", at, (first_half, 0.0))
        canvas.text(f"{name}e", circle.note, FontSize.ARROW_SYMBOL, at, (first_half, -half_height - 1.25))
        canvas.line(f"{name}d", f"{name}e", dir="none", color=theme.tie, penwidth=theme.thick(0.8))


def _inside(circle: Circle, style: Style, theme: Theme) -> str:
    """The text in a circle, or in its halves side by side."""
    if not circle.halves:
        return ""
    width, height = round(72 * circle.half_width), 2 * round(72 * circle.half_height)
    size = f' WIDTH="{width}" HEIGHT="{height}"' if circle.is_split else ""
    line = ' BORDER="1" SIDES="L" STYLE="dotted"'
    stacks = [_stack(style.rows(half), circle, theme) for half in circle.halves]
    cells = (f"<TD{size}{line if i else ''}>{stack}</TD>" for i, stack in enumerate(stacks))
    return table(f"<TR>{''.join(cells)}</TR>")


def _stack(rows: Block, circle: Circle, theme: Theme) -> str:
    """A symbol above its numbers; in a half circle, between spaces that fill its height."""
    if len(rows) == 1:
        ((cell,),) = rows
        return dot_labels.to_dot(cell.text, cell.points)
    text, lift = block_size(rows, theme.font)[1], circle.lift
    above = max(0, round(72 * (circle.half_height - text / 2 - lift))) if circle.is_split else 0
    spaces = [f'<TR><TD HEIGHT="{space}"></TD></TR>' if space else "" for space in (above, above + round(144 * lift))]
    return table(f"{spaces[0]}{block_to_dot(rows, theme)}{spaces[1]}")


def draw_arrow(canvas: Canvas, i: int, arrow: Arrow, names: Mapping[Circle, str], arrangement: Arrangement) -> None:
    """Draw arrow number i, without its label."""
    tail, head = names[arrow.tail], names[arrow.head]
    style = _style(arrow, arrangement, canvas.theme)
    course = arrangement.courses[arrow]
    if arrow.is_cut:
        for end, fraction in (("f", STUB_FRACTION), ("t", 1 - STUB_FRACTION)):
            canvas.point(f"e{i}{end}", _point_between(arrow.tail.at, arrow.head.at, fraction))
        canvas.line(tail, f"e{i}f", dir="none", **style)
        canvas.line(f"e{i}t", head, **style)
    elif course.curves:
        points = [course.curves[0][0], *(point for curve in course.curves for point in curve[1:])]
        canvas.curve(tail, head, points, course.points[-1], **style)
    else:
        canvas.line(tail, head, **style)


def draw_label(canvas: Canvas, name: str, place: Place) -> None:
    """Draw a label at its place."""
    canvas.rows(name, block_to_dot(place.block, canvas.theme), (0.0, 0.0), (place.box.x, place.box.y))


def _style(arrow: Arrow, arrangement: Arrangement, theme: Theme) -> dict[str, str]:
    """Attributes of Graphviz for an arrow."""
    style = {"style": "dashed"} if arrow.is_dashed else {}
    if arrow.is_faint:
        style |= {"color": theme.faint, "penwidth": theme.thick(0.6), "arrowsize": "0.5"}
    if arrow.columns in arrangement.dense:
        style |= {"color": theme.dense, "penwidth": theme.thick(0.5)}
    if arrow.weight is not None:
        largest = max(abs(other.weight) for other in arrangement.courses if other.weight is not None) or 1.0
        width = theme.width * max(MIN_WIDTH, MAX_WIDTH * abs(arrow.weight) / largest)
        style |= {"penwidth": f"{width:.3g}", "color": theme.line, "arrowsize": "0.5"}
        style |= {"color": theme.negative, "style": "dashed"} if arrow.weight < 0 else {}
    return style | (theme.marked() if arrow.is_marked else {})


def _point_between(start: Point, end: Point, fraction: float) -> Point:
    return start[0] + fraction * (end[0] - start[0]), start[1] + fraction * (end[1] - start[1])
