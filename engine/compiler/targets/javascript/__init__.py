"""JavaScript: a module that runs in Node and in a browser, and computes every node of a graph and every derivative.

Unlike the other targets, it keeps the graph: `nodes` is the graph as data, and the rules of the operations that occur
in it are printed once each, as functions. The module exports

- `nodes`: name, label, operation, inputs (as indices) and, for leaves, `data`, in topological order;
- `values(leaves)`: the value of each node by its name; `leaves` are numbers of leaves by name, others keep theirs;
- `derivatives(leaves, output)`: the derivative of a node, by default the last, with respect to each that it reads;
- `steps(leaves, output)`: the steps of both passes: one for each node computed, then one for each edge back.

An operation whose value or derivative is not finite throws an error with the message of the `DomainError`.

The arithmetic of + - * /, the square root and floor are the same to the last bit as Python's. Other functions may
differ from it by one unit in the last place, and erf and erfc, which JavaScript does not have, by five. A user's
primitive is spelled in `FUNCTIONS`, as an expression of JavaScript; `guarded` makes a function refuse what Python's
would refuse:

>>> import math
>>> from engine import TABLE, Value, compile, primitive
>>> fmod = primitive("fmod", "mod", math.fmod, lambda z, x, y: 1.0, lambda z, x, y: (z - x) / y)
>>> FUNCTIONS[fmod] = "guarded((x, y) => x % y)"
>>> text = compile(fmod(Value(0.5, "x"), 0.2), backend="python").source_for("javascript")
>>> "const fmod = guarded((x, y) => x % y);" in text
True
>>> del TABLE["fmod"], FUNCTIONS[fmod]
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import count
from typing import Any

from engine import ops
from engine._support.printable_text import make_printable
from engine.compiler.ir import IR
from engine.compiler.targets import Target, register, unsupported_operation
from engine.graph import toposort
from engine.labels import distinct_names
from engine.op import NEVER, TABLE, Op, Selected
from engine.symbolic.codegen import ARITHMETIC, FunctionNames, Language, assignments
from engine.symbolic.expression import Expression, ExpressionBuilder
from engine.symbolic.rewrites import exact
from engine.value import Value


def format_float(number: float) -> str:
    """A float as JavaScript reads it, in brackets if it begins with a sign, since -- is an operator."""
    text = repr(number).replace("inf", "Infinity").replace("nan", "NaN")
    return f"({text})" if text.startswith("-") else text


JAVASCRIPT = Language(
    {op: text for op, text in ARITHMETIC.items() if op is not ops.divide}
    | {ops.greater: "{0} > {1} ? 1 : 0", ops.where: "{0} !== 0 ? {1} : {2}"},  # NaN is true, as in Python
    functions={},
    format_float=format_float,
)

# The functions of primitives. Python's refuse what is not finite for finite inputs; JavaScript's are `guarded`.
_IN_MATH = (
    "exp log log1p expm1 log2 log10 sqrt cbrt hypot sin cos tan asin acos atan atan2 sinh cosh tanh asinh acosh atanh"
)
# The error functions: a Taylor series near 0, and elsewhere a continued fraction times e^(-x²).
_ERRORS = """\
(() => {
  const erf = (x) => {
    if (Math.abs(x) >= 0.5) return Math.sign(x) * (1 - erfc(Math.abs(x)));
    let term = x, rest = 0 * x;
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(x); n++) {
      term *= (-x * x * (2 * n - 1)) / (n * (2 * n + 1));
      rest += term;
    }
    return (2 / Math.sqrt(Math.PI)) * (x + rest);
  };
  const erfc = (x) => {
    if (x < 0.5) return 1 - erf(x);
    if (x > 28) return 0;
    const high = Math.fround(x), power = Math.exp(-high * high) * Math.exp((high - x) * (high + x));
    let tail = x;
    for (let k = 10 + Math.ceil(220 / (x * x)); k > 0; k--) tail = x + k / 2 / tail;
    return power / (Math.sqrt(Math.PI) * tail);
  };
  return %s;
})()"""
FUNCTIONS = {TABLE[name]: f"guarded(Math.{name})" for name in _IN_MATH.split()}
FUNCTIONS |= {
    ops.erf: _ERRORS % "erf",
    ops.erfc: _ERRORS % "erfc",
    ops.absolute: "Math.abs",
    ops.floor: "Math.floor",
    # -0 and 0 are equal, so that the first is taken; NaN is passed on
    ops.maximum: "(x, y) => (x >= y || x !== x ? x : y)",
    ops.minimum: "(x, y) => (x <= y || x !== x ? x : y)",
    ops.divide: "(x, y) => (y === 0 ? refuse() : x / y)",
    # 1 to any power is 1, as is -1 to an infinite one
    ops.power: "guarded((x, y) => (x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y))",
    ops.weighted_sum: """\
(...inputs) => {
  const n = inputs.length >> 1, products = inputs.slice(0, n).map((w, j) => w * inputs[n + j]);
  return inputs.length % 2 ? products.reduce((x, y) => x + y, inputs.at(-1)) : products.reduce((x, y) => x + y);
}""",
}


RESERVED = "nodes|guarded|refuse|v|d|x|z|t[0-9]+"  # names in the text of rules, and of what stands before them

GUARDED = """\
/** Refuses a function's result where Python's math refuses it: NaN for numbers, infinity for finite ones. */
const refuse = () => {
  throw new RangeError();
};
const guarded = (f) => (...inputs) => {
  const z = f(...inputs);
  const isRefused = z !== z ? !inputs.some(Number.isNaN) : !Number.isFinite(z) && inputs.every(Number.isFinite);
  return isRefused ? refuse() : z;
};"""


class _Operations:
    """The entries of the operations that occur in a graph, as texts, and the functions of primitives that they call."""

    def __init__(self) -> None:
        self.functions = FunctionNames(RESERVED)
        self.entries: dict[str, str] = {}

    def key(self, op: Op, n_inputs: int) -> str:
        """The key of the entry of an operation of this number of inputs, which is printed when it is first needed."""
        key = operation_key(op, n_inputs)
        if key not in self.entries and n_inputs:
            self.entries[key] = self._entry(op, n_inputs)
        return key

    def _entry(self, op: Op, n_inputs: int) -> str:
        builder = ExpressionBuilder(exact)
        z, inputs = builder.symbol("z"), [builder.symbol(f"x[{i}]") for i in range(n_inputs)]
        presences = [op.presence(i) for i in range(n_inputs)]

        def as_formula(rule: Expression | float) -> Expression:
            return rule if isinstance(rule, Expression) else builder.constant(rule)

        derivatives = [
            "null" if presence is NEVER else self.function("z, x", as_formula(op.local_derivative(i, z, inputs)))
            for i, presence in enumerate(presences)
        ]
        edges = [[p.by, p.where] if isinstance(p, Selected) else p for p in op.edges]
        fields = {
            "name": json.dumps(op.name),
            "needs": json.dumps(op.needs),
            "edges": json.dumps(edges),
            "forward": self.function("x", builder.make(op, tuple(inputs))),
            "derivatives": f"[\n    {_join(derivatives, 4)}\n  ]",
        }
        return "{\n  " + _join((f"{name}: {text}" for name, text in fields.items()), 2) + "\n}"

    def function(self, parameters: str, formula: Expression) -> str:
        """A function that computes a formula of primitives."""
        *lines, result = assignments(formula, (f"t{i}" for i in count()), self.functions, JAVASCRIPT)
        if not lines:
            return f"({parameters}) => {result}"
        body = "".join(f"const {line}; " for line in lines)
        return f"({parameters}) => {{ {body}return {result}; }}"

    def primitives(self) -> Iterator[str]:
        """The definitions of the functions. Raises ValueError for a primitive without a spelling."""
        for op, name in self.functions.names.items():
            if op not in FUNCTIONS:
                raise unsupported_operation("javascript", op)
            yield f"const {name} = {FUNCTIONS[op]};"


def operation_key(op: Op, n_inputs: int) -> str:
    """The key of an operation in the module: its name, with the number of inputs if that is any number."""
    return op.name if op.arity is not None else f"{op.name} of {n_inputs}"


def _join(texts: Iterable[str], width: int) -> str:
    return (",\n" + " " * width).join(texts)


def graph_module(
    order: Sequence[Value],
    variables: Collection[Value],
    names: Mapping[Value, str] | None = None,
    formulas: Sequence[Expression] = (),
    others: Iterable[Value] = (),
    *,
    has_interface: bool = True,
) -> str:
    """The module of nodes in topological order, of whose leaves these are variables.

    By default, nodes are called by their labels, made distinct. `formulas` become functions of the numbers of all
    nodes: in them, the symbol `v[3]` is the number of the fourth node, and `d(3, 0)` the derivative of that with
    respect to the first. The operations of `others` are in the module too. A page does without the functions that the
    interface exports, for other programs.

    >>> x = Value(1.5, "x")
    >>> print(graph_module([x, x * x], [x]).partition("const guarded")[0])  # doctest: +ELLIPSIS
    export const nodes = [
      {"name": "x", "label": "x", "op": "variable", "inputs": [], "data": 1.5},
      {"name": "#1", "label": "", "op": "multiply", "inputs": [0, 0]}
    ];
    ...
    """
    operations = _Operations()
    position = {node: i for i, node in enumerate(order)}
    if names is None:
        named = sorted(order, key=lambda node: node.op is ops.constant)  # numbers on arrows come last
        names = dict(zip(named, distinct_names([node.label for node in named]), strict=True))
    nodes = []
    for node in order:
        op = operations.key(node.op, len(node.inputs)) if node.inputs or node in variables else ops.constant.name
        fields: dict[str, Any] = {"name": names[node], "label": make_printable(node.label), "op": op}
        fields |= {"inputs": [position[x] for x in node.inputs]} | ({} if node.inputs else {"data": node.data})
        nodes.append(json.dumps(fields).replace("<", "\\u003c"))  # so that no label ends a script of a page
    for node in others:
        operations.key(node.op, len(node.inputs))
    functions = [operations.function("v, d", formula) for formula in formulas]
    entries = ",\n".join(f"{json.dumps(key)}: {entry}" for key, entry in operations.entries.items())
    parts = [f"export const nodes = [\n  {_join(nodes, 2)}\n];", GUARDED, *operations.primitives()]
    parts += [f"const formulas = [\n  {_join(functions, 2)}\n];"] if functions else []
    programs = ["runtime.js", "interface.js"] if has_interface else ["runtime.js"]
    texts = [files(__name__).joinpath(program).read_text("utf-8") for program in programs]
    return "\n".join([*parts, f"const OPERATIONS = {{\n{entries}\n}};", *texts])


def source(ir: IR, wrt_order: Sequence[int]) -> str:
    """The program as a module of JavaScript."""
    return graph_module(toposort(*ir.outputs), {ir.node_of[x] for x in (*ir.inputs, *ir.parameters)})


register(Target("javascript", printer=source))
