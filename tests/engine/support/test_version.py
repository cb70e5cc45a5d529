"""The version: of a clone's own pyproject.toml, or of the installed distribution."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import engine
from engine._support.version import DISTRIBUTION

ROOT = Path(__file__).parents[3]
WITHOUT_INSTALLATIONS = "import sys; sys.path = [p for p in sys.path if 'site-packages' not in p]; "


def run(folder: Path, code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env={}, capture_output=True, text=True)
    return (done.stdout + done.stderr).strip()


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "engine", tmp_path / "engine", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def test_the_version_is_that_of_the_project() -> None:
    [stated] = re.findall(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
    assert engine.__version__ == stated


def test_the_changelog_begins_with_the_version() -> None:
    changes = (ROOT / "engine" / "CHANGES.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\S+)", changes, re.MULTILINE)[0] == engine.__version__
    assert f"table of {len(engine.TABLE)} operations" in changes


def test_a_clone_tells_its_own_version(copied: Path) -> None:
    (copied / "pyproject.toml").write_text(f'[project]\nname = "{DISTRIBUTION}"\nversion = "98.7"\n', encoding="utf-8")
    assert run(copied, "import engine; print(engine.__version__)") == "98.7"


def test_an_installation_tells_that_of_its_metadata(copied: Path) -> None:
    (copied / "pyproject.toml").write_text('[project]\nname = "other"\nversion = "98.7"\n', encoding="utf-8")
    folder = copied / f"{DISTRIBUTION}-3.2.1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {DISTRIBUTION}\nVersion: 3.2.1\n", encoding="utf-8")
    assert run(copied, "import engine; print(engine.__version__)") == "3.2.1"


def test_without_either_the_version_is_an_attribute_error(copied: Path) -> None:
    said = run(
        copied, WITHOUT_INSTALLATIONS + "import engine; print(hasattr(engine, '__version__')); engine.__version__"
    )
    assert said.startswith("False\n")
    assert said.endswith(
        "AttributeError: the version is unknown: pathgrad is not installed, and its pyproject.toml does not lie"
        " beside the package"
    )


def test_importing_the_engine_does_not_read_the_version() -> None:
    assert run(ROOT, "import sys, engine; print('importlib.metadata' in sys.modules)") == "False"
