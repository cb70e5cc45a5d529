"""Choosing the direction of a drawing before it is laid out: the one in which it should fit a space better."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from engine import Value
from viz.drawing.drawing import MAX_RATIO

# In points, between ranks and between the boxes of one, from left to right and downwards: with labels on the arrows,
# which take up a rank of their own, and without.
GAPS = {True: ((11.0, 38.0), (12.0, 12.0)), False: ((20.0, 16.0), (30.0, 6.0))}
_LABEL_SIZE = (40.0, 15.0)
_READABLE_SPACE = (1.6, 1.0)

Size = tuple[float, float]


def better_direction(
    arrows: Mapping[Value, Sequence[Value]],
    boxes: Mapping[Value, Size],
    size: float | Size | None,
    has_labels: bool = False,
) -> str:
    """ "LR" or "TB": that in which boxes of these sizes are estimated to fit at the larger scale.

    Args:
        arrows: The tails of the arrows into each node, in topological order.
        boxes: The width and height of each box.
        size: The width of the picture, or its width and height; by default, any with a readable shape.
        has_labels: Whether there are labels on the arrows.

    >>> x = Value(1.0)
    >>> y = x.exp()
    >>> z = y.exp()
    >>> better_direction({x: [], y: [x], z: [y]}, dict.fromkeys((x, y, z), (50, 50)), None)
    'LR'
    >>> better_direction({x: [], y: [x], z: [y]}, dict.fromkeys((x, y, z), (50, 50)), (2.0, 6.0))
    'TB'
    """
    space = size if isinstance(size, (tuple, list)) else _READABLE_SPACE if size is None else (size, MAX_RATIO * size)
    ranks = _ranks(arrows)
    scales = {}
    for direction, along in (("LR", 0), ("TB", 1)):
        between_ranks, in_rank = GAPS[has_labels][along]
        if has_labels:
            between_ranks += _LABEL_SIZE[along] + between_ranks
        length = sum(max(boxes[node][along] for node in rank) + between_ranks for rank in ranks)
        breadth = max(sum(boxes[node][1 - along] + in_rank for node in rank) for rank in ranks)
        scales[direction] = min(space[along] / length, space[1 - along] / breadth)
    return max(scales, key=scales.__getitem__)


def _ranks(arrows: Mapping[Value, Sequence[Value]]) -> list[list[Value]]:
    """The nodes by their ranks: one after the last of the inputs; for a leaf, one before its first reader."""
    rank: dict[Value, int] = {}
    first_reader: dict[Value, int] = {}
    for node, tails in arrows.items():
        rank[node] = max((rank[x] + 1 for x in tails), default=0)
        for x in tails:
            first_reader[x] = min(first_reader.get(x, rank[node]), rank[node])
    found: dict[int, list[Value]] = defaultdict(list)
    for node, tails in arrows.items():
        found[rank[node] if tails or node not in first_reader else first_reader[node] - 1].append(node)
    return [found[i] for i in sorted(found)]
