"""A program at one point: memory, and C functions that compute there."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from engine.compiler.calls.arrays import Shape, imported_numpy
from engine.compiler.calls.results import PointResults
from engine.compiler.targets.llvm.c_functions import make_function
from engine.compiler.targets.llvm.c_functions.read import encode
from engine.compiler.targets.llvm.jit import CompiledModule
from engine.compiler.targets.llvm.memory import AlignedMemory, address


class CPoint:
    """Memory for one point, where a kernel for one row computes the values; `run` and `call` are C functions of Python.

    Attributes:
        x: The inputs.
        results: The values, which are this slice of the slots.
    """

    def __init__(
        self,
        module: CompiledModule,
        n_slots: int,
        n_inputs: int,
        results: slice,
        uniform: array[float],
        parameters: array[float],
        is_long: bool,
    ) -> None:
        slots = AlignedMemory(n_slots)
        self.x, self.results = slots.numbers[:n_inputs], slots.numbers[results]
        self._owned = (module, slots, uniform, parameters)
        self._record = {
            "compute_uniform": module.address("compute_uniform"),
            "process_slots": module.address("process_slots"),
            "parameters": address(parameters),
            "uniform": address(uniform),
            "slots": slots.address,
            "results": slots.address + 8 * results.start,
            "is_long": is_long,
        }

    def run(self, answer: object = None) -> Callable[[], Any]:
        """A function that computes `results` at `x`, and returns `answer`, or if that is None the first result."""
        record = self._record if answer is None else self._record | {"answer": id(answer)}
        return make_function("run", record, (*self._owned, answer))

    def call(self, layouts: Iterable[Sequence[Shape]], form: PointResults) -> Callable[..., Any]:
        """A function that returns the results at arrays of NumPy, lists of floats, and floats, else NotImplemented.

        It does not take arrays unless NumPy is imported already.
        """
        expected, places, sources = encode(layouts), array("q", form.places), array("q", form.sources)
        arguments = (form.shape,)
        record = self._record | {"layouts": address(expected), "has_value": form.has_value}
        takes_lists = form.shape is None or len(form.shape) == 1
        record |= {"takes_lists": takes_lists, "takes_floats": takes_lists and form.at_floats}
        if form.shape is not None:
            record |= {"has_others": True, "first": self._record["results"] + 8 * form.has_value}
            record |= {"n": len(places) or len(self.results) - form.has_value}
        if form.places:
            record |= {"places": address(places), "sources": address(sources)}
        owned: tuple[object, ...] = (*self._owned, expected, places, sources, arguments)
        if numpy := imported_numpy():
            new_array = numpy.zeros if form.places else numpy.empty
            record |= {"array_type": id(numpy.ndarray), "float_type": id(numpy.float64)}
            record |= {"new_array": id(new_array), "arguments": id(arguments)}
            owned = (*owned, numpy.ndarray, numpy.float64, new_array)
        return make_function("call", record, owned)
