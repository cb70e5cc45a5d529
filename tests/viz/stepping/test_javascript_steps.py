"""The steps of a JavaScript module are those that Python records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest

from engine import Value, compile, dot, ops, toposort, where
from engine.labels import distinct_names
from tests import thorough_unless
from tests.engine.compiler.targets.node import Node, needs_node
from tests.paper_graphs import figure_2, figure_4
from tests.viz.stepping.recorded import recorded
from viz.stepping.recording import Step


def branches() -> Value:
    x, y = Value(0.5, "x"), Value(-2.0, "y")
    total: Value = where(x, x.tanh() * y, y) + dot([x, y], [y, x], 1.5) ** 2
    return total


@needs_node
@thorough_unless(lambda build: build is not figure_4)
@pytest.mark.parametrize("build", [figure_2, figure_4, branches])
def test_steps_are_those_that_python_records(build: Callable[[], Value]) -> None:
    output = build()
    order = sorted(toposort(output), key=lambda node: node.op is ops.constant)
    names = dict(zip(order, distinct_names([node.label for node in order]), strict=True))
    text = compile(output, backend="python").source_for("javascript")
    with Node() as node:
        [found] = node.run(text, [["steps"]])
    steps = recorded(output)
    assert len(found["result"]) == len(steps)
    for step, by_python in zip(found["result"], steps, strict=True):
        for field in fields(Step):
            wanted: Any = getattr(by_python, field.name)
            wanted = names[wanted] if isinstance(wanted, Value) else wanted
            if field.name in step or by_python.phase == "backward":
                close = pytest.approx(wanted, rel=1e-14) if isinstance(wanted, float) else wanted
                assert step[field.name] == close, (by_python, field.name)
