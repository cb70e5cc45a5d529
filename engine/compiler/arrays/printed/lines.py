"""The docstring of a module, and lines of limited length."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from textwrap import wrap

from engine.compiler.ir import IR
from engine.compiler.naming import format_comment
from engine.labels import parse_label
from engine.symbolic.expression import Expression

MAX_LINE = 120
MAX_GROUPS, MAX_LABELS = 6, 4_000  # that are read one by one


def wrap_line(line: str) -> list[str]:
    """A statement in lines of at most `MAX_LINE` characters, its expression in parentheses if they are several.

    >>> lines = wrap_line(f"    y = {' + '.join(['x'] * 30)}  # (28)")
    >>> lines[0][:15], lines[-1][-11:]
    ('    y = (x + x ', ' x)  # (28)')
    >>> [line[:10] for line in wrap_line(f"    y = {'x' * 130} + 1.0")]
    ['    y = (x', '        + ']
    """
    if len(line) <= MAX_LINE:
        return [line]
    indent = line[: len(line) - len(line.lstrip())]
    code, mark, comment = line.partition("  # ")
    keyword = "return " if code.lstrip().startswith("return ") else " = "
    target, found, expression = code.partition(keyword)
    lines = wrap(
        f"({expression})" if found else code.lstrip(),
        MAX_LINE - len(mark + comment),
        initial_indent=f"{target}{keyword}" if found else indent,  # which stays beside a word that is too long
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [*lines[:-1], lines[-1] + mark + comment]


def docstring(ir: IR, wrt_order: Sequence[int], note: str) -> list[str]:
    """The lines that say which numbers a module's function is given, and which it returns."""
    wrt = [ir.wrt[i] for i in wrt_order]
    outputs = _format_labels(ir, ir.values)
    if ir.has_gradient:
        by = "the parameters, in their order" if wrt == list(ir.parameters) else _format_labels(ir, wrt)
        returned = f"value_and_grad returns the sum of {outputs} over the rows, and its derivatives by {by}."
    else:
        returned = f"value returns, for each row: {outputs}."
    paragraphs = [
        f'"""The columns of rows: {_format_labels(ir, ir.inputs)}.',
        f"The numbers of parameters: {_format_labels(ir, ir.parameters)}.",
        " ".join(filter(None, [returned, note])),
    ]
    return [line for x in paragraphs for line in wrap(x, MAX_LINE, break_long_words=False, break_on_hyphens=False)] + [
        '"""'
    ]


def _format_labels(ir: IR, symbols: Sequence[Expression]) -> str:
    """The labels of nodes, in short; how many there are if these are more than one."""
    if not symbols:
        return "none"
    labels = []
    for symbol in symbols if len(symbols) <= MAX_LABELS else [*symbols[:2], symbols[-1]]:
        node = ir.node_of.get(symbol)
        labels.append(format_comment(node.label) if node is not None else "")
    if not any(labels):
        return "one number" if len(symbols) == 1 else f"{len(symbols)} numbers"
    groups = [list(group) for _, group in groupby(labels, key=_family)]
    if len(groups) > MAX_GROUPS or len(symbols) > MAX_LABELS:
        shown = [*labels[:2], "...", labels[-1]]
    else:
        shown = [x for group in groups for x in (group if len(group) < 4 else [*group[:2], "...", group[-1]])]
    text = ", ".join([x or "one without a label" for x in shown]).replace("\\", "\\\\").replace('"', "'")
    return text if len(symbols) <= 4 else f"{text} ({len(symbols)} numbers)"


def _family(label: str) -> str:
    parsed = parse_label(label)
    return str(parsed.family) if parsed else label
