"""A check that the name `engine` leads to the package beside this one, and not to a file of the user's of that name.

It comes before all other imports, whose errors would not say so, and does not import that file, which may be the very
program that runs. `nn` and `viz` do not import each other, so each has a copy.
"""

from __future__ import annotations

from importlib.util import find_spec
from os.path import abspath, dirname, join, realpath

if _spec := find_spec("engine"):
    _found = (_spec.submodule_search_locations or [_spec.origin or ""])[0]
    if realpath(_found) != realpath(join(dirname(dirname(abspath(__file__))), "engine")):
        raise ImportError(
            f"{__package__} needs the package engine of pathgrad, but the name engine leads to {_found}: rename that,"
            " or run Python in another folder"
        )
