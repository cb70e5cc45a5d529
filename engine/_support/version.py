"""The version of the distribution."""

from __future__ import annotations

import re
from pathlib import Path

DISTRIBUTION = "pathgrad"
_VERSION = re.compile(rf'^name = "{DISTRIBUTION}"\nversion = "(.+)"$', re.MULTILINE)


def project_file() -> Path | None:
    """The pyproject.toml of a clone; None where this package is installed elsewhere."""
    project = Path(__file__).parents[2] / "pyproject.toml"
    return project if project.is_file() and _VERSION.search(project.read_text(encoding="utf-8")) else None


def read_version() -> str:
    """The version that a clone's own pyproject.toml states, and elsewhere that of the installed distribution.

    A clone may lie beside an installation of another version. Raises AttributeError if there is neither.
    """
    if (project := project_file()) and (found := _VERSION.search(project.read_text(encoding="utf-8"))):
        return found[1]
    from importlib import metadata  # here, since it takes long to import

    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError as error:
        problem = f"{DISTRIBUTION} is not installed, and its pyproject.toml does not lie beside the package"
        raise AttributeError(f"the version is unknown: {problem}") from error
