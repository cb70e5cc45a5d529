"""Commands in messages, written so that they can be typed where the message is printed.

They name the Python that runs, and tell a clone from an installed package.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys

from engine._support.version import DISTRIBUTION, project_file


def pathgrad_command() -> str:
    """The command `pathgrad` of this Python; `python -m viz` where it is not installed."""
    folder = os.path.dirname(os.path.abspath(sys.executable))
    scripts = [os.path.join(folder, DISTRIBUTION + suffix) for suffix in ("", ".exe")]
    found = next(filter(os.path.isfile, scripts), None)
    return _typed(found) if found else python_command("viz")


def python_command(module: str) -> str:
    """A module with its arguments, run by this Python.

    >>> python_command("demos.step fig4").partition(" ")[2]
    '-m demos.step fig4'
    """
    return f"{_typed(os.path.abspath(sys.executable)) if sys.executable else 'python'} -m {module}"


def install_command(extra: str) -> str:
    """The command that installs an extra of this distribution for this Python.

    >>> "-m pip install" in install_command("native")
    True
    """
    project = project_file()
    if project is None:
        return python_command(f"pip install {_quote(f'{DISTRIBUTION}[{extra}]')}")
    folder = os.path.relpath(project.parent)
    path = str(project.parent) if folder.startswith(os.pardir) else folder
    return python_command(f"pip install -e {_quote(f'{path}[{extra}]')}")


def _typed(path: str) -> str:
    """A program: its name where the search path leads to it, else its path, a relative one below the working folder."""
    name = os.path.basename(path)
    found = shutil.which(name)
    if found and os.path.abspath(found) == path:
        return name
    try:
        relative = os.path.relpath(path)
    except ValueError:  # on another drive of Windows
        return _quote(path)
    return _quote(path if relative.startswith(os.pardir) else relative)


def _quote(text: str) -> str:
    """A word of a command, for the shells of this system."""
    if os.name != "nt":
        return shlex.quote(text)
    return text if re.fullmatch(r"[\w.:/\\-]+", text) else f'"{text}"'
