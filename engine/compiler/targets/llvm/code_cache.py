"""Machine code that is kept on disk, so that another process need not compile it again.

A file is named by a digest of all that its code depends on. Files and their folder belong to the user alone, and have
checksums: whatever else is found in their place is ignored, as is every error, and then the code is compiled.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import engine
from engine._support.checks import check_choice

VARIABLE = "PATHGRAD_CODE_CACHE"  # of the environment
SETTINGS = {name: i < 4 for i, name in enumerate(("1", "on", "true", "yes", "0", "off", "false", "no"))}
MAX_BYTES = 256 * 2**20  # of all files; the oldest are removed
_CHECKSUM = hashlib.sha256().digest_size


def is_enabled() -> bool:
    """Whether code is kept: on POSIX, unless the environment switches it off. Raises ValueError for another setting."""
    return os.name == "posix" and _is_switched_on() and folder() is not None


def _is_switched_on() -> bool:
    """Whether the environment switches it on. Raises ValueError for an unknown setting."""
    setting = os.environ.get(VARIABLE, "").strip().lower() or "on"
    check_choice(setting, SETTINGS, VARIABLE)
    return SETTINGS[setting]


def folder() -> Path | None:
    """Where it lies, in the user's folder for caches; None if the user does not have one."""
    home, chosen = os.path.expanduser("~"), os.environ.get("XDG_CACHE_HOME", "")
    caches = chosen if os.path.isabs(chosen) else f"{home}/.cache"  # XDG: a relative path is to be ignored
    if sys.platform == "darwin":
        caches = f"{home}/Library/Caches"
    return Path(caches, "pathgrad", "code") if os.path.isabs(caches) else None


@cache
def _environment(machine: tuple[object, ...]) -> str:
    """A text with all that compiles: the digest of this package's sources, versions of all else, and the machine."""
    name = "CS_GNU_LIBC_VERSION"  # of the functions by which constants were folded
    libc = os.confstr(name) if name in os.confstr_names else os.uname().release
    return repr((sys.version, libc, machine, digest_sources(Path(__file__).parents[3])))


def digest_sources(package: Path) -> str:
    """The digest of the files of a package, with their names.

    Raises OSError without files, and for one that was changed since the import: what runs is another version.
    """
    digest, paths = hashlib.sha256(), sorted(package.rglob("*.py"))
    if not paths or max(path.stat().st_ctime for path in paths) > engine._imported_at:
        raise FileNotFoundError("what was imported does not lie in files")
    for path in paths:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(package)}:{len(content)}:".encode() + content)
    return digest.hexdigest()


def file_name(machine: tuple[object, ...], *parts: object) -> str | None:
    """The name of the file of what these parts describe, compiled for a machine; None if nothing is kept."""
    if not is_enabled():
        return None
    try:
        return hashlib.sha256(repr((_environment(machine), *parts)).encode()).hexdigest()
    except OSError:  # of `digest_sources`
        return None


def load(name: str) -> bytes | None:
    """The content of a file; None if it is not there, or not as it was written."""
    with suppress(OSError), _open_folder() as directory:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with open(os.open(name, flags, dir_fd=directory), "rb") as file:
            _check_owner(os.fstat(file.fileno()), stat.S_ISREG)
            content = file.read(MAX_BYTES)
            if _checksum(name, content[_CHECKSUM:]) == content[:_CHECKSUM]:
                with suppress(OSError):
                    os.utime(file.fileno())  # the oldest is the one that was not used for the longest time
                return content[_CHECKSUM:]
    return None


def save(name: str, content: bytes) -> None:
    """Write a file, unless that is not possible, and remove the oldest ones if there are too many."""
    if len(content) + _CHECKSUM > MAX_BYTES or (path := folder()) is None:
        return
    with suppress(OSError):
        os.makedirs(path, mode=stat.S_IRWXU, exist_ok=True)
        with _open_folder() as directory:
            temporary = f"{name}-{secrets.token_hex(8)}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            try:
                with open(os.open(temporary, flags, stat.S_IRUSR | stat.S_IWUSR, dir_fd=directory), "wb") as file:
                    file.write(_checksum(name, content) + content)
                os.replace(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
            except BaseException:
                with suppress(OSError):
                    os.unlink(temporary, dir_fd=directory)
                raise
            _remove_oldest(directory)


@contextmanager
def _open_folder() -> Iterator[int]:
    """The descriptor of the folder. Raises OSError unless it is the user's own."""
    directory = os.open(folder() or "", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _check_owner(os.fstat(directory), stat.S_ISDIR)
        yield directory
    finally:
        os.close(directory)


def _check_owner(status: os.stat_result, is_kind: Any) -> None:
    """Raise OSError unless it is of this kind, belongs to the user of this process, and is open to nobody else."""
    is_private = not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    if not (is_kind(status.st_mode) and status.st_uid == os.geteuid() and is_private):
        raise PermissionError("not a file of this user alone")


def _checksum(name: str, content: bytes) -> bytes:
    return hashlib.sha256(name.encode() + content).digest()


def _remove_oldest(directory: int) -> None:
    """Remove the regular files that were not used for the longest time, if all are too large together."""
    found: list[tuple[os.stat_result, str]] = []
    with os.scandir(directory) as entries:
        for entry in entries:
            with suppress(OSError):  # another process may have removed it, here and below
                if entry.is_file(follow_symlinks=False):
                    found.append((entry.stat(follow_symlinks=False), entry.name))
    total = sum(status.st_size for status, _ in found)
    for status, name in sorted(found, key=lambda entry: entry[0].st_mtime_ns):
        if total <= MAX_BYTES:
            return
        with suppress(OSError):
            os.unlink(name, dir_fd=directory)
        total -= status.st_size
