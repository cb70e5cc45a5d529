"""The methods of a program for its Jacobian, its Hessian, and their products with a vector."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

from engine.compiler.calls.arguments import Call, Signature, VectorShape
from engine.compiler.calls.arrays import to_shape
from engine.compiler.calls.results import Nesting, Structure
from engine.compiler.evaluation import Evaluation, Formulas, MatrixFormulas


class Matrices:
    """The base class of `Program`, which explains the arguments and the results of its methods."""

    _signature: Signature
    _outputs: Nesting
    _evaluation: Evaluation
    _text: str
    _n_wrt: int
    _wrt_vector: VectorShape

    def jacobian(self, *arguments: Any, threads: int = 1, sparse: bool = False) -> Any:
        """∂output i/∂wrt[j], of the shape (outputs, wrt), or with a batch (rows, outputs, wrt).

        A single output is one row, (1, wrt). The sweep is forward or reverse, whichever visits fewer edges.
        `sparse` gives an array of SciPy in compressed sparse rows, `scipy.sparse.csr_array`, with the entries of
        `jacobian_structure`; with a batch, a list of them.

        >>> from engine import compile
        >>> compile(lambda x, y: [x * y, x + 1.0], n_inputs=2).jacobian(3.0, 4.0)
        [[4.0, 3.0], [1.0, 0.0]]
        """
        return self._matrix("jacobian", arguments, threads, sparse)

    def hessian(self, *arguments: Any, threads: int = 1, sparse: bool = False) -> Any:
        """∂²output/∂wrt[i]∂wrt[j], symmetric, of the shape (wrt, wrt), or with a batch (rows, wrt, wrt).

        `sparse` is that of `jacobian`. Raises ValueError if there are several outputs.

        >>> from engine import compile
        >>> compile(lambda x, y: x * x * y, n_inputs=2).hessian(3.0, 4.0)
        [[8.0, 6.0], [6.0, 0.0]]
        """
        self._outputs.check_single("Hessian", self._text)
        return self._matrix("hessian", arguments, threads, sparse)

    @property
    def jacobian_structure(self) -> Structure:
        """The rows and columns of the entries of the Jacobian that can differ from 0."""
        return self._evaluation.jacobian.matrix.structure

    @property
    def hessian_structure(self) -> Structure:
        """The rows and columns of the entries of the Hessian, in both triangles, that can differ from 0.

        >>> from engine import compile
        >>> compile(lambda x, y: x * x + y, n_inputs=2).hessian_structure
        Structure(rows=[0], columns=[0])
        """
        self._outputs.check_single("Hessian", self._text)
        return self._evaluation.hessian.matrix.structure

    def jvp(self, *arguments: Any, v: Any = None, threads: int = 1) -> Any:
        """The Jacobian times a vector v of the shape (wrt,), the last argument: `jvp(x, v)`, nested as the outputs.

        v may be a batch, (rows, wrt), as the other arguments may. If `wrt` is one array, v may have its shape, and if
        it has arrays among its members, v may be a list with an array for each: `jvp(x, y, [v_x, v_y])`.

        >>> from engine import compile
        >>> compile(lambda x, y: [x * y, x + 1.0], n_inputs=2).jvp(3.0, 4.0, [1.0, 10.0])
        [34.0, 1.0]
        """
        return self._along("jvp", self._wrt_vector, arguments, v, threads, self._outputs.arrange)

    def vjp(self, *arguments: Any, v: Any = None, threads: int = 1) -> Any:
        """A vector v times the Jacobian, of the shape (wrt,); v, the last argument, is nested as the outputs, or flat.

        Of a batch, each array in it has the rows first.

        >>> from engine import compile
        >>> compile(lambda x, y: [x * y, x + 1.0], n_inputs=2).vjp(3.0, 4.0, [1.0, 10.0])
        [14.0, 3.0]
        """
        return self._along("vjp", self._outputs.vector, arguments, v, threads, self._arrange_wrt)

    def hvp(self, *arguments: Any, v: Any = None, threads: int = 1) -> Any:
        """The Hessian times a vector v, that of `jvp`, the last argument: `hvp(x, v)`, of the shape (wrt,).

        Raises ValueError if there are several outputs.

        >>> from engine import compile
        >>> compile(lambda x, y: x * x * y, n_inputs=2).hvp(3.0, 4.0, [1.0, 10.0])
        [68.0, 6.0]
        """
        self._outputs.check_single("Hessian", self._text)
        return self._along("hvp", self._wrt_vector, arguments, v, threads, self._arrange_wrt)

    def _matrix(
        self, name: Literal["jacobian", "hessian"], arguments: Sequence[Any], threads: int, sparse: bool
    ) -> Any:
        """A Jacobian or a Hessian."""
        made: MatrixFormulas | None = self._evaluation.__dict__.get(name)
        at_point = made.at_point if made and not sparse else None
        if at_point and threads == 1 and (found := at_point(*arguments)) is not NotImplemented:
            return found
        call = self._signature.read(arguments)  # an error comes before formulas are made
        formulas: MatrixFormulas = made or getattr(self._evaluation, name)
        numbers = self._evaluation.run(formulas, call, threads)
        return (formulas.matrix.sparse if sparse else formulas.matrix.dense)(numbers, call)

    def _along(
        self,
        name: Literal["jvp", "vjp", "hvp"],
        vector: VectorShape,
        arguments: tuple[Any, ...],
        v: Any,
        threads: int,
        arrange: Callable[[memoryview[float], Call], Any],
    ) -> Any:
        """The product of a matrix with a vector, which is the last argument if it is not given as `v`."""
        if v is not None:
            arguments = (*arguments, v)
        made: Formulas | None = self._evaluation.__dict__.get(name)
        at_point = made.at_point if made else None
        if at_point and threads == 1 and (found := at_point(*arguments)) is not NotImplemented:
            return found
        call = self._signature.read_along(arguments, "v", vector)  # an error comes before formulas are made
        formulas: Formulas = made or getattr(self._evaluation, name)
        return arrange(self._evaluation.run(formulas, call, threads), call)

    def _arrange_wrt(self, numbers: memoryview[float], call: Call) -> Any:
        """Numbers for each member of `wrt`."""
        return to_shape(numbers, (*call.lead, self._n_wrt), call.as_arrays)
