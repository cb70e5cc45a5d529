"""The stepper: moves through both passes of a graph, and shows each step as text, as a drawing or as a page."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from engine import Value, toposort
from engine._support.columns import align_columns
from engine.analysis.explanation import explain_with_names
from viz.drawing.drawing import Drawing
from viz.drawing.graphs import AUTO, Marks, draw
from viz.drawing.numbers import DEFAULT_DIGITS, KnownNumbers
from viz.drawing.themes import Theme, choose_theme
from viz.math.formulas import format_number
from viz.pages.live_page import LiveGraph, LivePage
from viz.stepping.cursor import Cursor
from viz.stepping.narration import DisplayText, Narration, format_sum, notes_of_the_table
from viz.stepping.network_picture import NetworkPicture
from viz.stepping.node_names import in_reading_order
from viz.stepping.quiz import StepQuestion, next_question
from viz.stepping.recording import record_steps
from viz.stepping.shell import Shell
from viz.stepping.views import VIEWS, PaperView

S = TypeVar("S", bound="Stepper")
MAX_TABLE_ROWS = 1000  # a longer table shows the nodes around the current one


class Stepper(Cursor):
    """Steps through the forward and the backward pass of `root`, in either direction, on a copy of the graph.

    Moves return the stepper itself, whose repr is the last step: at a Python prompt, every move shows its step. A node
    is given as a `Value` of your graph, or by its name: its label, or the name that drawings and tables show for a node
    without one, such as "#3".

    The view "paper" walks from named node to named node, as the paper does, and shows y = 2a₁ + a₂ as one step; "all"
    walks every operation. Where nodes between the output and the leaves have names, and not more than one path leads
    from each node to the next, the view is "paper", otherwise "all".

    Args:
        root: The output.
        view: "paper" or "all", see above.
        names: Names for nodes without labels: `names=locals()`.

    Attributes, besides those of `viz.stepping.cursor.Cursor`:
        narration: Writes the sentences about steps.

    Raises TypeError if `root` is not a `Value`, ValueError for an unknown view, and DomainError if a value or a
    derivative is not finite.

    >>> x = Value(1.5, "x")
    >>> a = 3 * x
    >>> y = a * a
    >>> a.label, y.label = "a", "y"
    >>> stepper = Stepper(y)
    >>> stepper.next()
    step 1 of 6, forward: a
      a = 3x = 3 · 1.5 = 4.5
    >>> stepper.cont()
    step 6 of 6, backward: a → x
      ∂y/∂x = ∂y/∂a · 3 = 9 · 3 = 27
    the end: ∂y/∂x = 27
    >>> x.grad
    0.0
    """

    def _record(self, view: str, position: int = 0) -> None:
        super()._record(view, position)
        self.narration = Narration(self.steps, notes_of_the_table(self.root))

    def local(self, made: Value | str, x: Value | str) -> DisplayText:
        """The local derivative of a node with respect to one of its inputs, as a formula, and as a number if known."""
        return self.narration.local(self.find(made), self.find(x), self.values)

    def paths(self, x: Value | str, made: Value | str | None = None) -> DisplayText:
        """Every path from the output (or from `made`) back to a node, with its product, and their sum, if known."""
        output, node = self.root if made is None else self.find(made), self.find(x)
        found = explain_with_names(output, node, self._name, self._relation, named=self.view.name == PaperView.name)
        is_computed = self._is_computed(output)
        is_complete = is_computed and not (output is self.root and self._is_unfinished(node))
        return DisplayText(repr(found._replace(is_computed=is_computed, is_backpropagated=is_complete)))

    def _is_computed(self, node: Value) -> bool:
        return not node.inputs or node in self.values or self.position >= self.steps.n_forward

    def _relation(self, node: Value) -> str:
        return self.narration.relation(node) if node.inputs else format_number(node.data)

    def _name(self, node: Value) -> str:
        return self.narration.name(node) if node in self.names else format_number(node.data)  # of a constant

    def sum(self, x: Value | str, made: Value | str | None = None) -> DisplayText:
        """The terms of a node's gradient, as far as they are known; with `made`, of ∂made/∂x."""
        output, node = self.root if made is None else self.find(made), self.find(x)
        if output is self.root:
            ahead = "come here yet: r runs to its end"
            if self.position < self.steps.n_forward:
                ahead = "begun: r runs to its start, and again r to its end"
            return self.narration.sum(
                node, self.steps.steps_to(node), self.position, f"the backward pass has not {ahead}"
            )
        if node not in toposort(output):
            is_reversed = output in toposort(node)
            hint = f"; the output comes first: sum {self.names[node]} {self.names[output]}" if is_reversed else ""
            raise ValueError(f"{self._name(output)} does not depend on {self._name(node)}{hint}")
        steps = record_steps(VIEWS[self.view.name](output, self.names))
        position = len(steps) if self._is_computed(output) else 0
        return Narration(steps).sum(node, steps.steps_to(node), position, f"{self._name(output)} is not computed yet")

    def state(self, x: Value | str) -> DisplayText:
        """A node's formula, value and gradient, as far as they are known."""
        node = self.find(x)
        formula = f" = {self.narration.relation(node)}" if node.inputs else ""
        return DisplayText(f"{self._name(node)}{formula}: {self._value_and_gradient(node)}")

    def _value_and_gradient(self, node: Value) -> str:
        value, gradient = self._numbers(node)
        return f"value {value}, gradient {gradient}"

    def _numbers(self, node: Value) -> tuple[str, str]:
        """The value and the gradient, as far as they are known."""
        value, gradient = (known.get(node) for known in (self.values, self.gradients))
        terms = self.steps.terms_done(node, self.position)
        return "?" if value is None else format_number(value), format_sum(gradient, *terms)

    def _is_unfinished(self, node: Value) -> bool:
        done, n_terms = self.steps.terms_done(node, self.position)
        return done < n_terms

    def path_to(self, x: Value | str) -> list[Value]:
        """A shortest path from the output to a node, through the edge of the last step."""
        node, step = self.find(x), self.current
        readers, queue = {self.root: self.root}, [self.root]
        for reader in queue:
            found = [x for x in self.view.inputs(reader) if x not in readers]
            readers |= dict.fromkeys(found, reader)
            queue += found
        if step and step.input is node:
            readers[node] = step.node
        path = [node]
        while path[-1] is not self.root:
            path.append(readers[path[-1]])
        return path[::-1]

    def quiz(self) -> StepQuestion:
        """A question about the next step: a value, a local derivative, a contribution, a running sum, or a whole one.

        About the whole derivative with respect to a leaf, it asks for the sign.

        Raises ValueError if all steps are done.
        """
        return next_question(self.steps, self.position)

    def shell(self) -> None:
        """Open the shell on this stepper, at the terminal."""
        Shell(self).cmdloop()

    def table(self) -> DisplayText:
        """A table of the nodes with their values and gradients, as far as they are known; the current one is marked."""
        rows = [("", "node", "value", "gradient", "formula")]
        current = self.current.target if self.current else None
        nodes = self._around(current)
        for node in nodes:
            formula = self.narration.relation(node) if node.inputs else ""
            rows.append((">" if node is current else "", self._name(node), *self._numbers(node), formula))
        lines = align_columns(rows)
        if len(nodes) < len(self.names):
            lines.append(f"and {len(self.names) - len(nodes)} more nodes, before or after these")
        return DisplayText("\n".join(lines))

    def _around(self, current: Value | None) -> list[Value]:
        """The nodes of the table, at most `MAX_TABLE_ROWS` around the current one."""
        nodes = in_reading_order(self.names)
        middle = nodes.index(current) if current is not None else 0
        first = max(0, min(middle - MAX_TABLE_ROWS // 2, len(nodes) - MAX_TABLE_ROWS))
        return nodes[first : first + MAX_TABLE_ROWS]

    def draw(
        self,
        *,
        direction: str = AUTO,
        format: str = "svg",
        digits: int = DEFAULT_DIGITS,
        theme: str | Theme = "light",
        font: str | None = None,
        size: float | tuple[float, float] | None = None,
        text: float | None = None,
    ) -> Drawing:
        """Draw the graph with the current node and edge marked, visited nodes shaded, and the numbers known so far.

        The view of every operation is drawn as by `viz.draw`, the paper's view as by `viz.draw_network`, with their
        options; if the `direction` is "auto", the paper's view leads to the right.
        """
        step = self.current
        marks = Marks(
            values=dict(self.values),
            gradients=dict(self.gradients),
            unfinished={node for node in self.gradients if self._is_unfinished(node)},
            visited={node for node in self.values if node.inputs} | self.gradients.keys(),
            current=step.target if step else None,
            edge=(step.node, step.index) if step and step.input is not None else None,
        )
        numbers = KnownNumbers(marks.values, marks.gradients, marks.unfinished, digits)
        look = choose_theme(theme, font, size, text)
        if self.view.name == PaperView.name:
            diagram = NetworkPicture(self.view).filled(numbers, marks)
            return diagram.draw("LR" if direction == AUTO else direction, format, look)
        names = {label: node for node, label in self.view.labels.items()}
        return draw(
            self.root, names=names, marks=marks, numbers=numbers, direction=direction, format=format, theme=look
        )

    def __repr__(self) -> str:
        lines = list(self.narration.lines(self.current))
        if not self.position and self.note:
            lines.append(f"  {self.note}")
        if self.position == len(self.steps):
            lines.append(self.narration.end(self.gradients))
        lines += [
            f"  {self._name(node)}: {self._value_and_gradient(node)}" for node in self.watches if node in self.names
        ]
        return "\n".join(lines)

    def to_html(self, path: str | os.PathLike[str], title: str = "") -> Path:
        """Write the page of `viz.live`, in this view and at this step, as one file that works from disk.

        At the start of the steps, the page opens at their end, where all numbers are known. Raises ValueError for more
        than 5000 nodes, and OSError if the file cannot be written. An existing file is replaced only when the new one
        is complete.
        """
        return self._page(title).save(path)

    def _page(self, title: str = "") -> LivePage:
        graph = LiveGraph(self.root, view=self.view.name)
        return LivePage(graph, title, note=self.note, step=self.position or None)

    def _repr_html_(self) -> str | None:
        try:
            return self._page()._repr_html_()
        except ValueError:  # too large
            return None  # the notebook then shows the text of `__repr__`


def step(root: Value, view: str | None = None, names: Mapping[str, Any] | None = None) -> None:
    """Step through a graph in the shell, at the terminal: `step(y)`; `h` lists its commands, and `q` leaves it.

    The arguments, and the errors for wrong ones, are those of `Stepper`, which does the same without a shell.
    """
    Stepper(root, view, names).shell()
