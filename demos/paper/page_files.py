"""The files of the page: its pictures, for light and dark screens, the live figures, and the page itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from demos.paper.equations.instances import Instances
from demos.paper.live_figures import live_figures
from demos.paper.page import PageFiles, render_page
from demos.threads import map_in_threads
from engine._support.safe_files import write_atomically
from viz import Drawing, LivePage

PAGE_NAME = "index.html"


def write_page(
    folder: Path, figures: Mapping[str, Path], dark_figures: Mapping[str, Drawing], instances: Instances
) -> Path:
    """Write the page and all that lies beside it, and return its path.

    `figures` are the files of the figures, in the folder. Raises ValueError for a network too large to be drawn,
    DrawingError if it cannot be drawn, OSError if a file cannot be written.
    """
    suffix = next(iter(figures.values())).suffix
    dark = {}
    if suffix != ".pdf":  # in whose place a page has links
        dark = {name: drawing for name, drawing in dark_figures.items() if not name.endswith("-numbers")}
    dark_paths = {folder / "dark" / f"{name}{suffix}": drawing for name, drawing in dark.items()}
    live = {folder / f"{name}-live.html": page for name, page in live_figures(instances).items()}
    files: Mapping[Path, LivePage | Drawing] = {**live, **dark_paths}
    map_in_threads(lambda path: files[path].save(path), files)
    page_files = PageFiles(
        pictures={path.stem: path.name for path in figures.values()},
        dark_pictures={path.stem: f"dark/{path.name}" for path in dark_paths},
        live={path.stem.removesuffix("-live"): path.name for path in live},
    )
    return write_atomically(folder / PAGE_NAME, render_page(instances, page_files))
