"""Drawings saved to files and shown in notebooks, with the program `dot`, without it, and when it fails."""

import base64
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from matplotlib.image import imread

from engine import Value
from tests import thorough_unless
from tests.layout_program import every_format, needs_dot, needs_graphviz
from viz import Drawing, DrawingError, Theme, draw_network
from viz.drawing.dot_program import INSTALL_GRAPHVIZ

SMALL = Drawing("digraph { x -> y }")
BEGINNINGS = {"svg": b"<?xml", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "dot": b"digraph"}


@pytest.fixture
def broken_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program `dot` that fails."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "dot").write_text("#!/bin/sh\necho 'no luck today' >&2\nexit 3\n")
    (folder / "dot").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


@needs_dot
@every_format
def test_the_suffix_says_what_is_written(tmp_path: Path, format: str) -> None:
    for name in (f"picture.{format}", f"PICTURE.{format.upper()}"):
        path = SMALL.save(str(tmp_path / name))
        assert path == tmp_path / name
        assert path.read_bytes().startswith(BEGINNINGS[format])


def test_a_folder_is_not_a_drawing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="its suffix must be one of"):
        Drawing("digraph { x }").save(tmp_path)
    assert not list(tmp_path.parent.glob(f"{tmp_path.name}.*"))


@needs_dot
@every_format
def test_without_a_suffix_the_format_says_what_is_written(tmp_path: Path, format: str) -> None:
    path = Drawing(SMALL.source, format).save(tmp_path / "picture")
    assert path == tmp_path / f"picture.{format}"
    assert path.read_bytes().startswith(BEGINNINGS[format])


@needs_graphviz
@pytest.mark.parametrize("source", [SMALL.source, 'digraph { pad="0.15" x }', 'digraph { size="3,3!" margin="0" x }'])
def test_a_pdf_has_the_size_of_the_svg_without_margins(source: str) -> None:
    sides = re.search(rb"/MediaBox \[ ?0 0 (\S+) (\S+) ?\]", Drawing(source).render("pdf"))
    if sides is None:
        pytest.skip("this Graphviz writes its PDF in a form of its own")
    svg = re.search(rb'<svg width="(\d+)pt" height="(\d+)pt"', Drawing(source).render("svg"))
    assert svg is not None
    assert [float(side) for side in sides.groups()] == pytest.approx([float(side) for side in svg.groups()], abs=1.0)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"its suffix must be one of \.svg, \.png, \.pdf, \.dot"):
        SMALL.save(tmp_path / "picture.docx")
    with pytest.raises(ValueError, match="unknown format 'docx'; choose from svg, png, pdf, dot"):
        Drawing(SMALL.source, "docx")
    assert list(tmp_path.iterdir()) == []


def test_missing_folders_are_made(tmp_path: Path) -> None:
    path = SMALL.save(tmp_path / "new" / "folder" / "picture.dot")
    assert path.read_text() == SMALL.source


def test_a_file_in_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    with pytest.raises(OSError, match="file"):
        SMALL.save(tmp_path / "file" / "picture.dot")
    assert (tmp_path / "file").read_text() == "kept"


@needs_dot
def test_saving_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "picture.svg"
    path.write_text("old")
    SMALL.save(path)
    assert b"</svg>" in path.read_bytes()
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "picture.dot").mkdir()
    with pytest.raises(OSError, match=r"picture\.dot"):
        SMALL.save(tmp_path / "picture.dot")
    assert [path.name for path in tmp_path.iterdir()] == ["picture.dot"]


def test_a_full_disk_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(_: int) -> None:
        raise OSError("no space left")

    path = SMALL.save(tmp_path / "picture.dot")
    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(OSError, match="no space left"):
        Drawing("digraph { another }").save(path)
    assert path.read_text() == SMALL.source
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "picture.dot")
    with pytest.raises(ValueError, match=r"picture\.dot is a pipe, and cannot be replaced by a file"):
        SMALL.save(tmp_path / "picture.dot")
    assert stat.S_ISFIFO((tmp_path / "picture.dot").stat().st_mode)


def test_a_link_is_followed_and_its_file_keeps_its_permissions(tmp_path: Path) -> None:
    (tmp_path / "private.dot").touch(0o600)
    (tmp_path / "picture.dot").symlink_to("private.dot")
    assert SMALL.save(tmp_path / "picture.dot") == tmp_path / "picture.dot"
    assert (tmp_path / "picture.dot").is_symlink()
    assert (tmp_path / "private.dot").read_text() == SMALL.source
    assert stat.S_IMODE((tmp_path / "private.dot").stat().st_mode) == 0o600


def test_the_longest_possible_file_name_can_be_saved(tmp_path: Path) -> None:
    path = SMALL.save(tmp_path / f"{'n' * 251}.dot")
    assert path.read_text() == SMALL.source


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert SMALL.save("~/pictures/x.dot") == tmp_path / "pictures" / "x.dot"
    assert (tmp_path / "pictures" / "x.dot").read_text() == SMALL.source


@pytest.mark.usefixtures("no_dot")
def test_text_saved_beside_a_picture_does_not_replace_files(tmp_path: Path) -> None:
    (tmp_path / "net.dot").write_text("by hand")
    (tmp_path / "net-1.dot").symlink_to("nothing")
    for _ in range(2):  # the same text is not saved twice
        with pytest.raises(DrawingError, match=r"saved as text in .*net-2\.dot"):
            SMALL.save(tmp_path / "net.svg")
    assert (tmp_path / "net.dot").read_text() == "by hand"
    assert (tmp_path / "net-2.dot").read_text() == SMALL.source
    assert {path.name for path in tmp_path.iterdir()} == {"net.dot", "net-1.dot", "net-2.dot"}


@pytest.mark.usefixtures("no_dot")
def test_text_saved_beside_a_picture_expands_the_tilde_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "net.dot").write_text("by hand")
    with pytest.raises(DrawingError, match=r"net-1\.dot"):
        SMALL.save("~/net.svg")
    assert (tmp_path / "net-1.dot").read_text() == SMALL.source


@pytest.mark.usefixtures("no_dot")
def test_without_dot_an_error_says_if_not_even_text_is_saved(tmp_path: Path) -> None:
    (tmp_path / f"{'n' * 251}.dot").write_text("by hand")  # with -1 the name would be too long
    with pytest.raises(
        DrawingError, match=r"'dot' of Graphviz was not found.* Nor could its text be saved: .* too long"
    ):
        SMALL.save(tmp_path / f"{'n' * 251}.svg")
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("trouble", ["broken_dot", "no_dot"])
def test_if_dot_fails_text_is_saved_and_the_old_picture_stays(
    tmp_path: Path, request: pytest.FixtureRequest, trouble: str
) -> None:
    request.getfixturevalue(trouble)
    (tmp_path / "picture.png").write_text("old")
    with pytest.raises(DrawingError) as caught:
        SMALL.save(tmp_path / "picture.png")
    assert str(tmp_path / "picture.dot") in str(caught.value)
    assert ("no luck today" if trouble == "broken_dot" else INSTALL_GRAPHVIZ) in str(caught.value)
    assert (tmp_path / "picture.png").read_text() == "old"
    assert (tmp_path / "picture.dot").read_text() == SMALL.source
    assert {path.name for path in tmp_path.iterdir()} - {"bin"} == {"picture.png", "picture.dot"}


@pytest.mark.parametrize("package", ["apt", "brew", "winget", "conda"])
def test_there_is_an_install_command_for_every_system(package: str) -> None:
    assert re.search(rf"\b{package} install .*graphviz", INSTALL_GRAPHVIZ, re.IGNORECASE)


@pytest.mark.usefixtures("no_dot")
def test_text_is_saved_without_dot(tmp_path: Path) -> None:
    assert SMALL.save(tmp_path / "picture.dot").read_text() == SMALL.source


@needs_dot
def test_a_notebook_shows_the_picture() -> None:
    assert "<svg" in (SMALL._repr_svg_() or "")


@needs_dot
def test_a_notebook_shows_a_wide_picture_without_scrolling() -> None:
    given = SMALL._repr_mimebundle_()
    assert list(given) == ["image/svg+xml", "text/html"]
    start, _, content = given["text/html"].partition("base64,")
    assert 'style="max-width: 100%"' in start
    assert base64.b64decode(content.removesuffix('">')).decode() == given["image/svg+xml"] == SMALL._repr_svg_()


@pytest.mark.parametrize("trouble", ["broken_dot", "no_dot"])
def test_a_notebook_shows_text_where_dot_fails(request: pytest.FixtureRequest, trouble: str) -> None:
    request.getfixturevalue(trouble)
    drawing = Drawing("digraph {\n\tn1 [label=x]\n\tn2 [label=y]\n}\n", note="an example")
    assert drawing._repr_svg_() is None
    assert drawing._repr_mimebundle_() == {}
    assert repr(drawing).startswith("<drawing of 2 nodes, an example; .save('name.svg') writes it")


@needs_dot
def test_the_repr_tells_the_size_and_the_smallest_type() -> None:
    x = Value(1.0, "x_1")
    for k in (1.0, 2.0):  # an index is smaller, and does not count
        drawing = draw_network(2 * x, data=False, theme=Theme(size=(3 * k, 1.5 * k)))
        width, height, smallest = drawing.measures()
        assert (width, height) == (216 * k, 108 * k)
        assert smallest == pytest.approx(k * 10, rel=0.5)
        assert repr(drawing).startswith(
            f"<drawing of 2 nodes, {width:g} × {height:g} pt, smallest type {smallest:.3g} pt; .save('name.svg')"
        )


@needs_dot
@thorough_unless(lambda size, dpi: dpi == (144 if size is None else 72))
@pytest.mark.parametrize("dpi", [72, 100, 144, 300])
@pytest.mark.parametrize("size", [None, 3.3, (4.1, 2.3)])
def test_every_pixel_of_a_dark_png_is_opaque(tmp_path: Path, dpi: float, size: Any) -> None:
    drawing = draw_network(2 * Value(1.0, "x"), theme="dark", size=size)
    pixels = imread(drawing.save(tmp_path / "dark.png", dpi=dpi))
    height, width, _ = pixels.shape
    assert (width, height) == pytest.approx([side * dpi / 72 for side in drawing.measures()[:2]], abs=1.0)
    assert (pixels[..., 3:] == 1.0).all()  # opacity, if it has that channel


@pytest.mark.parametrize("dpi", [0, -1, float("nan"), True, "144", 1e9])
def test_an_invalid_dpi_is_refused(tmp_path: Path, dpi: Any) -> None:
    with pytest.raises(ValueError, match="dpi must be a number of pixels per inch from 1 to 2400, not"):
        SMALL.save(tmp_path / "picture.png", dpi=dpi)
    assert list(tmp_path.iterdir()) == []


@needs_dot
def test_a_syntax_error_for_dot_is_reported() -> None:
    with pytest.raises(DrawingError, match=r"^The program .* failed: .*syntax error"):
        Drawing("digraph { x -> ").render("svg")
