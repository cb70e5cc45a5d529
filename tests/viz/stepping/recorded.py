"""Recordings of graphs that tests build, without a stepper."""

from __future__ import annotations

from engine import Value, toposort
from engine.analysis.node_names import name_nodes
from viz.stepping.recording import Recording, record_steps
from viz.stepping.views import OperationView


def recorded(output: Value) -> Recording:
    """The steps over every operation of a graph."""
    return record_steps(OperationView(output, name_nodes(toposort(output))))
