"""Pictures of graphs, by Graphviz.

The names:

    draw                   draws every node and every operation of a graph
    draw_network           draws what the paper draws: circles in columns, weights on the arrows between them
    Drawing                what both give: a notebook shows it, and it saves itself as SVG, PNG, PDF or DOT text
    DrawingError           a picture could not be made, and why
    Theme                  how drawings look: colours, lines, type and size
    THEMES                 the themes that have names: light, dark and print
    Film                   both passes through a network as a moving picture, or as its frames
    Stepper                walks both passes, edge by edge, in either direction
    step                   opens the shell on a graph
    backpropagation_table  the paper's Table 1 for any graph, in formulas and in numbers

The modules of pictures: `expression` and `network` say what is drawn, with `weights` about what stands on arrows;
`picture` is made of circles and arrows, `placing` says where they stand, `theme` how it looks, `lettering` how labels
do; `canvas` writes DOT, and `drawing` runs `dot` and writes files.
The modules of formulas: `formula` lays formulas out and `sheet` tables, in any of the `formats`, which have labels too;
`equation` has the signs that equations need besides; `general` finds the index form of like formulas, `matrix_form`
its matrices; `table` is Table 1, of which `alike` finds the form in general.
The modules of stepping: `steps` writes both passes down, `walk` goes along them, `stepper` shows what is seen on the
way, and `narration` says each step; `names` are those of its nodes. They are shown by the `page`; by the `shell`, with
the `arguments` of its commands, which `loop` reads at a `prompt` and answers in `plain` ASCII where it must; and by the
`quiz` with its `answers`. `film` shows both passes as a moving picture, which `cutter` makes of what Graphviz drew.
"""

from viz.drawing.dot_program import DrawingError
from viz.drawing.drawing import Drawing
from viz.drawing.films import Film
from viz.drawing.graphs import draw
from viz.drawing.networks import draw_network
from viz.drawing.themes import THEMES, Theme
from viz.math.backpropagation_table import backpropagation_table
from viz.stepping.stepper import Stepper, step

__all__ = [
    "THEMES",
    "Drawing",
    "DrawingError",
    "Film",
    "Stepper",
    "Theme",
    "backpropagation_table",
    "draw",
    "draw_network",
    "step",
]
