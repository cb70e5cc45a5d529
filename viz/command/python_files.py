"""Python files of a user: running them, and finding a `Value` or a function by its name."""

from __future__ import annotations

import ast
import dis
import inspect
import runpy
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from warnings import catch_warnings, simplefilter

from engine import Value
from engine._support.suggestions import did_you_mean_or_list

WANTED = "a Value, or a function of numbers that returns one"


class PythonFile:
    """A Python file that has been run: as by `python FILE.py`, its folder is first on the search path.

    Attributes:
        path: The path of the file.
        names: What it defines, by name, in the order of the last assignments.

    Raises OSError if the file cannot be read, ValueError if it fails.
    """

    def __init__(self, path: str) -> None:
        self.path = str(Path(path).expanduser())
        with self.errors("cannot be run"):
            names = runpy.run_path(self.path)
        with catch_warnings():
            simplefilter("ignore")  # each was shown as the file ran
            code = compile(Path(self.path).read_bytes(), self.path, "exec", dont_inherit=True)
        self.names = in_order_of_assignment(names, code)

    def find(self, name: str) -> Value | Callable[..., Any]:
        """The Value or the function of this name. Raises ValueError, which suggests names, for any other."""
        known = [known for known, found in self.names.items() if self._is_graph(found)]
        if name not in self.names:
            raise ValueError(f"{self.path} does not define {name!r}, {WANTED}{did_you_mean_or_list(name, known)}")
        found = self.names[name]
        if isinstance(found, Value) or (callable(found) and not inspect.isclass(found)):
            return found
        kind = f"the class {name}" if inspect.isclass(found) else f"{found!r:.60} of type {type(found).__name__}"
        where = f"{self.path}{self._line_of(name)}"
        if isinstance(found, (list, tuple)) and found and isinstance(found[0], Value):
            raise ValueError(f"{where}: {name} is a {type(found).__name__} of Values: name one of them, y = {name}[0]")
        raise ValueError(f"{where}: {name} must be {WANTED}, not {kind}{did_you_mean_or_list(name, known)}")

    def _is_graph(self, found: Any) -> bool:
        """Whether it is a Value, or a function that the file itself defines."""
        is_own = inspect.isfunction(found) and found.__code__.co_filename == self.path
        return isinstance(found, Value) or is_own

    def _line_of(self, name: str) -> str:
        """The last line that gives the name, such as ", line 3"; "" where it does not, as of an imported one."""
        lines = [
            node.lineno
            for node in ast.walk(ast.parse(Path(self.path).read_bytes()))
            if (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name)
            or (isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name)
        ]
        return f", line {max(lines)}" if lines else ""

    @contextmanager
    def errors(self, what: str) -> Iterator[None]:
        """Run code of the file: an error becomes a ValueError that names the file, its last line there, and `what`."""
        folder, arguments = str(Path(self.path).parent.absolute()), sys.argv
        sys.path.insert(0, folder)
        sys.argv = [self.path]
        try:
            yield
        except (Exception, SystemExit) as error:
            lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == self.path]
            if isinstance(error, OSError) and not lines:
                raise type(error)(f"{self.path} cannot be read: {error.strerror or error}") from error
            says = str(error)
            if isinstance(error, SyntaxError) and error.filename == self.path and error.lineno:
                lines, says = [error.lineno], error.msg  # which does not name the line once more
            where = f"{self.path}, line {lines[-1]}" if lines else self.path
            raise ValueError(f"{where}, {what}: {type(error).__name__}: {says}") from error
        finally:
            sys.argv = arguments
            with suppress(ValueError):  # the file may have changed the list
                sys.path.remove(folder)


def in_order_of_assignment(names: Mapping[str, Any], code: CodeType) -> dict[str, Any]:
    r"""The names in the order of their last assignments in the code; arguments, and names from elsewhere, come first.

    So a variable of a loop stands after the list that the loop goes over, even if an earlier loop has it, too.

    >>> code = compile("for x in (3, 4): pass\nw = [5, 6]\nfor x in w: pass", "example.py", "exec")
    >>> in_order_of_assignment({"x": 6, "w": [5, 6]}, code)
    {'w': [5, 6], 'x': 6}
    """
    last: dict[str, int] = {}
    for i, instruction in enumerate(dis.get_instructions(code)):
        name, operation = instruction.argval, instruction.opname
        if operation in ("STORE_NAME", "STORE_GLOBAL", "STORE_FAST", "STORE_DEREF"):
            last[name] = i
        elif operation.startswith("STORE_FAST_"):  # two instructions in one: the second may load
            last |= dict.fromkeys(name if operation.endswith("_STORE_FAST") else name[:1], i)
    return dict(sorted(names.items(), key=lambda item: last.get(item[0], -1)))


@contextmanager
def local_variables(function: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    """The local variables of a function when it returns, if it is called in the context; none of one in C.

    >>> def square(x):
    ...     y = x * x
    ...     return y
    >>> with local_variables(square) as variables:
    ...     square(3)
    9
    >>> variables
    {'x': 3, 'y': 9}
    """
    variables: dict[str, Any] = {}
    code = getattr(inspect.unwrap(function), "__code__", None)

    def note_return(frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and frame.f_code is code:
            variables.update(in_order_of_assignment(frame.f_locals, frame.f_code))

    before = sys.getprofile()
    sys.setprofile(note_return)
    try:
        yield variables
    finally:
        sys.setprofile(before)
