"""The commands that move a stepper, and set where it stops."""

from __future__ import annotations

from collections.abc import Callable
from typing import IO, TYPE_CHECKING, Any

from engine import Value
from viz.questions.question_loop import QuestionLoop
from viz.stepping import arguments

if TYPE_CHECKING:
    from viz.stepping.stepper import Stepper

MAX_SHOWN_STEPS = 40  # by one command


class MoveCommands(QuestionLoop):
    """A shell on a stepper, which moves.

    Attributes:
        focus: The node that commands without a name are about; None for that of the last step.
        repeated: The last command that went on or back, which an empty line repeats.
    """

    def __init__(self, stepper: Stepper, stdin: IO[str] | None = None, stdout: IO[str] | None = None) -> None:
        super().__init__(stdin, stdout)
        self.stepper = stepper
        self.intro = "Step through the graph: s goes on, rs goes back, h lists the commands, q leaves."
        unnamed = next((node for node, name in stepper.names.items() if name.startswith("#")), None)
        if unnamed is not None:
            self.intro += f"\nResults without a name are numbered: {stepper.narration.definition(unnamed)}."
        self.focus: Value | None = None
        self.repeated = "step"

    def status(self) -> str:
        """The last step."""
        return repr(self.stepper)

    def node_names(self) -> list[str]:
        """The names of all nodes."""
        return list(self.stepper.names.values())

    def emptyline(self) -> bool:
        """Run the last command that went on or back once more; at first, do a step."""
        return self.onecmd(self.repeated)

    def do_next(self, arg: str) -> None:
        """n, next [k]: do the remaining steps of the current node, or all steps of the next one (of k nodes)."""
        k = arguments.parse_integer(arg or "1")
        before = self.stepper.position
        here = self.stepper.next(k).position
        first = max(before, here - MAX_SHOWN_STEPS)
        if first > before:
            self.say(f"... {first - before} steps; ll lists them")
        for step in self.stepper.steps[first : max(first, here - 1)]:
            self.say("\n".join(self.stepper.narration.lines(step)))
        self._move(self.stepper, before)

    def do_step(self, arg: str) -> None:
        """s, step [k]: do one step (k steps): forward, compute a node; backward, go along an edge."""
        self._go(self.stepper.step, arguments.parse_integer(arg or "1"))

    def do_prev(self, arg: str) -> None:
        """rn, prev [k]: undo the steps of one node (of k nodes)."""
        self._go(self.stepper.previous, arguments.parse_integer(arg or "1"))

    def do_back(self, arg: str) -> None:
        """rs, back [k]: undo one step (k steps)."""
        self._go(self.stepper.back, arguments.parse_integer(arg or "1"))

    def do_return(self, arg: str) -> None:
        """r, return: go to the end of the current pass."""
        self._go(self.stepper.finish)

    def do_continue(self, arg: str) -> None:
        """c, continue: go on to the next breakpoint or the end."""
        self._go(self.stepper.cont)

    def do_rcontinue(self, arg: str) -> None:
        """rc, rcontinue: go back to the previous breakpoint or the start."""
        self._go(self.stepper.rcont)

    def do_until(self, arg: str) -> None:
        """unt, until NODE: go on until the node's value or gradient is complete."""
        self._move(self.stepper.until(*arguments.split_names(arg, "until", 1)))

    def do_jump(self, arg: str) -> None:
        """j, jump N: go to where N steps are done; 0 is the start."""
        [n] = arguments.split_names(arg, "jump", 1)
        self._move(self.stepper.goto(arguments.parse_integer(n)))

    def do_first(self, arg: str) -> None:
        """first: go back to the start."""
        self._move(self.stepper.restart())

    def do_last(self, arg: str) -> None:
        """last: go to the end."""
        self._move(self.stepper.goto(len(self.stepper.steps)))

    # Breakpoints, and nodes that are shown at each stop

    def do_break(self, arg: str) -> None:
        """b, break [NODE ...]: stop where a node's value or gradient is complete; without a node, list breakpoints."""
        if arg:
            self.stepper.break_at(*arg.split())
        self.say("breakpoints: " + (self._names(self.stepper.breakpoints) or "none"))

    def do_tbreak(self, arg: str) -> None:
        """tbreak NODE ...: stop once where a node's value or gradient is complete."""
        nodes = arguments.split_names(arg, "tbreak", *range(1, 20))
        self.stepper.break_at(*nodes, once=True)
        self.say("stops once at " + self._names(set(map(self.stepper.find, nodes))))

    def do_clear(self, arg: str) -> None:
        """cl, clear [NODE ...]: remove these breakpoints, or all."""
        self.stepper.clear(*arg.split())

    def do_display(self, arg: str) -> None:
        """display [NODE ...]: show these nodes at each stop; without a node, list them."""
        self.stepper.watch(*arg.split())
        self.say("shown at each stop: " + (self._names(self.stepper.watches) or "nothing"))

    def do_undisplay(self, arg: str) -> None:
        """undisplay [NODE ...]: no longer show these nodes, or any."""
        gone = [self.stepper.find(name) for name in arg.split()] or list(self.stepper.watches)
        self.stepper.watches = [node for node in self.stepper.watches if node not in gone]

    def drop_question(self) -> None:
        """Close the question without a score; `why` and `again` are then about it."""
        if self.attempt:
            self.last = self.attempt.question
        self.attempt = None

    def _go(self, move: Callable[..., Stepper], *arguments: int) -> None:
        before = self.stepper.position
        self._move(move(*arguments), before)

    def _move(self, stepper: Stepper, before: int | None = None) -> None:
        """Show where the stepper is; `before` is where it was, for moves on or back, which may be at an end already."""
        self.focus = None
        if stepper.position == before:
            is_start = before == 0
            end = f"this is the end: all {before} steps are done; rs goes back, first goes to the start"
            self.say("this is the start: no step is done; s does the first" if is_start else end)
            return
        if before is not None:
            self.repeated = self.lastcmd
        if self.attempt is not None:
            self.drop_question()
            self.say("the question is dropped; quiz asks another")
        self.say(repr(stepper))

    def _name(self, node: Value) -> str:
        return self.stepper.narration.name(node)

    def _names(self, nodes: Any) -> str:
        return ", ".join(self._name(node) for node in self.stepper.names if node in nodes)
