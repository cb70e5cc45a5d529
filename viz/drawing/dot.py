"""A drawing: DOT text, and what becomes of it. Only this file runs the program `dot`."""

from __future__ import annotations

import base64
import html
import os
import signal
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE
from threading import Thread
from time import monotonic
from typing import IO, Any

from engine import Value
from engine._support import checks
from engine._support.safe_files import write_whole

# How a picture in a format begins, and what stands near its end.
SIGNATURES = {
    "svg": (b"<?xml", b"</svg>"),
    "png": (b"\x89PNG", b"IEND"),
    "pdf": (b"%PDF-", b"%%EOF"),
    "dot": (b"", b"}"),
}
FORMATS = tuple(SIGNATURES)
PATIENCE = 120.0  # seconds for one picture
MOST_BYTES, PIECE = 200_000_000, 100_000  # of one picture, and that are read at a time
MOST_SAID = 500  # characters of what `dot` complains of
DIRECTIONS = ("LR", "RL", "TB", "BT")
MOST_NODES = 300  # that can be read in one drawing; `dot` takes minutes for some thousands

INSTALL = (
    "apt install graphviz, brew install graphviz, winget install Graphviz.Graphviz, "
    "or conda install -c conda-forge python-graphviz"
)


def names_of(names: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Names for nodes, none if there are none. Raises TypeError for what is no mapping."""
    names = {} if names is None else names
    checks.instance(names, Mapping, "names is a mapping from names to nodes, such as locals()")
    return names


def outputs_of(root: Value | Sequence[Value]) -> tuple[Value, ...]:
    """The output or outputs to be drawn. Raises TypeError if one is no `Value`, ValueError if there is none."""
    outputs = values_of(root, "a drawing starts from")
    if not outputs:
        raise ValueError("there is no output to draw: the list is empty")
    return outputs


def values_of(given: Value | Iterable[Value], what: str) -> tuple[Value, ...]:
    """One Value or several as a tuple. Raises TypeError, which begins with `what`, if one is no `Value`."""
    values = (given,) if isinstance(given, Value) or not isinstance(given, Iterable) else tuple(given)
    for value in values:
        checks.instance(value, Value, f"{what} a Value or a list of them")
    return values


class DrawingError(RuntimeError):
    """A picture could not be made: the program `dot` of Graphviz is missing, or it failed."""


class Drawing:
    """A drawing of a graph. Jupyter shows it; `save` writes it to a file.

    Attributes:
        source: The drawing as DOT text: the same graph always gives the same text.
        format: The format in which it is saved where the file's name does not say.

    >>> Drawing("digraph { x -> y }").source
    'digraph { x -> y }'
    """

    def __init__(self, source: str, format: str = "svg") -> None:
        checks.instance(source, str, "a drawing is DOT text")
        checks.choice(format, FORMATS, "format")
        self.source = source
        self.format = format

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the drawing to a file, in the format that its suffix names, and return its path.

        Missing folders are made. A file that is there already stays as it is until the new one is complete. Raises
        ValueError for an unknown suffix, OSError if the file cannot be written (io.UnsupportedOperation, which is a
        ValueError too, if a folder or a pipe is there), and DrawingError if `dot` is missing or fails; the text of the
        drawing is then saved beside it, as a `.dot` file, in the place of no other.
        """
        path = Path(os.path.expanduser(path))
        if not path.suffix and not path.is_dir():
            path = path.with_name(f"{path.name}.{self.format}")
        format = path.suffix[1:].lower()
        if format not in FORMATS:
            raise ValueError(f"cannot draw {path}: possible suffixes are {', '.join('.' + name for name in FORMATS)}")
        try:
            picture = self.source.encode() if format == "dot" else self.render(format)
        except DrawingError as error:
            text = write_whole(_beside(path, self.source), self.source)
            raise DrawingError(f"{error} The drawing is saved as text in {text}.") from error
        return write_whole(path, picture)

    def render(self, format: str) -> bytes:
        """The picture as bytes.

        Raises ValueError for an unknown format, and DrawingError if `dot` is missing or fails, or takes longer than
        `viz.drawing.dot.PATIENCE` seconds.
        """
        checks.choice(format, FORMATS, "format")
        picture = _run_dot(self.source, format)
        beginning, end = SIGNATURES[format]
        if not picture.lstrip().startswith(beginning) or end not in picture[-1024:]:
            raise DrawingError(f"The program 'dot' ended well, but what it printed is no {format}: {picture[:60]!r}.")
        return picture

    def _repr_svg_(self) -> str | None:
        try:
            return self.render("svg").decode()
        except DrawingError:
            return None  # the notebook then shows the text of `__repr__`

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook is given: the picture, and the same as HTML, which fits the page however wide it is."""
        svg = self._repr_svg_()
        return {} if svg is None else {"image/svg+xml": svg, "text/html": image(svg, repr(self))}

    def __repr__(self) -> str:
        return f"<drawing of {self.source.count('[label=')} parts; .save('name.svg') writes it, .source is its text>"


def image(svg: str, alt: str) -> str:
    """An SVG picture in an element of HTML: no wider than the page, and with a style sheet of its own.

    >>> image("<svg/>", "nothing")
    '<img alt="nothing" style="max-width: 100%" src="data:image/svg+xml;base64,PHN2Zy8+">'
    """
    content = base64.b64encode(svg.encode()).decode()
    return f'<img alt="{html.escape(alt)}" style="max-width: 100%" src="data:image/svg+xml;base64,{content}">'


def _run_dot(source: str, format: str) -> bytes:
    """What the program `dot` makes of DOT text. However this ends, by Ctrl-C too, no `dot` is left running."""
    command = ["dot", "-Kdot", f"-T{format}"]
    if format == "pdf":
        command.append("-Gmargin=0")  # else half an inch of white paper around it
    try:
        # In a group of its own, so that it is ended together with what it may have started.
        running = subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True)
    except FileNotFoundError:
        raise DrawingError(f"The program 'dot' of Graphviz was not found. Install it: {INSTALL}.") from None
    except OSError as error:
        raise DrawingError(f"The program 'dot' cannot be run: {error}.") from error
    try:
        picture, said = _communicate(running, source.encode())
    except subprocess.TimeoutExpired:
        raise DrawingError(
            f"The program 'dot' was stopped, for it took more than {PATIENCE:g} seconds; a smaller graph may do better."
        ) from None
    finally:
        _end(running)
    if running.returncode < 0:
        raise DrawingError(f"The program 'dot' crashed: it was ended by signal {-running.returncode}.")
    if running.returncode:
        complaint = " ".join(said[: 4 * MOST_SAID].decode(errors="replace").split())[:MOST_SAID]
        raise DrawingError(f"The program 'dot' failed: {complaint or f'its exit status is {running.returncode}'}.")
    return picture


def _communicate(running: subprocess.Popen[bytes], content: bytes) -> tuple[bytes, bytes]:
    """As `communicate`, but a program that prints without end is ended before it fills the memory."""
    stdin, stdout, stderr = filter(None, (running.stdin, running.stdout, running.stderr))  # all of them are pipes
    printed = {stdout: bytearray(), stderr: bytearray()}

    def read(stream: IO[bytes]) -> None:
        with suppress(OSError, ValueError):  # of a stream that was closed meanwhile
            while len(printed[stream]) < MOST_BYTES and (piece := stream.read(PIECE)):
                printed[stream] += piece
        if len(printed[stream]) >= MOST_BYTES:
            running.kill()

    def write() -> None:
        with suppress(OSError), stdin:  # it may end without having read all
            stdin.write(content)

    threads = [Thread(target=read, args=[stream], daemon=True) for stream in (stdout, stderr)]
    threads.append(Thread(target=write, daemon=True))
    end = monotonic() + PATIENCE
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end - monotonic()))
        if thread.is_alive():
            raise subprocess.TimeoutExpired(running.args, PATIENCE)
    if max(map(len, printed.values())) >= MOST_BYTES:
        raise DrawingError(f"The program 'dot' was stopped, for it printed more than {MOST_BYTES // 10**6} MB.")
    running.wait(max(0.0, end - monotonic()))
    return bytes(printed[stdout]), bytes(printed[stderr])


def _end(running: subprocess.Popen[bytes]) -> None:
    if running.returncode is None:  # nobody has waited for it yet, so the number of its group is its own still
        if hasattr(os, "killpg"):
            os.killpg(running.pid, signal.SIGKILL)
        else:
            running.kill()
        running.wait()
    for stream in (running.stdin, running.stdout, running.stderr):
        if stream:
            with suppress(OSError):  # of what could not be written any more
                stream.close()


def _beside(path: Path, source: str) -> Path:
    """Where the text of a picture is saved: net.dot, or if something else is there, net-1.dot, net-2.dot, ..."""
    text, i = path.with_suffix(".dot"), 0
    while os.path.lexists(text) and not (text.is_file() and text.read_bytes() == source.encode()):
        i += 1
        text = path.with_name(f"{path.stem}-{i}.dot")
    return text
