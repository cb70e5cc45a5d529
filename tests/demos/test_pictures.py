"""The pictures that the READMEs show are those that the project draws today."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from demos.pictures import FOLDER, PICTURES, dot_text, draw, main
from tests import thorough_unless
from tests.layout_program import needs_dot
from viz import Film

pytestmark = pytest.mark.once

every_picture = pytest.mark.parametrize("name", PICTURES)


def texts(svg: str) -> list[str]:
    return sorted(element.text or "" for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("}text"))


@every_picture
def test_the_dot_text_is_that_of_a_picture_drawn_now(name: str) -> None:
    """After an intended change, `python -m demos.pictures` draws them again."""
    assert (FOLDER / f"{name}.dot").read_text(encoding="utf-8") == dot_text(draw(name))


@thorough_unless(lambda name: not name.endswith("-dark"))
@needs_dot
@every_picture
def test_the_stored_picture_has_the_texts_of_a_new_one(name: str) -> None:
    """Versions of Graphviz differ in the layout; the texts in a picture are the same."""
    picture = draw(name)
    now = picture.svg() if isinstance(picture, Film) else picture.render("svg").decode()
    assert texts((FOLDER / f"{name}.svg").read_text(encoding="utf-8")) == texts(now)


def test_no_picture_is_left_over() -> None:
    expected = {f"{name}{suffix}" for name in PICTURES for suffix in (".dot", ".svg")}
    assert {path.name for path in FOLDER.iterdir()} == expected


def test_the_pictures_are_small_enough_for_a_page() -> None:
    assert all(path.stat().st_size < 300_000 for path in FOLDER.iterdir())


@needs_dot
def test_one_command_draws_them_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in FOLDER.iterdir()}
    assert len(capsys.readouterr().out.splitlines()) == len(PICTURES)


@pytest.mark.usefixtures("no_dot")
def test_without_dot_the_command_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path / "out")]) == 1
    assert "Install one" in capsys.readouterr().err
