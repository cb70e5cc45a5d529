"""C functions for programs at one point: the same results and errors as by the general way, and safe memory."""

import copy
import ctypes
import gc
import inspect
import math
import os
import pickle
import subprocess
import sys
import sysconfig
import threading
import weakref
from array import array
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import BuiltinFunctionType
from typing import Any

import pytest

from engine import TABLE, Program, Value, compile, exp, log, primitive
from engine.compiler.evaluation import Formulas
from engine.compiler.targets.llvm import c_functions, execution
from tests import by_night
from tests.engine.compiler.backends import needs_llvm

np = pytest.importorskip("numpy")
pytestmark = [needs_llvm, pytest.mark.skipif(not c_functions.is_supported(), reason="this Python has only ctypes")]

POINT = [0.5, -1.25, 2.0]
ROOT = Path(__file__).parents[5]


def mixed(x: Any) -> Any:
    return exp(x[0] * x[1]).tanh() + x[2] ** 3 / x[0] - (x[1] - 1.0).sin()


def chosen(outputs: int = 0) -> Program:
    """A program of one output, or of a list of outputs."""
    return compile(lambda x: [mixed(x) * i for i in range(outputs)] or mixed(x), at=[POINT], backend="llvm")


METHODS: dict[str, tuple[int, Callable[[Program, Any], Any]]] = {
    "a value": (0, lambda p, x: p(x)),
    "a list of values": (3, lambda p, x: p(x)),
    "a value and a gradient": (0, lambda p, x: p.value_and_grad(x)),
    "a gradient": (0, lambda p, x: p.grad(x)),
    "a Hessian": (0, lambda p, x: p.hessian(x)),
    "a Jacobian": (3, lambda p, x: p.jacobian(x)),
}
each_method = pytest.mark.parametrize("name", METHODS)


def flat(results: Any) -> bytes:
    """The bits of a float, an array, or a tuple of these."""
    parts = results if isinstance(results, tuple) else (results,)
    return b"".join(np.asarray(part).tobytes() for part in parts)


def shapes(results: Any) -> list[Any]:
    parts = results if isinstance(results, tuple) else (results,)
    return [(type(part), getattr(part, "shape", None), getattr(part, "dtype", None)) for part in parts]


@each_method
def test_results_have_the_bits_of_the_general_way(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs, method = METHODS[name]
    program = chosen(outputs)
    method(program, np.array(POINT))
    points = np.random.default_rng(0).uniform(0.1, 2.0, (20, 3))
    found = [method(program, x) for x in points]
    monkeypatch.setattr(c_functions, "is_supported", lambda: False)
    general = chosen(outputs)
    wanted = [method(general, x) for x in points]
    assert list(map(flat, found)) == list(map(flat, wanted))
    assert list(map(shapes, found)) == list(map(shapes, wanted))
    assert found[0] is not found[1]


@each_method
def test_an_array_is_given_to_a_c_function(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    outputs, method = METHODS[name]
    program = chosen(outputs)
    first = flat(method(program, np.array(POINT)))
    monkeypatch.setattr(program, "_signature", None)  # the general way reads arguments with it
    x = np.array(POINT)
    x.flags.writeable = False
    assert flat(method(program, x)) == first


@pytest.mark.parametrize("outputs", [0, 3])
def test_lists_and_floats_are_given_to_a_c_function(outputs: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(program: Program) -> list[Any]:
        lists = [] if outputs else [program.value_and_grad(list(POINT)), program.grad(list(POINT))]
        return [program(list(POINT)), program(*POINT), *lists]

    program = chosen(outputs)
    first = found(program)
    monkeypatch.setattr(program, "_signature", None)
    assert found(program) == first
    with pytest.raises(AttributeError):  # only the general way takes integers
        program([0.5, -1.25, 2])
    monkeypatch.setattr(c_functions, "is_supported", lambda: False)
    general = found(chosen(outputs))
    assert list(map(repr, first)) == list(map(repr, general))


def test_floats_have_the_gradient_of_sums_before_and_after_lists() -> None:
    program = compile(lambda x, y: -x * y, n_inputs=2, backend="llvm")
    first = repr(program.value_and_grad(0.0, 0.0))
    program.value_and_grad([0.0, 0.0])
    program.value_and_grad(np.zeros(2))
    assert repr(program.value_and_grad(0.0, 0.0)) == first


def test_a_list_is_taken_before_and_after_numpy_is_imported() -> None:
    script = """if True:
        import sys
        from engine import compile
        program = compile(lambda x: x[0] * x[1], at=[[1.0, 2.0]], backend="llvm")
        found = [program.value_and_grad([3.0, 4.0])]
        assert "numpy" not in sys.modules
        signature, program._signature = program._signature, None
        found.append(program.value_and_grad([3.0, 4.0]))
        import numpy as np
        program._signature = signature
        program.value_and_grad(np.array([3.0, 4.0]))
        program._signature = None
        value, gradient = program.value_and_grad(np.array([3.0, 4.0]))
        assert type(gradient) is np.ndarray
        found.append((value, gradient.tolist()))
        found.append(program.value_and_grad([3.0, 4.0]))
        assert found == [(12.0, [4.0, 3.0])] * 4, found
    """
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@each_method
def test_other_arguments_take_the_general_way(name: str) -> None:
    outputs, method = METHODS[name]
    program, x = chosen(outputs), np.array([0.5, -1.25, 2.0])
    wanted = flat(method(program, x))
    strided = np.repeat(x, 2)[::2]
    others = [strided, x.astype(">f8"), x.astype("f4"), x.tolist(), tuple(POINT), array("d", POINT), memoryview(x)]
    for other in (*others, [0.5, -1.25, 2], [np.float64(0.5), -1.25, 2.0]):
        assert flat(method(program, other)) == wanted
    assert type(method(program, x.tolist())) is not np.ndarray
    assert flat(method(program, x[None])) == wanted  # a batch of one row


@each_method
def test_errors_are_those_of_the_general_way(name: str) -> None:
    outputs, method = METHODS[name]
    fresh, program = chosen(outputs), chosen(outputs)
    method(program, np.array(POINT))
    masked = np.ma.masked_array(POINT, [False, True, False])
    for wrong in (
        np.zeros(4),
        np.zeros((2, 2)),
        np.zeros(3, complex),
        np.array(list("abc")),
        masked,
        None,
        np.zeros(0),
    ):
        with pytest.raises((TypeError, ValueError, OverflowError)) as expected:
            method(fresh, wrong)
        with pytest.raises(expected.type) as error:
            method(program, wrong)
        assert str(error.value) == str(expected.value)


def test_nan_travels_on_and_check_names_the_node() -> None:
    program = compile(lambda x: log(x[0]) * x[1], at=[[1.0, 1.0]], backend="llvm")
    for _ in range(2):
        value, gradient = program.value_and_grad(np.array([-1.0, 2.0]))
        assert np.isnan(value)
        assert np.isnan(gradient[1])
    with pytest.raises(ArithmeticError, match="log"):
        program.check([[-1.0, 2.0]])


def test_parameters_are_read_at_each_call() -> None:
    x, w = Value(2.0, "x"), Value(3.0, "w")
    program = compile(w * x * w, [x], [x, w], backend="llvm")
    for number in (3.0, 5.0, 7.0):
        program.parameters[0] = number
        value, gradient = program.value_and_grad(np.array([2.0]))
        assert (value, gradient.tolist()) == (2.0 * number**2, [number**2, 4.0 * number])


def test_run_is_a_c_function_that_can_be_asked_about() -> None:
    bound = chosen().bind(POINT)
    assert type(bound.run) is BuiltinFunctionType
    assert str(inspect.signature(bound.run)) == "()"
    assert "in place" in str(bound.run.__doc__)
    assert bound.run() == bound() == bound.value[0]
    with pytest.raises(TypeError, match="no arguments"):
        bound.run(1.0)


def test_run_outlives_everything_that_made_it() -> None:
    bound = chosen().bind(POINT)
    run, x, gradient, wanted = bound.run, bound.x, bound.gradient, bound()
    kept = gradient.tolist()
    del bound
    gc.collect()
    for i in range(by_night(8, 50)):  # whose memory would take the place of what is free
        compile(lambda x, i=i: x[0] * x[1] + float(i), at=[[1.0, 2.0]], backend="llvm").bind([1.0, 2.0])
    x[0] += 1.0
    assert run() != wanted
    x[0] -= 1.0
    assert (run(), gradient.tolist()) == (wanted, kept)
    only = chosen(2).bind(POINT).run
    gc.collect()
    assert only().tolist() == [0.0, wanted]


def long() -> Program:
    """A program whose machine code is too long to be kept in a cache."""
    x = [Value(0.5) for _ in range(3000)]
    total = x[0]
    for u, v in pairwise(x):
        total = total + u * v
    return compile(total, x, backend="llvm")


def test_garbage_may_call_the_function_while_it_is_collected() -> None:
    called = []

    class Caller:
        def __init__(self, program: Program) -> None:
            self.program, self.run, self.circle = program, program.bind([0.5] * 3000).run, self

        def __del__(self) -> None:
            called.append(self.run())

    program = long()  # finalizers run in the order in which objects were made: that of the machine code before Caller's
    program.bind([0.5] * 3000)
    caller = Caller(program)
    wanted = caller.run()
    del program, caller
    gc.collect()
    assert called == [wanted]


@each_method
def test_calls_leave_no_memory_behind(name: str) -> None:
    outputs, method = METHODS[name]
    program, x = chosen(outputs), np.array(POINT)
    bound, others = program.bind(POINT), (np.zeros(4), np.zeros(6)[::2], POINT, [1.0, 2.0], [1.0, 2.0, 3])
    method(program, x)
    formulas = [it for it in vars(program._evaluation).values() if isinstance(it, Formulas)]
    [function] = [it.at_point for it in formulas if it.at_point]

    def many() -> None:
        for _ in range(500):
            method(program, x)
            bound.run()
            for other in others:
                function(other)

    many()
    counts = [sys.getrefcount(it) for it in (x, *others, np.ndarray, np.empty, np.zeros, bound.value, NotImplemented)]
    before = sys.getallocatedblocks()
    many()
    assert abs(sys.getallocatedblocks() - before) < 100
    new = [sys.getrefcount(it) for it in (x, *others, np.ndarray, np.empty, np.zeros, bound.value, NotImplemented)]
    assert max(abs(a - b) for a, b in zip(counts, new, strict=True)) < 20


def test_memory_is_freed_with_the_function() -> None:
    class Owned:
        pass

    owned = Owned()
    gone = weakref.ref(owned)
    function = c_functions.make_function("run", {}, (owned,))
    del owned
    gc.collect()
    assert gone() is not None
    del function
    assert gone() is None


def test_a_program_that_was_called_can_be_collected() -> None:
    program = chosen()
    program.value_and_grad(np.array(POINT))
    program.value_and_grad(np.array(POINT))
    program.bind(POINT)()
    gone = weakref.ref(program)
    del program
    gc.collect()
    assert gone() is None


class Slow:
    """The record of a function whose kernel waits until it is let go on; it calls `start` first."""

    def __init__(self, start: Callable[[], object]) -> None:
        self.go_on, self.results = threading.Event(), array("d", [7.0])

        def wait(*_: object) -> None:
            start()
            self.go_on.wait(20.0)

        uniform = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 2)(lambda *_: None)
        slots = ctypes.CFUNCTYPE(None, ctypes.c_int64, *[ctypes.c_void_p] * 3)(wait)
        addresses = [ctypes.cast(it, ctypes.c_void_p).value or 0 for it in (uniform, slots)]
        record = {"compute_uniform": addresses[0], "process_slots": addresses[1], "is_long": 1}
        record["results"] = self.results.buffer_info()[0]
        self.run = c_functions.make_function("run", record, (self.results, uniform, slots))


def in_thread(call: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    answers: list[object] = []
    thread = threading.Thread(target=lambda: answers.append(call()))
    thread.start()
    return thread, answers


def test_long_work_releases_the_lock_and_refuses_a_second_call() -> None:
    started = threading.Event()
    slow = Slow(started.set)
    thread, answers = in_thread(slow.run)
    assert started.wait(20.0)  # this thread runs although the other one computes
    with pytest.raises(RuntimeError, match="in another thread: each thread needs a copy of its own"):
        slow.run()
    slow.go_on.set()
    thread.join()
    assert answers == [7.0] == [slow.run()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="os.fork is missing")
def test_a_fork_amid_a_call_can_call() -> None:
    started = threading.Event()
    slow = Slow(started.set)
    bound = chosen().bind(POINT)
    wanted = bound.run()
    thread, _ = in_thread(slow.run)
    assert started.wait(20.0)
    child = os.fork()
    if not child:
        slow.go_on = threading.Event()
        slow.go_on.set()
        os._exit(0 if (slow.run(), bound.run()) == (7.0, wanted) else 1)
    slow.go_on.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0


def test_programs_of_many_operations_release_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "MAX_LOCKED_OPERATIONS", 0)
    program, x = chosen(), np.array(POINT)
    bound = program.bind(x)
    wanted = program.value_and_grad(x)
    totals: list[int] = [0, 0]

    def count(i: int) -> None:
        mine = chosen()
        mine.value_and_grad(x)
        for _ in range(300):
            totals[i] += flat(mine.value_and_grad(x)) == flat(wanted)
            mine.hessian(x)

    threads = [threading.Thread(target=count, args=(i,)) for i in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert totals == [300, 300]
    assert bound.run() == wanted[0]


def test_where_c_functions_cannot_be_ctypes_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = chosen().bind(POINT)()
    monkeypatch.setattr(c_functions, "is_supported", lambda: False)
    bound = chosen().bind(POINT)
    assert type(bound.run) is not BuiltinFunctionType
    assert bound.run() == bound() == wanted


def test_supported_is_cpython_with_its_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as changed:
        changed.setattr(sysconfig, "get_config_var", lambda _: 1)
        assert not c_functions.is_supported()
    monkeypatch.setattr(sys.implementation, "name", "pypy")
    assert not c_functions.is_supported()


def test_another_interpreter_of_the_process_has_only_ctypes() -> None:
    interpreters = pytest.importorskip("_xxsubinterpreters")  # of Python 3.8 to 3.12
    read, write = os.pipe()
    made = interpreters.create()
    source = f"import sys; sys.path[:] = {sys.path!r}\n"
    source += "from engine.compiler.targets.llvm.c_functions import is_supported\n"
    try:
        interpreters.run_string(made, f"{source}import os; os.write({write}, repr(is_supported()).encode())")
    finally:
        interpreters.destroy(made)
        os.close(write)
    with os.fdopen(read) as pipe:
        assert pipe.read() == "False"


def test_a_program_that_calls_python_is_called_by_ctypes() -> None:
    half = primitive("half", "half", lambda x: x / 2.0, lambda z, x: 0.5)
    x = Value(1.0, "x")
    program = compile(half(x) * x, [x], backend="llvm")
    for _ in range(2):
        value, gradient = program.value_and_grad(np.array([3.0]))
        assert (value, gradient.tolist()) == (4.5, [3.0])
    assert type(program.bind(3.0).run) is not BuiltinFunctionType
    del TABLE["half"]


def test_a_bound_program_cannot_be_pickled() -> None:
    bound = chosen().bind(POINT)
    for refused in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be copied or pickled: copy or pickle the program, and bind that"):
            refused(bound)
    with pytest.raises(TypeError, match="cannot be pickled: pickle the program, and bind that"):
        pickle.dumps(bound.run)


SHUTDOWN = """
import atexit, numpy, os, sys
from engine import compile
program = compile(lambda x: x[0] * x[1], at=[[1.0, 2.0]], backend="llvm")
program.value_and_grad(numpy.array([3.0, 4.0])), program.value_and_grad(numpy.array([3.0, 4.0]))
class Last:
    def __del__(self, run=program.bind([3.0, 4.0]).run, write=os.write):
        write(1, repr(run()).encode())
sys.kept = Last(), program
atexit.register(program.bind([5.0, 6.0]).run)
"""


def test_the_interpreter_shuts_down() -> None:
    command = [sys.executable, "-c", SHUTDOWN]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "12.0", "")


def test_points_share_the_kinds_of_c_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    x = Value(0.5, "x")
    program = compile(x.sin(), [x], backend="llvm")
    program.bind(1.0)
    monkeypatch.setattr(ctypes, "PYFUNCTYPE", None)
    bound = program.bind(1.0)
    bound.x[0] = 0.25
    assert bound() == math.sin(0.25)
