"""The signature of an operation, as editors and `help` show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspect import Signature

    from engine.op import Op


class OpSignature:
    """The signature of an operation, for `inspect.signature` and editors: the inputs by their names in the rules."""

    def __get__(self, op: Op | None, owner: type) -> Signature:
        if op is None:  # the class has that of its constructor
            raise AttributeError
        from inspect import Parameter, Signature, signature  # here: a tenth of the time of `import engine`

        if op.arity is None or callable(op.derivatives):
            return Signature([Parameter("inputs", Parameter.VAR_POSITIONAL)])
        try:
            rule = [*signature(op.derivatives[0]).parameters.values()] if op.derivatives else []
            names = [x.name for x in rule[1:] if x.kind is not Parameter.VAR_POSITIONAL]
        except ValueError:  # of a function written in C
            names = []
        if len(names) != op.arity:
            names = [f"x_{i}" for i in range(1, op.arity + 1)]
        defaults = (*[Parameter.empty] * (op.arity - len(op.defaults)), *op.defaults)
        return Signature(
            [
                Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=default)
                for name, default in zip(names, defaults, strict=True)
            ]
        )
