"""Just-in-time compilation by llvmlite: from assembly language to addresses of machine code.

No other module imports llvmlite.
"""

from __future__ import annotations

import ctypes
import math
import os
import sys
from collections.abc import Callable, Iterable
from functools import cache, lru_cache, wraps
from importlib import import_module
from threading import RLock, local
from typing import Any, NamedTuple, TypeVar, cast

from engine._support.typed_commands import install_command
from engine.compiler.targets import log_python_fallback
from engine.compiler.targets.llvm import code_cache
from engine.compiler.targets.llvm.assembly import Width
from engine.compiler.targets.llvm.library import RESERVED_NAMES, generate_library, mangled_name
from engine.op import Op

MAX_CACHED_MODULES = 32
MAX_CACHED_LENGTH = 500_000  # characters of a module that is cached
_CALLBACKS: list[Any] = []  # never freed, since compiled code calls them
_RAISED = local()  # exceptions of callbacks in this thread that are to be raised again
_LOADED: dict[tuple[str, Width], CompiledModule] = {}
_LOCK = RLock()  # with it, no thread imports or logs: these need locks that a fork may have taken before this one
_LOCKS: list[Any] = [_LOCK]  # and llvmlite's, in the order in which a thread takes them

F = TypeVar("F", bound=Callable[..., Any])


def cache_once(function: F) -> F:
    """`functools.cache` that calls the function once even if several threads call it at the same time."""
    cached = cache(function)

    @wraps(function)
    def locked(*arguments: Any) -> Any:
        with _LOCK:
            return cached(*arguments)

    return cast(F, locked)


def _acquire_locks() -> None:
    for lock in _LOCKS:
        lock.__enter__()


def _release_locks() -> None:
    for lock in reversed(_LOCKS):
        lock.__exit__(None, None, None)


# A fork waits until the locks are free: in the new process, no other thread exists that could release one.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_acquire_locks, after_in_parent=_release_locks, after_in_child=_release_locks)


def missing_package() -> str:
    """The package that is missing, and the command that installs it."""
    return f"llvmlite: {install_command('native')}"


def is_installed() -> bool:
    """Whether llvmlite is installed and can be imported."""
    return _llvmlite() is not None


def _llvmlite() -> Any:
    try:
        return import_module("llvmlite.binding")
    except (ImportError, OSError):  # OSError if its shared library is missing or broken
        return None


@cache_once
def _llvm() -> Any:
    llvm = _llvmlite()
    if llvm is None:
        raise ValueError(f"the backend 'llvm' needs {missing_package()}")
    _LOCKS.append(llvm.ffi.lib._lock)  # which each call takes; llvmlite does not give it out in another way
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@cache_once
def machine_lanes() -> int:
    """The number of doubles in a vector of this machine: 8 with AVX-512, 4 with AVX, else 2."""
    features = _llvm().get_host_cpu_features()
    return 8 if features.get("avx512f") else 4 if features.get("avx") else 2


@cache_once
def describe_machine() -> tuple[object, ...]:
    """The versions of llvmlite and LLVM, and the processor with its features."""
    llvm, version = _llvm(), sys.modules["llvmlite"].__version__
    processor = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    return version, llvm.llvm_version_info, llvm.get_process_triple(), *processor


class Level(NamedTuple):
    """The levels of optimization, from 0 to 3, of the passes over the module, and of code generation."""

    passes: int
    codegen: int


FULLY_OPTIMIZED, OPTIMIZED_CODEGEN, UNOPTIMIZED = Level(2, 2), Level(0, 1), Level(0, 0)


@cache_once
def _target_machine(codegen: int) -> Any:
    """The compiler for this machine, which takes longer to make than a short module takes to compile."""
    llvm = _llvm()
    cpu, features = llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(cpu=cpu, features=features, opt=codegen, codemodel="jitdefault")


def compile_object(text: str, level: Level) -> bytes:
    """The object file of a module; that of a short one is kept, so that graphs of the same shape are compiled once."""
    return (_compile_cached if len(text) <= MAX_CACHED_LENGTH else _compile)(text, level)


def _compile(text: str, level: Level) -> bytes:
    llvm, machine = _llvm(), _target_machine(level.codegen)
    module = llvm.parse_assembly(text)
    if level.passes:
        options = llvm.create_pipeline_tuning_options(speed_level=level.passes)
        passes = llvm.create_pass_builder(machine, options)
        passes.getModulePassManager().run(module, passes)
    object_file: bytes = machine.emit_object(module)
    return object_file


_compile_cached = lru_cache(maxsize=MAX_CACHED_MODULES)(_compile)


class CompiledModule:
    """The machine code of an object file; the addresses of its functions are valid as long as it is alive."""

    def __init__(self, object_file: bytes) -> None:
        llvm = _llvm()
        # Which machine this one is for does not matter: the module is empty, and not compiled.
        machine = llvm.Target.from_default_triple().create_target_machine(codemodel="jitdefault")
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(object_file))

    def address(self, name: str) -> int:
        """The address of a function."""
        address: int = self._engine.get_function_address(name)
        return address


def load_library(functions: Iterable[str], width: Width) -> None:
    """Compile functions of the library for a width, unless they are loaded already, and make them known to modules."""
    with _LOCK:
        names = [name for name in sorted(functions) if (name, width) not in _LOADED]
        if names:
            module = CompiledModule(_compile_library(names, width))
            for name in names:
                _LOADED[name, width] = module
                add_symbol(mangled_name(name, width), library_address(name, width))


def _compile_library(names: list[str], width: Width) -> bytes:
    """The object file of functions of the library, compiled or found on disk."""
    is_own = code_cache.is_enabled() and RESERVED_NAMES.issuperset(names)
    name = code_cache.file_name(describe_machine(), "library", names, width) if is_own else None
    found = code_cache.load(name) if name else None
    if found is None:
        found = compile_object(generate_library(names, width), FULLY_OPTIMIZED)
        if name:
            code_cache.save(name, found)
    return found


def library_address(function: str, width: Width) -> int:
    """The address of a function of the library that has been loaded."""
    return _LOADED[function, width].address(mangled_name(function, width))


def python_callback(op: Op) -> str:
    """Make the Python function of a primitive callable from compiled code, and return its name; errors become NaN."""
    log_python_fallback("llvm", op)
    return _add_callback(op)


@cache_once
def _add_callback(op: Op) -> str:
    def call(*numbers: float) -> float:
        if "interrupt" in vars(_RAISED):  # the results will be discarded
            return math.nan
        try:
            return op.compute(*numbers)
        except Exception:  # cannot pass through machine code; `Program.check` calls the function again
            return math.nan
        except BaseException as interrupt:  # such as Ctrl-C, which must not be lost
            _RAISED.interrupt = interrupt
            return math.nan

    name = f"pathgrad_python_{len(_CALLBACKS)}"
    _CALLBACKS.append(ctypes.CFUNCTYPE(ctypes.c_double, *[ctypes.c_double] * (op.arity or 0))(call))
    add_symbol(name, ctypes.cast(_CALLBACKS[-1], ctypes.c_void_p).value or 0)
    return name


def reraise_interrupt() -> None:
    """Raise the KeyboardInterrupt, SystemExit or the like that a callback raised in this thread, if any."""
    interrupt = vars(_RAISED).pop("interrupt", None)
    if interrupt is not None:
        raise interrupt


def add_symbol(name: str, address: int) -> None:
    """Make a function known by its name to modules that are compiled from now on."""
    _llvm().add_symbol(name, address)
