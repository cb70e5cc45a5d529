"""`compile`: from a finished graph to a program that computes its value, and its gradient, for one sample or many."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Callable, Iterable, MutableSequence, Sequence
from functools import cached_property
from typing import Any, cast

from engine import ops
from engine.compiler import python
from engine.compiler.formulas import Formulas
from engine.compiler.naming import comment
from engine.compiler.replay import Replay
from engine.compiler.rows import Rows
from engine.graph import toposort
from engine.op import DomainError
from engine.value import Value, as_float, comparisons

BACKENDS = ("auto", "python", "llvm")
_logger = logging.getLogger("engine.compile")
_advised: set[str] = set()  # what was said once


def compile(
    output: Value | Sequence[Value] | Callable[..., Any],
    inputs: Iterable[Value] | None = None,
    wrt: Iterable[Value] | None = None,
    backend: str = "auto",
    *,
    n_inputs: int | None = None,
    at: Sequence[float] | None = None,
) -> Program:
    """A program that computes what the graph of `output` computes, and the derivatives by the leaves `wrt`.

    `inputs` are the leaves that every call, or every row, gives anew. Members of `wrt` that are no inputs are the
    parameters of the program: they live in `program.parameters`, begin with their present values, and follow their
    `Value`s only by `load` and `store`. All other leaves are frozen to their present values. By default there are no
    inputs, and `wrt` is the inputs.

    `output` may be several `Value`s: then the program has their values, but no gradient. It may also be a function of
    `n_inputs` `Value`s: it is called once, at the numbers `at` (0.5 each), and what it built is compiled. Whatever
    Python code decided by looking at numbers is frozen into the graph, in this and every other case; where a function
    compares `Value`s a warning says so.

    `backend` is "python" (needs nothing; its source can be read), "llvm" (machine code; needs llvmlite, the extra
    `native`), or "auto": llvm where it is installed.
    Raises TypeError for what is no `Value`, and ValueError for inputs or `wrt` that are no variables, or stand twice.

    >>> x, w = Value(2.0, "x"), Value(3.0, "w")
    >>> program = compile(w * x * x, inputs=[x], wrt=[x, w], backend="python")
    >>> program(2.0), program.value_and_grad(2.0)
    (12.0, (12.0, [12.0, 4.0]))
    >>> compile(lambda x, y: x * y + x.sin(), n_inputs=2).value_and_grad(0.0, 2.0)
    (0.0, [3.0, 0.0])
    """
    if backend not in BACKENDS:
        raise ValueError(f"there is no backend {backend!r}; possible are {', '.join(BACKENDS)}")
    if not isinstance(output, (Value, Sequence)):  # a function
        if inputs is not None:
            raise TypeError("a function makes its own inputs: give n_inputs, or at, instead of inputs")
        output, inputs = _trace(output, n_inputs, at)
    elif n_inputs is not None or at is not None:
        raise TypeError(f"n_inputs and at belong to a function; {type(output).__name__} was given")
    outputs: list[Any] = list(output) if isinstance(output, Sequence) else [output]
    if not outputs:
        raise ValueError("there is nothing to compile: no output was given")
    for node in outputs:
        if not isinstance(node, Value):
            raise TypeError(f"an output is a Value, not {node!r} of type {type(node).__name__}")
    given = _variables("inputs", inputs or ())
    asked = given if wrt is None else _variables("wrt", wrt)
    return Program(outputs, given, asked, _chosen(backend), several=not isinstance(output, Value))


def _variables(name: str, leaves: Iterable[Value]) -> list[Value]:
    """The leaves as a list, if each is a variable and stands there once."""
    if not isinstance(leaves, (Value, Iterable)):
        raise TypeError(f"{name} is a list of Values, not {leaves!r} of type {type(leaves).__name__}")
    found: list[Any] = [leaves] if isinstance(leaves, Value) else list(leaves)
    seen: set[Value] = set()
    for i, x in enumerate(found):
        if not isinstance(x, Value):
            raise TypeError(f"{name}[{i}] is no Value, but {x!r} of type {type(x).__name__}")
        if x.op is not ops.variable:
            what = "a constant" if x.op is ops.constant else f"the result of {x.op.name}"
            raise ValueError(f"{name}[{i}] is no variable, but {what}: {x!r}; only Values of your own can be given")
        if x in seen:
            raise ValueError(f"{name}[{i}] stands there twice: {x!r}")
        seen.add(x)
    return found


def _trace(function: Callable[..., Any], n_inputs: int | None, at: Sequence[float] | None) -> tuple[Any, list[Value]]:
    """What a function builds, and the `Value`s that it was called with."""
    if not callable(function):
        raise TypeError(f"compile takes a Value, several, or a function, not {function!r}")
    if n_inputs is None and at is None:
        raise TypeError("how many inputs does the function have? compile(f, n_inputs=3), or at=[0.5, 1.0, 2.0]")
    if n_inputs is not None and not isinstance(n_inputs, int):
        raise TypeError(f"n_inputs is a whole number, not {n_inputs!r}")
    if n_inputs is not None and n_inputs < 0:
        raise ValueError(f"n_inputs is 0 or more, not {n_inputs}")
    numbers = [0.5] * (n_inputs or 0) if at is None else list(at)
    if n_inputs not in (None, len(numbers)):
        raise ValueError(f"at has {len(numbers)} numbers for {n_inputs} inputs")
    values = [Value(number, f"x_{i}") for i, number in enumerate(numbers, 1)]
    with comparisons() as compared:
        output = function(*values)
    if compared:
        import warnings

        text = "the function compared Values: the branch that it took at these numbers is frozen into the program"
        warnings.warn(f"{text}; engine.where(engine.greater(x, y), ...) chooses anew each time", stacklevel=3)
    if isinstance(output, (int, float)):
        output = Value(output)
    return output, values


def _chosen(backend: str) -> str:
    if backend == "python":
        return backend
    from engine.compiler import jit

    if jit.is_installed():
        return "llvm"
    if backend == "llvm":
        raise ValueError(jit.MISSING)
    if "native" not in _advised:
        _advised.add("native")
        _logger.warning("compiled to Python; pip install 'pathgrad[native]' compiles to machine code, which is faster")
    return "python"


class Program:
    """A compiled graph. Made by `compile`.

    Attributes:
        backend: "python" or "llvm".
        parameters: The members of `wrt` that are no inputs, as doubles that can be read and written (and seen by
            NumPy: `numpy.frombuffer(program.parameters)`).
        gradient: The derivatives by the parameters, summed up by the last `sum_over`; likewise.
    """

    def __init__(
        self, outputs: list[Value], inputs: list[Value], wrt: list[Value], backend: str, *, several: bool
    ) -> None:
        self.backend = backend
        self._outputs, self._inputs, self._wrt, self._several = outputs, inputs, wrt, several
        known = set(inputs)
        self._parameters = [x for x in wrt if x not in known]
        asked = self._parameters + [x for x in wrt if x in known]
        position = {x: i for i, x in enumerate(asked)}
        self._order = [position[x] for x in wrt]  # parameters come first in memory, whatever the order of wrt
        self._formulas = Formulas(outputs, inputs, asked, gradient=not several)
        self._frozen = {x: x.data for x in toposort(*outputs) if not x.inputs}
        self._numbers = array("d", [x.data for x in self._parameters])
        self._totals = array("d", bytes(8 * (1 + len(asked))))
        self._single = array("d", self._totals)  # for a single row, which leaves the gradient as it was
        # Views keep the arrays from growing, so that their addresses stay.
        self.parameters: MutableSequence[float] = cast(Any, memoryview(self._numbers))
        self.gradient: Sequence[float] = cast(Any, memoryview(self._totals)[1 : 1 + len(self._parameters)])

    def load(self) -> None:
        """Take the parameters from the `data` of their `Value`s."""
        for i, x in enumerate(self._parameters):
            self.parameters[i] = x.data

    def store(self) -> None:
        """Give the parameters to the `data` of their `Value`s."""
        for x, number in zip(self._parameters, self.parameters, strict=True):
            x.data = number

    def __call__(self, *inputs: float) -> Any:
        """The value of the output for these inputs; a list of values if there are several outputs."""
        values = self._values(self._row(inputs))
        return values if self._several else values[0]

    def value_and_grad(self, *inputs: float) -> tuple[float, list[float]]:
        """The value, and its derivatives by the members of `wrt`, in their order.

        Raises ValueError if there are several outputs. On an arithmetic error, a DomainError of the "python" backend
        names the node; with "llvm", NaN and infinity travel on, and `check` names the node.
        """
        self._needs_one_output()
        row = self._row(inputs)
        if self.backend == "python":
            try:
                value, gradient = self._python_gradient(*row, self._numbers)
            except (ArithmeticError, ValueError) as error:
                raise self._explained(error, [row]) from error
        else:
            value, *gradient = self._sum(Rows([row], len(row)), 1, self._single)
        return value, [gradient[i] for i in self._order]

    def sum_over(self, rows: Any, threads: int = 1) -> tuple[float, Sequence[float]]:
        """The sum of the value over all rows, and the sums of its derivatives by the members of `wrt`.

        `rows` has a number for each input in each row: sequences, or, without a copy, an array of float64 of the shape
        (rows, inputs). The derivatives are doubles in the program's own memory (that of `gradient`), which the next
        call overwrites. `threads` share the rows with "llvm"; Python's lock is released meanwhile.
        Raises ValueError, which names the row, for a wrong number of inputs, and if there are several outputs.
        """
        self._needs_one_output()
        if threads < 1:
            raise ValueError(f"rows are worked on by 1 or more threads, not {threads}")
        read = Rows(rows, len(self._inputs))
        totals = self._totals
        if read.n:
            self._sum(read, threads, totals)
        else:
            totals[:] = array("d", bytes(8 * len(totals)))
        derivatives = memoryview(totals)[1:]
        if self._order == list(range(len(self._order))):
            return totals[0], derivatives
        return totals[0], array("d", [derivatives[i] for i in self._order])

    def each(self, rows: Any) -> list[Any]:
        """The value for each row, without derivatives: a list, of lists if there are several outputs."""
        read = Rows(rows, len(self._inputs))
        if self.backend == "python":
            return [values if self._several else values[0] for values in self._python_each(read.tolist())]
        results, n = self._each(read), len(self._outputs)
        return [results[i : i + n] for i in range(0, len(results), n)] if self._several else results

    def check(self, rows: Any = ((),)) -> None:
        """Run the rows on the engine: a DomainError names the first row, and its first node, without a finite value.

        The derivatives that the program computes are run too, after the values.
        """
        for i, row in enumerate(Rows(rows, len(self._inputs)).tolist()):
            try:
                self._replay.run(self._given(row), strict=True)
            except DomainError as error:
                raise DomainError(f"row {i}: {error}") from error

    @property
    def source(self) -> str:
        """The program in Python, line by line as the paper's Section 5: forward, then backward."""
        return self.source_for("python")

    def source_for(self, target: str) -> str:
        """The program as a Python module: for "python", or for "numpy", where each input is an array with all rows."""
        if target not in ("python", "numpy"):
            raise ValueError(f"source is written for python or numpy, not for {target!r}")
        return python.source(self._formulas, target)

    @property
    def llvm_ir(self) -> str:
        """What LLVM is given for one row: of the gradient, or of the values if there are several outputs."""
        from engine.compiler.native import kernel_for

        return kernel_for(self._formulas, many=False, summed=not self._several).text

    def _row(self, inputs: Sequence[float]) -> list[float]:
        if len(inputs) != len(self._inputs):
            raise ValueError(f"{self!r} takes {len(self._inputs)} inputs, {len(inputs)} were given")
        return [as_float(x) for x in inputs]

    def _needs_one_output(self) -> None:
        if self._several:
            raise ValueError(f"{self!r} has several outputs, so there is no one gradient: compile a single Value")

    def _values(self, row: list[float]) -> list[float]:
        if self.backend == "python":
            return self._python_each([row])[0]
        return self._each(Rows([row], len(row)))

    def _python_each(self, rows: list[list[float]]) -> list[list[float]]:
        """The values of all rows, by Python."""
        run, numbers = self._python_values, self._numbers
        try:
            return [run(*row, numbers) for row in rows]
        except (ArithmeticError, ValueError) as error:
            raise self._explained(error, rows, gradient=False) from error

    def _each(self, rows: Rows) -> list[float]:
        """The values of all rows, by machine code."""
        if not rows.n:
            return []
        results: list[float] = self._kernel(False, rows.n).each(rows.n, rows.address, self._numbers).tolist()
        return results

    def _sum(self, rows: Rows, threads: int, totals: array[float]) -> array[float]:
        """All sums, into `totals`."""
        if self.backend == "python":
            numbers = rows.tolist()
            try:
                totals[:] = array("d", self._python_sums(numbers, self._numbers))
            except (ArithmeticError, ValueError) as error:
                raise self._explained(error, numbers) from error
        else:
            self._kernel(True, rows.n).sum_over(rows.n, rows.address, self._numbers, totals, threads)
        return totals

    @cached_property
    def _printed(self) -> Callable[[str], Callable[..., Any]]:
        def define(name: str) -> Callable[..., Any]:
            return python.define(getattr(python.Printer(self._formulas, "python"), name)())

        return define

    @cached_property
    def _python_values(self) -> Callable[..., Any]:
        return self._printed("value")

    @cached_property
    def _python_gradient(self) -> Callable[..., Any]:
        return self._printed("value_and_grad")

    @cached_property
    def _python_sums(self) -> Callable[..., Any]:
        return self._printed("sum_over")

    @cached_property
    def _kernels(self) -> dict[tuple[bool, bool], Any]:
        return {}

    def _kernel(self, summed: bool, n: int) -> Any:
        """The machine code for one row, or for several at a time; either is made when it is first needed."""
        from engine.compiler.native import Native

        many = n > 1 or (summed, True) in self._kernels
        if (summed, many) not in self._kernels:
            self._kernels[summed, many] = Native(self._formulas, many=many, summed=summed)
        return self._kernels[summed, many]

    @cached_property
    def _replay(self) -> Replay:
        return Replay(self._outputs, [] if self._several else self._wrt, self._frozen)

    def _given(self, row: Sequence[float]) -> dict[Value, float]:
        return dict(zip((*self._parameters, *self._inputs), (*self.parameters, *row), strict=True))

    def _explained(self, error: Exception, rows: Sequence[Sequence[float]], gradient: bool = True) -> DomainError:
        """What the engine says of an error: its DomainError names the node, and the row, if there are many."""
        for i, row in enumerate(rows):
            try:
                self._replay.run(self._given(row), gradient=gradient)
            except DomainError as named:
                return DomainError(f"row {i}: {named}") if len(rows) > 1 else named
        return DomainError(f"a derivative of {self!r} has no finite value: {error}")

    def __repr__(self) -> str:
        names = [comment(x.label) or "?" for x in self._inputs[:4]] + ["…"] * (len(self._inputs) > 4)
        return f"<program of ({', '.join(names)}), {len(self._parameters)} parameters, compiled to {self.backend}>"
