"""Machine code that is kept on disk: when it is found, and when it is not."""

from __future__ import annotations

import errno
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

import engine
from engine import TABLE, Program, Value, compile, exp, operation, sigmoid
from engine.compiler import lazy_ir
from engine.compiler.targets.llvm import code_cache, jit
from tests import thorough_unless
from tests.engine.compiler.backends import needs_llvm

pytestmark = [needs_llvm, pytest.mark.skipif(os.name != "posix", reason="code is kept on POSIX alone")]

POINT, ROWS = [0.3, -0.2], [[0.1 * i, 0.2] for i in range(9)]

find_folder = code_cache.folder


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for code, which is kept of small graphs, too."""
    monkeypatch.setenv(code_cache.VARIABLE, "1")
    monkeypatch.setattr(code_cache, "folder", lambda: tmp_path / "pathgrad" / "code")
    monkeypatch.setattr(lazy_ir, "MIN_NODES", 1)
    return tmp_path / "pathgrad" / "code"


def example(w: float = 0.5, frozen: float = 0.25, backend: str = "llvm") -> Program:
    x, y, p, c = Value(0.5, "x"), Value(0.25, "y"), Value(w, "w"), Value(frozen, "c")
    return compile(sigmoid(p * x - y * c) * exp(x), [x, y], [p, y], backend=backend)


def results(program: Program) -> list[Any]:
    total, derivatives = program.sum_over(ROWS)
    bound = program.bind(POINT)
    return [
        program(POINT),
        program.value_and_grad(POINT),
        program.value_and_grad(*POINT),
        program.value_and_grad(ROWS),
        (total, list(derivatives)),
        (bound(), bound.gradient.tolist()),
    ]


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are compiled from now on, which no memory of this process saves."""
    texts: list[str] = []

    def compile_object(text: str, level: jit.Level) -> bytes:
        texts.append(text)
        return jit._compile(text, level)

    monkeypatch.setattr(jit, "compile_object", compile_object)
    return texts


def test_code_is_found_by_the_next_program(compiled: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    expected = results(example())
    assert compiled
    compiled.clear()

    def fail() -> NoReturn:
        raise AssertionError("the formulas of the graph were built again")

    program = example()
    monkeypatch.setattr(program._lazy_ir, "_make", fail)
    assert results(program) == expected
    assert not compiled


def test_other_numbers_of_parameters_share_code(compiled: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(code_cache.VARIABLE, "0")
    expected = results(example(0.75))
    monkeypatch.setenv(code_cache.VARIABLE, "1")
    assert results(example(0.5)) != expected
    compiled.clear()
    assert results(example(0.75)) == expected
    assert not compiled


def test_what_needs_formulas_builds_them() -> None:
    results(example())
    program = example()
    results(program)
    assert (program.source, program.hessian(POINT)) == (example(backend="python").source, example().hessian(POINT))


def variants() -> Iterator[Program]:
    x, y, w = (Value(number, name) for number, name in ((0.5, "x"), (0.25, "y"), (0.5, "w")))
    yield compile(x * y, [x, y], [x, y], backend="llvm")
    yield compile(x * y, [y, x], [x, y], backend="llvm")
    yield compile(x * y, [x, y], [y, x], backend="llvm")
    yield compile([x * y], [x, y], backend="llvm")
    yield compile([x * y, x], [x, y], backend="llvm")
    yield compile(x / y, [x, y], [x, y], backend="llvm")
    yield compile(y * x, [x, y], [x, y], backend="llvm")
    yield compile(x * y * w, [x, y], [x, y], backend="llvm")
    yield compile(x * y * w, [x, y], [x, y, w], backend="llvm")
    yield compile(x * y * 0.0, [x, y], [x, y], backend="llvm")
    yield compile(x * y * -0.0, [x, y], [x, y], backend="llvm")


def test_different_programs_have_different_digests() -> None:
    digests = [program._lazy_ir.digest for program in variants()]
    assert digests == [program._lazy_ir.digest for program in variants()]
    assert len(set(digests)) == len(digests)
    assert None not in digests


def spoil(change: Callable[[Path], object]) -> Callable[[Path], None]:
    def all_of(folder: Path) -> None:
        for path in files(folder):
            change(path)

    return all_of


def replaced(path: Path, content: bytes) -> None:
    path.unlink()
    path.write_bytes(content)
    path.chmod(0o600)


def linked(path: Path) -> None:
    path.symlink_to(path.rename(path.parent.parent / path.name))


def piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def replaced_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir(0o700)


SPOILED: dict[str, Callable[[Path], None]] = {
    "a byte": spoil(lambda path: replaced(path, path.read_bytes()[:-1] + b"?")),
    "cut off": spoil(lambda path: replaced(path, path.read_bytes()[:-9])),
    "empty": spoil(lambda path: replaced(path, b"")),
    "another's content": lambda folder: replaced(files(folder)[0], files(folder)[1].read_bytes()),
    "read by others": spoil(lambda path: path.chmod(0o644)),
    "a link": spoil(linked),
    "a pipe": spoil(piped),
    "a folder": spoil(replaced_by_a_folder),
    "folder for all": lambda folder: folder.chmod(0o755),
    "folder is a link": lambda folder: folder.symlink_to(folder.rename(folder.with_name("elsewhere"))),
}


@pytest.mark.parametrize("how", SPOILED)
def test_files_that_are_not_as_written_are_ignored(how: str, folder: Path, compiled: list[str]) -> None:
    expected = results(example())
    SPOILED[how](folder)
    compiled.clear()
    assert results(example()) == expected
    assert compiled


def test_files_of_another_user_are_ignored(monkeypatch: pytest.MonkeyPatch, compiled: list[str]) -> None:
    expected, user = results(example()), os.geteuid()
    compiled.clear()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    assert results(example()) == expected
    assert compiled


def test_files_belong_to_the_user_alone(folder: Path) -> None:
    results(example())
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in files(folder)} == {0o600}


@thorough_unless(lambda code: code == errno.ENOSPC)
@pytest.mark.parametrize("function", ["makedirs", "open", "replace", "scandir", "utime"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_errors_of_the_disk_are_not_errors(
    function: str, code: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = results(example())

    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patched:
        patched.setattr(os, function, fail)
        assert results(example()) == expected
        assert results(example(frozen=0.75))
    assert all(len(path.name) == 64 for path in files(folder))  # temporary files have longer names


def test_a_full_disk_leaves_no_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir(0o700, parents=True)
    monkeypatch.setattr(code_cache, "_checksum", lambda *_: os.write(-1, b""))  # fails as writing does
    code_cache.save("name", b"content")
    assert files(folder) == []


def test_the_oldest_files_are_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_cache, "MAX_BYTES", 1000)
    for i in range(5):
        code_cache.save(f"{i}", bytes(300))
        os.utime(folder / f"{i}", (i, i))
        assert code_cache.load("0") == bytes(300)  # is used, and therefore young
    assert [path.name for path in files(folder)] == ["0", "3", "4"]
    code_cache.save("5", bytes(2000))
    assert code_cache.load("5") is None


def test_what_is_not_a_file_does_not_stop_the_removal(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_cache, "MAX_BYTES", 1000)
    code_cache.save("0", bytes(300))
    (folder / "other").mkdir()
    os.utime(folder / "other", (1, 1))
    for i in range(1, 5):
        os.utime(folder / f"{i - 1}", (i, i))
        code_cache.save(f"{i}", bytes(300))
    assert sum(path.stat().st_size for path in folder.iterdir() if path.is_file()) <= 1000


@pytest.mark.skipif(sys.platform == "darwin", reason="its folder is another one")
def test_a_relative_folder_for_caches_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "caches")
    assert find_folder() == tmp_path / ".cache" / "pathgrad" / "code"


@pytest.mark.parametrize("changed", ["sources", "machine", "after the import"])
def test_other_sources_and_machines_have_other_code(
    changed: str, monkeypatch: pytest.MonkeyPatch, compiled: list[str]
) -> None:
    expected = results(example())
    compiled.clear()
    if changed == "sources":
        monkeypatch.setattr(code_cache, "digest_sources", lambda package: "other")
        code_cache._environment.cache_clear()
    elif changed == "after the import":
        monkeypatch.setattr(engine, "_imported_at", 0.0)
        code_cache._environment.cache_clear()
    else:
        machine = jit.describe_machine()
        monkeypatch.setattr(jit, "describe_machine", lambda: (*machine[:-1], "+other"))
    assert results(example()) == expected
    assert compiled
    code_cache._environment.cache_clear()


def test_a_changed_source_changes_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OSError, match="does not lie in files"):
        code_cache.digest_sources(tmp_path)
    monkeypatch.setattr(engine, "_imported_at", math.inf)
    (tmp_path / "folder").mkdir()
    seen = set()
    for name, content in (("a.py", "1"), ("a.py", "2"), ("folder/b.py", "1"), ("c.py", ""), ("c.txt", "1")):
        (tmp_path / name).write_text(content)
        seen.add(code_cache.digest_sources(tmp_path))
    assert len(seen) == 4


def test_the_user_s_own_operations_are_not_kept(folder: Path) -> None:
    TABLE.pop("mine", None)
    mine = operation("mine", "mine", lambda x: x * x, lambda z, x: 2.0 * x)
    x = Value(0.5, "x")
    program = compile(mine(x) + x, [x], backend="llvm")
    assert program([3.0]) == 12.0
    assert program._lazy_ir.digest is None
    del TABLE["mine"]
    assert not any(path.stat().st_size > 20_000 for path in files(folder))


@pytest.mark.parametrize("setting", ["0", "off", "FALSE", " No", "1", "On", "true", "yes", ""])
def test_the_environment_switches_it_off(setting: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(code_cache.VARIABLE, setting)
    results(example())
    assert bool(files(folder)) == (setting in ("1", "On", "true", "yes", ""))


def test_another_setting_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(code_cache.VARIABLE, "disable")
    with pytest.raises(ValueError, match=r"unknown PATHGRAD_CODE_CACHE 'disable'; choose .* off, false, no"):
        example()
    assert not files(folder)


def test_small_graphs_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lazy_ir, "MIN_NODES", 100)
    assert example()._lazy_ir.digest is None


TWO = """
from engine import compile, sin
def f(x):
    for _ in range(600):
        x = sin(x) * 1.5
    return x
print(compile(f, n_inputs=1, backend="llvm").value_and_grad([0.5]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="its folder is set by XDG_CACHE_HOME")
def test_processes_share_the_folder_at_the_same_time(tmp_path: Path) -> None:
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), code_cache.VARIABLE: ""}
    for kept in (0, 2):  # the functions of the library, and the kernel
        found = files(tmp_path / "pathgrad" / "code")
        assert len(found) == kept
        both = [
            subprocess.Popen([sys.executable, "-c", TWO], env=environment, stdout=subprocess.PIPE) for _ in range(2)
        ]
        assert len({process.communicate()[0] for process in both}) == 1
        assert [process.returncode for process in both] == [0, 0]
