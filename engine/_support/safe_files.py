"""Files that are written atomically, and read without trust in where they come from."""

from __future__ import annotations

import io
import os
import secrets
import stat
from pathlib import Path

from engine._support.termination import termination_deferred

FilePath = str | bytes | os.PathLike[str] | os.PathLike[bytes]


def write_atomically(path: FilePath, content: str | bytes) -> Path:
    """Write a file atomically: to a temporary file beside it, which is then moved to its place. Return the path.

    Text is UTF-8. Missing folders are made; ~ is the home. A new file gets the permissions that `open` would give
    it, an old one keeps its own; of a link, the target is replaced. After an error or Ctrl-C the old file is as it was,
    and the temporary one is removed; SIGTERM takes effect when the new file is complete. Only SIGKILL, or SIGTERM while
    another thread than the main one writes, leaves the temporary file behind. Raises OSError as `open` does, and
    io.UnsupportedOperation, an OSError and a ValueError, if something at that path is not a regular file.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     read_bounded(write_atomically(f"{folder}/new/notes.txt", "whole"), most_bytes=5)
    'whole'
    """
    path = Path(os.fsdecode(os.path.expanduser(path)))
    target = Path(os.path.realpath(path))
    mode = _mode_to_keep(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".pathgrad-{secrets.token_hex(8)}")  # a short name: the target's may be the longest
    with termination_deferred():
        try:
            with open(temporary, "xb") as file:
                if mode is not None:
                    os.chmod(temporary, mode)
                file.write(content.encode() if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())  # or a crash of the machine could leave an empty file under the new name
            os.replace(temporary, target)
        except OSError as error:
            if error.filename is None or Path(error.filename) != temporary:
                raise
            raise OSError(error.errno, error.strerror, str(path)) from error  # the file that was asked for
        finally:
            temporary.unlink(missing_ok=True)
    return path


def _mode_to_keep(target: Path) -> int | None:
    """The permissions of the file that is to be replaced; None if it does not exist."""
    try:
        mode = target.stat().st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(mode):
        raise io.UnsupportedOperation(f"{target} is {_kind(mode)}, and cannot be replaced by a file")
    with open(target, "ab"):  # refuses a read-only file, which the folder alone would let us rename away
        return stat.S_IMODE(mode)


def read_bounded(path: FilePath, most_bytes: int) -> str:
    """The text of a UTF-8 file, of which no more than `most_bytes` are read.

    Raises OSError as `open` does, and ValueError if it is longer, not a regular file (a pipe is not waited for), or not
    UTF-8.
    """
    at_once = getattr(os, "O_NONBLOCK", 0)  # which Windows, where no path is a pipe, does not have
    with open(os.path.expanduser(path), "rb", opener=lambda path, flags: os.open(path, flags | at_once)) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f"it is {_kind(status.st_mode)}, not a file")
        if status.st_size > most_bytes:
            raise ValueError(f"it is {status.st_size:,} bytes long, and most_bytes is {most_bytes:,}")
        content = file.read(status.st_size)
    if content.startswith(b"\xef\xbb\xbf"):
        raise ValueError("it begins with a byte order mark; save it as UTF-8 without one")
    return content.decode("utf-8")


def _kind(mode: int) -> str:
    kinds = {"a folder": stat.S_ISDIR, "a pipe": stat.S_ISFIFO, "a socket": stat.S_ISSOCK}
    return next((kind for kind, holds in kinds.items() if holds(mode)), "a device")
