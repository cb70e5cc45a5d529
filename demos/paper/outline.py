"""The order of the paper: its sections, and in each the figures, equations and tables as they stand in it."""

from __future__ import annotations

from typing import NamedTuple


class Block(NamedTuple):
    """Equations of the paper, beside the figure or below the table that they stand at.

    Attributes:
        name: "figure-4" or "table-1"; "" for equations without one.
        equations: Their numbers.
    """

    name: str
    equations: tuple[str, ...] = ()


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
            Block("figure-1", _numbers(1, 6)),
            Block("figure-2", _numbers(7, 11)),
            Block("figure-3", _numbers(12, 21)),
        ),
    ),
    Section("3", "The math behind backpropagation through a simple example"),
    Section(
        "3.1",
        "Feeding inputs forward through the network",
        (
            Block("figure-4", _numbers(22, 23)),
            Block("figure-5", _numbers(24, 25)),
            Block("figure-6", _numbers(26, 26)),
            Block("figure-7", _numbers(27, 30)),
        ),
    ),
    Section(
        "3.2",
        "Backpropagation",
        (Block("figure-8", _numbers(31, 32)), Block("table-1"), Block("", _numbers(33, 33)), Block("table-2")),
    ),
    Section("4", "Summary of the general equations for forward and backpropagation"),
    Section("4.1", "General forward propagation", (Block("figure-5", _numbers(34, 37)),)),
    Section("4.2", "General backpropagation", (Block("figure-9", _numbers(38, 41)),)),
    Section("5", "Summary and quick reference"),
    Section("5.1", "Forward propagation", (Block("table-3", _numbers(1, 4, "S")),)),
    Section("5.2", "Backpropagation", (Block("figure-9", _numbers(5, 9, "S")),)),
)
