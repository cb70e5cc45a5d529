"""`python -m demos.tour`: runs the notebooks demos/tour.ipynb and demos/further.ipynb, and reports outputs that differ.

tour.ipynb is the first hour; further.ipynb goes on. To read them, and to change numbers in them: `jupyter lab
demos/tour.ipynb`, or open it in VS Code; both need `pip install -e '.[notebook]'`. The notebooks store the texts and
pictures that their cells show; pages, films and tables of formulas appear when a cell is run, and the output of a cell
tagged "measured" is not stored. After a change, `python -m demos.tour --write` stores the outputs again, without what
is particular to one machine or run.
"""

from __future__ import annotations

import argparse
import asyncio
import atexit
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from demos.cli import UnsuccessfulError, describe_demo, run_demo, run_program
from engine._support.safe_files import write_atomically
from engine._support.typed_commands import python_command, script_command

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

FOLDER = Path(__file__).parent
NOTEBOOKS = ("tour", "further")
STORED_TYPES = ("text/plain", "image/svg+xml")  # shown by every reader of notebooks, on the web too
MEASURED = "measured"  # the tag of cells whose output differs each time
# The programs that drew the pictures, and sizes, which depend on the fonts of a computer.
VERSIONS = re.compile(
    r"<!--.*?-->\s*|<metadata>.*?</metadata>\s*"
    r"|, [\d.]+ × [\d.]+ pt(, smallest type [\d.]+ pt( \([\d.]+ pt wanted\))?)?",
    re.DOTALL,
)
CELL_TIMEOUT = 120  # seconds
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def notebook_path(name: str) -> Path:
    """The path of a notebook."""
    return FOLDER / f"{name}.ipynb"


def read_notebook(name: str) -> NotebookNode:
    """Read a stored notebook."""
    import nbformat

    return nbformat.read(notebook_path(name), as_version=4)


def run_notebook(notebook: NotebookNode) -> NotebookNode:
    """A copy of the notebook with the outputs of a run. Raises UnsuccessfulError if a cell fails."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    fresh = deepcopy(notebook)
    client = NotebookClient(
        fresh,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": FOLDER}},
        coalesce_streams=True,
        extra_arguments=["--log-level=CRITICAL"],  # else it logs its connections and interrupts
        shutdown_kernel="immediate",
    )
    try:
        _execute(client)
    except CellExecutionError as error:
        raise UnsuccessfulError(f"A cell failed: {error.ename}: {error.evalue}\n{error}") from error
    return fresh


def _execute(client: NotebookClient) -> None:
    """Run all cells; on Ctrl-C, end the kernel that runs them.

    In the main thread the client would handle Ctrl-C itself, and hang.
    """
    running: SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Task[None]]] = SimpleQueue()
    with ThreadPoolExecutor(1) as thread:
        done = thread.submit(asyncio.run, _execute_or_end(client, running))
        loop, cells = running.get()
        try:
            done.result()
        finally:
            with suppress(RuntimeError):  # the loop may have ended
                loop.call_soon_threadsafe(cells.cancel)


async def _execute_or_end(client: NotebookClient, running: SimpleQueue[Any]) -> None:
    cells = asyncio.ensure_future(client.async_execute())
    running.put((asyncio.get_running_loop(), cells))
    try:
        await cells
    except asyncio.CancelledError:
        atexit.unregister(client._cleanup_kernel)  # the client leaves it registered when it is stopped
        kernel: Any = client.km
        if kernel is not None:
            await kernel.shutdown_kernel(now=True)


def normalize(notebook: NotebookNode) -> NotebookNode:
    """A copy of a notebook that has run, without what differs between machines and runs."""
    import nbformat

    stored = deepcopy(notebook)
    stored.metadata = nbformat.from_dict(METADATA)
    for cell in stored.cells:
        tags = cell.metadata.get("tags")
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        if cell.cell_type == "code":
            cell.execution_count = None
            cell.outputs = [_normalize_output(output) for output in cell.outputs if MEASURED not in (tags or ())]
    return stored


def differences(stored: NotebookNode, fresh: NotebookNode) -> Iterator[str]:
    """A line for each cell whose outputs differ from the stored ones.

    Pictures are compared by their texts, since versions of Graphviz place them differently.
    """
    if stored.metadata != fresh.metadata or [_without_outputs(cell) for cell in stored.cells] != [
        _without_outputs(cell) for cell in fresh.cells
    ]:
        yield "the notebook holds data of one machine or run"
    for before, after in zip(stored.cells, fresh.cells, strict=True):
        if before.cell_type == "code" and _output_texts(before.outputs) != _output_texts(after.outputs):
            first_line = re.sub(r"\n.*", " …", before.source, flags=re.DOTALL)
            yield f"cell {before.id} shows other outputs than are stored: {first_line}"


def format_notebook(notebook: NotebookNode) -> str:
    """The text of the notebook's file."""
    import nbformat

    return str(nbformat.writes(notebook)) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run the notebooks; 0, 1 if a cell fails or shows other outputs than are stored, or 2 for bad options."""
    parser = argparse.ArgumentParser(
        prog=python_command("demos.tour"),
        description=describe_demo(__doc__),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", choices=NOTEBOOKS, help="run this notebook alone")
    parser.add_argument("--write", action="store_true", help="store the outputs of the cells")
    options = parser.parse_args(arguments)
    names = [options.only] if options.only else NOTEBOOKS
    return run_demo(lambda: _run_and_compare(names, options.write), "nbclient", "ipykernel", extra="notebook")


def _run_and_compare(names: Iterable[str], is_written: bool) -> None:
    found = [line for name in names for line in _run_one(name, is_written)]
    if found:
        raise UnsuccessfulError("\n".join([*found, f"To store these outputs: {python_command('demos.tour --write')}"]))


def _run_one(name: str, is_written: bool) -> list[str]:
    """Run a notebook, and return the differences from what is stored; none if the outputs are to be stored."""
    path = notebook_path(name)
    stored = read_notebook(name)
    fresh = normalize(run_notebook(stored))
    n = sum(cell.cell_type == "code" for cell in fresh.cells)
    if is_written:
        print(f"All {n} cells ran; their outputs are stored in {write_atomically(path, format_notebook(fresh))}")
        return []
    found = [f"{path.name}: {line}" for line in differences(stored, fresh)]
    if not found:
        jupyter = script_command("jupyter", "jupyter")
        print(f"All {n} cells ran, and their outputs are the stored ones. To read it: {jupyter} lab demos/{path.name}")
    return found


def _normalize_output(output: NotebookNode) -> NotebookNode:
    kept = deepcopy(output)
    if "data" in kept:
        kept.data = {kind: VERSIONS.sub("", text) for kind, text in kept.data.items() if kind in STORED_TYPES}
        kept.metadata = {}
    if "execution_count" in kept:
        kept.execution_count = None
    return kept


def _without_outputs(cell: NotebookNode) -> dict[str, object]:
    return {name: content for name, content in cell.items() if name != "outputs"}


def _output_texts(outputs: list[NotebookNode]) -> list[object]:
    """The texts in the outputs of a cell."""
    texts: list[object] = []
    for output in outputs:
        texts += [output.output_type, output.get("name"), output.get("text")]
        for kind, content in sorted(output.get("data", {}).items()):
            texts += [kind, sorted(_svg_texts(content)) if kind == "image/svg+xml" else content]
    return texts


def _svg_texts(svg: str) -> Iterator[str]:
    return (element.text or "" for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("}text"))


if __name__ == "__main__":
    run_program(main)
