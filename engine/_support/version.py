"""The version of the distribution."""

from __future__ import annotations

import os
import re

DISTRIBUTION = "pathgrad"
_VERSION = re.compile(rf'^name = "{DISTRIBUTION}"\nversion = "(.+)"$', re.MULTILINE)


def read_version() -> str:
    """The version that a clone's own pyproject.toml states, and elsewhere that of the installed distribution.

    A clone may lie beside an installation of another version. Raises AttributeError if there is neither.
    """
    if stated := _stated_version(_folder()):
        return stated
    from importlib import metadata  # here, since it takes long to import

    try:
        return metadata.version(DISTRIBUTION)
    except metadata.PackageNotFoundError as error:
        problem = f"{DISTRIBUTION} is not installed, and its pyproject.toml does not lie beside the package"
        raise AttributeError(f"the version is unknown: {problem}") from error


def clone_folder() -> str:
    """The root of the clone that this package lies in; "" where it is installed elsewhere."""
    return _folder() if _stated_version(_folder()) else ""


def _folder() -> str:
    """The folder in which the packages lie."""
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _stated_version(folder: str) -> str:
    """The version that a folder's pyproject.toml states for this distribution; "" if it does not."""
    from pathlib import Path  # likewise

    try:
        found = _VERSION.search(Path(folder, "pyproject.toml").read_text(encoding="utf-8"))
    except OSError:
        return ""
    return found[1] if found else ""
