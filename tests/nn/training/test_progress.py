"""The progress of a training on standard error: a bar, lines, or nothing."""

import io
import sys
from typing import Any

import pytest

from nn import MLP, History, StopTraining, fit, half_squared_error
from nn.training import progress


def train(epochs: int = 40, **more: Any) -> History:
    return fit(MLP(1, [1]), half_squared_error, [1.0, 2.0], [1.0, 2.0], epochs=epochs, batch_size=1, **more)


@pytest.fixture
def no_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)


def test_nothing_is_shown_if_standard_error_is_not_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    train()
    assert capsys.readouterr() == ("", "")


def test_a_bar_is_shown_if_it_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    train(progress=True)
    assert_is_bar(capsys)


def assert_is_bar(capsys: pytest.CaptureFixture[str]) -> None:
    out, err = capsys.readouterr()
    assert out == ""
    assert "80/80" in err
    assert "epoch 40, loss" in err


@pytest.mark.parametrize(("delay", "is_shown"), [(0.0, True), (60.0, False)])
def test_a_terminal_gets_a_bar_in_long_trainings(
    delay: float, is_shown: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(progress, "BAR_DELAY", delay)
    train()
    if is_shown:
        assert_is_bar(capsys)
    else:
        assert capsys.readouterr() == ("", "")


def test_a_bar_waits_for_a_second_by_default() -> None:
    assert progress.BAR_DELAY == 1.0


def test_a_notebook_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "BAR_DELAY", 0.0)
    train()
    assert "80/80" in stream.getvalue()


def test_a_terminal_gets_nothing_if_nothing_is_wanted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    train(progress=False)
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("no_tqdm")
def test_without_tqdm_a_few_lines_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    history = train(progress=True)
    out, err = capsys.readouterr()
    lines = err.splitlines()
    assert out == ""
    assert len(lines) == 11
    assert lines[0] == f"epoch  1/40  loss {history.losses[0]:.4g}"
    assert lines[-1] == f"epoch 40/40  loss {history.losses[-1]:.4g}"


@pytest.mark.usefixtures("no_tqdm")
def test_the_last_epoch_is_shown_however_training_ends(capsys: pytest.CaptureFixture[str]) -> None:
    def stop(epoch: int, history: History) -> None:
        if epoch == 3:
            raise StopTraining

    train(progress=True, epochs=100, callbacks=[stop])
    assert [line.partition("  loss")[0] for line in capsys.readouterr().err.splitlines()] == [
        "epoch   1/100",
        "epoch   3/100",
    ]


@pytest.mark.usefixtures("no_tqdm")
def test_few_epochs_have_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    train(progress=True, epochs=3)
    assert len(capsys.readouterr().err.splitlines()) == 3


def test_a_missing_standard_error_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)  # as in a Windows program without a console
    train(progress=True, epochs=2)
