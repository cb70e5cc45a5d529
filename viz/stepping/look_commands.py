"""The commands that show nodes and steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine import Value
from viz.stepping import arguments
from viz.stepping.move_commands import MoveCommands
from viz.stepping.node_names import in_reading_order
from viz.stepping.recording import Step

if TYPE_CHECKING:
    from viz.stepping.stepper import Stepper


class LookCommands(MoveCommands):
    """A shell on a stepper, which moves and shows what is known. Without a name, commands are about the last step."""

    _copy: Stepper | None = None

    @property
    def shown(self) -> Stepper:
        """The stepper that is shown: that of a question with other numbers while it is open."""
        return self._copy or self.stepper

    def show_copy(self, root: Value, position: int) -> None:
        """Show a copy of the graph with other numbers, at a position, until the question is closed."""
        self.focus = None
        self._copy = type(self.stepper)(root, self.stepper.view.name).goto(position)

    def drop_question(self) -> None:
        """Close the question without a score, and show the graph's own numbers."""
        super().drop_question()
        self.focus = self._copy = None

    def do_print(self, arg: str) -> None:
        """p, print [NODE ...]: show the value and the gradient of a node, as far as they are known."""
        for node in map(self.shown.find, arg.split()) if arg else [self._focused()]:
            self.say(self.shown.state(node))

    def do_where(self, arg: str) -> None:
        """w, where: show the path from the output to the node in focus: that of the last step, unless u or d moved."""
        path = self.shown.path_to(self._focused())
        self.say("  " + " → ".join(map(self._shown_name, path)))

    def do_up(self, arg: str) -> None:
        """u, up: move the focus to the next node on the path to the output."""
        path = self.shown.path_to(self._focused())
        self._focus_on(path[max(0, len(path) - 2)])

    def do_down(self, arg: str) -> None:
        """d, down: move the focus to the first input of the node; to a leaf only if all are."""
        node, names = self._focused(), self.shown.names
        inputs = in_reading_order({x: names[x] for x in self.shown.view.inputs(node) if x in names})
        if not inputs:
            raise ValueError(f"{self._shown_name(node)} is a leaf")
        self._focus_on(next((x for x in inputs if x.inputs), inputs[0]))

    def do_list(self, arg: str) -> None:
        """l, list: show the steps around this one."""
        here = self.shown.position
        self._list(max(0, here - 5), here + 6)

    def do_longlist(self, arg: str) -> None:
        """ll, longlist: show all steps with their formulas, and the numbers of those that are done."""
        phase = ""
        for step in self.shown.steps:
            if step.phase != phase:
                phase = step.phase
                self.say(f"the {phase} pass")
            known = step.number <= self.shown.position
            self._say_step(step, self.shown.narration.formula(step, known))

    def do_local(self, arg: str) -> None:
        """local [A [B]]: show the derivative of A with respect to its inputs (to B), or that of the last step."""
        names = arguments.split_names(arg, "local", 0, 1, 2)
        step = self.shown.current
        if not names and self.focus is None and step and step.input:
            pairs = [(step.node, step.input)]
        elif len(names) == 2:
            pairs = [(self.shown.find(names[0]), self.shown.find(names[1]))]
        else:
            made = self.shown.find(names[0]) if names else self._focused()
            pairs = [(made, x) for x in self.shown.view.graph.formulas(made) if made.inputs]
            if not pairs:
                reason = "does not pass a derivative on" if made.inputs else "is a leaf"
                raise ValueError(
                    f"{self._shown_name(made)} {reason}; local A shows how A changes with each of its inputs"
                )
        for made, x in pairs:
            self.say(self.shown.local(made, x))

    def do_paths(self, arg: str) -> None:
        """paths [[A] B]: show every path from the output (from A) back to B, its product, and their sum."""
        *made, x = arguments.split_names(arg, "paths", 0, 1, 2) or [self.shown.names[self._focused()]]
        self.say(self.shown.paths(x, *made))

    def do_sum(self, arg: str) -> None:
        """sum [[A] B]: show the terms of the derivative of the output (of A) with respect to B."""
        *made, x = arguments.split_names(arg, "sum", 0, 1, 2) or [self.shown.names[self._focused()]]
        self.say(self.shown.sum(x, *made))

    def do_table(self, arg: str) -> None:
        """table: show every node with its value and its gradient."""
        self.say_table(self.shown.table(), in_blue="gradient")

    def do_view(self, arg: str) -> None:
        """view [paper, all]: show the named nodes, as the paper does, or every operation; without a name, say which."""
        stepper = self.stepper
        if not stepper.has_two_views:
            raise ValueError("both views are the same: every node has a name")
        if arg:
            self._move(stepper.set_view(arg))
            return
        shown, other = "paper: the named nodes", "all shows every operation"
        if stepper.view.name == "all":
            shown, other = "all: every operation", "paper shows the named nodes, as the paper does"
        self.say(f"view {shown}, in {len(stepper.steps)} steps; view {other}")

    def do_draw(self, arg: str) -> None:
        """draw [FILE]: draw the graph with the numbers known so far, and save it as step-N.svg or the FILE."""
        path = self.shown.draw().save(arg or f"step-{self.shown.position}.svg")
        self.say(f"saved as {path}")

    def _focus_on(self, node: Value) -> None:
        self.focus = node
        self.say(self.shown.state(node))

    def _shown_name(self, node: Value) -> str:
        return self.shown.narration.name(node)

    def _focused(self) -> Value:
        """The node in focus: that of the last step, unless u and d have moved the focus."""
        if self.focus is not None:
            return self.focus
        step = self.shown.current
        return step.target if step else self.shown.root

    def _list(self, first: int, last: int) -> None:
        for step in self.shown.steps[first:last]:
            self._say_step(step, self.shown.narration.title(step))

    def _say_step(self, step: Step, text: str) -> None:
        mark = ">" if step.number == self.shown.position else " "
        self.say(f"{mark}{step.number:>5}  {text}")
