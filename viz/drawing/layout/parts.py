"""The parts of a diagram: circles and the arrows between them, with their texts."""

from __future__ import annotations

from dataclasses import dataclass, field

from viz.drawing.canvas import FontSize, LabelRow
from viz.drawing.layout.blocks import Block, Cell, Row
from viz.drawing.layout.boxes import Point

BLANK = "\u00a0"  # in place of a number that is not known yet

ColumnPair = tuple[int, int]


@dataclass(frozen=True)
class NodeText:
    """The text of a node, weight or bias: a symbol, its value and its derivative."""

    symbol: str
    value: str = ""
    derivative: str = ""

    def rows(self, points: int) -> Block:
        """The symbol in type of this size, above its numbers."""
        symbol, value = Cell(self.symbol, points), Cell(self.value, FontSize.NUMBER)
        cells = (symbol, value, Cell(self.derivative, FontSize.NUMBER, is_derivative=True))
        return tuple((cell,) for cell in cells if cell.text)

    def row(self, points: int, equals: str = "") -> Row:
        """The symbol in type of this size, beside its numbers."""
        cells = [cell for row in self.rows(points) for cell in row]
        if self.symbol and self.value:
            cells[1] = cells[1]._replace(text=f" {equals}{self.value}")
        if self.derivative and len(cells) > 1:
            cells[-1] = cells[-1]._replace(text=f"  {self.derivative}")
        return tuple(cells)

    def with_numbers(self, n_numbers: int) -> NodeText:
        """The text with only the first numbers of a symbol.

        >>> NodeText("z", "0.5", "0.5").with_numbers(1)
        NodeText(symbol='z', value='0.5', derivative='')
        """
        if not self.symbol:
            return self
        value = self.value if n_numbers else ""
        derivative = self.derivative if n_numbers > bool(self.value) else ""
        return NodeText(self.symbol, value, derivative)


@dataclass(eq=False)
class Circle:
    """The circle of a node, or of a unit, which is split into a and z; an ellipse if its text is long.

    Attributes:
        halves: Its texts: none, one, or those of a and z.
        column: Columns are numbered in the direction of the arrows.
        is_aside: Whether it is placed below the other circles of its column, and not counted when these are centred.
        is_beside: Whether it stands close below the circle before it in its column, as a target below its output.
        is_dots: Whether dots ⋮ are drawn instead, for circles that are left out.
        is_faint: Whether it is grey.
        is_marked: Whether it is highlighted.
        rings: For each half, whether a ring around it highlights it; empty without space for rings.
        above: Small texts near it, above if there is space, such as a bias.
        below: A small text near it, below if there is space.
        before: Text at its left, such as "x_1 =".
        note: Text below its first half, joined to it by a thin line.
        x, y: The position of its centre in inches, along the arrows and across them.
        half_width, half_height: Half its size on the page, in inches.
        lift: How far the middle of its text is above its own.
    """

    halves: tuple[NodeText, ...]
    column: int
    is_aside: bool = False
    is_beside: bool = False
    is_dots: bool = False
    is_faint: bool = False
    is_marked: bool = False
    rings: tuple[bool, ...] = ()
    above: tuple[NodeText, ...] = ()
    below: str = ""
    before: LabelRow = ()
    note: LabelRow = ()
    x: float = field(default=0.0, init=False)
    y: float = field(default=0.0, init=False)
    half_width: float = field(default=0.475, init=False)
    half_height: float = field(default=0.475, init=False)
    lift: float = field(default=0.0, init=False)

    @property
    def at(self) -> Point:
        """The position of its centre."""
        return self.x, self.y

    def half_sizes(self, is_horizontal: bool) -> Point:
        """Half its size along the arrows and across them, in a picture that leads sideways or not."""
        sizes = self.half_width, self.half_height
        return sizes if is_horizontal else sizes[::-1]

    @property
    def is_split(self) -> bool:
        """Whether it has two halves."""
        return len(self.halves) == 2


@dataclass(eq=False)
class Arrow:
    """An arrow from one circle to another.

    Attributes:
        tail, head: The circles.
        label: A symbol or a constant.
        value: The value of the weight that is the label, or a local derivative.
        derivative: The derivative with respect to this weight.
        weight: The weight as a number, to be drawn as the arrow's width and colour, relative to the largest one.
        is_under: Whether the label is drawn below the arrow instead of on it.
        is_faint: Whether it is grey.
        is_marked: Whether it is highlighted.
        is_dashed: Whether its line is dashed, as no derivative is ever passed back through it.
        is_cut: Whether only its ends are drawn, with dots between them for columns that are left out.
    """

    tail: Circle
    head: Circle
    label: str = ""
    value: str = ""
    derivative: str = ""
    weight: float | None = None
    is_under: bool = False
    is_faint: bool = False
    is_marked: bool = False
    is_dashed: bool = False
    is_cut: bool = False

    @property
    def text(self) -> NodeText:
        """Its label and numbers."""
        return NodeText(self.label, self.value, self.derivative)

    @property
    def columns(self) -> ColumnPair:
        """The columns of its tail and its head."""
        return self.tail.column, self.head.column
