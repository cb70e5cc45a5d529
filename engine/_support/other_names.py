"""Names of NumPy, PyTorch, JAX and micrograd that are not names here, each with what to write instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

_DATA = "x.data is its number"
_ONE = "a Value is one number, without a shape; a Python list holds several"
_TRACKED = "every Value is part of its graph: y.backward() and grad(y, [x]) differentiate with respect to any of them"
_STEPS = "its derivative would be 0 wherever there is one; compute it of x.data"

INSTEAD_OF_VALUES = {
    "item numpy tolist cpu": _DATA,
    "clone": "a Value is not written over: use x itself, or x.detach(), through which no gradient flows",
    "requires_grad requires_grad_ retain_grad": _TRACKED,
    "grad_fn creator": "x.op is the operation that made it, and x.inputs are its operands",
    "is_leaf": "write not x.inputs",
    "zero_": "write x.grad = 0.0, or y.zero_grad() for the whole graph",
    "_backward": "y.backward() runs the pass, by the rules of x.op",
    "pow": "write x ** 2",
    "reciprocal": "write 1 / x",
    "add sub mul div": "write x + y, x - y, x * y, x / y",
    "neg": "write -x",
    "sum mean": "a Value is one number; sum(xs) adds those of a list, and sum(xs) / len(xs) is their mean",
    "max min": "write x.maximum(y) or x.minimum(y)",
    "clip": "write x.clamp(low, high)",
    "dot matmul": "write engine.dot(weights, values), of two lists",
    "shape ndim dtype size T view reshape flatten": _ONE,
    "isnan isinf isfinite": "write math.isnan(x.data), for example",
    "ceil trunc fmod bit_count logical_xor": _STEPS,
    "deg2rad radians": "write x * (math.pi / 180)",
    "rad2deg degrees": "write x * (180 / math.pi)",
}

_VALUE = "write engine.Value(2.0), of one number; Values stand in lists, or in arrays of objects"

INSTEAD_OF_FUNCTIONS = {
    "arcsin": "write engine.asin(x)",
    "arccos": "write engine.acos(x)",
    "arctan": "write engine.atan(x)",
    "arctan2": "write engine.atan2(y, x)",
    "arcsinh": "write engine.asinh(x)",
    "arccosh": "write engine.acosh(x)",
    "arctanh": "write engine.atanh(x)",
    "abs fabs": "write engine.absolute(x), or abs(x)",
    "pow float_power": "write engine.power(x, y), or x ** y",
    "max fmax": "write engine.maximum(x, y)",
    "min fmin": "write engine.minimum(x, y)",
    "clip": "write engine.clamp(x, low, high)",
    "swish": "write engine.silu(x)",
    "norm": "write engine.sqrt(engine.dot(xs, xs)), or np.linalg.norm(xs)",
    "log_softmax": "write x - engine.logsumexp(xs) for each x of xs",
    "sum mean": INSTEAD_OF_VALUES["sum mean"],
    "gamma lgamma gammaln digamma beta": "declare it by engine.primitive, with SciPy's function and its derivative",
    "value_and_grad": "write engine.compile(f, at=[x0]).value_and_grad(x)",
    "jit vmap": "write p = engine.compile(f, at=[x0]): p(x) runs compiled code, for a point or a batch of rows",
    "jacfwd jacrev": "engine.jacobian(outputs, inputs) chooses the mode that costs less",
    "elementwise_grad gradient": "write engine.grad(y, [x])",
    "custom_jvp custom_vjp Function": "write engine.custom_operation(function, derivatives)",
    "detach": "write x.detach(), or engine.stop_gradient(x)",
    "no_grad": "compute with x.data, which is a number, or with x.detach()",
    "tensor Tensor array Variable": _VALUE,
}


class OtherName:
    """A name of which the class says what to write instead: whoever reads it gets an AttributeError.

    So `hasattr` is False. A `__getattr__` of the class would make each of its slots slower to read before Python 3.12.
    """

    def __init__(self, name: str, instead: str) -> None:
        self.name, self.instead = name, instead
        self.__doc__ = f"Not an attribute: {instead}."  # for `help`

    def __get__(self, node: object, kind: type) -> NoReturn:
        raise AttributeError(f"{kind.__name__} does not have an attribute {self.name!r}: {self.instead}")

    def __repr__(self) -> str:
        return f"<not an attribute: {self.instead}>"


def explain_other_names(kind: type, instead_of: Mapping[str, str]) -> None:
    """Let a class say what to write instead of names that it does not have; a key may be several, with spaces.

    >>> from engine import Value
    >>> Value(2.0).item()
    Traceback (most recent call last):
    ...
    AttributeError: Value does not have an attribute 'item': x.data is its number
    """
    for names, instead in instead_of.items():
        for name in names.split():
            if not hasattr(kind, name):
                setattr(kind, name, OtherName(name, instead))
