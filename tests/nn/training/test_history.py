"""The history of a training: its text, its plot, and the plot's files."""

import math
import re
import sys
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from matplotlib.figure import Figure

from engine._support.typed_commands import install_command
from nn import History, plots
from tests import thorough_unless

HISTORY = History([0.5, 0.25, 0.125], {"accuracy": [0.5, 0.75, 1.0]}, [0.75, 0.5, 0.5], {"accuracy": [0.5, 0.5, 0.75]})


def test_its_text_gives_the_last_numbers() -> None:
    assert repr(HISTORY) == (
        "<History of 3 epochs: loss 0.125, validation loss 0.5, accuracy 1, validation accuracy 0.75>"
    )
    assert repr(History([0.5], interrupted=True)) == "<History of 1 epoch: loss 0.5, interrupted>"
    assert repr(History()) == "<History of 0 epochs>"


def panels(history: History, n: int = 2, **options: Any) -> list[Any]:
    """The panels of a plot."""
    axes = Figure(**options).subplots(1, n, squeeze=False, subplot_kw={"facecolor": "none"})[0]
    history.plot(axes)
    return list(axes)


def curves(panel: Any) -> list[Any]:
    """The curves of a panel, without the best epoch."""
    return list(panel.lines[:-2])


def texts(panel: Any) -> list[str]:
    return [text.get_text() for text in panel.texts]


def test_losses_and_each_metric_have_a_panel_of_their_own() -> None:
    loss, accuracy = panels(HISTORY)
    assert [(line.get_label(), line.get_xydata().tolist()) for line in curves(loss)] == [
        ("training", [[1.0, 0.5], [2.0, 0.25], [3.0, 0.125]]),
        ("validation", [[1.0, 0.75], [2.0, 0.5], [3.0, 0.5]]),
    ]
    assert [line.get_ydata().tolist() for line in curves(accuracy)] == [[0.5, 0.75, 1.0], [0.5, 0.5, 0.75]]
    assert [(panel.get_xlabel(), panel.get_ylabel()) for panel in (loss, accuracy)] == [
        ("epoch", "loss"),
        ("epoch", "accuracy"),
    ]


def test_training_and_validation_are_named_at_their_ends() -> None:
    for panel in panels(HISTORY):
        assert panel.get_legend() is None
        training, validation = curves(panel)
        assert (training.get_linestyle(), validation.get_linestyle()) == ("-", "--")
        named = {text.get_text(): text for text in panel.texts}
        for line in (training, validation):
            text = named[line.get_label()]
            assert text.get_color() == line.get_color()
            assert text.xy == tuple(line.get_xydata()[-1])


def test_names_of_lines_that_end_together_do_not_meet() -> None:
    [panel] = panels(History([0.5, 0.25], validation_losses=[0.75, 0.25]), 1, layout="constrained")
    panel.figure.canvas.draw()
    lower, upper = (text.get_window_extent() for text in panel.texts[:2])
    assert lower.y1 <= upper.y0


def test_the_best_epoch_is_marked_in_every_panel() -> None:
    history = History([4.0, 2.0, 1.0, 0.5], {"error": [8.0, 7.0, 6.0, 5.0]}, [3.0, 1.5, 2.0, math.nan], {})
    assert history.best_epoch == 2
    loss, error = panels(history)
    for panel, number, text in ((loss, 1.5, "$1.5$"), (error, 7.0, "$7$")):
        *_, line, ring = panel.lines
        assert line.get_xdata() == [2, 2]
        assert ring.get_xydata().tolist() == [[2.0, number]]
        assert texts(panel)[-1] == f"best epoch 2: {text}"


def test_the_best_epoch_is_that_of_the_lowest_finite_loss() -> None:
    assert History([0.5, 0.25, 0.375]).best_epoch == 2
    assert History([0.25, 0.25]).best_epoch == 1
    assert History([math.nan, math.inf]).best_epoch is History().best_epoch is None
    assert texts(panels(History([math.nan]), 1)[0]) == []


@pytest.mark.parametrize(
    ("losses", "scale"),
    [([5.0, 0.04], "log"), ([5.0, 0.06], "linear"), ([5.0, 0.0], "linear"), ([5.0, 0.04, math.nan], "log")],
)
def test_losses_over_decades_have_a_logarithmic_scale(losses: list[float], scale: str) -> None:
    assert panels(History(losses), 1)[0].get_yscale() == scale


def test_the_colours_follow_the_background() -> None:
    for dark, colours in ((False, plots.LIGHT), (True, plots.DARK)):
        [panel] = panels(HISTORY, 1, facecolor="black" if dark else "white")
        training, validation = curves(panel)
        colors = [training.get_color(), validation.get_color(), panel.lines[-1].get_color()]
        assert colors == [colours.grey, colours.blue, colours.mark]


def test_a_dark_picture_is_dark(tmp_path: Path) -> None:
    for dark, colours in ((False, plots.LIGHT), (True, plots.DARK)):
        HISTORY.save(tmp_path / "history.svg", dark=dark)
        svg = (tmp_path / "history.svg").read_text()
        assert f"fill: {colours.background.lower()}" in svg
        assert f"stroke: {colours.mark}" in svg


def test_a_title_and_the_best_epoch_do_not_meet() -> None:
    from matplotlib import pyplot

    pyplot.switch_backend("agg")
    axes = HISTORY.plot()
    axes.set_title("a run")
    axes.figure.canvas.draw()
    assert axes.title.get_window_extent().y0 >= axes.texts[-1].get_window_extent().y1
    box = axes.get_tightbbox()
    assert box is not None
    assert box.x0 >= 0.0  # and the labels are inside the figure
    pyplot.close()


@pytest.mark.parametrize("best", [1, 2, 3, 4])
def test_the_best_epoch_is_written_where_it_has_more_space(best: int) -> None:
    losses = [0.5 - 0.3 * (epoch == best) for epoch in range(1, 5)]
    for panel in panels(History(losses, {"accuracy": losses}), 2, layout="constrained", figsize=(8, 3.4)):
        panel.figure.canvas.draw()
        [text] = [text for text in panel.texts if text.get_text().startswith("best epoch")]
        extent, frame = text.get_window_extent(), panel.get_window_extent()
        assert frame.x0 <= extent.x0
        assert extent.x1 <= frame.x1


def test_a_number_without_finite_neighbours_is_a_point() -> None:
    [panel] = panels(History([math.nan, 1.0, math.inf]), 1)
    assert panel.lines[0].get_marker() == "o"


@pytest.mark.parametrize("given", [3, [], [3]])
def test_axes_are_checked(given: Any) -> None:
    with pytest.raises(TypeError, match="ax must be axes of matplotlib, or a list of them"):
        HISTORY.plot(given)


def test_dark_is_true_false_or_none(tmp_path: Path) -> None:
    for plot in (
        HISTORY.plot,
        partial(HISTORY.plot, Figure().subplots()),
        lambda dark: HISTORY.save(tmp_path / "x.png", dark=dark),
    ):
        with pytest.raises(TypeError, match="dark must be True, False or None, not 'x'"):
            plot(dark=cast(Any, "x"))


def test_several_histories_are_drawn_on_the_same_axes() -> None:
    axes = Figure().subplots()
    for losses in ([0.5, 0.4], [0.6, 0.3]):
        History(losses).plot(axes)
    assert texts(axes) == ["training", "best epoch 2: $0.4$", "training", "best epoch 2: $0.3$"]
    axes.figure.canvas.draw()
    above, below = (text.get_window_extent() for text in axes.texts[1::2])
    assert below.y1 <= above.y0 + 1.0  # a pixel


def test_a_short_metric_is_drawn_without_the_best_epoch() -> None:
    loss, accuracy = panels(History([0.5, 0.4, 0.3], {"accuracy": [0.1]}))
    assert "best epoch 3: $0.3$" in texts(loss)
    assert texts(accuracy) == ["training"]


def test_a_metric_of_validation_alone_is_drawn() -> None:
    _, accuracy = panels(History([0.5], {}, [0.5], {"accuracy": [0.75]}))
    assert accuracy.get_ylabel() == "accuracy"
    assert texts(accuracy) == ["validation", "best epoch 1: $0.75$"]


def test_a_metric_must_not_be_named_loss() -> None:
    needs = "a metric must not be named 'loss', which is the name of the losses"
    for records in ({"metrics": {"loss": [0.5]}}, {"validation_metrics": {"loss": [0.5]}}):
        with pytest.raises(ValueError, match=needs):
            History([0.25], **cast(Any, records))
    with pytest.raises(ValueError, match=needs):
        History([0.25]).add("", {"loss": 0.5})


def test_without_axes_pyplot_makes_a_figure() -> None:
    from matplotlib import pyplot

    pyplot.switch_backend("agg")
    axes = HISTORY.plot()
    assert pyplot.gcf() is axes.figure
    pyplot.close()


@thorough_unless(lambda ending: ending == "svg")
@pytest.mark.parametrize(("ending", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_a_saved_picture_has_the_kind_of_its_ending_on_any_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, begins: bytes
) -> None:
    files = []
    for day in ("0", "1700000000"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", day)  # matplotlib's current time
        HISTORY.save(tmp_path / f"{day}.{ending}")
        files.append((tmp_path / f"{day}.{ending}").read_bytes())
    assert files[0] == files[1]
    assert files[0].startswith(begins)


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
    message = f"pictures of a training need matplotlib: {install_command('train')}"
    with pytest.raises(ImportError, match=re.escape(message)):
        HISTORY.plot()
    assert HISTORY._repr_svg_() is None
