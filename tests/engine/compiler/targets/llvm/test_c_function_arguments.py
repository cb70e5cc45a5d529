"""C functions of programs of several arguments: each way to call one gives what the general way gives, or its error."""

from collections.abc import Callable, Iterator
from itertools import product
from math import prod
from typing import Any

import pytest

from engine import Program, compile, exp
from engine.compiler.targets.llvm import c_functions
from tests import thorough_unless
from tests.engine.compiler.backends import needs_llvm

np = pytest.importorskip("numpy")
pytestmark = [needs_llvm, pytest.mark.skipif(not c_functions.is_supported(), reason="this Python has only ctypes")]

SIGNATURES: list[list[tuple[int, ...]]] = [
    [()],
    [(1,)],
    [(), ()],
    [(), (2,)],
    [(1,), ()],
    [(2,), (1, 2), ()],
    [(2, 2), (2,)],
    [(3,), (), (), (3,)],
]
each_signature = pytest.mark.parametrize("shapes", SIGNATURES, ids=str)


def make(shapes: list[tuple[int, ...]], outputs: int = 0) -> Program:
    """A program of arguments of these shapes, of one output, or of a list of outputs."""

    def f(*arguments: Any) -> Any:
        x = [entry for argument in arguments for entry in np.ravel(argument)]
        total = sum((x[i] * x[i - 1] * (i + 1.0) for i in range(len(x))), exp(x[-1]))
        return [total * float(i + 1) for i in range(outputs)] or total

    return compile(f, at=[np.full(shape, 0.5) if shape else 0.5 for shape in shapes], backend="llvm")


def numbers(shape: tuple[int, ...]) -> Any:
    """Numbers of this shape, that are exact in any order of additions."""
    return np.arange(1.0, 1.0 + prod(shape)).reshape(shape) / 4.0


def ways(shape: tuple[int, ...]) -> Iterator[Any]:
    """Ways to give an argument of this shape, and others, which are batches, have another type, or do not fit."""
    array = numbers(shape)
    yield from (array.tolist(), array, np.asfortranarray(array.repeat(2, -1)[..., ::2]) if shape else array[()])
    yield from (array.ravel(), array.ravel().tolist(), array.astype(int), np.stack([array, array + 1.0]))
    yield from (np.zeros((*shape, 3)), [1.0] * 5, np.float64(0.25), 0.25, 1, "3", None)


def called(method: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, str]:
    """The result and its type, or the error."""
    try:
        result = method(*arguments)
    except (TypeError, ValueError, OverflowError) as error:
        return type(error).__name__, str(error)
    return type(result).__name__, repr(result)


def assert_as_general(
    names: list[str], shapes: list[tuple[int, ...]], outputs: int, calls: list[tuple[Any, ...]]
) -> None:
    """Assert that programs with C functions and without them give the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(c_functions, "is_supported", lambda: False)
        general = make(shapes, outputs)
        wanted = [called(getattr(general, name), arguments) for name in names for arguments in calls]
    program = make(shapes, outputs)
    for name in names:  # the functions are made by a call with arrays, which fits one of these
        for arguments in calls:
            called(getattr(program, name), arguments)
    assert [called(getattr(program, name), arguments) for name in names for arguments in calls] == wanted


@thorough_unless(lambda shapes, outputs: bool(outputs) == (shapes == SIGNATURES[-1]))
@each_signature
@pytest.mark.parametrize("outputs", [0, 2])
def test_arguments_are_read_as_by_the_general_way(shapes: list[tuple[int, ...]], outputs: int) -> None:
    calls = [tuple(given) for given in product(*map(ways, shapes))][:: 1 if len(shapes) < 3 else 97]
    size = sum(map(prod, shapes))
    calls += [
        (0.5,) * size,
        (0.5,) * (size + 1),
        (),
        ([0.5] * size,),
        (np.full(size, 0.5),),
        (np.full((2, size), 0.5),),
    ]
    assert_as_general(["__call__", "jacobian"] if outputs else ["__call__", "grad", "hessian"], shapes, outputs, calls)


@thorough_unless(lambda shapes: shapes == SIGNATURES[-1])
@each_signature
@pytest.mark.parametrize("outputs", [0, 2])
def test_vectors_are_read_as_by_the_general_way(shapes: list[tuple[int, ...]], outputs: int) -> None:
    size = sum(map(prod, shapes))
    points = [tuple(map(numbers, shapes)), (np.full(size, 0.5),), (0.5,) * size, ([0.5] * size,)]
    calls = [(*point, v) for point in points for v in (*ways((size,)), *ways((2,)))]
    assert_as_general(["jvp", "vjp"] if outputs else ["jvp", "vjp", "hvp"], shapes, outputs, [*calls, ()])


@each_signature
def test_no_python_code_reads_the_arguments(shapes: list[tuple[int, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    program, point = make(shapes), [numbers(shape) if shape else 0.25 for shape in shapes]
    size = sum(map(prod, shapes))
    v = np.ones(size)
    methods = {"__call__": point, "vjp": [*point, 2.0]} | {name: [*point, v] for name in ("jvp", "hvp")}
    if any(shapes):
        methods |= dict.fromkeys(("value_and_grad", "grad", "hessian"), point)
    wanted = {name: repr(getattr(program, name)(*arguments)) for name, arguments in methods.items()}
    monkeypatch.setattr(program, "_signature", None)
    assert {name: repr(getattr(program, name)(*arguments)) for name, arguments in methods.items()} == wanted
    assert repr(program.jvp(*point, v=v)) == wanted["jvp"]


def test_numbers_of_numpy_among_the_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    program = make([(), (2,)], 2)
    wanted = [program(0.25, [0.5, 0.75]), program(0.25, np.array([0.5, 0.75])).tolist()]
    monkeypatch.setattr(program, "_signature", None)
    t = np.float64(0.25)
    assert [program(t, [np.float64(0.5), 0.75]), program(t, np.array([0.5, 0.75])).tolist()] == wanted
    assert type(program(t, [0.5, 0.75])[0]) is float
