"""The order of the paper: its sections, and in each the figures, equations and tables as they stand in it."""

from __future__ import annotations

from typing import NamedTuple


class Block(NamedTuple):
    """Equations of the paper, beside the figure or below the table that they stand at.

    Attributes:
        name: "figure-4" or "table-1"; "" for equations without one.
        equations: Their numbers.
        live: The live figure beside them, "figure-4", or "equation-1" for a graph of an equation's own.
    """

    name: str
    equations: tuple[str, ...] = ()
    live: str = ""


class Section(NamedTuple):
    """A section of the paper: its number, its title, and its contents in order."""

    number: str
    title: str
    blocks: tuple[Block, ...] = ()


def _numbers(first: int, last: int, prefix: str = "") -> tuple[str, ...]:
    return tuple(f"{prefix}{number}" for number in range(first, last + 1))


SECTIONS = (
    Section(
        "2",
        "The sum and chain rules for differentiation",
        (
            Block("", _numbers(1, 1), "equation-1"),
            Block("figure-1", _numbers(2, 6), "figure-1"),
            Block("figure-2", _numbers(7, 11), "figure-2"),
            Block("figure-3", _numbers(12, 21), "figure-3"),
        ),
    ),
    Section("3", "The math behind backpropagation through a simple example"),
    Section(
        "3.1",
        "Feeding inputs forward through the network",
        (
            Block("figure-4", _numbers(22, 23), "figure-4"),
            Block("figure-5", _numbers(24, 25), "figure-4"),
            Block("figure-6", _numbers(26, 26), "figure-4"),
            Block("figure-7", _numbers(27, 30), "figure-4"),
        ),
    ),
    Section(
        "3.2",
        "Backpropagation",
        (
            Block("figure-8", _numbers(31, 32), "figure-4"),
            Block("table-1", live="figure-4"),
            Block("", _numbers(33, 33), "equation-33"),
            Block("table-2"),
        ),
    ),
    Section("4", "Summary of the general equations for forward and backpropagation"),
    Section("4.1", "General forward propagation", (Block("figure-5", _numbers(34, 37), "figure-4"),)),
    Section("4.2", "General backpropagation", (Block("figure-9", _numbers(38, 41), "figure-4"),)),
    Section("5", "Summary and quick reference"),
    Section("5.1", "Forward propagation", (Block("table-3", _numbers(1, 4, "S"), "figure-4"),)),
    Section("5.2", "Backpropagation", (Block("figure-9", _numbers(5, 9, "S"), "figure-4"),)),
)
