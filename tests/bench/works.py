"""All works that peers are measured at, by name, and for each the peers that can do it."""

from __future__ import annotations

from tests.bench import calls, digits, eager, figure_4, lorenz, matrices, moons, rosenbrock, rows, transformer
from tests.bench.job import Peer

WORKS: dict[str, dict[str, Peer]] = {
    "moons": moons.PEERS,
    "rosenbrock": rosenbrock.PEERS,
    "rosenbrock_arrays": rosenbrock.PEERS_OF_ARRAYS,
    "rosenbrock_hessian": rosenbrock.PEERS_OF_HESSIANS,
    "calls": calls.peers(False),
    "calls_jvp": calls.peers(True),
    "rows": rows.PEERS,
    "threads_rows": rows.THREADS_OF_GRADIENTS,
    "threads_sums": rows.THREADS_OF_SUMS,
    "lorenz": lorenz.PEERS,
    "eager": eager.PEERS,
    "figure_4": figure_4.PEERS,
    "transformer": transformer.PEERS,
    "digits_in_batches": digits.peers(32),
    "digits_at_once": digits.peers(None),
    "matrices_small": matrices.peers(matrices.SMALL),
    "matrices_large": matrices.peers(matrices.LARGE),
    "matrices_small_numpy": matrices.peers_of_numpy(matrices.SMALL),
    "matrices_large_numpy": matrices.peers_of_numpy(matrices.LARGE),
    "matrices_small_jax": matrices.peers_of_jax(matrices.SMALL),
    "matrices_large_jax": matrices.peers_of_jax(matrices.LARGE),
}
