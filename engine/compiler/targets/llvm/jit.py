"""LLVM itself, by way of llvmlite: text in, addresses of machine code out. No other module imports llvmlite."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable, Iterable
from functools import cache, lru_cache, wraps
from importlib import import_module
from threading import RLock, local
from typing import Any, NamedTuple, TypeVar, cast

from engine.compiler.targets import log_python_fallback
from engine.compiler.targets.llvm.assembly import Width
from engine.compiler.targets.llvm.library import library, name_of
from engine.op import Op

MISSING = "llvmlite: pip install 'pathgrad[native]'"
MAX_CACHED_MODULES, MAX_CACHED_LENGTH = 32, 500_000  # modules whose code is kept, and characters of such a module
_CALLBACKS: list[Any] = []  # what compiled code calls must never be freed
_RAISED = local()  # by Python functions that compiled code called in this thread, and not yet by it
_LOADED: dict[tuple[str, Width], CompiledModule] = {}
_LOCK = RLock()

F = TypeVar("F", bound=Callable[..., Any])


def _once(function: F) -> F:
    """`cache` that calls the function once, even if several threads ask at the same time."""
    cached = cache(function)

    @wraps(function)
    def locked(*arguments: Any) -> Any:
        with _LOCK:
            return cached(*arguments)

    return cast(F, locked)


def is_installed() -> bool:
    """Whether llvmlite is there, and can be used."""
    return _llvmlite() is not None


def _llvmlite() -> Any:
    try:
        return import_module("llvmlite.binding")
    except (ImportError, OSError):  # the second where its own library is missing, or broken
        return None


@_once
def _llvm() -> Any:
    llvm = _llvmlite()
    if llvm is None:
        raise ValueError(f"the backend 'llvm' needs {MISSING}")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@_once
def machine_lanes() -> int:
    """How many doubles a vector of this machine holds: 8 with AVX-512, 4 with AVX, else 2."""
    features = _llvm().get_host_cpu_features()
    return 8 if features.get("avx512f") else 4 if features.get("avx") else 2


class Level(NamedTuple):
    """How well to compile, from 0 to 3: how hard to rewrite instructions, and how well to choose machine code."""

    passes: int
    choice: int


BEST, GOOD, FAST = Level(2, 2), Level(0, 1), Level(0, 0)


class CompiledModule:
    """Machine code made of assembly text; `address` finds its functions as long as it is kept."""

    def __init__(self, text: str, level: Level) -> None:
        llvm = _llvm()
        module = llvm.parse_assembly(text)
        target = llvm.Target.from_default_triple()
        features = llvm.get_host_cpu_features().flatten()
        machine = target.create_target_machine(
            cpu=llvm.get_host_cpu_name(), features=features, opt=level.choice, codemodel="jitdefault"
        )
        if level.passes:
            options = llvm.create_pipeline_tuning_options(speed_level=level.passes)
            passes = llvm.create_pass_builder(machine, options)
            passes.getModulePassManager().run(module, passes)
        self._engine = llvm.create_mcjit_compiler(module, machine)
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """Where a function lies in memory."""
        address: int = self._engine.get_function_address(name)
        return address


@lru_cache(maxsize=MAX_CACHED_MODULES)
def _compile_cached(text: str, level: Level) -> CompiledModule:
    return CompiledModule(text, level)


def compile_module(text: str, level: Level) -> CompiledModule:
    """The code of a text. That of short ones is kept for a while: a graph of the same shape need not wait for LLVM."""
    return _compile_cached(text, level) if len(text) <= MAX_CACHED_LENGTH else CompiledModule(text, level)


def load_library(functions: Iterable[str], width: Width) -> None:
    """Compile those functions of the library that are not there yet for this width, and let other code find them."""
    with _LOCK:
        names = [name for name in sorted(functions) if (name, width) not in _LOADED]
        if names:
            code = CompiledModule(library(names, width), BEST)
            for name in names:
                _LOADED[name, width] = code
                add_symbol(name_of(name, width), library_address(name, width))


def library_address(function: str, width: Width) -> int:
    """Where a function of the library lies in memory, after it was loaded."""
    return _LOADED[function, width].address(name_of(function, width))


@_once
def python_callback(op: Op) -> str:
    """The name under which compiled code finds the Python function of a primitive. What it has no value for is NaN."""

    def call(*numbers: float) -> float:
        if "message" in vars(_RAISED):  # nobody waits for the rest
            return math.nan
        try:
            return op.compute(*numbers)
        except Exception:  # none can pass through machine code; `Program.check` runs the function again, and raises it
            return math.nan
        except BaseException as message:  # Ctrl-C, which must not be lost
            _RAISED.message = message
            return math.nan

    log_python_fallback("llvm", op)
    name = f"pathgrad_python_{len(_CALLBACKS)}"
    _CALLBACKS.append(ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_double] * (op.arity or 0))(call))
    add_symbol(name, ctypes.cast(_CALLBACKS[-1], ctypes.c_void_p).value or 0)
    return name


def reraise_interrupt() -> None:
    """Raise KeyboardInterrupt, or its like, if a function of `python_callback` did since this was last asked."""
    message = vars(_RAISED).pop("message", None)
    if message is not None:
        raise message


def add_symbol(name: str, address: int) -> None:
    """Let code that is compiled from now on call a function by its name."""
    _llvm().add_symbol(name, address)
