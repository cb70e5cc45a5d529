"""Marks and parameters for tests of the backends that are installed."""

import importlib.util

import pytest

HAS_LLVM = importlib.util.find_spec("llvmlite") is not None
needs_llvm = pytest.mark.skipif(not HAS_LLVM, reason="llvmlite is not installed")
LLVM = pytest.param("llvm", marks=needs_llvm)
RUNNERS = ["python", "llvm"] if HAS_LLVM else ["python"]
both_backends = pytest.mark.parametrize("backend", ["python", LLVM])
