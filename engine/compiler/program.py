"""`Program`: a compiled graph, with the same methods for every backend."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from engine.backprop import check_numbers
from engine.compiler import targets
from engine.compiler.calls.arguments import Call, Signature
from engine.compiler.calls.arrays import to_shape
from engine.compiler.calls.batch import Batch
from engine.compiler.calls.results import Nesting, vector_of
from engine.compiler.diagnose import Diagnosis, Interpreter
from engine.compiler.evaluation import Evaluation
from engine.compiler.ir import IR
from engine.compiler.lazy_ir import build_lazily
from engine.compiler.methods.bound import Bound, EvaluatedPoint
from engine.compiler.methods.matrices import Matrices
from engine.compiler.methods.parameters import Trainable
from engine.compiler.methods.sums import Sums
from engine.compiler.naming import format_comment
from engine.graph import toposort
from engine.labels import parse_indexed
from engine.value import Value


class Program(Matrices, Trainable):
    """A compiled graph, made by `compile`.

    It is called with arguments shaped as those of the function that it was compiled from, or with all numbers at once:
    a point is n numbers, or an array (or list) of the shape (n,); a batch has the shape (rows, n). Derivatives are by
    the members of `wrt`, inputs and parameters alike, in their order. With a batch, the rows come first in the shape of
    every result, and `threads` share them ("llvm"). Results are new arrays of NumPy where an argument was an array,
    else lists and floats. All methods raise ValueError for arguments of another shape, and TypeError, which names the
    place, for anything but real numbers. Where a value or a derivative is not defined, "python" raises a DomainError
    that names the node; the others compute with NaN and infinity, and `check` names it.

    It has memory of its own, so that only one thread at a time may run it. With "llvm", a call while another thread
    runs it is a RuntimeError: give each thread a copy of its own, `copy.copy(program)`, which is of the same `Value`s.
    For what another thread compiles, a call waits. In a pickle, the graph, the backend and the present numbers travel,
    and are compiled where it is loaded. A graph that is in the same pickle, or `copy.deepcopy`, is that of the program
    there, too.

    Attributes:
        backend: The target that runs it, such as "llvm".
        parameters: The members of `wrt` that are not inputs, as a writable buffer of doubles, which NumPy can share:
            `numpy.frombuffer(program.parameters)`.
        gradient: The derivatives with respect to the parameters, summed over the rows of the last `sum_over`; also a
            writable buffer.

    >>> from engine import compile
    >>> program = compile(lambda x, y: x * x * y, n_inputs=2)
    >>> program(3.0, 2.0), program.grad(3.0, 2.0), program.hessian(3.0, 2.0)
    (18.0, [12.0, 9.0], [[4.0, 6.0], [6.0, 0.0]])
    >>> program([[3.0, 2.0], [1.0, 4.0]])
    [18.0, 4.0]
    """

    def __init__(
        self,
        output: Any,
        inputs: Sequence[Any],
        wrt: Sequence[Value],
        backend: str,
        numbers: Mapping[Value, float] | None = None,
        order: Sequence[Value] | None = None,
        **options: Any,
    ) -> None:
        """`numbers` are those of the parameters and of the frozen leaves, by default their present `data`.

        `order` is the topological order of the graph, if it is known.
        """
        order = order or toposort(*Nesting(output).leaves)
        self.backend, runner = targets.find_runner(backend, **options)
        self._options = options
        self._outputs, self._arguments = Nesting(output), [Nesting(x) for x in inputs]
        self._inputs: list[Value] = [leaf for argument in self._arguments for leaf in argument.leaves]
        self._wrt, self._n_wrt, given = list(wrt), len(wrt), set(self._inputs)
        parameters = [x for x in wrt if x not in given]
        names = [format_comment(x.label) or "?" for x in self._inputs[:4]] + ["…"] * (len(self._inputs) > 4)
        self._text = f"<program of ({', '.join(names)}), {len(parameters)} parameters, compiled to {self.backend}>"
        arguments = [argument.shape or () for argument in self._arguments]
        self._signature = Signature(arguments, self._text, names=_argument_names(self._arguments))
        self._wrt_vector = vector_of(self._wrt, self._arguments)
        parameters_first = parameters + [x for x in wrt if x in given]  # the order of derivatives in memory
        position = {x: i for i, x in enumerate(parameters_first)}
        if numbers is None:
            leaves = [x for x in order if not x.inputs and x not in given]
            check_numbers([*parameters, *leaves])
            numbers = {x: x.data for x in [*parameters, *leaves]}
        self._frozen = numbers
        self._has_gradient = self._outputs.shape == ()
        graph = order, self._outputs.leaves, self._inputs, parameters_first
        self._lazy_ir = ir = build_lazily(*graph, gradient=self._has_gradient, frozen=numbers)
        ir.waits = targets.TARGETS[self.backend].keeps_code() and ir.digest is not None
        super().__init__(parameters, numbers, [position[x] for x in wrt])
        interpreter = partial(Interpreter, self._outputs.leaves, wrt, numbers)
        self._diagnosis = Diagnosis(interpreter, [*parameters, *self._inputs], self._numbers, self._text)
        shapes = self._signature, self._outputs, self._wrt_vector
        self._evaluation = Evaluation(ir, self._wrt_order, runner, self._numbers, self._diagnosis.locate, *shapes)
        self._executable = self._evaluation.values.executable

    @property
    def _ir(self) -> IR:
        return self._lazy_ir.build()

    def __call__(self, *arguments: Any, threads: int = 1) -> Any:
        """The value of the output, or the values of all outputs, nested as they are.

        >>> from engine import compile
        >>> program = compile(lambda t, y: [y[1], -y[0] * t], at=[0.0, [1.0, 0.0]])
        >>> program(2.0, [3.0, 4.0]), program(2.0, [[3.0, 4.0], [5.0, 6.0]])
        ([4.0, -6.0], [[4.0, -6.0], [6.0, -10.0]])
        """
        at_point = self._evaluation.values.at_point
        if at_point and threads == 1 and (found := at_point(*arguments)) is not NotImplemented:
            return found
        call = self._signature.read(arguments)
        return self._outputs.arrange(self._evaluation.run(self._evaluation.values, call, threads), call)

    def value_and_grad(self, *arguments: Any, threads: int = 1) -> tuple[Any, Any]:
        """The value and its derivatives: a float, and the shape (wrt,), or with a batch (rows,) and (rows, wrt).

        Raises ValueError if there are several outputs.

        >>> import numpy
        >>> from engine import compile
        >>> compile(lambda x: x[0] * x[1], at=[[0.5, 0.5]]).value_and_grad(numpy.array([3.0, 4.0]))
        (12.0, array([4., 3.]))
        """
        self._outputs.check_single("gradient", self._text)
        formulas = self._evaluation.gradient
        at_point = formulas.at_point
        if at_point and threads == 1 and (found := at_point(*arguments)) is not NotImplemented:
            pair: tuple[Any, Any] = found
            return pair
        if self._signature.is_flat_floats(arguments):
            row = list(arguments)
            try:
                value, gradient = self._executable.single(row, self._numbers)
            except (ArithmeticError, ValueError) as error:
                raise self._diagnosis.locate(error, Batch([row], len(row)), 1) from error
            return value, gradient if self._in_order else [gradient[i] for i in self._wrt_order]
        call = self._signature.read(arguments)
        results = self._evaluation.run(formulas, call, threads)
        if call.rows is None:
            return results[0], to_shape(results, (len(results),), call.as_arrays)[1:]
        table = to_shape(results, (call.rows, 1 + self._n_wrt), call.as_arrays)
        if call.as_arrays:
            return table[:, 0], table[:, 1:]
        return [row[0] for row in table], [row[1:] for row in table]

    def grad(self, *arguments: Any, threads: int = 1) -> Any:
        """The derivatives of the value alone, of the shape (wrt,), or with a batch (rows, wrt)."""
        at_point = self._evaluation.gradient.at_point if self._has_gradient else None
        if at_point and threads == 1 and (found := at_point(*arguments)) is not NotImplemented:
            return found[1]
        return self.value_and_grad(*arguments, threads=threads)[1]

    def bind(self, *arguments: Any) -> Bound:
        """The program at one point, whose numbers can be changed in place, and which is called without arguments.

        >>> from engine import compile
        >>> bound = compile(lambda x, y: x * y, n_inputs=2).bind(3.0, 4.0)
        >>> bound(), bound.gradient.tolist()
        (12.0, [4.0, 3.0])
        >>> bound.x[0] = 5.0
        >>> bound(), bound.gradient.tolist()
        (20.0, [4.0, 5.0])
        """
        call = self._signature.read(arguments)
        if call.rows is not None:
            raise ValueError(f"{self!r} is bound to one point, but a batch of {call.rows} rows was given")
        formulas = self._evaluation.gradient if self._has_gradient else self._evaluation.values
        n_derivatives = self._n_wrt if self._has_gradient else None
        point = self._evaluation.point(formulas) or EvaluatedPoint(partial(self._evaluation.run, formulas), formulas.ir)
        several = self._outputs.explain_several("gradient")
        return Bound(point, call.batch.tolist()[0], n_derivatives, self._text, several)

    def summed(self, *rows: Any, threads: int = 1) -> Sums:
        """The sums over rows of the last arguments, as functions of the others: the loss of all samples, say.

        The rows are copied. Each method divides them among `threads` ("llvm"), unless it is called with another number.
        Raises ValueError if there are several outputs, or derivatives by the last arguments: `wrt=0` is by the first.

        >>> from engine import compile
        >>> total = compile(lambda w, x, y: (w * x - y) ** 2, at=[1.0, 1.0, 1.0], wrt=0).summed([1.0, 2.0], [3.0, 5.0])
        >>> total.value_and_grad(2.0), total.hessian(2.0)
        ((2.0, [-6.0]), [[10.0]])
        """
        self._outputs.check_single("gradient", self._text)
        return Sums(self, self._signature, rows, self._ir, self._add_rows, self._add_processes, threads)

    def each(self, rows: Any, threads: int = 1) -> Any:
        """The value for each row, without derivatives.

        An array of an array of rows, and else a list; of outputs of different lengths always a list of lists.
        """
        batch = Batch(rows, len(self._inputs))
        results = self._evaluation.run(self._evaluation.values, Call(batch, batch.n, False), threads)
        if self._outputs.shape is not None:
            return to_shape(results, (batch.n, *self._outputs.shape), hasattr(rows, "__array__"))
        n, point = len(self._outputs.leaves), Call(batch, None, False)
        return [self._outputs.arrange(results[i : i + n], point) for i in range(0, len(results), n)]

    def check(self, rows: Any = ((),), order: int = 1) -> None:
        """Raise a DomainError for the first row, and its first node, whose value or derivative is not finite.

        `order` is that of the derivatives that are computed: 0 for values alone, 2 for the Hessian, too.
        """
        if order not in (0, 1, 2):
            raise ValueError(f"order must be 0, 1 or 2, the order of the derivatives to check, not {order!r}")
        if order == 2:
            self._outputs.check_single("Hessian", self._text)
        batch = Batch(rows, len(self._inputs))
        self._diagnosis.check(batch, order, self._evaluation.hessian.ir if order == 2 else None)

    @property
    def source(self) -> str:
        """The program in Python, in the form of the paper's Section 5: the forward pass, then the backward pass."""
        return self.source_for("python")

    def source_for(self, target: str) -> str:
        """The program in the language of a target.

        "python" and "numpy" give Python modules, which convert what they are given to floats and refuse what is not a
        real number. That for NumPy is in matrix form: `value_and_grad(rows, parameters)` returns the sums over rows of
        the shape (rows, inputs), the derivatives in the order of `wrt`; "jax" gives the same for JAX to trace. "llvm"
        gives LLVM's assembly language, for one row, "javascript" a module with the whole graph: `values`,
        `derivatives` and `steps` of all its nodes.
        Raises ValueError for another target, and for an operation that the target does not implement.
        """
        return targets.find_printer(target)(self._ir, self._wrt_order if self._has_gradient else [])

    @property
    def llvm_ir(self) -> str:
        """LLVM's assembly language for one row: of the gradient, or of the values if there are several outputs."""
        return self.source_for("llvm")

    @staticmethod
    def backends() -> list[str]:
        """The names of the targets that run programs, any of which is a `backend` of `compile`."""
        return targets.runner_names()

    def __reduce__(self) -> tuple[Any, ...]:
        numbers = {**self._frozen, **dict(zip(self._parameters, self._numbers, strict=True))}
        inputs = [argument.nested() for argument in self._arguments]
        new = partial(Program, **self._options)
        return new, (self._outputs.nested(), inputs, self._wrt, self.backend, numbers), self._totals

    def __setstate__(self, totals: array[float]) -> None:
        self._totals[:] = totals

    def __repr__(self) -> str:
        return self._text


def _argument_names(arguments: Sequence[Nesting]) -> list[str]:
    """The letter or word that the first and the last label of each argument share: y of y_1, y_2; else its place."""
    found = []
    for i, argument in enumerate(arguments):
        labels = [leaf.label for leaf in (*argument.leaves[:1], *argument.leaves[-1:])]
        parsed = [parse_indexed(label) for label in labels]
        words = {label.name if label else "" for label in parsed} if argument.shape else set(labels)
        name = words.pop() if len(words) == 1 else ""
        found.append(name if name.isidentifier() else f"arguments[{i}]")
    return [name if found.count(name) == 1 else f"arguments[{i}]" for i, name in enumerate(found)]
