"""`python -m demos.scale`: trains a network by JAX on many devices or processes, beside LLVM on one core.

64-32-10 units read handwritten digits, or 784-128-10 units learn 60,000 made rows. On one machine, devices are
simulated, and processes started; a cluster starts its own.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence

from demos.cli import describe_demo, run_demo, run_program
from demos.option_types import parse_count, parse_seed
from demos.scale import training
from demos.scale.together import end_with_parent, run_together, separate_output
from demos.scale.works import LARGE_ROWS, WORKS
from engine._support.typed_commands import python_command

SIMULATED = "--xla_force_host_platform_device_count"
LOCAL = "127.0.0.1"


def options_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        prog=python_command("demos.scale"),
        description=describe_demo(__doc__),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("work", nargs="?", choices=[*WORKS], default="digits", help="the network and its data; digits by default")
    add("--devices", type=parse_count, metavar="N", help="devices of each process; on a CPU they are simulated")
    add("--processes", type=parse_count, default=1, metavar="N", help="processes that share the rows; 1 by default")
    add("--epochs", type=parse_count, default=3, metavar="N", help="passes over the data; 3 by default")
    add("--rows", type=parse_count, metavar="N", help=f"rows to learn from; all, or {LARGE_ROWS:,}, by default")
    add("--batch", type=parse_count, metavar="N", help="rows of a batch, of all processes; 128 or 1,000 by default")
    add("--dtype", choices=["float64", "float32"], default="float64", help="float64 by default")
    add("--seed", type=parse_seed, default=0, metavar="N", help="seed of all random numbers; 0 by default")
    cluster = parser.add_argument_group("one process of many", "started by a cluster, or by hand")
    cluster.add_argument("--cluster", action="store_true", help="join the processes that SLURM, say, has started")
    cluster.add_argument(
        "--coordinator",
        type=parse_address,
        metavar="HOST:PORT",
        help="address of process 0, which all processes can reach",
    )
    cluster.add_argument("--process", type=parse_seed, metavar="I", help="the number of this process, from 0")
    cluster.add_argument("--ends-with-parent", action="store_true", help=argparse.SUPPRESS)
    return parser


def parse_address(text: str) -> str:
    """An address, with its port."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as {LOCAL}:1234")
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    """Train in this process, or in those that it starts; 0 on success, 1 on failure, 2 for bad options."""
    arguments = sys.argv[1:] if arguments is None else arguments
    parser = options_parser()
    options = parser.parse_args(arguments)
    if (options.coordinator is None) != (options.process is None):
        parser.error("--coordinator and --process go together, with --processes")
    if options.cluster or options.coordinator or options.ends_with_parent:
        separate_output()
        if options.ends_with_parent:
            end_with_parent()
        return run_demo(lambda: training.run(options), "jax", "llvmlite", "sklearn", extra="demos,jax,native")
    return run_demo(lambda: start(options, arguments))


def start(options: argparse.Namespace, arguments: Sequence[str]) -> None:
    """Start the processes of this machine: JAX reads how many devices to simulate when it starts."""
    command = [sys.executable, "-m", "demos.scale", *arguments, "--ends-with-parent"]
    commands, environment = [command], {"TF_CPP_MIN_LOG_LEVEL": "3"}  # errors that end a process
    if options.devices or options.processes > 1:
        environment["JAX_PLATFORMS"] = "cpu"
        environment["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} {SIMULATED}={options.devices or 1}".strip()
    if options.processes > 1:
        joined = [*command, "--coordinator", f"{LOCAL}:{free_port()}", "--process"]
        commands = [[*joined, str(i)] for i in range(options.processes)]
    run_together(commands, print, environment)


def free_port() -> int:
    """A port of this machine that is free."""
    with socket.socket() as free:
        free.bind((LOCAL, 0))
        port: int = free.getsockname()[1]
    return port


if __name__ == "__main__":
    run_program(main)
