"""Commands in messages, written so that they can be typed where the message is printed.

They name the Python that runs, and tell a clone from an installed package. (Modules that take long to import are
imported where they are needed: most programs print no command.)
"""

from __future__ import annotations

import os
import re
import sys

from engine._support.version import DISTRIBUTION, clone_folder


def pathgrad_command() -> str:
    """The command `pathgrad` of this Python; `python -m viz` where it is not installed."""
    return script_command(DISTRIBUTION, "viz")


def script_command(name: str, module: str) -> str:
    """A script that is installed beside this Python; where it is not, a module, run by this Python."""
    folder = os.path.dirname(os.path.abspath(sys.executable))
    scripts = [os.path.join(folder, name + suffix) for suffix in ("", ".exe")]
    found = next(filter(os.path.isfile, scripts), None)
    return _typed(found) if found else python_command(module)


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
    clone = clone_folder()
    if not clone:
        return python_command(f"pip install {_quote(f'{DISTRIBUTION}[{extra}]')}")
    return python_command(f"pip install -e {_quote(f'{_below(clone)}[{extra}]')}")


def _typed(path: str) -> str:
    """A program: its name where the search path leads to it, else its path, a relative one below the working folder."""
    import shutil

    name, place = os.path.basename(path), _below(path)
    found = shutil.which(name)
    if found and os.path.abspath(found) == path:
        return name
    return _quote(place if os.path.dirname(place) else os.path.join(os.curdir, place))


def _below(path: str) -> str:
    """The path from the working folder, if it lies there; else the path itself."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # it is on another drive of Windows
        return path
    return path if relative.startswith(os.pardir) else relative


def _quote(text: str) -> str:
    """A word of a command, for the shells of this system."""
    if os.name == "nt":
        return text if re.fullmatch(r"[\w.:/\\-]+", text) else f'"{text}"'
    import shlex

    return shlex.quote(text)
