"""Optimizers: gradient descent in several forms. Their rules, names and defaults are PyTorch's.

`step` updates the parameters of a network; `update` does the same to flat sequences of numbers, such as the buffers of
a compiled program. Both apply the rule of the optimizer (see `nn.training.buffers`). An optimizer of your own is a
subclass with a rule:

>>> class SignDescent(Optimizer):
...     def rule(self, lr, sqrt):
...         return lambda p, g: (p - lr * g / sqrt(g * g + 1e-12),)
>>> w = Value(2.0, "w")
>>> w.grad = -3.0
>>> SignDescent([w], lr=0.5).step()
>>> round(w.data, 6)
2.5
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from array import array
from collections.abc import Callable, Iterable, MutableSequence, Sequence

from engine import Value, backprop
from engine._support import checks
from engine._support.keywords import suggest_keywords
from engine._support.printable_text import make_printable
from engine._support.real_numbers import check_real
from nn.training import buffers

suggest = suggest_keywords(learning_rate="the learning rate is lr=0.1")

Rate = float | Callable[[int], float]  # a learning rate, or a schedule: the rate as a function of the steps taken


class Optimizer(ABC):
    """The base class of optimizers: parameters, learning rate, number of steps taken, and the state of the rule.

    `lr` is a number or a schedule (see `nn.schedules`), a function that is called with the number of steps taken before
    this one: 0, 1, 2, ... It may be set to another at any time.
    Raises TypeError for a parameter that is not a `Value`; ValueError without parameters, for one that is computed from
    others or given twice, and for a learning rate that is negative or not finite.
    """

    _settings: tuple[str, ...] = ("lr",)  # shown by `repr`, unless they are 0

    def __init__(self, parameters: Iterable[Value], lr: Rate) -> None:
        self.parameters = _check_parameters(parameters)
        self.lr = lr
        self.steps = 0
        self._states: list[array[float]] = []
        if not callable(lr):
            self.rate()

    @property
    def memories(self) -> int:
        """The number of state variables per parameter, such as the momentum, that the rule updates. They begin as 0."""
        return 0

    @abstractmethod
    def rule(self, lr: float, sqrt: buffers.SquareRoot) -> buffers.UpdateRule:
        """This step's rule: a function of a parameter, its state variables and its derivative, in this order.

        It returns the new parameter and its new state variables, as a tuple. It is called with floats or with NumPy
        arrays of all parameters at once, so that it may use + - * / and the given `sqrt` only.
        """

    def rate(self) -> float:
        """The learning rate of the next step. Raises ValueError if it is negative or not finite."""
        if callable(self.lr):
            return check_real(self.lr(self.steps), f"the learning rate of the schedule after {self.steps} steps")
        return check_real(self.lr, "the learning rate")

    def update(self, parameters: MutableSequence[float], gradient: Sequence[float]) -> None:
        """Take one step, in place, on parameters and their gradient as flat sequences of numbers.

        They may be lists, `array.array("d")`s, memoryviews of doubles or NumPy arrays, in the order of `parameters`.
        Raises ValueError unless each is as long as the list of parameters; then nothing has changed.

        >>> numbers = [1.0, 2.0]
        >>> SGD([Value(1.0), Value(2.0)], lr=0.5).update(numbers, [1.0, -1.0])
        >>> numbers
        [0.5, 2.5]
        """
        n = len(self.parameters)
        if len(parameters) != n or len(gradient) != n:
            given = f"{len(parameters)} numbers and {len(gradient)} derivatives were given"
            raise ValueError(f"{type(self).__name__} has {n} parameters, but {given}")
        lr, n_states = self.rate(), self.memories
        while len(self._states) < n_states:
            self._states.append(array("d", bytes(8 * n)))
        updated, copy = [parameters, *self._states[:n_states]], type(self).rule not in PURE_RULES
        buffers.update(lambda sqrt: self.rule(lr, sqrt), updated, gradient, copy)
        self.steps += 1

    def remembered(self) -> tuple[int, list[array[float]]]:
        """The number of steps and a copy of the state variables, for `go_back`."""
        return self.steps, [numbers[:] for numbers in self._states]

    def go_back(self, remembered: tuple[int, list[array[float]]]) -> None:
        """Restore the number of steps and the state variables that `remembered` returned."""
        self.steps, states = remembered
        self._states = [numbers[:] for numbers in states]

    def step(self) -> None:
        """Take one step: update the `data` of every parameter by its `grad`.

        Raises TypeError for a `data` or `grad` that was set to something other than a number; then nothing has changed.
        """
        numbers = [p.data for p in self.parameters]
        try:
            self.update(numbers, [p.grad for p in self.parameters])
        except TypeError:
            backprop.check_numbers(self.parameters, "grad")
            backprop.check_numbers(self.parameters)
            raise
        for p, number in zip(self.parameters, numbers, strict=True):
            p.data = number

    def zero_grad(self) -> None:
        """Set the `grad` of every parameter to 0."""
        for p in self.parameters:
            p.grad = 0.0

    def __repr__(self) -> str:
        settings = [f"{name}={getattr(self, name)!r}" for name in self._settings if getattr(self, name) != 0.0]
        return f"{type(self).__name__}({len(self.parameters)} parameters, {', '.join(settings)})"


class SGD(Optimizer):
    """Stochastic gradient descent, the paper's (31) with momentum, as in torch.optim.SGD:

        g_t = ∂E/∂p + weight_decay · p_t-1        v_t = momentum · v_t-1 + g_t        p_t = p_t-1 - lr · v_t

    Raises ValueError for a momentum outside [0, 1) or a negative weight decay, and as `Optimizer` does.

    >>> w = Value(2.0, "w")
    >>> optimizer = SGD([w], lr=0.1, momentum=0.5)
    >>> for _ in range(2):
    ...     w.grad = 1.0
    ...     optimizer.step()
    >>> round(w.data, 12)  # 2 - 0.1 · 1 - 0.1 · 1.5
    1.75
    """

    _settings = ("lr", "momentum", "weight_decay")

    @suggest
    def __init__(
        self, parameters: Iterable[Value], lr: Rate = 0.01, momentum: float = 0.0, weight_decay: float = 0.0
    ) -> None:
        self.momentum = check_real(momentum, "momentum", below=1.0)
        self.weight_decay = check_real(weight_decay, "weight_decay")
        super().__init__(parameters, lr)

    @property
    def memories(self) -> int:
        """The number of state variables: 1, for v, with momentum; otherwise 0."""
        return 1 if self.momentum else 0

    def rule(self, lr: float, sqrt: buffers.SquareRoot) -> buffers.UpdateRule:
        """p - lr · v, where v is g without momentum."""
        momentum, decay = self.momentum, self.weight_decay

        def with_momentum(p: float, v: float, g: float) -> tuple[float, float]:
            v = momentum * v + (g + decay * p if decay else g)
            return p - lr * v, v

        return with_momentum if momentum else lambda p, g: (p - lr * (g + decay * p if decay else g),)


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015, Algorithm 1), as in torch.optim.Adam:

        g_t = ∂E/∂p + weight_decay · p_t-1
        m_t = β₁ · m_t-1 + (1 - β₁) · g_t         m̂_t = m_t / (1 - β₁ᵗ)
        v_t = β₂ · v_t-1 + (1 - β₂) · g_t²        v̂_t = v_t / (1 - β₂ᵗ)
        p_t = p_t-1 - lr · m̂_t / (√v̂_t + eps)

    Raises ValueError for a β outside [0, 1), an eps that is not above 0, a negative weight decay, and as `Optimizer`.

    >>> w = Value(2.0, "w")
    >>> optimizer = Adam([w], lr=0.1)
    >>> w.grad = 1000.0
    >>> optimizer.step()
    >>> round(w.data, 6)  # the first step is lr long, whatever the derivative
    1.9
    """

    memories = 2
    _settings = ("lr", "betas", "eps", "weight_decay")

    @suggest
    def __init__(
        self,
        parameters: Iterable[Value],
        lr: Rate = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        is_pair = isinstance(betas, Sequence) and len(betas) == 2
        checks.value_error_unless(is_pair, "betas must be two numbers, such as (0.9, 0.999)", betas)
        first = check_real(betas[0], "the first of betas", below=1.0)
        self.betas = first, check_real(betas[1], "the second of betas", below=1.0)
        self.eps = check_real(eps, "eps", minimum=math.ulp(0.0))
        self.weight_decay = check_real(weight_decay, "weight_decay")
        super().__init__(parameters, lr)

    def rule(self, lr: float, sqrt: buffers.SquareRoot) -> buffers.UpdateRule:
        """p - lr · m̂ / (√v̂ + eps), where the weight decay is part of g."""
        new, decay = self._rule_without_decay(lr, sqrt), self.weight_decay
        return (lambda p, m, v, g: new(p, m, v, g + decay * p)) if decay else new

    def _rule_without_decay(self, lr: float, sqrt: buffers.SquareRoot) -> buffers.UpdateRule:
        """p - lr · m̂ / (√v̂ + eps); the bias corrections of m̂ and v̂ are computed once per step."""
        (beta_1, beta_2), eps, t = self.betas, self.eps, self.steps + 1
        rate, root = lr / (1.0 - beta_1**t), math.sqrt(1.0 - beta_2**t)

        def new(p: float, m: float, v: float, g: float) -> tuple[float, float, float]:
            m = beta_1 * m + (1.0 - beta_1) * g
            v = beta_2 * v + (1.0 - beta_2) * (g * g)
            return p - rate * m / (sqrt(v) / root + eps), m, v

        return new


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter 2019, Algorithm 2), as in torch.optim.AdamW:

        p_t = (1 - lr · weight_decay) · p_t-1 - lr · m̂_t / (√v̂_t + eps)

    with the m̂ and v̂ of `Adam`, of the derivatives alone: large ones do not make the decay small. Algorithm 2 multiplies
    the decay by the schedule's factor η_t, PyTorch by the whole learning rate, as here. Raises as `Adam` does.

    >>> w = Value(2.0, "w")
    >>> optimizer = AdamW([w], lr=0.1, weight_decay=0.5)
    >>> w.grad = 1000.0
    >>> optimizer.step()
    >>> round(w.data, 6)  # 0.95 · 2 - 0.1
    1.8
    """

    @suggest
    def __init__(
        self,
        parameters: Iterable[Value],
        lr: Rate = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def rule(self, lr: float, sqrt: buffers.SquareRoot) -> buffers.UpdateRule:
        """(1 - lr · weight_decay) · p - lr · m̂ / (√v̂ + eps)."""
        new, kept = self._rule_without_decay(lr, sqrt), 1.0 - lr * self.weight_decay
        return lambda p, m, v, g: new(kept * p, m, v, g)


PURE_RULES = (SGD.rule, Adam.rule, AdamW.rule)  # they neither modify nor return their arguments


def _check_parameters(given: Iterable[Value]) -> list[Value]:
    checks.check_instance(given, Iterable, "an optimizer takes a list of Values, such as network.parameters()")
    parameters, seen = list(given), set[Value]()
    if not parameters:
        hint = "the method parameters() of your own Module should return those of its parts"
        raise ValueError(f"an optimizer needs at least one parameter, but the list is empty; {hint}")
    for i, p in enumerate(parameters, 1):
        if not isinstance(p, Value):
            raise TypeError(f"parameter {i} must be a Value, not {checks.format_given(p)}")
        name = f"parameter {i}{f', {make_printable(p.label)},' if p.label else ''}"
        if p.inputs:
            raise ValueError(f"{name} is computed by {p.op.name} from other nodes, but only leaves can be updated")
        if p in seen:
            raise ValueError(f"{name} is given twice")
        seen.add(p)
    return parameters
