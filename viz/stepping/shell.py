"""The shell for stepping through a graph, with commands as in pdb and gdb.

Each command is a method, whose docstring is its help, that calls a method of `viz.stepping.stepper.Stepper`;
`viz.stepping.command_loop` reads and runs commands.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from engine import Value
from viz.math.formulas import format_number
from viz.questions.numbers import NumberQuestion
from viz.questions.question import Question
from viz.questions.question_loop import QuestionLoop
from viz.questions.separation import redrawn
from viz.questions.wording import numbers_of
from viz.stepping import arguments
from viz.stepping.command_loop import CommandLoop
from viz.stepping.overview import overview
from viz.stepping.recording import Step

if TYPE_CHECKING:
    from viz.stepping.stepper import Stepper

HOW_TO_ANSWER = """\
  Answer with a number or a formula of nodes, such as 2*x. hint helps, for 1/4
  point; ? shows the answer; again asks with other numbers; q ends the quiz."""
MAX_SHOWN_STEPS = 40  # by one command
ALIASES = {
    **CommandLoop.aliases,
    "n": "next", "s": "step", "r": "return", "rn": "prev", "rs": "back", "c": "continue", "cont": "continue",
    "rc": "rcontinue", "b": "break", "cl": "clear", "unt": "until", "j": "jump", "goto": "jump", "p": "print",
    "w": "where", "l": "list", "ll": "longlist", "u": "up", "d": "down", "previous": "prev", "restart": "first",
}  # fmt: skip


class Shell(QuestionLoop):
    """A shell on a stepper. `stdin` and `stdout` may be any text streams."""

    prompt = "(step) "
    aliases = ALIASES

    def __init__(self, stepper: Stepper, stdin: IO[str] | None = None, stdout: IO[str] | None = None) -> None:
        super().__init__(stdin, stdout)
        self.stepper = stepper
        self.intro = "Step through the graph: s goes on, rs goes back, h lists the commands, q leaves."
        if unnamed := next((node for node, name in stepper.names.items() if name.startswith("#")), None):
            self.intro += f"\nResults without a name are numbered: {stepper.narration.definition(unnamed)}."
        self.focus: Value | None = None
        self.is_explained = False  # how to answer

    def status(self) -> str:
        """The last step."""
        return repr(self.stepper)

    def node_names(self) -> list[str]:
        """The names of all nodes."""
        return list(self.stepper.names.values())

    def commands(self) -> list[str]:
        """The long names of all commands; `view` only where the views differ."""
        return [name for name in super().commands() if name != "view" or self.stepper.has_two_views]

    def overview(self) -> str:
        """Six commands to begin with, and all commands in groups."""
        return overview(self.commands(), ALIASES)

    def onecmd(self, line: str) -> bool:
        """Take the line as the answer to a question, or run it as a command, and return whether it ends the shell."""
        if self.attempt is not None and line.strip() in ("q", "quit", "exit"):
            self.attempt, self.lastcmd = None, ""
            self.say("the quiz has ended; q again leaves")
            return False
        return super().onecmd(line)

    # Moving

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
        before = self.stepper.position
        self._move(self.stepper.step(arguments.parse_integer(arg or "1")), before)

    def do_prev(self, arg: str) -> None:
        """rn, prev [k]: undo the steps of one node (of k nodes)."""
        before = self.stepper.position
        self._move(self.stepper.previous(arguments.parse_integer(arg or "1")), before)

    def do_back(self, arg: str) -> None:
        """rs, back [k]: undo one step (k steps)."""
        before = self.stepper.position
        self._move(self.stepper.back(arguments.parse_integer(arg or "1")), before)

    def do_return(self, arg: str) -> None:
        """r, return: go to the end of the current pass."""
        before = self.stepper.position
        self._move(self.stepper.finish(), before)

    def do_continue(self, arg: str) -> None:
        """c, continue: go on to the next breakpoint or the end."""
        before = self.stepper.position
        self._move(self.stepper.cont(), before)

    def do_rcontinue(self, arg: str) -> None:
        """rc, rcontinue: go back to the previous breakpoint or the start."""
        before = self.stepper.position
        self._move(self.stepper.rcont(), before)

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

    # Showing nodes and steps

    def do_print(self, arg: str) -> None:
        """p, print [NODE ...]: show the value and the gradient of a node, as far as they are known."""
        for node in map(self.stepper.find, arg.split()) if arg else [self._focused()]:
            self.say(self.stepper.state(node))

    def do_where(self, arg: str) -> None:
        """w, where: show the path from the output to the node in focus: that of the last step, unless u or d moved."""
        path = self.stepper.path_to(self._focused())
        self.say("  " + " → ".join(map(self._name, path)))

    def do_up(self, arg: str) -> None:
        """u, up: move the focus to the next node on the path to the output."""
        path = self.stepper.path_to(self._focused())
        self._focus_on(path[max(0, len(path) - 2)])

    def do_down(self, arg: str) -> None:
        """d, down: move the focus to the first input of the node."""
        node = self._focused()
        inputs = [x for x in self.stepper.view.inputs(node) if x in self.stepper.names]
        if not inputs:
            raise ValueError(f"{self._name(node)} is a leaf")
        self._focus_on(inputs[0])

    def do_list(self, arg: str) -> None:
        """l, list: show the steps around this one."""
        here = self.stepper.position
        self._list(max(0, here - 5), here + 6)

    def do_longlist(self, arg: str) -> None:
        """ll, longlist: show all steps with their formulas, and the numbers of those that are done."""
        phase = ""
        for step in self.stepper.steps:
            if step.phase != phase:
                phase = step.phase
                self.say(f"the {phase} pass")
            known = step.number <= self.stepper.position
            self._say_step(step, self.stepper.narration.formula(step, known))

    def do_local(self, arg: str) -> None:
        """local [A [B]]: show the derivative of A with respect to its inputs (to B), or that of the last step."""
        names = arguments.split_names(arg, "local", 0, 1, 2)
        step = self.stepper.current
        if not names and self.focus is None and step and step.input:
            pairs = [(step.node, step.input)]
        elif len(names) == 2:
            pairs = [(self.stepper.find(names[0]), self.stepper.find(names[1]))]
        else:
            made = self.stepper.find(names[0]) if names else self._focused()
            pairs = [(made, x) for x in self.stepper.view.inputs(made) if x in self.stepper.names]
            if not pairs:
                raise ValueError(f"{self._name(made)} is a leaf: local A shows how A changes with each of its inputs")
        for made, x in pairs:
            self.say(self.stepper.local(made, x))

    def do_paths(self, arg: str) -> None:
        """paths [[A] B]: show every path from the output (from A) back to B, its product, and their sum."""
        *made, x = arguments.split_names(arg, "paths", 0, 1, 2) or [self.stepper.names[self._focused()]]
        self.say(self.stepper.paths(x, *made))

    def do_sum(self, arg: str) -> None:
        """sum [[A] B]: show the terms of the derivative of the output (of A) with respect to B."""
        *made, x = arguments.split_names(arg, "sum", 0, 1, 2) or [self.stepper.names[self._focused()]]
        self.say(self.stepper.sum(x, *made))

    def do_table(self, arg: str) -> None:
        """table: show every node with its value and its gradient."""
        self.say_table(self.stepper.table(), in_blue="gradient")

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
        path = self.stepper.draw().save(arg or f"step-{self.stepper.position}.svg")
        self.say(f"saved as {path}")

    def do_set(self, arg: str) -> None:
        """set NODE VALUE, set NODE=VALUE,...: give leaves other values, and record all steps again."""
        numbers = arguments.parse_assignments(arg, "set", self.stepper.known_values())
        for name, number in numbers.items():
            self.stepper.set(name, number)
        known = [f"{self._name(self.stepper.find(name))} = {format_number(x)}" for name, x in numbers.items()]
        self.say(f"now {', '.join(known)}; all steps are recorded again")
        self._move(self.stepper)

    # Practising

    def do_quiz(self, arg: str) -> None:
        """quiz: ask for a number of the next step, to be typed as a number or a formula; then do the step."""
        question = self.stepper.quiz()
        self.attempt = None
        if question.step_number - 1 != self.stepper.position:
            self._move(self.stepper.goto(question.step_number - 1))
        self.ask(question)

    def ask(self, question: Question[Any]) -> None:
        """Open a question, and say once how to answer."""
        super().ask(question)
        if not self.is_explained:
            self.say(HOW_TO_ANSWER)
        self.is_explained = True

    def say_reason(self, question: Question[Any]) -> None:
        """Say of the worked answer what the step, which is shown next, does not say."""
        step = self._step_of(question)
        shown = "" if step is None else "\n".join(self.stepper.narration.lines(step))
        for line in question.worked():
            if line not in shown:
                self.say(f"  {line}")

    def _step_of(self, question: Question[Any]) -> Step | None:
        """The step that a question is about; None if it is about other numbers."""
        if isinstance(question, NumberQuestion) and question.subject.steps is self.stepper.steps:
            return self.stepper.steps[question.step_number - 1]
        return None

    def closed(self, question: Question[Any]) -> bool:
        """Do the step that the question was about, unless it had other numbers."""
        self.lastcmd = "quiz"  # an empty line asks the next one
        if step := self._step_of(question):
            self._move(self.stepper.goto(step.number))
        return False

    def do_again(self, arg: str) -> None:
        """again: ask the question, or the one before, with other numbers of the leaves, on a copy."""
        question = self.attempt.question if self.attempt else self.last
        if not isinstance(question, NumberQuestion):
            raise ValueError("no question was asked yet; quiz asks one")
        other = redrawn(question, self.n_asked)
        self.say(f"with other numbers: {numbers_of(other.subject, other.inputs)}")
        self.ask(other)

    # The focus, and printing

    def _move(self, stepper: Stepper, before: int | None = None) -> None:
        """Show where the stepper is; `before` is where it was, if it may be at an end."""
        self.focus = None
        if stepper.position == before:
            is_start = before == 0
            end = f"this is the end: all {before} steps are done; rs goes back, first goes to the start"
            self.say("this is the start: no step is done; s does the first" if is_start else end)
            return
        if self.attempt is not None:
            self.attempt = None
            self.say("the question is dropped; quiz asks another")
        self.say(repr(stepper))

    def _focus_on(self, node: Value) -> None:
        self.focus = node
        self.say(self.stepper.state(node))

    def _focused(self) -> Value:
        """The node in focus: that of the last step, unless u and d have moved the focus."""
        if self.focus is not None:
            return self.focus
        step = self.stepper.current
        return step.target if step else self.stepper.root

    def _list(self, first: int, last: int) -> None:
        for step in self.stepper.steps[first:last]:
            self._say_step(step, self.stepper.narration.title(step))

    def _say_step(self, step: Step, text: str) -> None:
        mark = ">" if step.number == self.stepper.position else " "
        self.say(f"{mark}{step.number:>5}  {text}")

    def _name(self, node: Value) -> str:
        return self.stepper.narration.name(node)

    def _names(self, nodes: Any) -> str:
        return ", ".join(self._name(node) for node in self.stepper.names if node in nodes)
