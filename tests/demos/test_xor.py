"""XOR learned by the network of Figure 4."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from demos import xor
from demos.xor import attempts, main, mean_error, outputs
from nn import History
from tests import thorough_unless
from tests.demos.png_files import is_png
from tests.layout_program import needs_dot

pytestmark = pytest.mark.once


@thorough_unless(lambda seed: seed == 0)
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("bias", [True, False])
def test_xor_is_learned(seed: int, bias: bool) -> None:
    *stuck, last = attempts(seed, epochs=1000, bias=bias)
    assert last.succeeded
    assert outputs(last.after) == [pytest.approx(y, abs=0.09) for y in (0, 1, 1, 0)]
    assert not any(attempt.succeeded for attempt in stuck)


def test_an_attempt_keeps_the_network_from_before() -> None:
    [attempt] = attempts(0, epochs=1000)
    assert outputs(attempt.before) != outputs(attempt.after)
    again = next(attempts(0, epochs=1))
    assert outputs(again.before) == outputs(attempt.before)


def test_the_shape_is_that_of_figure_4() -> None:
    network = next(attempts(0, epochs=1, bias=False)).after
    assert network.sizes == [2, 2, 2, 1]
    assert len(network.parameters()) == 4 + 4 + 2


def test_ctrl_c_ends_the_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xor, "fit", lambda *_, **__: History(interrupted=True))
    assert len(list(attempts(0, epochs=5))) == 1


def test_the_mean_error_is_that_which_is_learned() -> None:
    network = next(attempts(0, epochs=1)).before
    E = mean_error(network)
    errors = [(z - y) ** 2 / 2 for z, y in zip(outputs(network), xor.TARGETS, strict=True)]
    assert E.data == pytest.approx(sum(errors) / 4, rel=1e-14)
    E.backward()
    slopes = [w.grad for w in network.parameters()]
    epsilon, w = 1e-6, network.parameters()[0]
    w.data += epsilon
    assert (mean_error(network).data - E.data) / epsilon == pytest.approx(slopes[0], rel=1e-3)


@needs_dot
def test_the_demo_shows_outputs_and_graphs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    table = re.findall(r"^ +([01]) +([01]) +([01]) +(\S+) +(\S+)$", printed, re.MULTILINE)
    assert [row[:3] for row in table] == [("0", "0", "0"), ("0", "1", "1"), ("1", "0", "1"), ("1", "1", "0")]
    assert [round(float(after)) for *_, after in table] == [0, 1, 1, 0]
    for moment in ("before", "after"):
        assert str(tmp_path / f"xor-{moment}.svg") in printed
        assert "∂" in (tmp_path / f"xor-{moment}.svg").read_text(encoding="utf-8")
    assert f"Its training is drawn in {tmp_path / 'xor-training.png'}" in printed
    assert is_png(tmp_path / "xor-training.png")
    page = (tmp_path / "xor.html").read_text(encoding="utf-8")
    assert str(tmp_path / "xor.html") in printed
    parameters = re.search(r'"parameters": ?\[([0-9, ]*)\]', page)
    assert parameters
    assert len(parameters[1].split(",")) == 10 + 5


@needs_dot
def test_without_matplotlib_the_demo_draws_its_graphs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.layout_engine", None)
    assert main(["--out", str(tmp_path)]) == 0
    assert "Its training is not drawn: pictures of a training need matplotlib" in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} == {"xor-before.svg", "xor-after.svg", "xor.html"}


@needs_dot
def test_an_unlearned_xor_ends_with_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(xor, "MAX_ATTEMPTS", 2)
    assert main(["--out", str(tmp_path), "--epochs", "2"]) == 1
    printed = capsys.readouterr()
    assert "attempt 2: not learned" in printed.out
    assert "XOR was not learned in 2 attempts" in printed.err
    assert (tmp_path / "xor-after.svg").exists()


@pytest.mark.usefixtures("no_dot")
def test_without_dot_the_demo_says_how_to_install_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--out", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert "attempt 1: learned" in printed.out
    assert "apt install graphviz" in printed.err
