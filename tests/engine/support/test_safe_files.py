"""Files are written atomically, after any error, and read without trust."""

import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine._support.safe_files import read_bounded, write_atomically

LONG = "new " * 100_000


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "file.txt"
    path.write_text("old")
    return path


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, which pytest's own is not."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


@contextmanager
def as_ordinary_user() -> Iterator[None]:
    """Root may write everywhere, so as root be nobody for a while."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(was)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def disk_that_is_full_after(n_bytes: int) -> Iterator[None]:
    """The system itself then refuses to make a file longer than that, half-way through."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def only_the_old_file_is_there(old: Path) -> bool:
    return old.read_text() == "old" and os.listdir(old.parent) == [old.name]


# Writing


def test_a_file_and_its_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file.txt"
    write_atomically(path, "σ\n")
    assert path.read_bytes() == "σ\n".encode()
    assert os.listdir(path.parent) == ["file.txt"]


def test_bytes_are_written_as_they_are(tmp_path: Path) -> None:
    write_atomically(tmp_path / "file", b"\x89\r\n\x00")
    assert (tmp_path / "file").read_bytes() == b"\x89\r\n\x00"


def test_a_path_may_be_text_or_bytes_or_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path in ("plain.txt", b"bytes.txt", Path("path.txt")):
        write_atomically(path, "x")
    assert sorted(os.listdir(tmp_path)) == ["bytes.txt", "path.txt", "plain.txt"]


def test_the_longest_name_that_a_file_can_have_will_do(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    write_atomically(path, "x")
    assert path.read_text() == "x"


def test_an_old_file_is_replaced(old: Path) -> None:
    write_atomically(old, "new")
    assert old.read_text() == "new"
    assert os.listdir(old.parent) == [old.name]


def test_a_full_disk_leaves_the_old_file_whole(old: Path) -> None:
    with disk_that_is_full_after(1000), pytest.raises(OSError, match="File too large"):
        write_atomically(old, LONG)
    assert only_the_old_file_is_there(old)


@pytest.mark.parametrize("moment", ["chmod", "fsync", "replace"])
def test_ctrl_c_at_any_moment_leaves_the_old_file_whole(
    old: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    monkeypatch.setattr(os, moment, lambda *_: signal.raise_signal(signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        write_atomically(old, LONG)
    assert only_the_old_file_is_there(old)


def test_a_kill_in_the_middle_leaves_the_old_file_whole(old: Path) -> None:
    program = (
        "import os, signal, sys; from engine._support.safe_files import write_atomically\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "write_atomically(sys.argv[1], 'new')"
    )
    killed = subprocess.run([sys.executable, "-c", program, old], cwd=Path(__file__).parents[3])
    assert killed.returncode == -signal.SIGKILL
    assert old.read_text() == "old"


def test_text_that_utf_8_cannot_encode_leaves_the_old_file_whole(old: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_atomically(old, LONG + "\ud800")
    assert only_the_old_file_is_there(old)


def test_a_file_reaches_the_disk_before_it_replaces_the_old_one(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def fsync(file: int) -> None:
        sizes.append(os.fstat(file).st_size)
        assert old.read_text() == "old"

    monkeypatch.setattr(os, "fsync", fsync)
    write_atomically(old, LONG)
    assert sizes == [len(LONG)]
    assert old.read_text() == LONG


# Permissions


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_permissions_that_open_gives(tmp_path: Path, mask: int) -> None:
    with umask(mask):
        write_atomically(tmp_path / "ours", "x")
        (tmp_path / "theirs").write_text("x")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "theirs").stat().st_mode


@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_an_old_file_keeps_its_permissions(old: Path, mode: int) -> None:
    old.chmod(mode)
    write_atomically(old, "new")
    assert stat.S_IMODE(old.stat().st_mode) == mode


def test_a_private_file_is_private_from_its_first_byte(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old.chmod(0o600)
    seen: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda file: seen.append(stat.S_IMODE(os.fstat(file).st_mode)))
    write_atomically(old, "new")
    assert seen == [0o600]


def test_a_folder_that_is_read_only_is_left_alone(open_folder: Path) -> None:
    (open_folder / "file.txt").write_text("old")
    with as_ordinary_user(), pytest.raises(PermissionError):
        write_atomically(open_folder / "file.txt", "new")
    with as_ordinary_user(), pytest.raises(PermissionError, match=r"Permission denied: '.*/new\.txt'$"):
        write_atomically(open_folder / "new.txt", "new")
    assert only_the_old_file_is_there(open_folder / "file.txt")


def test_a_read_only_file_in_a_writable_folder_is_not_replaced(open_folder: Path) -> None:
    os.chmod(open_folder, 0o777)
    path = open_folder / "file.txt"
    path.write_text("old")
    path.chmod(0o444)
    with as_ordinary_user(), pytest.raises(PermissionError, match=r"file\.txt"):
        write_atomically(path, "new")
    assert only_the_old_file_is_there(path)


# Links, folders, devices


def test_a_link_stays_one_and_its_file_is_replaced(old: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "link"
    link.parent.mkdir()
    link.symlink_to(old)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert old.read_text() == "new"
    assert os.listdir(link.parent) == ["link"]


def test_a_link_to_nothing_makes_the_file_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("missing.txt")
    write_atomically(tmp_path / "link", "new")
    assert (tmp_path / "missing.txt").read_text() == "new"
    assert (tmp_path / "link").is_symlink()


def test_links_in_a_circle_are_an_error_and_stay(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OSError, match="symbolic links"):
        write_atomically(tmp_path / "a", "new")
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def folder(path: Path) -> None:
    path.mkdir()


def sock(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))  # whose length is limited


def device(path: Path) -> None:
    path.symlink_to("/dev/null")


STRANGE = [(folder, "a folder"), (os.mkfifo, "a pipe"), (sock, "a socket"), (device, "a device")]


@pytest.mark.parametrize(("make", "kind"), STRANGE)
def test_only_a_regular_file_is_replaced(tmp_path: Path, make: Callable[[Path], None], kind: str) -> None:
    make(tmp_path / "it")
    before = os.stat(tmp_path / "it")
    with pytest.raises(ValueError, match=f"it is {kind}|null is {kind}"):
        write_atomically(tmp_path / "it", "new")
    after = os.stat(tmp_path / "it")
    assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)
    assert os.listdir(tmp_path) == ["it"]


# Reading


def test_a_text_is_read_up_to_the_bound(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes("σσ".encode())
    assert read_bounded(tmp_path / "file", 4) == "σσ"
    with pytest.raises(ValueError, match="it is 4 bytes long, and most_bytes is 3"):
        read_bounded(tmp_path / "file", 3)


def test_a_file_of_terabytes_is_refused_unread(tmp_path: Path) -> None:
    with open(tmp_path / "file", "wb") as file:
        file.truncate(2**40)  # a sparse file
    with pytest.raises(ValueError, match="1,099,511,627,776 bytes long"):
        read_bounded(tmp_path / "file", 2**26)


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/urandom"])
def test_a_device_is_not_read(path: str) -> None:
    with pytest.raises(ValueError, match="it is a device, not a file"):
        read_bounded(path, 100)


def test_reading_does_not_wait_for_a_pipe_without_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="it is a pipe, not a file"):
        read_bounded(tmp_path / "pipe", 100)


def test_a_folder_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read_bounded(tmp_path, 100)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("text".encode("utf-8-sig"), "byte order mark"),
        ("text".encode("utf-16"), "can't decode byte 0xff in position 0"),
        ("é".encode("latin-1"), "can't decode byte 0xe9 in position 0"),
    ],
    ids=["UTF-8 with a mark", "UTF-16", "Latin-1"],
)
def test_text_that_is_not_plain_utf_8_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_bounded(tmp_path / "file", 100)
