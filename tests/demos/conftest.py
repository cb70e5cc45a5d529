"""What the paper's demo draws and prints without options, which several modules look at."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from demos.paper.__main__ import main


@pytest.fixture(scope="session")
def summary(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that the demo draws into, and what it prints, without options."""
    folder = tmp_path_factory.mktemp("paper") / "new" / "folder"
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(stream):
        assert main(["--out", str(folder)]) == 0
    stream.seek(0)
    return folder, stream.read()
