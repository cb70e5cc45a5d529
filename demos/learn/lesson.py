"""A lesson at the terminal: it shows an example, worked, and then asks."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from textwrap import fill
from typing import IO, Any

from demos.learn.drawing import Draws
from demos.learn.exercise import load, names
from demos.learn.progress import Place, Progress
from engine._support.columns import align_columns
from engine._support.typed_commands import python_command
from viz.drawing.networks import draw_network
from viz.math.formulas import format_number
from viz.questions.kinds.edges import EdgeQuestion
from viz.questions.question import Attempt, Question
from viz.questions.question_loop import SHOW, QuestionLoop
from viz.questions.wording import edge_name, numbers_of, relation
from viz.stepping.command_loop import CommandLoop
from viz.stepping.node_names import in_reading_order

MAX_WIDTH = 79  # of a paragraph
WORKED, LAST_OPEN, ALL_OPEN = range(3)  # the turns of an exercise
ASKING = (LAST_OPEN, ALL_OPEN)
OPENINGS = (
    "First an example, worked. Work out each line on paper, then press Enter to see it.",
    "The same with other numbers. The last question is yours.",
    "Once more with other numbers. Now all questions are yours.",
)
HOW_TO_ANSWER = """\
Answer with a number, or with a formula, which the computer computes: 2*w_1 + 3
is 2w₁ + 3. It knows σ(a), tanh(a), exp(a), which is e^a, and log(a), which is
the natural one. Wrong answers cost nothing, except for up or down, where the
first answer counts. hint helps, for 1/4 point; ? shows the answer, for no point;
p shows the numbers that are known; h says the question again, help this too;
commands lists what else there is; q leaves, and where you stand is kept.
"""


class Lesson(QuestionLoop):
    """The shell of the exercises, which begins with the exercise `name`, where one stands in it."""

    how_to_answer = HOW_TO_ANSWER
    aliases: Mapping[str, str] = {**CommandLoop.aliases, "list": "score", "step": "next"}

    def __init__(
        self, progress: Progress, name: str, stdin: IO[str] | None = None, stdout: IO[str] | None = None
    ) -> None:
        super().__init__(stdin, stdout)
        self.progress = progress
        self.is_explained = False  # how to answer
        self._first_edge: Question[Any] | None = None  # the question that said the direction of edges
        self._load(name)

    def _load(self, name: str) -> None:
        self._name = name
        self.exercise = load(name)
        self._first_edge = None
        self.draws = Draws(self.exercise)
        self._stand(self.progress.place(name))

    def _stand(self, place: Place) -> None:
        """Go to a place in the exercise."""
        self.progress.places[self._name] = self.place = place
        self.questions = self.exercise.ask(self.draws.numbers(place.seed, place.turn))
        place.question = min(place.question, len(self.questions) - 1)

    # What is shown

    def cmdloop(self, intro: Any = None) -> None:
        """Show where one stands, then read answers and commands."""
        self.say(self._exercise_text())
        self._open()
        super().cmdloop(self._turn_text())

    def status(self) -> str:
        """The question."""
        return self.question_text()

    def toolbar(self) -> str:
        """The exercise, the round and the question."""
        number = f"question {self.place.question + 1} of {len(self.questions)}"
        return f"{self.exercise.title}: round {self.place.turn + 1} of 3, {number}"

    def _exercise_text(self) -> str:
        known = names()
        number = f"{known.index(self._name) + 1} of {len(known)}. " if self._name in known else ""
        width = min(MAX_WIDTH, shutil.get_terminal_size().columns - 1)
        parts = [f"\n{number}{self.exercise.title}", fill(self.exercise.text, width)]
        parts += [self.exercise.drawing] if self.exercise.drawing else []
        return "\n\n".join([*parts, self._pictures()]) + "\n"

    def _pictures(self) -> str:
        """The pictures that there are, and how they are made."""
        n = self.exercise.figure
        if not n:
            return "draw saves a picture of the graph."
        commands = [
            (python_command(f"demos.paper figure {n}"), "draws it"),
            (python_command(f"demos.step fig{n}"), "steps through it"),
            (python_command(f"demos.step fig{n} --html figure-{n}.html"), "makes a page of it"),
        ]
        lines = [f"draw saves a picture of the graph. In the paper it is Figure {n}:", *align_columns(commands)]
        return "\n  ".join(lines)

    def _turn_text(self) -> str:
        subject = self.questions[0].subject
        made = [relation(subject, node) for node in subject.view.names if node.inputs]
        return f"{OPENINGS[self.place.turn]}\n  {', '.join(made)}\n  with {self._leaves()}\n"

    def _leaves(self) -> str:
        """The numbers of the leaves, inputs first."""
        subject = self._question.subject
        return numbers_of(subject, [x for x in in_reading_order(subject.view.names) if not x.inputs])

    def _open(self) -> None:
        """Open the next question, or where its answer will be shown, wait for Enter."""
        is_last = self.place.question == len(self.questions) - 1
        is_asked = self.place.turn == ALL_OPEN or (self.place.turn == LAST_OPEN and is_last)
        self.prompt = "> " if is_asked else "Enter> "
        self.attempt = Attempt(self._question, self.place.hints) if is_asked else None
        if is_asked and not self.is_explained:
            self.say(HOW_TO_ANSWER)
            self.is_explained = True

    @property
    def _question(self) -> Question[Any]:
        return self.questions[self.place.question]

    def question_text(self, is_repeated: bool = False) -> str:
        """The question with its number."""
        text = super().question_text(is_repeated) if self.attempt else self._question.text
        return f"{self.place.question + 1}/{len(self.questions)}  {text}{self._direction()}"

    def _direction(self) -> str:
        """The direction of edges, where a question of the exercise names one first."""
        question = self._question
        if not isinstance(question, EdgeQuestion) or self._first_edge not in (None, question):
            return ""
        if edge_name(question.subject, question.step) not in question.text:
            return ""
        self._first_edge = question
        node, x = (question.subject.name(node) for node in (question.step.node, question.step.target))
        return (
            f"\n     (Edges lead back, from a node to what it is made from: from {node} to {x}."
            f" In drawings, the arrow is {x} → {node}.)"
        )

    # Answers

    def onecmd(self, line: str) -> bool:
        """Take the line as an answer, or run it as a command, and return whether it ends the lesson."""
        text = line.strip()
        if self.attempt or (text not in SHOW and self._is_command(text)):
            return super().onecmd(line)
        question = self._question
        if text and text not in SHOW:  # a guess, before the worked answer
            try:
                self.say(question.check(text).text)
            except (ValueError, TypeError, ArithmeticError) as error:
                self.say(f"*** {error}")
                return False
        self.last = question
        self.say_worked(question)
        return self.closed(question)

    def score(self) -> str:
        """The points of this round."""
        n_asked = self.place.question + 1 if self.place.turn == ALL_OPEN else 1
        return f"{format_number(self.place.points)} of {n_asked} in this round"

    def count(self, attempt: Attempt) -> None:
        """Add the score of a question to the points of the round."""
        self.place.points += attempt.score

    def closed(self, question: Question[Any]) -> bool:
        """Go on to the next question, turn or exercise; the lesson ends after the last."""
        self.say("")
        self.place.question += 1
        self.place.hints = 0
        is_over = self.place.question == len(self.questions) and not self._next_turn()
        self._save()
        if not is_over:
            self._open()
            self.say(self.question_text())
        return is_over

    def _save(self) -> None:
        try:
            self.progress.save()
        except OSError as error:
            self.progress.path = None  # it is said once
            self.say(f"*** where you stand cannot be kept: {error}\n")

    def _next_turn(self) -> bool:
        """Go on to the next turn or exercise; whether there is one."""
        place = self.place
        if place.turn < ALL_OPEN:
            self._stand(Place(place.seed, place.turn + 1, best=place.best))
            self.say(self._turn_text())
            return True
        self.say(f"{self.exercise.title}: done, with {format_number(place.points)} of {len(self.questions)} points.")
        best = max(place.points, place.best)
        self.progress.places[self._name] = Place(place.seed + 1, best=best)
        if self._name not in names():  # a file of one's own
            return False
        following = next_exercise(self.progress, self._name)
        if following is None:
            self.say(f"That was the last of the exercises.\n\n{table(self.progress)}")
            return False
        self._load(following)
        self.say(f"{self._exercise_text()}\n{self._turn_text()}")
        return True

    # Commands

    def do_next(self, arg: str) -> None:
        """Enter, next: go on, where nothing is asked."""
        self.onecmd("")

    def do_p(self, arg: str) -> None:
        """p: show the formulas, and the numbers that are known: values, and derivatives."""
        subject, known = self._question.subject, self._question.known()
        for node, name in subject.view.names.items():
            if node.inputs:
                number = f" = {format_number(node.data)}" if name in known else ""
                self.say(f"  {relation(subject, node)}{number}")
        self.say(f"  {self._leaves()}")
        derivatives = (subject.derivative(node) for node in subject.view.names if node is not subject.root)
        if shown := [f"{name} = {format_number(known[name])}" for name in derivatives if name in known]:
            self.say(f"  {', '.join(shown)}")

    def do_draw(self, arg: str) -> None:
        """draw [FILE]: draw the graph without its numbers, and save it under the exercise's name or as the FILE."""
        drawing = draw_network(self._question.subject.root, data=False)
        self.say(f"saved as {drawing.save(arg or f'{self.exercise.name}.svg')}")

    def do_help(self, arg: str) -> None:
        """h: say the question again."""
        if arg:
            super().do_help(arg)
        else:
            self.say(self.question_text(is_repeated=True))

    def do_commands(self, arg: str) -> None:
        """commands: list the commands."""
        super().do_help(arg)

    def do_again(self, arg: str) -> None:
        """again: begin this round again, with other numbers."""
        self.attempt = None
        self._stand(Place(self.place.seed + 1, self.place.turn, best=self.place.best))
        self._save()
        self.say(self._turn_text())
        self._open()
        self.say(self.question_text())

    def do_hint(self, arg: str) -> None:
        """hint: help with the question, a little more each time; each hint costs 1/4 point."""
        if self.attempt is None:
            raise ValueError("this example is worked: Enter shows the answer")
        super().do_hint(arg)
        self.place.hints = self.attempt.n_hints
        self._save()

    def do_score(self, arg: str) -> None:
        """score, list: show the points of all exercises, and where you stand."""
        self.say(table(self.progress))


def next_exercise(progress: Progress, after: str = "") -> str | None:
    """The first exercise, from the one after `after` on, not done, or else begun again; None if all are done.

    >>> next_exercise(Progress()), next_exercise(Progress(), "multiplication")
    ('multiplication', 'chain')
    """
    order = names()
    start = order.index(after) + 1 if after else 0
    following = order[start:] + order[:start]
    open_ = [name for name in following if not progress.place(name).is_done]
    begun = [name for name in following if progress.place(name).is_begun]
    return next(iter(open_ + begun), None)


def table(progress: Progress) -> str:
    """The exercises, with the points of those that are done, and the round and the question where one stands.

    >>> print(table(Progress()).split("\\n")[0])
    1   multiplication  One multiplication
    """
    rows = []
    for number, name in enumerate(names(), 1):
        place, exercise = progress.place(name), load(name)
        stands = [f"done, {format_number(place.best)} of {len(exercise.questions)}"] if place.is_done else []
        stands += [f"at {place.turn + 1}.{place.question + 1}"] if place.is_begun else []
        rows.append((str(number), name, exercise.title, "; ".join(stands)))
    return "\n".join(align_columns(rows))
