"""Graphs of `Value`s to look at: drawings, formulas and tables, and stepping through both passes.

"The paper" is Kyle Bradbury, "Tutorial on neural network math for forward and backward propagation" (2019); numbers in
parentheses are those of its equations.

The names:

    draw                   draws every node and every operation of a graph
    draw_network           draws a network as the paper does: circles in columns, weights on the arrows between them
    Drawing                the result of both: a notebook shows it, and it saves itself as SVG, PNG, PDF or DOT text
    DrawingError           a drawing could not be made, and why
    Theme                  the looks of drawings: colours, lines, type and size
    THEMES                 the themes by name: light, dark, slide and print
    Film                   both passes through a network as an animation, or as its frames
    live                   a page in which the numbers of a graph can be changed, and every other number follows
    LivePage               the result of it: a notebook shows it, and it saves itself as HTML
    Stepper                walks both passes, edge by edge, in either direction
    step                   opens the shell on a graph
    ask                    asks about a number of a graph, and says what a wrong answer looks like
    backpropagation_table  the paper's Table 1 for any graph, in formulas and in numbers

The folders, none of which imports `nn`:

    math                   formulas, their index and matrix forms, tables; `formats` has a file for each format
    drawing                graphs, networks and films, drawn by `dot` of Graphviz, or graphviz-pure in its place
    stepping               the two views, the recorded steps, the stepper, its shell and its quiz
    questions              a class for each kind of question, and the faults that explain wrong answers
    pages                  the stepper as a self-contained HTML page
    command                the command `pathgrad`, also `python -m viz`: a class for each subcommand
    top-level              the package `pathgrad`, which has the names of `engine`, `nn` and `viz`
"""

from viz import _ctrl_c as _ctrl_c  # first of all
from viz import _engine as _engine
from viz.drawing.dot_program import DrawingError
from viz.drawing.drawing import Drawing
from viz.drawing.films import Film
from viz.drawing.graphs import draw
from viz.drawing.networks import draw_network
from viz.drawing.themes import THEMES, Theme
from viz.math.backpropagation_table import backpropagation_table
from viz.pages.live_page import LivePage, live
from viz.questions.asking import ask
from viz.stepping.stepper import Stepper, step

__all__ = [
    "THEMES",
    "Drawing",
    "DrawingError",
    "Film",
    "LivePage",
    "Stepper",
    "Theme",
    "ask",
    "backpropagation_table",
    "draw",
    "draw_network",
    "live",
    "step",
]
