"""Evaluates the formulas of a program for each row: its values, and each kind of derivatives when first asked for."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from math import prod
from numbers import Integral
from typing import Any

from engine._support.cached_property import CachedProperty
from engine.compiler import derivatives
from engine.compiler.building import one_builder
from engine.compiler.calls.arguments import Call, Signature, VectorShape, flat_shape
from engine.compiler.calls.arrays import Shape
from engine.compiler.calls.batch import Batch
from engine.compiler.calls.results import Nesting, PointResults, SparseMatrix
from engine.compiler.garbage_collection import garbage_collection_paused
from engine.compiler.ir import IR
from engine.compiler.lazy_ir import LazyIR
from engine.compiler.targets import Executable, ExecutableFactory, Point, PointExecutable
from engine.op import DomainError
from engine.symbolic.expression import Expression

MIN_SHARE_OF_FULL = 0.25  # of the entries of a matrix that a kernel computes as a whole, zeros too


def check_threads(threads: int) -> int:
    """The number of threads. Raises ValueError unless it is an integer of 1 or more."""
    if not isinstance(threads, (int, Integral)) or threads < 1:  # int comes first, as it is found sooner
        raise ValueError(f"threads must be an integer of 1 or more, not {threads!r}")
    return int(threads)


@dataclass
class Formulas:
    """Formulas, the values of an IR, that are evaluated for each row.

    Attributes:
        ir: The IR.
        executable: What evaluates them.
        order: The order of the derivatives that they are: 0 for the values of the program.
        vectors: The shape of the vector that is given with the inputs, if there is one.
        is_empty: Whether there are not any.
        form: What is made of the results at one point; None if only Python code can make it.
        at_point: A function that returns this at arguments of one point, and NotImplemented for those that it does not
            take; None until it is made, at the first call for one point, and where the target cannot. It is made again
            at the first call with an array, since NumPy is imported then.
    """

    ir: IR
    executable: Executable
    order: int = 0
    vectors: Sequence[Shape] = ()
    is_empty: bool = False
    form: PointResults | None = None
    at_point: Callable[..., Any] | None = None


@dataclass
class MatrixFormulas(Formulas):
    """The entries of a matrix."""

    matrix: SparseMatrix = field(kw_only=True)


def _differentiate(values: LazyIR, wrt_order: Sequence[int]) -> IR:
    """The value, and the derivatives, as values of an IR."""
    ir = values.build()
    return derivatives.gradient_program(ir, [ir.wrt[i] for i in wrt_order])


class Evaluation:
    """Runs the formulas of a program with its parameters; `locate` makes the error of a batch.

    Attributes:
        values: The values of the outputs.
        gradient: The value, and the derivatives.
        jacobian, hessian: The entries of a matrix that are not 0.
        jvp, vjp, hvp: The products with a vector, which is given with the inputs, after them.
    """

    def __init__(
        self,
        ir: LazyIR,
        wrt_order: Sequence[int],
        runner: ExecutableFactory,
        parameters: array[float],
        locate: Callable[[Exception, Batch, int, IR | None], DomainError],
        signature: Signature,
        outputs: Nesting,
        wrt: VectorShape,
    ) -> None:
        self.values = Formulas(ir.as_ir, runner(ir.as_ir), form=outputs.form)
        self._lazy, self._wrt_order, self._runner = ir, wrt_order, runner
        self._parameters, self._locate = parameters, locate
        self._signature, self._outputs, self._wrt_vector = signature, outputs, wrt

    @property
    def _ir(self) -> IR:
        return self._lazy.build()

    @CachedProperty
    def _wrt(self) -> list[Expression]:
        return [self._ir.wrt[i] for i in self._wrt_order]

    @CachedProperty
    def gradient(self) -> Formulas:
        """The value, and the derivatives."""
        values, order = self._lazy, self._wrt_order
        ir = LazyIR(
            partial(_differentiate, values, order), lambda: values.digest and f"{values.digest}:gradient:{order}"
        )
        ir.waits = values.waits
        form = PointResults(True, (len(order),), at_floats=False)
        return Formulas(ir.as_ir, self._runner(ir.as_ir), 1, form=form)

    @CachedProperty
    def jacobian(self) -> MatrixFormulas:
        """The entries of the Jacobian."""
        return self._compile_matrix(derivatives.jacobian, len(self._ir.values), 1)

    @CachedProperty
    def hessian(self) -> MatrixFormulas:
        """The entries of the Hessian."""
        return self._compile_matrix(derivatives.hessian, len(self._wrt), 2)

    @CachedProperty
    def jvp(self) -> Formulas:
        """The Jacobian times a vector."""
        return self._compile_product(derivatives.jvp, self._wrt_vector, self._outputs.form, 1)

    @CachedProperty
    def vjp(self) -> Formulas:
        """A vector times the Jacobian."""
        return self._compile_product(derivatives.vjp, self._outputs.vector, self._of_wrt, 1)

    @CachedProperty
    def hvp(self) -> Formulas:
        """The Hessian times a vector."""
        return self._compile_product(derivatives.hvp, self._wrt_vector, self._of_wrt, 2)

    @property
    def _of_wrt(self) -> PointResults:
        return PointResults(False, (len(self._wrt),))

    def _compile(
        self, differentiate: Callable[[], Iterable[Expression]], order: int, directions: Sequence[Expression] = ()
    ) -> Formulas:
        with one_builder(), garbage_collection_paused():
            ir = derivatives.formula_program(self._ir, differentiate(), directions)
        return Formulas(ir, self._runner(ir), order, is_empty=not ir.values)

    def _compile_product(
        self, differentiate: Callable[..., list[Expression]], vector: VectorShape, form: PointResults | None, order: int
    ) -> Formulas:
        """Compile the product of a matrix with a vector, whose numbers are further inputs."""
        shape = flat_shape(vector)
        v = [self._ir.values[0].builder.symbol(f"v{i}") for i in range(prod(shape))]
        made = self._compile(lambda: differentiate(self._ir, self._wrt, v), order, v)
        return replace(made, vectors=(shape,), form=form)

    def _compile_matrix(
        self, differentiate: Callable[[IR, Sequence[Expression]], derivatives.Matrix], rows: int, order: int
    ) -> MatrixFormulas:
        with one_builder(), garbage_collection_paused():
            entries = differentiate(self._ir, self._wrt)
        columns = len(self._wrt)
        if MIN_SHARE_OF_FULL * rows * columns <= len(entries):  # the results are the matrix
            zero = self._ir.values[0].builder.constant(0.0)
            values = [entries.get(place, zero) for place in product(range(rows), range(columns))]
            sources = {(i, j): i * columns + j for i, j in entries}
        else:
            values = [*dict.fromkeys(entries.values())]  # equal entries are one result
            position = {entry: k for k, entry in enumerate(values)}
            sources = {place: position[entry] for place, entry in entries.items()}
        formulas = self._compile(lambda: values, order)
        matrix = SparseMatrix((rows, columns), sources, len(values))
        return MatrixFormulas(
            formulas.ir, formulas.executable, order, is_empty=formulas.is_empty, form=matrix.form, matrix=matrix
        )

    def point(self, formulas: Formulas) -> Point | None:
        """Memory for one point where the target computes these formulas; None if the target cannot."""
        executable = formulas.executable
        return executable.point(self._parameters) if isinstance(executable, PointExecutable) else None

    def _make_function(self, formulas: Formulas, form: PointResults, is_last: bool) -> None:
        executable, made = formulas.executable, None
        if isinstance(executable, PointExecutable):
            made = executable.at_point(self._parameters, self._signature.layouts(*formulas.vectors), form)
        formulas.at_point = made
        if is_last or not made:
            formulas.form = None

    def run(self, formulas: Formulas, call: Call, threads: int = 1) -> memoryview[float]:
        """The numbers of each row, in row-major order."""
        check_threads(threads)
        if formulas.is_empty:
            return memoryview(array("d"))
        form = formulas.form  # which another thread may remove
        if call.rows is None and form and (call.as_arrays or not formulas.at_point):
            self._make_function(formulas, form, call.as_arrays)
        try:
            return memoryview(formulas.executable.each(call.batch, self._parameters, threads))
        except (ArithmeticError, ValueError) as error:
            of_derivatives = formulas.ir if formulas.order else None
            raise self._locate(error, call.batch, formulas.order, of_derivatives) from error
