"""All public names of `engine`, `nn` and `viz` in one package: `from pathgrad import Value, MLP, draw`.

Each is imported from its own package when it is first asked for; `help(engine)`, `help(nn)` and `help(viz)` list them.
The package lies beside those three where they are installed, in place or from a wheel.

>>> from pathgrad import MLP, Value, draw
>>> Value.__module__, MLP.__module__, draw.__module__
('engine.value', 'nn.layers', 'viz.drawing.graphs')
"""

from __future__ import annotations

import os

# As `typing` has it, which is not imported here, nor is `importlib.util`: until `viz` handles Ctrl-C, each would add to
# the time in which it gives a traceback.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import typing

    import engine
    import nn
    import viz
    from engine import *
    from nn import *
    from viz import *

    __all__ = ["__version__"]
    __all__ += engine.__all__
    __all__ += nn.__all__
    __all__ += viz.__all__
    __version__: str
else:
    _PACKAGES = ("engine", "nn", "viz")

    def __getattr__(name: str) -> typing.Any:
        for package in map(_import_own, _PACKAGES):
            if name in package.__all__ or name == "__version__":
                return getattr(package, name)
        if name == "__all__":
            return ["__version__", *(public for package in _PACKAGES for public in _import_own(package).__all__)]
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__getattr__("__all__")})

    def _import_own(name: str) -> typing.Any:
        """A package of this project. Raises ImportError if the name leads to a file of the user's."""
        import importlib.util

        spec = importlib.util.find_spec(name)
        found = (spec.submodule_search_locations or [spec.origin or ""])[0] if spec else ""
        root, here = os.path.split(os.path.dirname(os.path.dirname(__file__)))
        root = os.path.dirname(root) if here == "top-level" else os.path.join(root, here)  # in a clone; installed
        if os.path.realpath(found) != os.path.realpath(os.path.join(root, name)):
            where = f"leads to {found}: rename that, or run Python in another folder" if found else "leads nowhere"
            raise ImportError(f"pathgrad needs its package {name}, but the name {name} {where}")
        return importlib.import_module(name)
