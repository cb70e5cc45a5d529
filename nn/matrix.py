"""The paper's matrix form in NumPy: the computation of an `MLP`, a layer at a time (Sections 4 and 5).

    forward    a^(k) = W^(k) z^(k-1) + b^(k)                      (28) (35), with z^(0) = x
               z^(k) = σ(a^(k))                                   (30) (37)
    backward   δ^(K) = (z^(K) - y) ∘ σ'(a^(K))
               δ^(k) = ((W^(k+1))ᵀ δ^(k+1)) ∘ σ'(a^(k))           (39)
               ∂E/∂W^(k) = δ^(k) (z^(k-1))ᵀ                       (41)

∘ multiplies entry by entry, (33); in (39) the matrix product comes first. The paper omits the biases b^(k). σ and σ'
are the rules of the table of operations, applied to arrays. Dictionaries have the layer k as their key, as in the
paper: z[0] is x, and a begins with a[1]. `import nn` does not import this module, which alone needs NumPy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from engine import Op
from engine._support.checks import format_given
from engine._support.real_numbers import read_nested
from engine._support.typed_commands import install_command
from engine.compiler.targets.numpy import NUMPY, imports
from engine.operators import Operators
from nn.activations import (
    Activation,
    activation_function,
    activation_per_layer,
    check_activation,
    check_activations,
    format_activation,
)
from nn.layers import MLP

try:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray
except ImportError as error:
    raise ImportError(f"nn.matrix needs NumPy: {install_command('matrix')}") from error

FloatArray = NDArray[np.float64]


@cache
def array_function(op: Op) -> Callable[..., FloatArray]:
    """A primitive as a function of arrays: NumPy's own where the target "numpy" has one, otherwise entry by entry.

    >>> from engine import greater
    >>> array_function(greater)(np.array([1.0, 3.0]), 2.0).tolist()
    [0.0, 1.0]
    """
    if op not in NUMPY.templates and op not in NUMPY.functions:
        return np.vectorize(op, otypes=[np.float64])
    inputs, space = [f"x{i}" for i in range(op.arity or 0)], {"np": np}
    exec("\n".join(imports(op)), space)
    function: Callable[..., FloatArray] = eval(f"lambda {', '.join(inputs)}: {NUMPY.apply(op, inputs)}", space)
    return function


class Elementwise(Operators):
    """An array to which the rules of operations are applied entry by entry, as to a number.

    >>> x = Elementwise(np.array([-2.0, 0.0, 3.0]))
    >>> (x * x + 1).array.tolist(), x.relu().array.tolist()
    ([5.0, 1.0, 10.0], [0.0, 0.0, 3.0])
    """

    __slots__ = ("array",)

    def __init__(self, array: FloatArray) -> None:
        self.array = array

    def apply(self, op: Op, inputs: tuple[Elementwise | float, ...]) -> Elementwise:
        """Apply `op` to the arrays: a primitive by `array_function`, a composed operation by its rule."""
        if not op.is_primitive:
            composed: Elementwise = op.forward(*inputs)
            return composed
        return Elementwise(array_function(op)(*[x.array if isinstance(x, Elementwise) else x for x in inputs]))


def apply_activation(op: Op | None, a: FloatArray) -> FloatArray:
    """σ(a), entry by entry; None is the linear activation, as in `activations()`.

    >>> from engine import sigmoid
    >>> apply_activation(sigmoid, np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return a.copy() if op is None else _broadcast(op(Elementwise(a)), a)


def activation_derivative(op: Op | None, a: FloatArray, z: FloatArray) -> FloatArray:
    """σ'(a), entry by entry, where z = σ(a).

    >>> from engine import sigmoid
    >>> activation_derivative(sigmoid, np.array([-1000.0, 0.0]), np.array([0.0, 0.5])).tolist()
    [0.0, 0.25]
    """
    if op is None:
        return np.ones_like(a)
    return _broadcast(op.local_derivative(0, Elementwise(z), [Elementwise(a), *op.defaults]), a)


def _broadcast(result: Elementwise | float, like: FloatArray) -> FloatArray:
    """The array of a result, which may be a plain number, such as a derivative of 1, that holds for every entry."""
    return result.array if isinstance(result, Elementwise) else np.full_like(like, result)


@dataclass(frozen=True, eq=False)
class Forward:
    """Weighted sums a^(k), k = 1, ..., K, and node values z^(k), k = 0, ..., K, by layer: z[0] is x.

    Their shape is (N_k,) for one sample, (N_k, samples) for a batch.
    """

    a: dict[int, FloatArray]
    z: dict[int, FloatArray]


@dataclass(frozen=True, eq=False)
class Gradients:
    """The derivatives of the error E by layer: by sums, node values (the paper's Table 2), weights and biases.

    Attributes:
        delta: δ^(k) = ∂E/∂a^(k), in the shape of a^(k).
        z: ∂E/∂z^(k), in the shape of z^(k): z[0] is ∂E/∂x.
        weights: ∂E/∂W^(k), in the shape of W^(k); summed over the samples, as E is.
        biases: ∂E/∂b^(k), in the shape of b^(k), likewise; empty for a network without biases.
    """

    delta: dict[int, FloatArray]
    z: dict[int, FloatArray]
    weights: dict[int, FloatArray]
    biases: dict[int, FloatArray]


class MatrixMLP:
    """The same network as `MLP`, a layer at a time: W^(k) has a row for each unit, N_k x N_{k-1} entries, (26).

    `weights` has a matrix for each layer and `biases`, unless it is None or empty, a vector for each; arrays or lists,
    which are copied. The attributes of the same names hold them by layer: weights[k] is W^(k).
    x is one sample, shape (N_0,), or a batch, shape (N_0, samples), with a sample in each column as the paper's vectors
    are columns. Activations are names or operations, one for all hidden layers or a list with one for each; unlike
    those of `MLP` they cannot be other functions, whose derivatives are unknown.
    Raises ValueError for an unknown activation, for another function, and for shapes that do not fit one another;
    TypeError for entries that are not numbers, or are masked.

    The network of the paper's Figure 4:

    >>> network = MatrixMLP([[[0.5, -0.25], [0.75, 1.0]], [[1.25, -0.375], [-1.5, 0.625]], [[2.0, -1.75]]])
    >>> network
    MatrixMLP(2, [2, 2, 1], activation='sigmoid', output_activation='sigmoid', bias=False)
    >>> forward = network.forward([1.5, -0.5])
    >>> forward.a[1].tolist(), forward.z[3].round(9).tolist()
    ([0.875, 0.625], [0.670176148])
    >>> gradients = network.backward(forward, [0.25])
    >>> gradients.delta[1].round(9).tolist(), gradients.weights[3].round(9).tolist()
    ([0.022308495, -0.008773911], [[0.060768166, 0.031822341]])
    """

    def __init__(
        self,
        weights: Sequence[ArrayLike],
        biases: Sequence[ArrayLike] | None = None,
        activation: Activation | Sequence[Activation] = "sigmoid",
        output_activation: Activation = "sigmoid",
    ) -> None:
        if len(weights) == 0:
            raise ValueError("a network needs at least one layer: weights is empty")
        if biases is not None and len(biases) not in (0, len(weights)):
            raise ValueError(f"{len(weights)} layers need as many biases, or an empty list; {len(biases)} were given")
        self.activation, self.output_activation = check_activations(activation), check_activation(output_activation)
        each = activation_per_layer(self.activation, self.output_activation, len(weights))
        self.weights = {k: check_array(W, f"W^({k})") for k, W in enumerate(weights, 1)}
        self.biases = {k: check_array(b, f"b^({k})") for k, b in enumerate([] if biases is None else biases, 1)}
        self._activations = {k: _check_operation(activation, k) for k, activation in enumerate(each, 1)}
        for k, W in self.weights.items():
            if W.ndim != 2 or 0 in W.shape:
                raise ValueError(f"W^({k}) must be a matrix with a row for each unit, but its shape is {W.shape}")
            if k > 1 and W.shape[1] != len(self.weights[k - 1]):
                below = self.weights[k - 1]
                raise _shape_error(f"W^({k})", W, f"W^({k - 1})", below, f"{len(below)} columns")
            if self.biases and self.biases[k].shape != W.shape[:1]:
                raise _shape_error(f"b^({k})", self.biases[k], f"W^({k})", W, f"shape {W.shape[:1]}")

    @classmethod
    def from_mlp(cls, mlp: MLP) -> MatrixMLP:
        """The network with copies of the parameters of `mlp`.

        >>> MatrixMLP.from_mlp(MLP(3, [4, 2]))
        MatrixMLP(3, [4, 2], activation='relu', output_activation='linear')
        """
        weights = [[[w.data for w in neuron.w] for neuron in layer.neurons] for layer in mlp.layers]
        biases = [[neuron.b.data for neuron in layer.neurons if neuron.b is not None] for layer in mlp.layers]
        return cls(weights, biases if mlp.bias else None, mlp.activation, mlp.output_activation)

    def forward(self, x: ArrayLike) -> Forward:
        """Compute (28) and (30) layer by layer from z^(0) = x. Raises ValueError unless x has N_0 rows."""
        inputs = check_array(x, "x")
        n = self.weights[1].shape[1]
        if inputs.ndim not in (1, 2) or len(inputs) != n:
            needs = f"shape ({n},), or ({n}, samples) with a sample in each column"
            raise _shape_error("x", inputs, "W^(1)", self.weights[1], needs)
        a, z = {}, {0: inputs}
        for k, W in self.weights.items():
            a[k] = W @ z[k - 1]
            if self.biases:
                a[k] = (a[k].T + self.biases[k]).T  # NumPy adds a vector to each row, but samples are columns
            z[k] = apply_activation(self._activations[k], a[k])
        return Forward(a, z)

    def error(self, forward: Forward, y: ArrayLike) -> float:
        """E = ½ Σ (z^(K) - y)², over units and samples. Raises ValueError unless y has the shape of z^(K).

        >>> network = MatrixMLP([[[1.0, 2.0]]], output_activation="linear")
        >>> network.error(network.forward([[1.0, 0.0], [0.0, 1.0]]), [[0.0, 0.0]])
        2.5
        """
        return float(np.sum(self._difference(forward, y) ** 2) / 2.0)

    def backward(self, forward: Forward, y: ArrayLike) -> Gradients:
        """Backpropagate from the output to x: Table 2, (39) and (41). Raises ValueError as `error` does."""
        K = len(self.weights)
        delta, z, weights = {}, {K: self._difference(forward, y)}, {}
        for k in reversed(self.weights):
            delta[k] = z[k] * activation_derivative(self._activations[k], forward.a[k], forward.z[k])
            weights[k] = _as_columns(delta[k]) @ _as_columns(forward.z[k - 1]).T
            z[k - 1] = self.weights[k].T @ delta[k]
        biases = {k: _as_columns(delta[k]).sum(axis=1) for k in self.biases}
        delta, z, weights = (dict(sorted(by_layer.items())) for by_layer in (delta, z, weights))
        return Gradients(delta, z, weights, biases)

    def _difference(self, forward: Forward, y: ArrayLike) -> FloatArray:
        K = len(self.weights)
        if not isinstance(forward, Forward):
            raise TypeError(f"the result of forward(x) is needed, not {forward!r:.60} of type {type(forward).__name__}")
        outputs, targets = forward.z[K], check_array(y, "y")
        if targets.shape != outputs.shape:
            raise _shape_error("y", targets, f"z^({K})", outputs, f"shape {outputs.shape}")
        return outputs - targets

    def __repr__(self) -> str:
        sizes = [len(W) for W in self.weights.values()]
        hidden, output = format_activation(self.activation), format_activation(self.output_activation)
        bias = "" if self.biases else ", bias=False"
        n = self.weights[1].shape[1]
        return f"MatrixMLP({n}, {sizes}, activation={hidden}, output_activation={output}{bias})"


def _check_operation(activation: Activation, layer: int) -> Op | None:
    function = activation_function(activation)
    if function is None or isinstance(function, Op):
        return function
    problem = f"layer {layer} has the activation {format_activation(activation)}, a function without a known derivative"
    raise ValueError(f"{problem}; declare it with engine.operation, together with its derivative")


def check_array(numbers: ArrayLike, name: str) -> FloatArray:
    """Return a copy as an array of float64. Raises ValueError for ragged lists, and errors as `as_float` does.

    >>> check_array([[1, 2], [3]], "W^(1)")
    Traceback (most recent call last):
    ...
    ValueError: W^(1) must hold numbers, in rows of one length, not [[1, 2], [3]] of type list
    """
    if type(numbers) is np.ndarray and numbers.dtype.kind in "biuf" and numbers.dtype.itemsize <= 8:
        return np.array(numbers, dtype=np.float64)
    lists = read_nested(numbers, name)
    try:
        return np.array(lists, dtype=np.float64)
    except ValueError:
        raise ValueError(f"{name} must hold numbers, in rows of one length, not {format_given(numbers)}") from None


def _shape_error(name: str, given: FloatArray, other: str, reference: FloatArray, needs: str) -> ValueError:
    shapes = f"{name} of shape {given.shape} does not fit {other} of shape {reference.shape}"
    return ValueError(f"{shapes}: it needs {needs}")


def _as_columns(vectors: FloatArray) -> FloatArray:
    """The vectors as columns of a matrix, one column for a single sample."""
    return vectors if vectors.ndim == 2 else vectors[:, np.newaxis]
