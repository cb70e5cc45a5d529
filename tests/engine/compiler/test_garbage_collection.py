"""The garbage collector is disabled during compilation, and restored after it, even after an error."""

import gc
from collections.abc import Iterator

import pytest

from engine import Value, compile, operation
from engine.compiler.garbage_collection import garbage_collection_paused
from engine.op import TABLE
from tests.engine.compiler.backends import both_backends


@pytest.fixture(autouse=True)
def _enabled() -> Iterator[None]:
    gc.enable()
    yield
    gc.enable()


@both_backends
@pytest.mark.parametrize("is_enabled", [True, False])
def test_collection_is_paused_during_compilation_and_restored(backend: str, is_enabled: bool) -> None:
    seen = []

    def derivative(z: object, x: float) -> float:
        seen.append(gc.isenabled())
        return 2.0 * x

    try:
        mine = operation("mine", "mine", lambda x: x * x, derivative)
        x = Value(3.0, "x")
        y = mine(x)
        (gc.enable if is_enabled else gc.disable)()
        seen.clear()
        program = compile(y, [x], backend=backend)
        assert seen == [False]
        assert program.value_and_grad(3.0) == (9.0, [6.0])
        assert gc.isenabled() == is_enabled
    finally:
        TABLE.pop("mine", None)


def test_collection_is_paused_while_a_function_is_traced() -> None:
    seen = []

    def square(x: Value) -> Value:
        seen.append(gc.isenabled())
        return x * x

    compile(square, n_inputs=1, backend="python")
    assert (seen, gc.isenabled()) == ([False], True)


def test_an_interrupt_leaves_it_as_it_was() -> None:
    with pytest.raises(KeyboardInterrupt), garbage_collection_paused():
        raise KeyboardInterrupt
    assert gc.isenabled()
