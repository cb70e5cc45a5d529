"""Operations, and the operands that they can be applied to.

An operation is a name, a forward rule, and one rule per input for its local derivative. The rules are plain
arithmetic, so that the same rule runs on floats, on the `Value`s of a graph, and on the expressions of a formula.
The fast functions of floats, `compute`, `backward_step` and `float_edges`, are Python code that
`engine.symbolic.specialize` generates by running the rules once on expressions. How NumPy or LLVM spells an operation
stands in the file of that target.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from engine._support.arrays import apply_to_elements
from engine._support.cached_property import CachedProperty
from engine._support.printable_text import make_printable
from engine._support.real_numbers import read_numbers
from engine.op_signature import OpSignature

Rule = Callable[..., Any]


class DomainError(ArithmeticError):
    """The error of an operation whose value, or derivative, is not finite for these operands.

    The message names the operation, its operands with their labels, and their domain. `operands` are those, if known.

    >>> from engine import Value
    >>> Value(-1.0, "x").log()  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    engine.op.DomainError: log(x = -1.0) is not finite: log needs a number above 0; choose other numbers, ...
    """

    operands: tuple[Any, ...] = ()


T = TypeVar("T", bound="Operand")


class Operand:
    """The base class of what an operation can be applied to besides plain numbers."""

    __slots__ = ()

    @property
    def known(self) -> float | None:
        """The number of a constant; None for any operand whose number may change."""
        return None

    def apply(self: T, op: Op, inputs: tuple[T | float, ...]) -> T:
        """The result of `op` on `inputs`, of which `self` is one; NotImplemented if one is of a foreign type."""
        raise TypeError(f"{type(self).__name__} does not define the operation {op.name}")


# The end of the message of a DomainError, where the operation may stand in a branch that is not taken.
GUARD_THE_ARGUMENT = (
    "; choose other numbers, or in a branch of where, guard the argument, as in where(c, x, 1.0).sqrt()"
)


class Selected(NamedTuple):
    """An edge that exists only where input number `by` is true (or, with `where=False`, where it is false)."""

    by: int
    where: bool


ALWAYS, NEVER = True, False
Presence = bool | Selected  # whether an edge exists: always, never, or where an input selects it

# The functions of `engine.symbolic.specialize` that `Op` calls, by name. They are registered here, since that module
# imports the table of operations, which imports this one.
CODE_GENERATORS: dict[str, Callable[..., Any]] = {}


TABLE: dict[str, Op] = {}
"""All operations by name. `operation` and `primitive` add to it; `engine/OPERATIONS.md` shows it."""
LEAVES: dict[str, Op] = {}


class Op:
    """One entry of the table of operations.

    Attributes:
        name: The name by which it is called.
        symbol: Its sign in drawings and formulas.
        forward: The forward rule `forward(*inputs)`. A primitive's runs on floats alone.
        derivatives: One rule for each input x_i: the local derivative ∂z/∂x_i is `rule(z, *inputs)`, with z the
            output. An operation of any number of inputs has a single rule instead, `rule(i, z, inputs)`.
        arity: The number of inputs; None for any number.
        is_primitive: Whether `forward` is a function of floats, which each target spells, rather than a rule over
            other operations.
        edges: For each input, the presence of an edge back to it: ALWAYS (the default), NEVER (as to the operands of
            `greater`), or `Selected` by an input (as by the condition of `where`). An absent edge is not a derivative
            of 0: nothing is computed along it.
        is_held: Whether derivatives take its result for a constant, although it changes with its inputs: differences
            are then taken with its number held.
        needs: The domain of its inputs, for the error message.
        defaults: The last inputs, where they may be left out.
        activation: Whether networks use it as an activation function σ, and formulas write σ' for its derivative.

    Raises ValueError unless there is one of `edges` for each input.
    """

    def __init__(
        self,
        name: str,
        symbol: str,
        forward: Rule,
        derivatives: Sequence[Rule] | Rule,
        *,
        is_primitive: bool = False,
        edges: Sequence[Presence] = (),
        is_held: bool = False,
        needs: str = "finite numbers",
        defaults: tuple[float, ...] = (),
        activation: bool = False,
        doc: str = "",
    ) -> None:
        self.name = name
        self.symbol = symbol
        self.forward = forward
        self.derivatives = derivatives
        self.arity = None if callable(derivatives) else len(derivatives)
        self.is_primitive = is_primitive
        self.edges = tuple(edges)
        self.is_held = is_held
        self.needs = needs
        self.defaults = defaults
        self.activation = activation
        self.__doc__ = doc
        self._is_checked = False
        if edges and len(edges) != self.arity:
            inputs = "any number of" if self.arity is None else self.arity
            raise ValueError(f"operation {name!r} has {inputs} inputs, but {len(edges)} edges")
        for edge in edges:
            if isinstance(edge, Selected) and edge.by not in range(len(edges)):
                raise ValueError(f"operation {name!r} has {self.arity} inputs: input {edge.by} does not exist")

    def _call(self, *inputs: Any, **named: Any) -> Any:
        """Apply the operation: plain numbers give a number, `Value`s a node of the graph, arrays of both an array."""
        if named:
            try:
                inputs = self.__signature__.bind(*inputs, **named).args
            except TypeError as error:
                raise TypeError(f"{self.name}{self.__signature__}: {error}") from None
        if self.arity is not None and len(inputs) != self.arity:
            inputs += self.defaults[len(self.defaults) - self.arity + len(inputs) :]
            if len(inputs) != self.arity:
                raise TypeError(f"{self.name} takes {self.arity} inputs, not {len(inputs)}")
        for x in inputs:
            if isinstance(x, Operand):
                result = x.apply(self, inputs)
                break
        else:
            if all(isinstance(x, (float, int, Real)) for x in inputs):
                return self.evaluate(read_numbers(inputs, f"{self.name}'s inputs"))
            result = NotImplemented
        if result is NotImplemented:
            if any(hasattr(x, "__array__") for x in inputs):
                return apply_to_elements(self, inputs)
            given = ", ".join(type(x).__name__ for x in inputs)
            raise TypeError(f"{self.name} takes numbers and Values, not ({given})")
        return result

    if TYPE_CHECKING:
        __call__: Callable[..., Any]  # a `UnaryOp` has a signature of its own
    else:
        __call__ = _call

    __signature__ = OpSignature()

    def evaluate(self, numbers: Sequence[float], operands: Iterable[Any] = ()) -> float:
        """The forward rule on floats. Raises DomainError, with the labels of `operands` if they are given."""
        try:
            result: float = self.compute(*numbers)
        except (ArithmeticError, ValueError) as error:
            raise self.domain_error("", numbers, operands) from error
        return result

    def presence(self, i: int) -> Presence:
        """Whether there is an edge back to input i."""
        return self.edges[i] if self.edges else ALWAYS

    def local_derivative(self, i: int, z: Any, inputs: Sequence[Any]) -> Any:
        """∂z/∂x_i at the given output and inputs, in the kind of number that these are; only where there is an edge.

        >>> from engine.ops import multiply
        >>> multiply.local_derivative(0, 6.0, [2.0, 3.0])
        3.0
        """
        if callable(self.derivatives):
            return self.derivatives(i, z, inputs)
        try:
            rule = self.derivatives[i]
        except IndexError:
            raise ValueError(f"{self.name} has {self.arity} inputs: input {i} does not exist") from None
        return rule(z, *inputs)

    def domain_error(
        self, prefix: str, numbers: Sequence[float], operands: Iterable[Any] = (), hint: str = ""
    ) -> DomainError:
        """The error of an operation that is not finite; `prefix` is "" or "the derivative of "."""
        operands = tuple(operands)
        call = self.format_call(numbers, operands)
        error = DomainError(f"{prefix}{call} is not finite: {self.name} needs {self.needs}{hint}")
        error.operands = operands
        return error

    def format_call(self, numbers: Sequence[float], operands: Iterable[Any] = ()) -> str:
        """The operation on these numbers as text, with the labels of the operands.

        >>> from engine import Value
        >>> from engine.ops import multiply
        >>> multiply.format_call([2.0, 3.0], [Value(2.0, "x"), Value(3.0)])
        'multiply(x = 2.0, 3.0)'
        """
        labels = [make_printable(getattr(x, "label", "")) for x in operands] or [""] * len(numbers)
        texts = (f"{label} = {x!r}" if label else repr(x) for label, x in zip(labels, numbers, strict=True))
        return f"{self.name}({', '.join(texts)})"

    @CachedProperty
    def compute(self) -> Callable[..., float]:
        """The forward rule as one Python function of floats."""
        if self.is_primitive:
            return self.forward
        function: Callable[..., float] = CODE_GENERATORS["generate_forward"](self)
        return function

    @CachedProperty
    def backward_step(self) -> Callable[[Any, dict[Any, float]], None]:
        """`step(z, pending)` adds upstream · local derivative to the pending derivative of each input of the node z."""
        step: Callable[[Any, dict[Any, float]], None] = CODE_GENERATORS["generate_backward_step"](self)
        return step

    @CachedProperty
    def float_edges(self) -> Callable[[Any, Collection[Any]], Iterable[Any]]:
        """`edges(z, to)` gives the present edges of the node z that lead `to` some nodes, as `engine.sweep.Edge`s."""
        edges: Callable[[Any, Collection[Any]], Iterable[Any]] = CODE_GENERATORS["generate_edges"](self)
        return edges

    def check_rules(self) -> None:
        """Raise TypeError if a rule cannot be run on expressions (`math.exp(x)`) or on floats (`x.exp()`)."""
        if not self._is_checked:
            CODE_GENERATORS["check_rules"](self)
            self._is_checked = True

    def __repr__(self) -> str:
        return f"<operation {self.name}{self.__signature__}>"  # which help(op) shows

    def __reduce__(self) -> tuple[Callable[[str], Op], tuple[str]]:
        if find(self.name) is not self:
            raise TypeError(
                f"{self!r} was declared anew, and only the new one can be pickled: build the graph with that"
            )
        return find, (self.name,)  # so that pickles refer to the one entry in the table

    def __copy__(self) -> Op:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Op:
        return self


def find(name: str) -> Op:
    """The operation of that name in the table, for pickles. Raises LookupError for an unknown name."""
    op = LEAVES.get(name) or TABLE.get(name)
    if op is None:
        raise LookupError(f"the table does not have an operation {name!r}: declare it, as where the pickle was made")
    return op
