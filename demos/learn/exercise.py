"""An exercise: a graph in formulas, whose numbers are drawn, and questions about it. Read from a TOML file."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from demos.paper.examples import figure_4
from engine import Value, forward, ops, toposort
from engine._support.checks import check_choice
from engine._support.safe_files import read_bounded
from engine._support.suggestions import did_you_mean
from engine.symbolic.parser import parse_formula
from viz.questions.asking import KINDS
from viz.questions.question import Question
from viz.questions.subject import Subject

FOLDER = Path(__file__).parent / "exercises"
MAX_BYTES = 100_000
SIGNS = ("any", "positive", "negative")
Numbers = Mapping[str, float]
_CONSTANT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Exercise:
    """An exercise.

    Attributes:
        name: The name of its file.
        title: Its title.
        text: The text in front of it.
        graph: Its formulas, such as "a = {c}*x": {c} is a constant on an arrow. Empty for the network of Figure 4.
        drawing: A drawing of the graph in text; "" where the formulas show it.
        figure: The number of the paper's figure that shows this graph; 0 for none.
        signs: For leaves and constants, "positive", "negative", or a formula of other leaves, such as "-w*x".
        questions: The kind and the fields of each question.

    >>> exercise = load("chain")
    >>> exercise.graph, exercise.drawn
    (('a = {c}*x', 'y = {d}*a'), ['c', 'd', 'x'])
    >>> [question.text for question in exercise.ask({"c": 3, "d": 2, "x": 1.5})][:2]
    ['a = 3x, with x = 1.5. What is a?', 'y = 2a, with a = 4.5. What is y?']
    """

    name: str
    title: str
    text: str
    graph: tuple[str, ...]
    drawing: str
    figure: int
    signs: Mapping[str, str]
    questions: tuple[Mapping[str, Any], ...]

    @cached_property
    def drawn(self) -> list[str]:
        """The names of the numbers that are drawn: of constants, leaves, and of leaves in questions."""
        constants = dict.fromkeys(name for line in self.graph for name in _CONSTANT.findall(line))
        leaves = [node.label for node in toposort(self._build(dict.fromkeys(constants, 1.5))) if not node.inputs]
        wanted = [question["wanted_at"] for question in self.questions if "wanted_at" in question]
        names = [*constants, *filter(None, leaves), *wanted]
        return [name for name in dict.fromkeys(names) if self.signs.get(name, "any") in SIGNS]

    def _build(self, numbers: Numbers) -> Value:
        """The output, with these constants; leaves have any number."""
        if not self.graph:
            return figure_4().output
        return parse_formula("\n".join(_CONSTANT.sub(lambda name: f"({numbers[name[1]]!r})", x) for x in self.graph))

    def build(self, numbers: Numbers) -> Subject:
        """The graph with these numbers of its constants and leaves, recorded.

        Raises DomainError if a value or a derivative is not finite.
        """
        output = self._build(numbers)
        leaves = {node.label: node for node in toposort(output) if node.op is ops.variable}
        for name, leaf in leaves.items():
            if name in numbers:
                leaf.data = numbers[name]
        for name, leaf in leaves.items():
            if name not in numbers:
                leaf.data = parse_formula(self.signs[name], {x: leaves[x].data for x in leaves if x != name}).data
        forward(output)
        return Subject.of(output)

    def ask(self, numbers: Numbers) -> list[Question[Any]]:
        """The questions about the graph with these numbers."""
        subject = self.build(numbers)
        return [self._question(subject, numbers, dict(given)) for given in self.questions]

    def _question(self, subject: Subject, numbers: Numbers, given: dict[str, Any]) -> Question[Any]:
        kind = KINDS[given.pop("kind")]
        if "wanted_at" in given:
            given["wanted_at"] = numbers[given["wanted_at"]]
        return kind(subject=subject, **given)


def load(name: str) -> Exercise:
    """The exercise of that name. Raises ValueError, which says what is wrong, for another name or a broken file."""
    check_choice(name, names(), "exercise")
    return parse(name, read_bounded(_paths()[name], MAX_BYTES))


def names() -> list[str]:
    """The names of the exercises, in their order: that of the numbers with which the files begin.

    >>> names()[:2]
    ['multiplication', 'chain']
    """
    return list(_paths())


def numbered_names() -> str:
    """The names, each after its number."""
    return ", ".join(f"{number} {name}" for number, name in enumerate(names(), 1))


def find(given: str) -> str:
    """The name of an exercise, given that, its beginning, or its number. Raises ValueError for another.

    >>> find("3"), find("soft"), find("chain")
    ('two_paths', 'softmax', 'chain')
    >>> find("t")
    Traceback (most recent call last):
    ...
    ValueError: 't' may be two_paths or tanh
    """
    known = names()
    if given.isdecimal() and 1 <= int(given) <= len(known):
        return known[int(given) - 1]
    found = [name for name in known if name == given] or [name for name in known if given and name.startswith(given)]
    if len(found) > 1:
        raise ValueError(f"{given!r} may be {' or '.join(found)}")
    if not found:
        hint = did_you_mean(given, known) or f"; choose from {numbered_names()}"
        raise ValueError(f"unknown exercise {given!r:.40}{hint}")
    return found[0]


def _paths() -> dict[str, Path]:
    return {path.stem.partition("_")[2]: path for path in sorted(FOLDER.glob("*_*.toml"))}


def parse(name: str, text: str) -> Exercise:
    """The exercise in the text of a file. Raises ValueError, which says what is wrong."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib  # the extra `learn`
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the exercise {name} is not TOML: {error}") from None
    unknown = content.keys() - {"title", "text", "graph", "drawing", "figure", "numbers", "questions"}
    if unknown:
        raise ValueError(f"the exercise {name} has the unknown key {min(unknown)!r}")
    questions = tuple(content.get("questions", ()))
    for question in questions:
        check_choice(question.get("kind"), KINDS, f"kind of question in the exercise {name}")
        allowed = {field.name for field in fields(KINDS[question["kind"]])} - {"subject"} | {"kind"}
        if wrong := question.keys() - allowed:
            raise ValueError(
                f"the exercise {name}: a question of kind {question['kind']!r} does not take {min(wrong)!r}"
            )
    content.setdefault("drawing", "")
    for key in ("title", "text", "drawing"):
        if not isinstance(content.get(key), str):
            raise ValueError(f"the exercise {name} lacks its {key}")
    figure, drawing = content.get("figure", 0), content["drawing"].strip("\n")
    if figure not in range(5):
        raise ValueError(f"the exercise {name} has figure = {figure!r:.40}; the paper's graphs are Figures 1 to 4")
    if "graph" not in content and figure != 4:
        raise ValueError(f'the exercise {name} lacks its graph: graph = ["y = w*x"], or figure = 4')
    graph, signs = tuple(content.get("graph", ())), content.get("numbers", {})
    return Exercise(name, content["title"], content["text"].strip(), graph, drawing, figure, signs, questions)
