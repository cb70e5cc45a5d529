"""Programs that are bound to memory: called without arguments."""

import sys
from typing import Any, cast

import numpy as np
import pytest

from engine import Value, compile
from tests.engine.compiler.backends import both_backends


@both_backends
def test_a_bound_program_computes_in_place(backend: str) -> None:
    program = compile(lambda x: x[0] * x[1] + x[2] ** 2, at=[[0.5] * 3], backend=backend)
    bound = program.bind(np.array([2.0, 3.0, 4.0]))
    x, value, gradient = bound.x, bound.value, bound.gradient
    assert (value.tolist(), gradient.tolist()) == ([22.0], [3.0, 2.0, 8.0])
    x[:] = [5.0, 6.0, 7.0]
    assert bound() == 79.0
    assert (value.tolist(), gradient.tolist()) == ([79.0], [6.0, 5.0, 14.0])
    assert bound.x is x
    assert {type(array) for array in (x, value, gradient)} == {np.ndarray}


@both_backends
def test_a_bound_program_reads_the_parameters(backend: str) -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    program = compile(w * x, [x], [x, w], backend=backend)
    bound = program.bind(2.0)
    program.parameters[0] = 10.0
    assert (bound(), bound.gradient.tolist()) == (20.0, [10.0, 2.0])
    alone = compile(w * w, wrt=[w], backend=backend).bind()
    assert (alone(), alone.gradient.tolist(), alone.x.shape) == (9.0, [6.0], (0,))


@both_backends
def test_several_outputs_are_bound_without_a_gradient(backend: str) -> None:
    bound = compile(lambda t, y: [y[1], t * y[0]], at=[0.0, [1.0, 2.0]], backend=backend).bind(2.0, [3.0, 4.0])
    assert bound().tolist() == bound.value.tolist() == [4.0, 6.0]
    bound.x[0] = 3.0
    assert bound().tolist() == [4.0, 9.0]
    with pytest.raises(ValueError, match=r"^<program .*> has several outputs.*: call jacobian"):
        _ = bound.gradient


@both_backends
def test_numbers_that_are_assigned_are_copied_in_place(backend: str) -> None:
    program = compile(lambda x: x[0] * x[1], at=[[0.5, 0.5]], backend=backend)
    bound = program.bind([2.0, 3.0])
    x, given = bound.x, np.array([4, 5])
    bound.x = given
    given[0] = 100
    assert (bound(), bound.gradient.tolist(), bound.x is x) == (20.0, [5.0, 4.0], True)
    bound.x += 1.0
    assert (bound(), bound.x is x) == (30.0, True)
    with pytest.raises(ValueError, match=r"^<bound <program of .*>> has 2 inputs, but 3 were given$"):
        bound.x = [1.0, 2.0, 3.0]
    with pytest.raises(TypeError, match=r"x\[1\] is '3', of type str"):
        bound.x = cast(Any, [1.0, "3"])
    for memory, name in ((bound, "value"), (bound, "gradient"), (program, "gradient")):
        with pytest.raises(AttributeError):
            setattr(memory, name, [1.0, 2.0])


def test_a_bound_program_is_shown_with_its_program() -> None:
    program = compile(lambda x, y: x * y, n_inputs=2, backend="python")
    assert repr(program.bind(2.0, 3.0)) == f"<bound {program!r}>"


def test_a_bound_program_does_not_take_arguments() -> None:
    bound = compile(lambda x, y: x * y, n_inputs=2, backend="python").bind(2.0, 3.0)
    with pytest.raises(
        TypeError, match=r"^<bound .*> takes no arguments: write the numbers into bound.x, and call it$"
    ):
        bound(np.ones(2))


def test_a_program_is_not_bound_to_a_batch() -> None:
    with pytest.raises(ValueError, match="bound to one point, but a batch of 2 rows was given"):
        compile(lambda x: x * x, n_inputs=1, backend="python").bind([[1.0], [2.0]])


def test_without_numpy_bound_arrays_are_memoryviews(monkeypatch: pytest.MonkeyPatch) -> None:
    modules: Any = sys.modules
    monkeypatch.setitem(modules, "numpy", None)
    bound = compile(lambda x, y: x * y, n_inputs=2, backend="python").bind([2.0, 3.0])
    bound.x[1] = 5.0
    assert (bound(), bound.value.tolist(), bound.gradient.tolist()) == (10.0, [10.0], [5.0, 2.0])
    assert type(bound.x) is memoryview
