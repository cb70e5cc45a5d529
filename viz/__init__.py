"""Pictures of graphs, by Graphviz.

`draw` shows every node and every operation, `draw_network` what the paper shows: circles in columns, with weights on
the arrows between them.

The rooms: `expression` and `network` say what is drawn, `picture` places circles and arrows, `drawing` runs `dot` and
writes files; `notation` shows labels, and `formula` formulas.
"""

from viz.drawing import Drawing, DrawingError
from viz.expression import draw
from viz.network import draw_network

__all__ = ["Drawing", "DrawingError", "draw", "draw_network"]
