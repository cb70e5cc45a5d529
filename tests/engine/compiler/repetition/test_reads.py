"""The check that segments read what they have stored."""

from collections.abc import Iterator
from dataclasses import replace

from engine import compile
from engine.compiler.repetition.places import Place, Repeats
from engine.compiler.repetition.reads import reads_what_is_stored
from tests.engine.compiler.arrays.long_graphs import lorenz


def moved(repeats: Repeats) -> Iterator[Repeats]:
    """The segments with one operand after another read in the next iteration instead."""
    for i, segment in enumerate(repeats.segments):
        for b, row in enumerate(segment.operands):
            for k, x in enumerate(row):
                if isinstance(x, Place) and x.stride:
                    other = [*row[:k], x._replace(element=x.element + 1), *row[k + 1 :]]
                    changed = replace(segment, operands=[*segment.operands[:b], other, *segment.operands[b + 1 :]])
                    yield replace(repeats, segments=[*repeats.segments[:i], changed, *repeats.segments[i + 1 :]])


def test_each_operand_is_read_where_it_was_stored_before() -> None:
    repetition = compile(*lorenz(20), backend="python")._ir.repetition
    assert repetition
    [found, *_] = repetition.found_for_arrays
    repeats = repetition.cut_for_arrays(found)
    assert repeats
    wrong = [*moved(repeats), replace(repeats, segments=repeats.segments[::-1])]
    assert len(wrong) > 3
    assert reads_what_is_stored(repeats, found.outputs)
    assert not any(reads_what_is_stored(x, found.outputs) for x in wrong)
    assert not reads_what_is_stored(repeats, found.operations[:1])
