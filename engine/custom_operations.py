"""Operations of a function of floats and a function of its local derivatives, outside the table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from engine._support.checks import check_positive_int
from engine._support.real_numbers import as_float, is_sequence, to_lists
from engine.op import Op, Operand, Rule
from engine.op_signature import OpSignature
from engine.registry import check_name, check_parameters
from engine.symbolic.expression import ExpressionBuilder, as_written

if TYPE_CHECKING:
    from inspect import Signature


def custom_operation(
    function: Callable[..., float],
    derivatives: Callable[..., Any],
    *,
    name: str = "",
    symbol: str = "",
    needs: str = "finite numbers",
    n_inputs: int | None = None,
    symbolic: bool = False,
) -> Op:
    """An operation of your own for single nodes: `function(*inputs)` of floats, with the local derivatives you give.

    `derivatives(z, *inputs)`, with z the result, returns ∂z/∂x for a single input x, or a sequence of one ∂z/∂x_i for
    each input. Both are Python functions of floats, and may call any library. Called with `Value`s, the operation makes
    a node like others: recomputed by `forward`, drawn, compiled (a program calls the functions). `operation` and
    `primitive`, in contrast, declare operations of the table, which formulas and files know by name.

    Second derivatives raise NotImplementedError, unless the operation is `symbolic`: then `derivatives` is written with
    + - * / and operations of the engine, without an `if`, and is run once, on symbols, as the rules of `operation` are.

    The operation is called `name`, by default the name of the function, and drawn as `symbol`; `needs` ends the message
    of the DomainError if a function fails with an arithmetic error or a ValueError. Make it once, not for each node.
    Raises ValueError for a name that is not an identifier; TypeError for what is not a function, if symbolic
    derivatives do not run on symbols, and if the number of inputs, which the parameters of the function tell, is
    unknown: then give `n_inputs`.

    Kepler's equation E - e sin E = M, solved for E, whose derivatives are those of the implicit function:

    >>> import math
    >>> from engine import Value, grad
    >>> def anomaly(M, e):
    ...     E = M
    ...     for _ in range(50):
    ...         E -= (E - e * math.sin(E) - M) / (1.0 - e * math.cos(E))
    ...     return E
    >>> def slopes(E, M, e):
    ...     return 1.0 / (1.0 - e * math.cos(E)), math.sin(E) / (1.0 - e * math.cos(E))
    >>> kepler = custom_operation(anomaly, slopes)
    >>> M, e = Value(1.0, "M"), Value(0.5, "e")
    >>> E = kepler(M, e)
    >>> round(E.data, 6), [round(slope, 6) for slope in grad(E, [M, e])]
    (1.498701, [1.037362, 1.034667])
    """
    n = _count_inputs(function) if n_inputs is None else check_positive_int(n_inputs, "an operation has inputs")
    name = check_name(name) if name else _name_of(function)
    check_parameters(name, function, [derivatives] * n)
    return CustomOperation(function, derivatives, name, symbol or name, needs, n, symbolic)


def _name_of(function: Callable[..., float]) -> str:
    """The name of a function; "custom" for a lambda, for example."""
    with suppress(ValueError):
        return check_name(getattr(function, "__name__", "").strip("_"))
    return "custom"


def _count_inputs(function: Callable[..., float]) -> int:
    """The number of parameters of a function that are positional and required."""
    from inspect import Parameter, signature  # here, since it takes a tenth of the time of `import engine`

    try:
        parameters = list(signature(function).parameters.values())
    except (TypeError, ValueError):  # of what is not a function, and of a function written in C
        parameters = []
    required = [x for x in parameters if x.default is Parameter.empty]
    if not required or not {x.kind for x in required} <= {Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD}:
        raise TypeError(f"how many inputs {function!r:.60} has is not known: give n_inputs=1, for example")
    return len(required)


class CustomOperation(Op):
    """An operation made by `custom_operation`. It is pickled by its functions."""

    def __init__(
        self,
        function: Callable[..., float],
        derivatives: Callable[..., Any],
        name: str,
        symbol: str,
        needs: str,
        n_inputs: int,
        symbolic: bool,
    ) -> None:
        self._arguments = function, derivatives, name, symbol, needs, n_inputs, symbolic
        self._function, self.given_derivatives, self._n = function, derivatives, n_inputs
        self._last: tuple[list[str], dict[int, Any]] = [], {}
        rules: Sequence[Rule] = [partial(self._local_derivative, i) for i in range(n_inputs)]
        super().__init__(name, symbol, self._compute, rules, is_primitive=True, needs=needs)
        if symbolic:
            self._check_on_symbols()
        else:
            self.derivatives = [LocalDerivative(self, i) for i in range(n_inputs)]

    def _compute(self, *numbers: float) -> float:
        return as_float(self._function(*numbers), f"the function of {self.name} returned")

    def local_derivatives(self, z: Any, *inputs: Any) -> list[Any]:
        """∂z/∂x_i for each input, in the kind of number that these are. Raises TypeError for another number of them."""
        what = f"the derivatives of {self.name}"
        found = to_lists(self.given_derivatives(z, *inputs), what)
        entries = list(found) if is_sequence(found) else [found]
        if len(entries) != self._n:
            raise TypeError(f"{what} are one number for each of its {self._n} inputs, not {len(entries)}")
        return [x if isinstance(x, Operand) else as_float(x, f"{what}[{i}] is") for i, x in enumerate(entries)]

    def _local_derivative(self, i: int, z: Any, *inputs: Any) -> Any:
        return self.local_derivatives(z, *inputs)[i]

    def local_derivative_of_floats(self, i: int, *numbers: float) -> float:
        """∂z/∂x_i at floats; the others at these are kept until they are asked for, as all inputs do in turn."""
        key, (last, kept) = list(map(float.hex, numbers)), self._last
        if key != last or i not in kept:
            kept = dict(enumerate(self.local_derivatives(*numbers)))
            self._last = key, kept
        derivative: float = kept.pop(i)
        return derivative

    def _check_on_symbols(self) -> None:
        """Raise TypeError if the derivatives do not run on symbols."""
        builder = ExpressionBuilder(as_written, expand=False)
        symbols = [builder.symbol(name) for name in ("z", *[f"x_{i + 1}" for i in range(self._n)])]
        try:
            self.given_derivatives(*symbols)
        except Exception as error:  # whatever a function of floats raises when it is given something else
            raise TypeError(
                f"the derivatives of {self.name} are not symbolic ({type(error).__name__}: {error}): write them with"
                " + - * / and operations such as engine.cos(x) for math.cos(x), or leave out symbolic=True"
            ) from error
        self.local_derivatives(*symbols)

    def __reduce__(self) -> tuple[Callable[..., Op], tuple[Any, ...]]:
        return CustomOperation, self._arguments


class _SignatureOfDerivatives(OpSignature):
    """The signature of a local derivative: the names in the function that was given."""

    def __get__(self, op: Op | None, owner: type) -> Signature:
        if not isinstance(op, LocalDerivative):
            return super().__get__(op, owner)
        from inspect import signature  # as above

        return signature(op.of.given_derivatives)


class LocalDerivative(Op):
    """The local derivative of a custom operation with respect to input i, as an operation on its result and inputs.

    It is a function of floats alone, so that it does not have derivatives.
    """

    __signature__ = _SignatureOfDerivatives()

    def __init__(self, of: CustomOperation, i: int) -> None:
        self.of, self._i = of, i

        def second_derivative(*inputs: Any) -> NoReturn:
            raise NotImplementedError(
                f"{of.name} has first derivatives only, since its derivatives are a function of floats: give"
                " symbolic=True if they are written with + - * / and operations such as engine.cos(x) for math.cos(x)"
            )

        n = (of.arity or 0) + 1
        super().__init__(
            f"{of.name}_d{i + 1}",
            f"{of.symbol}_d{i + 1}",
            partial(of.local_derivative_of_floats, i),
            [second_derivative] * n,
            is_primitive=True,
            needs=of.needs,
        )

    def __reduce__(self) -> tuple[Callable[..., Op], tuple[Any, ...]]:
        return find_local_derivative, (self.of, self._i)


def find_local_derivative(of: CustomOperation, i: int) -> Any:
    """The operation of the local derivative, for pickles."""
    rules: Any = of.derivatives
    return rules[i]
