"""The history of a training: its text, its plot, and the plot's files."""

import math
import sys
from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure

from nn import History

HISTORY = History([0.5, 0.25, 0.125], {"accuracy": [0.5, 0.75, 1.0]}, [0.75, 0.5, 0.5], {"accuracy": [0.5, 0.5, 0.75]})


def test_its_text_gives_the_last_numbers() -> None:
    assert repr(HISTORY) == (
        "<History of 3 epochs: loss 0.125, validation loss 0.5, accuracy 1, validation accuracy 0.75>"
    )
    assert repr(History([0.5], interrupted=True)) == "<History of 1 epoch: loss 0.5, interrupted>"
    assert repr(History()) == "<History of 0 epochs>"


def data_points(line: Any) -> Any:
    return line.get_xydata().tolist()


def test_losses_are_drawn_to_the_left_and_metrics_to_the_right() -> None:
    figure = Figure()
    left = HISTORY.plot(figure.add_subplot())
    right = figure.axes[1]
    assert [(line.get_label(), data_points(line)) for line in left.lines] == [
        ("loss", [[1.0, 0.5], [2.0, 0.25], [3.0, 0.125]]),
        ("validation loss", [[1.0, 0.75], [2.0, 0.5], [3.0, 0.5]]),
    ]
    assert [line.get_label() for line in right.lines] == ["accuracy", "validation accuracy"]
    looks = [(line.get_color(), line.get_linestyle()) for line in (*left.lines, *right.lines)]
    assert looks == [("C0", "-"), ("C0", "--"), ("C1", "-"), ("C1", "--")]  # dashed for validation
    legend = left.get_legend()
    assert legend is not None
    assert len(legend.get_texts()) == 4


def test_a_title_and_the_legend_of_a_new_figure_do_not_meet() -> None:
    from matplotlib import pyplot

    pyplot.switch_backend("agg")
    axes = HISTORY.plot()
    axes.set_title("a run")
    [legend] = axes.figure.legends
    axes.figure.canvas.draw()
    assert axes.title.get_window_extent().y1 <= legend.get_window_extent().y0
    box = axes.get_tightbbox()
    assert box is not None
    assert box.x0 >= 0.0  # and the labels are inside the figure
    pyplot.close()


def test_a_number_without_finite_neighbours_is_a_point() -> None:
    figure = Figure()
    axes = History([math.nan, 1.0, math.inf]).plot(figure.add_subplot())
    assert axes.lines[0].get_marker() == "o"


def test_losses_alone_need_one_axis() -> None:
    figure = Figure()
    History([0.5]).plot(figure.add_subplot())
    assert len(figure.axes) == 1


def test_without_axes_pyplot_makes_a_figure() -> None:
    from matplotlib import pyplot

    pyplot.switch_backend("agg")
    axes = HISTORY.plot()
    assert pyplot.gcf() is axes.figure
    pyplot.close()


@pytest.mark.parametrize(("ending", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_the_picture_is_saved_in_the_kind_that_the_ending_names(tmp_path: Path, ending: str, begins: bytes) -> None:
    file = tmp_path / f"history.{ending}"
    HISTORY.save(file)
    assert file.read_bytes().startswith(begins)


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_the_same_history_gives_the_same_file_another_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    files = []
    for day in ("0", "1700000000"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", day)  # matplotlib's current time
        HISTORY.save(tmp_path / f"{day}.{ending}")
        files.append((tmp_path / f"{day}.{ending}").read_bytes())
    assert files[0] == files[1]


def test_an_unknown_ending_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "history.txt"
    file.write_text("mine")
    with pytest.raises(ValueError, match="txt"):
        HISTORY.save(file)
    assert file.read_text() == "mine"


def test_a_notebook_shows_the_plot_or_the_text_if_it_is_empty() -> None:
    assert "<svg" in (HISTORY._repr_svg_() or "")
    assert History()._repr_svg_() is None


def test_without_matplotlib_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"drawing a History needs matplotlib: pip install 'pathgrad\[train\]'"):
        HISTORY.plot()
    assert HISTORY._repr_svg_() is None
