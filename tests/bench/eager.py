"""Operations that are built and swept at once, without a compiler; XAD records them on a tape in C++."""

from __future__ import annotations

from importlib import import_module

from tests.bench.formula import KINDS, grow, plan
from tests.bench.job import Job, Peer

SMOOTH = KINDS[:-1]  # XAD lacks relu


def nodes(module: str, size: int) -> Job:
    """An engine of nodes with a method `backward`: ours, or micrograd."""
    value, formula = import_module(module).Value, plan(size, SMOOTH)

    def run() -> list[float]:
        leaves = [value(number) for number in formula[0]]
        output = grow(leaves, formula)
        output.backward()
        return [output.data, *(x.grad for x in leaves)]

    return Job({"": run}, run)


def xad(size: int) -> Job:
    """XAD, whose tape is used again."""
    adjoint, formula = import_module("xad.adj_1st"), plan(size, SMOOTH)
    tape = adjoint.Tape()
    tape.activate()

    def run() -> list[float]:
        tape.clearAll()
        leaves = [adjoint.Real(number) for number in formula[0]]
        tape.registerInputs(leaves)
        tape.newRecording()
        output = grow(leaves, formula)
        tape.registerOutput(output)
        output.derivative = 1.0
        tape.computeAdjoints()
        return [output.value, *(x.derivative for x in leaves)]

    return Job({"": run}, run, memory=tape)


PEERS = {
    "pathgrad": Peer(lambda size: nodes("engine", size), ("engine",)),
    "micrograd": Peer(lambda size: nodes("micrograd.engine", size), ("micrograd",)),
    "XAD": Peer(xad, ("xad",)),
}
