"""Runs programs by JAX: rows are divided evenly among devices, and sums are added up over all processes.

XLA compiles a function anew for each number of rows. The first few numbers that a program meets are compiled as they
are; after these, rows are taken in powers of two, of which there are few, as many to each device.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any

from engine._support import checks
from engine._support.cached_property import CachedProperty
from engine.compiler.arrays.printed.spelling import LARGEST
from engine.compiler.calls.batch import Batch
from engine.compiler.ir import IR
from engine.compiler.targets.jax.devices import Sharing, add_processes, find_devices, in_precision, load_jax
from engine.compiler.targets.jax.printer import source

MAX_SIZES = 8  # numbers of rows for which code is compiled; of any others, powers of two


class JAXExecutable:
    """A program as functions that XLA compiles, each when it is first called. NaN and infinity propagate.

    `single` runs on the first device, `each` on the devices of this process. `sum_over` and `add_processes` add up over
    all processes, each of which gives its own rows, and which all have to call them.
    """

    def __init__(self, ir: IR, dtype: str = "float64", devices: Any = None) -> None:
        checks.check_choice(dtype, tuple(LARGEST), "dtype")
        self._ir, self._dtype, self._numpy = ir, dtype, import_module("numpy")
        self._devices = find_devices(devices)
        self._sharing = Sharing(self._devices)
        self._text = self._print(ir)  # here, since it may be an error
        self._sizes: set[int] = set()

    @CachedProperty
    def _totals(self) -> Callable[..., Any]:
        """The sums of the value and of the derivatives over rows, as one array."""
        value_and_grad, jnp = self._define("value_and_grad", self._text), load_jax().numpy

        def totals(rows: Any, parameters: Any) -> Any:
            value, gradient = value_and_grad(rows, parameters)
            return jnp.concatenate([jnp.reshape(value, (1,)), gradient])

        return totals

    def _define(self, name: str, text: str) -> Callable[..., Any]:
        """A function of a printed module."""
        scope: dict[str, Any] = {}
        exec(text, scope)
        function: Callable[..., Any] = scope[name]
        return function

    @CachedProperty
    def _sum(self) -> Callable[..., Any]:
        """The sums over rows that are divided among the devices."""
        return self._sharing.sums(self._totals)

    @CachedProperty
    def _sum_last(self) -> Callable[..., Any]:
        """The sums over one row for each device, and only over those that are real."""
        jax, totals = load_jax(), self._totals

        def sum_real(rows: Any, is_real: Any, parameters: Any) -> Any:
            each = jax.vmap(lambda row: totals(row[None], parameters))(rows)
            return jax.numpy.where(is_real[:, None], each, 0.0).sum(axis=0)  # selected, since 0 · NaN is NaN

        return self._sharing.sums(sum_real, 2)

    @CachedProperty
    def _single(self) -> Callable[..., Any]:
        return Sharing(self._devices[:1]).sums(self._totals)

    @CachedProperty
    def _each(self) -> Callable[..., Any]:
        """The values of each row."""
        text = self._print(replace(self._ir, has_gradient=False)) if self._ir.has_gradient else self._text
        return self._sharing.rows(self._define("value", text))

    @contextmanager
    def _running(self) -> Iterator[None]:
        """Compute in this dtype, also where JAX traces. A ValueError of JAX, not of the formulas, is a RuntimeError.

        Numbers that are too large for the dtype are infinite, as results are, without a warning.
        """
        ignoring = self._numpy.errstate(all="ignore")
        try:
            with ignoring, in_precision(self._dtype), load_jax().ensure_compile_time_eval():
                yield
        except ValueError as error:
            raise RuntimeError(f"JAX cannot run the program: {error}") from error

    def _array(self, numbers: Any, *shape: int) -> Any:
        """Numbers in memory as an array of the program's dtype, which shares the memory if it can."""
        return self._numpy.frombuffer(numbers).reshape(shape).astype(self._dtype, copy=False)

    def _pieces(self, n: int) -> Iterator[int]:
        """The numbers of rows, for each device, of which code is compiled, that add up to n."""
        if n in self._sizes or len(self._sizes) < MAX_SIZES:
            self._sizes.add(n)
            yield n
            return
        yield from (1 << k for k in reversed(range(n.bit_length())) if n >> k & 1)

    def single(self, row: list[float], parameters: array[float]) -> tuple[float, list[float]]:
        """The value of one row, and its derivatives."""
        with self._running():
            rows = self._numpy.array([row], self._dtype)
            value, *gradient = self._single(rows, self._array(parameters, -1)).tolist()
        return value, gradient

    def sum_over(self, batch: Batch, parameters: array[float], totals: array[float], threads: int) -> None:
        """Write the sums over all rows, of all processes, into `totals`."""
        found = self._numpy.zeros(len(totals))
        with self._running():
            rows, numbers = self._array(batch.view, batch.n, batch.width), self._array(parameters, -1)
            n_devices, begin = len(self._devices), 0
            for n in self._pieces(batch.n // n_devices) if batch.n >= n_devices else ():
                end = begin + n * n_devices
                found += self._sum(rows[begin:end], numbers)
                begin = end
            if begin < batch.n:
                last, is_real = self._padded(rows[begin:], n_devices)
                found += self._sum_last(last, is_real, numbers)
        self._numpy.frombuffer(totals)[:] = self.add_processes(found)

    def add_processes(self, sums: Any) -> Any:
        """A number, an array or nested lists, added up over all processes."""
        found = add_processes(self._numpy.asarray(sums, float), self._devices[0].platform)
        return found if isinstance(sums, self._numpy.ndarray) else found.tolist()

    def each(self, batch: Batch, parameters: array[float], threads: int) -> array[float]:
        """The values of each row, in row-major order."""
        results = array("d")
        if not batch.n:
            return results
        n_devices = len(self._devices)
        largest, *others = self._pieces(-(-batch.n // n_devices))
        with self._running():
            rows = self._array(batch.view, batch.n, batch.width)
            padded, _ = self._padded(rows, (2 * largest if others else largest) * n_devices)  # the next power of two
            found = self._each(padded, self._array(parameters, -1))
        results.frombytes(found[: batch.n].tobytes())
        return results

    def _padded(self, rows: Any, n: int) -> Sequence[Any]:
        """Rows, and copies of the first to make n, as it has the domain of the program; and which of them are real."""
        copies = self._numpy.broadcast_to(rows[:1], (n - len(rows), rows.shape[1]))
        return self._numpy.concatenate([rows, copies]), self._numpy.arange(n) < len(rows)

    def _print(self, ir: IR) -> str:
        return source(ir, range(len(ir.wrt)), self._dtype)
