"""The files of the page: its pictures, for light and dark screens, the stepper's pages, and the page itself."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import demos
from demos.paper.equation_pictures import equation_drawings
from demos.paper.equations.instances import Instances
from demos.paper.page import PageFiles, render_page
from engine._support.safe_files import write_atomically
from engine._support.termination import termination_deferred
from viz import Drawing, Stepper

PAGE_NAME = "index.html"


def write_page(
    folder: Path, figures: Mapping[str, Path], dark_figures: Mapping[str, Drawing], instances: Instances
) -> Path:
    """Draw the equations, write the page and all that lies beside it, and return its path.

    `figures` are the files of the figures, in the folder; the other pictures have their format. Raises ValueError for a
    network too large to be drawn, DrawingError if `dot` is missing or fails, OSError if a file cannot be written.
    """
    suffix = next(iter(figures.values())).suffix
    equations = equation_drawings(instances, ["light", "dark"])
    light = {folder / f"equation-{number}{suffix}": drawings[0] for number, drawings in equations.items()}
    dark_equations = {f"equation-{number}": drawings[1] for number, drawings in equations.items()}
    dark = {} if suffix == ".pdf" else {**dark_figures, **dark_equations}  # in a PDF's place, a page has links
    dark_paths = {folder / "dark" / f"{name}{suffix}": drawing for name, drawing in dark.items()}
    with termination_deferred(), ThreadPoolExecutor() as pool:  # most time is spent in `dot`
        list(pool.map(lambda item: item[1].save(item[0]), [*light.items(), *dark_paths.items()]))
    page_files = PageFiles(
        pictures={path.stem: path.name for path in [*figures.values(), *light]},
        dark_pictures={path.stem: f"dark/{path.name}" for path in dark_paths},
        steppers=dict(_write_steppers(folder, instances)),
        notebook=_notebook(folder),
    )
    return write_atomically(folder / PAGE_NAME, render_page(instances, page_files))


def _write_steppers(folder: Path, instances: Instances) -> Iterator[tuple[int, str]]:
    """Write the stepper's pages of Figures 1 to 4; the figure and the name of each."""
    outputs = {figure: found[0].output for figure, found in instances.figures.items()}
    for figure, output in {**outputs, 4: instances.networks[0].E}.items():
        name = f"steps-figure-{figure}.html"
        Stepper(output).to_html(folder / name, f"Figure {figure} of the paper, step by step")
        yield figure, name


def _notebook(folder: Path) -> str:
    """The address of the tour from that folder; "" on another drive of Windows."""
    with suppress(ValueError):
        return Path(os.path.relpath(Path(demos.__file__).with_name("tour.ipynb"), folder)).as_posix()
    return ""
