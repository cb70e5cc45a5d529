"""The devices of JAX that run a program, and the processes that share its rows. No other module imports JAX."""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from operator import index
from typing import Any, SupportsIndex

from engine._support import checks

DEVICES = 'devices must be a number of devices, a platform, such as "gpu", one of JAX\'s devices, or a list of some'


@cache
def load_jax() -> Any:
    """JAX, which is imported when a program is made for it, since that takes a second."""
    import_module("jax.scipy.special")
    jax = import_module("jax")
    copyreg.pickle(jax.Device, lambda device: (_find_device, (device.platform, device.id)))
    return jax


def _find_device(platform: str, number: int) -> Any:
    """The device that was pickled with a program. Raises ValueError if it is not there."""
    jax = load_jax()
    found = [device for device in jax.local_devices() if (device.platform, device.id) == (platform, number)]
    if not found:
        raise ValueError(f"no device {number} of {platform!r}: JAX has {_describe(jax.local_devices())}")
    return found[0]


@contextmanager
def in_precision(dtype: str) -> Iterator[None]:
    """Compute in float64 or float32, whatever JAX is set to, in this thread only; products are not rounded further."""
    jax = load_jax()
    precision = jax if hasattr(jax, "enable_x64") else import_module("jax.experimental")  # before JAX 0.8
    # GPUs and TPUs would multiply in fewer bits than those of the dtype.
    with precision.enable_x64(dtype == "float64"), jax.default_matmul_precision("highest"):
        yield


def find_devices(asked: Any) -> list[Any]:
    """The devices of this process that were asked for: so many, those of a platform, or these; None for all of JAX's.

    Raises ValueError if they are not there, or given twice, and TypeError for anything else.
    """
    jax = load_jax()
    checks.type_error_unless(asked != "" and not isinstance(asked, bool), DEVICES, asked)
    if isinstance(asked, jax.Device):
        return [asked]
    if isinstance(asked, str):
        try:
            return list(jax.local_devices(backend=asked))
        except RuntimeError as error:
            raise ValueError(f"devices={asked!r}, but JAX has {_describe(jax.local_devices())}: {error}") from error
    found = list(jax.local_devices())
    if asked is None:
        return found
    if isinstance(asked, SupportsIndex):
        n = checks.check_positive_int(index(asked), "devices must be at least 1")
        if n > len(found):
            more = "XLA_FLAGS=--xla_force_host_platform_device_count"
            hint = f"; {more}={n} simulates so many, if it is set before JAX starts" * (found[0].platform == "cpu")
            raise ValueError(f"devices={n}, but JAX has {_describe(found)}{hint}")
        return found[:n]
    checks.check_instance(asked, Sequence, DEVICES)
    checks.type_error_unless(bool(asked) and all(isinstance(x, jax.Device) for x in asked), DEVICES, asked)
    if len(set(asked)) < len(asked):
        raise ValueError(f"devices={asked!r} has a device twice")
    return list(asked)


def _describe(devices: Sequence[Any]) -> str:
    count = f"{len(devices)} device{'s' * (len(devices) != 1)}"
    return f"{count} here, of the platform {devices[0].platform!r}"


class Sharing:
    """Functions of arrays, the rows of which are divided evenly among devices, and of parameters, the last argument."""

    def __init__(self, devices: Sequence[Any]) -> None:
        sharding, numpy = load_jax().sharding, import_module("numpy")
        mesh = sharding.Mesh(numpy.array(devices), ("rows",))
        self._by_rows = sharding.NamedSharding(mesh, sharding.PartitionSpec("rows"))
        self._whole = sharding.NamedSharding(mesh, sharding.PartitionSpec())

    def sums(self, function: Callable[..., Any], n_arrays: int = 1) -> Callable[..., Any]:
        """Compile a function of so many arrays whose result is the same on every device."""
        return self._compile(function, n_arrays, self._whole)

    def rows(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Compile a function of one array whose result has a row for each of its rows."""
        return self._compile(function, 1, self._by_rows)

    def _compile(self, function: Callable[..., Any], n_arrays: int, result: Any) -> Callable[..., Any]:
        jax, numpy, is_alone = load_jax(), import_module("numpy"), processes()[1] == 1
        given = (*[self._by_rows] * n_arrays, self._whole)
        compiled = jax.jit(function, in_shardings=given, out_shardings=result)

        def run(*arrays: Any) -> Any:
            """The result for arrays of NumPy, as one. JAX places them by itself only where it is one process."""
            return numpy.asarray(compiled(*(arrays if is_alone else jax.device_put(arrays, given))), float)

        return run


def processes() -> tuple[int, int]:
    """The index of this process, and the number of those that `jax.distributed` has joined: 0 and 1 without it."""
    jax = load_jax()
    return int(jax.process_index()), int(jax.process_count())


def add_processes(numbers: Any, platform: str) -> Any:
    """The sum of an array over all processes, each of which gives its own; it waits for the last."""
    if processes()[1] == 1:
        return numbers
    with in_precision("float64"):
        sharding, add = _sum_over_processes(platform)
        jax = load_jax()
        return import_module("numpy").asarray(add(jax.make_array_from_process_local_data(sharding, numbers[None])))


@cache
def _sum_over_processes(platform: str) -> tuple[Any, Callable[[Any], Any]]:
    """How an array is divided by processes, on one device of each, and the function that adds its parts."""
    jax, numpy = load_jax(), import_module("numpy")
    firsts = {device.process_index: device for device in reversed(jax.devices(platform))}
    mesh = jax.sharding.Mesh(numpy.array([firsts[i] for i in sorted(firsts)]), ("processes",))
    by_process, whole = (
        jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec(*axis)) for axis in (("processes",), ())
    )
    return by_process, jax.jit(lambda parts: parts.sum(axis=0), out_shardings=whole)


def gather(numbers: Sequence[float]) -> list[list[float]]:
    """These numbers of each process, in their order; all processes have to call it."""
    multihost, numpy = import_module("jax.experimental.multihost_utils"), import_module("numpy")
    with in_precision("float64"):
        rows: list[list[float]] = multihost.process_allgather(numpy.array([numbers], float), tiled=True).tolist()
    return rows


def take_first(numbers: Sequence[float]) -> list[float]:
    """The numbers of the first process; all processes have to call it."""
    multihost, numpy = import_module("jax.experimental.multihost_utils"), import_module("numpy")
    with in_precision("float64"):
        found: list[float] = multihost.broadcast_one_to_all(numpy.array(numbers, float)).tolist()
    return found
