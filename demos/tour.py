"""`python -m demos.tour`: runs the notebook of the first hour, demos/tour.ipynb, and says where it shows anything new.

To read it, and to change numbers in it: `jupyter lab demos/tour.ipynb`, or open it in VS Code; both need
`pip install -e '.[notebook]'`. Of what its cells show, it stores the texts and the pictures. Pages, films and tables of
formulas appear when a cell is run, and what a cell tagged "measured" prints is stored nowhere. After a change,
`python -m demos.tour --write` stores what the cells show now, and nothing that belongs to one machine or one run.
"""

from __future__ import annotations

import argparse
import asyncio
import atexit
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from demos.cli import UnsuccessfulError, describe_demo, run_demo, run_program
from engine._support.safe_files import write_atomically

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

PATH = Path(__file__).with_suffix(".ipynb")
STORED = ("text/plain", "image/svg+xml")  # what every reader of notebooks shows, on the web too
MEASURED = "measured"  # the tag of cells whose output is different each time
VERSIONS = re.compile(r"<!--.*?-->\s*|<metadata>.*?</metadata>\s*", re.DOTALL)  # where pictures say what drew them
PATIENCE = 120  # seconds for one cell
ABOUT = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def read(path: Path = PATH) -> NotebookNode:
    """The notebook as it is stored."""
    import nbformat

    return nbformat.read(path, as_version=4)


def run(notebook: NotebookNode) -> NotebookNode:
    """A copy of the notebook, with all that its cells show when run. Raises UnsuccessfulError if a cell fails."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    fresh = deepcopy(notebook)
    client = NotebookClient(
        fresh,
        timeout=PATIENCE,
        kernel_name="python3",
        resources={"metadata": {"path": PATH.parent}},
        coalesce_streams=True,
        extra_arguments=["--log-level=CRITICAL"],  # else it says who may listen to it, and that it was interrupted
        shutdown_kernel="immediate",
    )
    try:
        _execute(client)
    except CellExecutionError as error:
        raise UnsuccessfulError(f"A cell failed: {error.ename}: {error.evalue}\n{error}") from error
    return fresh


def _execute(client: NotebookClient) -> None:
    """Run all cells, or, if Ctrl-C comes, end the program that runs them.

    In the main thread the client would take Ctrl-C for itself, and get lost in what it was about to do.
    """
    running: SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = SimpleQueue()
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(asyncio.run, _execute_or_end(client, running))
        loop, cells = running.get()
        try:
            done.result()
        finally:
            with suppress(RuntimeError):  # of a loop that has ended by itself
                loop.call_soon_threadsafe(cells.cancel)


async def _execute_or_end(client: NotebookClient, running: SimpleQueue[Any]) -> None:
    cells = asyncio.ensure_future(client.async_execute())
    running.put((asyncio.get_running_loop(), cells))
    try:
        await cells
    except asyncio.CancelledError:
        atexit.unregister(client._cleanup_kernel)  # which the client leaves behind when it is stopped
        kernel: Any = client.km
        if kernel is not None:
            await kernel.shutdown_kernel(now=True)


def normal(notebook: NotebookNode) -> NotebookNode:
    """A copy of a notebook that has run, without what is different on another machine or in another run."""
    import nbformat

    stored = deepcopy(notebook)
    stored.metadata = nbformat.from_dict(ABOUT)
    for cell in stored.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = [_normal(output) for output in cell.outputs if MEASURED not in (tags or ())]
    return stored


def differences(stored: NotebookNode, fresh: NotebookNode) -> Iterator[str]:
    """What a notebook shows otherwise than what is stored of it: a line for each such cell, and how to store it.

    Pictures are compared by the words in them, for versions of Graphviz place things a little otherwise.
    """
    if stored.metadata != fresh.metadata or [_but_outputs(cell) for cell in stored.cells] != [
        _but_outputs(cell) for cell in fresh.cells
    ]:
        yield "the notebook holds what belongs to one machine or one run"
    for before, after in zip(stored.cells, fresh.cells, strict=True):
        if before.cell_type == "code" and _words(before.outputs) != _words(after.outputs):
            yield f"cell {before.id} shows something else than is stored: {_first_line(before.source)}"


def text(notebook: NotebookNode) -> str:
    """The notebook as it is written into its file."""
    import nbformat

    return str(nbformat.writes(notebook)) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run the notebook; 0, 1 if a cell fails or shows something else than is stored, or 2 for bad options."""
    parser = argparse.ArgumentParser(
        prog="python -m demos.tour",
        description=describe_demo(__doc__),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--write", action="store_true", help="store what the cells show now")
    options = parser.parse_args(arguments)
    return run_demo(lambda: _work(options.write), "nbclient", "ipykernel", extra="notebook")


def _work(is_written: bool) -> None:
    stored = read()
    fresh = normal(run(stored))
    n = sum(cell.cell_type == "code" for cell in fresh.cells)
    if is_written:
        print(f"All {n} cells ran; what they show is stored in {write_atomically(PATH, text(fresh))}")
    elif found := list(differences(stored, fresh)):
        raise UnsuccessfulError("\n".join([*found, "If that is meant: python -m demos.tour --write"]))
    else:
        print(f"All {n} cells ran, and show what is stored. To look at it: jupyter lab demos/tour.ipynb")


def _normal(output: NotebookNode) -> NotebookNode:
    kept = deepcopy(output)
    if "data" in kept:
        kept.data = {kind: VERSIONS.sub("", text) for kind, text in kept.data.items() if kind in STORED}
        kept.metadata = {}
    if "execution_count" in kept:
        kept.execution_count = None
    return kept


def _but_outputs(cell: NotebookNode) -> dict[str, object]:
    return {name: content for name, content in cell.items() if name != "outputs"}


def _words(outputs: list[NotebookNode]) -> list[object]:
    """What is to be read in the outputs of a cell."""
    shown: list[object] = []
    for output in outputs:
        shown += [output.output_type, output.get("name"), output.get("text")]
        for kind, content in sorted(output.get("data", {}).items()):
            shown += [kind, sorted(_texts(content)) if kind == "image/svg+xml" else content]
    return shown


def _texts(svg: str) -> Iterator[str]:
    return (element.text or "" for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("}text"))


def _first_line(source: str) -> str:
    return re.sub(r"\n.*", " …", source, flags=re.DOTALL)


if __name__ == "__main__":
    run_program(main)
