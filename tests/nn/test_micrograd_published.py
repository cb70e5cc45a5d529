"""micrograd's own test file, as published, run on this engine with only its import changed."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

SOURCES = "micrograd==0.1.0"
THEIR_IMPORT, OUR_IMPORT = "from micrograd.engine import Value\n", "from engine import Value\n"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The test file, from the folder MICROGRAD_SOURCES or from the sources that pip downloads, not from the wheel."""
    pytest.importorskip("torch", reason="micrograd's tests compare with PyTorch, which is not installed")
    folder = Path(os.environ.get("MICROGRAD_SOURCES", ""))
    if not folder.name:
        folder = tmp_path_factory.mktemp("micrograd")
        options = ["--no-deps", "--no-binary=:all:", "--retries=0", "--timeout=10", "--quiet", f"--dest={folder}"]
        ran = subprocess.run([sys.executable, "-m", "pip", "download", *options, SOURCES], capture_output=True)
        if ran.returncode:
            pytest.skip(f"pip cannot download the sources of {SOURCES}, and MICROGRAD_SOURCES names no folder of them")
        with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
            member = archive.extractfile("micrograd-0.1.0/test/test_engine.py")
            assert member is not None
            return member.read().decode()
    return (folder / "test" / "test_engine.py").read_text(encoding="utf-8")


def test_its_published_tests_pass_with_only_the_import_changed(published: str) -> None:
    assert published.count("micrograd") == published.count(THEIR_IMPORT) == 1
    names: dict[str, Any] = {}
    exec(compile(published.replace(THEIR_IMPORT, OUR_IMPORT), "test_engine.py", "exec"), names)
    tests = [names[name] for name in names if name.startswith("test_")]
    assert len(tests) >= 2
    for test in tests:
        test()
