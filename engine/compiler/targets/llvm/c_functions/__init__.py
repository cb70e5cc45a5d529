"""C functions that Python calls, made by LLVM: a program at one point, in a tenth of the time that ctypes takes.

Such a function is a `PyCFunction` whose `__self__` is a capsule. The capsule has the address of a record, which says
what to compute, and owns the record and all that it points to: machine code, memory, and objects. The garbage collector
does not see what a capsule owns, so that nothing is freed while the function lives, even if both are garbage.

The code calls functions that CPython exports, and never looks into an object, whose fields differ between versions. It
is the same for all programs: what differs is in the record, so that a new function costs microseconds.
"""

from __future__ import annotations

import copyreg
import ctypes
import os
import sys
import sysconfig
from array import array
from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

from engine.compiler.targets.llvm import jit
from engine.compiler.targets.llvm.c_functions.record import FIELDS
from engine.compiler.targets.llvm.c_functions.text import BUSY, DECLARATIONS, generate

__all__ = ["BUSY", "is_supported", "make_function"]


def is_supported() -> bool:
    """Whether this Python can call C functions made here: CPython with its lock, in the main interpreter."""
    if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED"):
        return False
    current, main = (_python_function(f"PyInterpreterState_{name}", ctypes.c_void_p)() for name in ("Get", "Main"))
    return bool(current == main)


@cache
def _python_function(name: str, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A function of CPython; the class of its kind takes 50 µs to make."""
    return ctypes.PYFUNCTYPE(result, *arguments)((name, ctypes.pythonapi))


def make_function(name: str, record: dict[str, int], owned: tuple[object, ...]) -> Callable[..., Any]:
    """The function `run` or `call` of a record, which owns these objects; fields that are not given are 0.

    No object that is owned may lead back to the function, because the garbage collector would not find this circle.
    """
    memory = array("Q", [record.get(field, 0) for field in FIELDS])
    owned, library = (memory, *owned), _library()
    new_capsule = _python_function("PyCapsule_New", ctypes.py_object, *[ctypes.c_void_p] * 3)
    set_context = _python_function("PyCapsule_SetContext", ctypes.c_int, ctypes.py_object, ctypes.py_object)
    new_function = _python_function(
        "PyCFunction_NewEx", ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p
    )
    capsule = new_capsule(memory.buffer_info()[0], None, library.address("release"))
    _python_function("Py_IncRef", None, ctypes.py_object)(owned)
    set_context(capsule, owned)
    copyreg.pickle(type(capsule), _refuse_to_pickle)
    function: Callable[..., Any] = new_function(library.address(f"{name}_method"), capsule, None)
    return function


def _refuse_to_pickle(capsule: object) -> NoReturn:
    raise TypeError("a C function, or its capsule, cannot be pickled: pickle the program, and bind that")


@jit.cache_once
def _library() -> jit.CompiledModule:
    """The machine code, which is never freed: all functions run it."""
    for name in DECLARATIONS:
        jit.add_symbol(name, ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p).value or 0)
    getpid = ctypes.CDLL(None).getpid if hasattr(os, "fork") else ctypes.cdll.msvcrt._getpid
    jit.add_symbol("pathgrad_getpid", ctypes.cast(getpid, ctypes.c_void_p).value or 0)
    return jit.CompiledModule(jit.compile_object(generate(), jit.OPTIMIZED_CODEGEN))
