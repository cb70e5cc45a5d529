"""The paper's figures, read back from their DOT text: the labels of circles and arrows, and the headings."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from demos.paper.examples import NET4, Network, figure_1, figure_2, figure_3, figure_4
from demos.paper.figures import CAPTIONS, figures
from tests import thorough_unless
from tests.layout_program import needs_dot
from tests.viz.drawing.dot_reading import DotGraph, DotNode, read_dot, read_label, run_dot
from viz import THEMES, Drawing, draw_network
from viz.drawing.dot_labels import to_dot
from viz.drawing.themes import Theme

pytestmark = pytest.mark.once

GOLDEN = Path(__file__).parent.parent / "viz" / "drawing" / "golden"
FIGURES = figures()
READ = {name: read_dot(drawing) for name, drawing in FIGURES.items()}

Arrows = dict[tuple[str, str], str]


def columns(picture: DotGraph) -> list[list[str]]:
    """The labels of the circles and dots, from left to right, in each column from top to bottom."""
    parts = [node for name, node in picture.nodes.items() if name.startswith("n") and name[1:].isdigit()]
    return [
        [node.text for node in sorted(parts, key=lambda node: -node.y) if node.x == x]
        for x in sorted({node.x for node in parts})
    ]


def texts(picture: DotGraph) -> list[DotNode]:
    return [node for node in picture.nodes.values() if not node.radius]


def as_read(label: str) -> str:
    """A label as it is read back from a drawing, where the braces around indices are lost."""
    return read_label(f"<{to_dot(label)}>")


def with_dots(labels: Iterable[str]) -> list[str]:
    """A column with dots before its last circle."""
    *others, last = labels
    return [*others, "⋮", last]


def without_faint_arrows(name: str) -> DotGraph:
    lines = FIGURES[name].source.splitlines(keepends=True)
    return read_dot(Drawing("".join(line for line in lines if not ("->" in line and Theme().faint in line))))


def arrows(picture: DotGraph) -> Arrows:
    """The label of each labelled arrow, by the labels of the two circles that it joins."""
    found: Arrows = {}
    for tail, head, _ in picture.edges:
        start, end = picture.nodes[tail], picture.nodes[head]
        for text in texts(picture):
            one, other = distance(start, text), distance(text, end)
            if one + other < distance(start, end) + 1e-3 and one > start.radius > 0.4 and other > end.radius > 0.4:
                assert (start.text, end.text) not in found, f"two labels on the arrow to {end.text}"
                found[start.text, end.text] = text.text
    return found


def distance(one: DotNode, other: DotNode) -> float:
    return math.dist((one.x, one.y), (other.x, other.y))


def above(picture: DotGraph) -> list[str]:
    """Words above all circles, from left to right."""
    top = max(node.y for node in picture.nodes.values() if node.radius > 0.4)
    return [node.text for node in sorted(texts(picture), key=lambda node: node.x) if node.y > top]


def steps(picture: DotGraph) -> str:
    """The numbers in discs, from left to right."""
    discs = [node for node in picture.nodes.values() if 0.1 < node.radius < 0.2]
    return " ".join(node.text for node in sorted(discs, key=lambda node: node.x))


def sweep(picture: DotGraph, title: str) -> float:
    """How far to the right the long arrow leads that has this title."""
    (below,) = (node for node in picture.nodes.values() if node.text == title)
    ends = [(picture.nodes[tail], picture.nodes[head]) for tail, head, _ in picture.edges]
    ((start, end),) = [(a, b) for a, b in ends if a.y == b.y and 0 < below.y - a.y < 0.5 and not a.text + b.text]
    assert below.x == pytest.approx((start.x + end.x) / 2, abs=1e-3)
    return end.x - start.x


def test_every_figure_has_a_caption_of_one_sentence() -> None:
    assert FIGURES.keys() == CAPTIONS.keys()
    assert {f"figure-{i}" for i in range(1, 10)} < CAPTIONS.keys()
    assert all(caption.endswith(".") and ". " not in caption for caption in CAPTIONS.values())


@pytest.mark.parametrize("name", ["figure-3", "figure-5", "figure-8", "figure-9"])
def test_the_dot_text(name: str) -> None:
    """After an intended change, `REWRITE_GOLDEN=1 python -m pytest tests/demos` writes the files again."""
    source, path = FIGURES[name].source, GOLDEN / f"paper-{name}.dot"
    if os.environ.get("REWRITE_GOLDEN"):
        path.write_text(source, encoding="utf-8")
    assert source == path.read_text(encoding="utf-8")


def test_figure_3_has_n_paths() -> None:
    picture = READ["figure-3"]
    assert columns(picture) == [["x"], ["a_1", "a_2", "⋮", "a_N"], ["y"]]
    assert arrows(picture) == {("x", f"a_{i}"): f"w_{i}^(1)" for i in "12N"} | {
        (f"a_{i}", "y"): f"w_{i}^(2)" for i in "12N"
    }
    assert len({node.y for node in picture.nodes.values() if node.text in ("x", "a_2", "y")}) == 1


def test_figures_1_and_2_with_numbers() -> None:
    assert columns(READ["figure-1-numbers"]) == [["x 1.5 ∂ 6"], ["a 4.5 ∂ 2"], ["y 9 ∂ 1"]]
    assert columns(READ["figure-2-numbers"]) == [["x 1.5 ∂ 5"], ["a_1 4.5 ∂ 2", "a_2 −1.5 ∂ 1"], ["y 7.5 ∂ 1"]]


def test_other_examples_have_other_figures() -> None:
    examples = {1: figure_1(2.0, w_1=[0.5]), 2: figure_2(w_2=[4, -3]), 3: figure_3(3.0, [1, 2], [0.5, -1])}
    for _ in range(2):  # derivatives that are there already do not add up
        others = figures(examples=examples)
        same = {name for name in FIGURES if others[name].source == FIGURES[name].source}
        assert FIGURES.keys() - same == {
            *("figure-1", "figure-1-numbers", "figure-2", "figure-2-numbers", "figure-3-numbers")
        }
        assert columns(read_dot(others["figure-1-numbers"])) == [["x 2 ∂ 1"], ["a 1 ∂ 2"], ["y 2 ∂ 1"]]
        assert columns(read_dot(others["figure-3-numbers"]))[1] == ["a_1 3 ∂ 0.5", "a_2 6 ∂ −1"]


def test_figure_3_with_numbers_has_four() -> None:
    assert columns(READ["figure-3-numbers"]) == [
        ["x 2 ∂ −0.5"],
        ["a_1 2 ∂ 2", "a_2 −4 ∂ 0.5", "a_3 6 ∂ −1.5", "a_4 1 ∂ 6"],
        ["y −1 ∂ 1"],
    ]


def test_figure_4_has_keywords_for_its_numbers() -> None:
    assert [leaf.data for leaf in figure_4(x=[3, -0.5], y=[1]).leaves[:2]] == [3.0, -0.5]
    wrong: list[tuple[list[Any], dict[str, Any], str]] = [
        ([[3, -0.5]], {}, r"must be a Network \(numbers have keywords, .*\), not \[3, -0.5\]"),
        ([], {"X": [3]}, "keyword 'X'; did you mean x"),
    ]
    for arguments, keywords, complaint in wrong:
        with pytest.raises(TypeError, match=complaint):
            figure_4(*arguments, **keywords)
    with pytest.raises(ValueError, match="there must be 1, for 1 input"):
        figure_4(x=[3])


def test_figure_4_is_the_network() -> None:
    example = figure_4()
    assert FIGURES["figure-4"].source == draw_network(example.drawn, short=True, data=False).source
    example.output.backward()
    numbers = draw_network(example.output, short=True, data=True, gradients=True)
    assert FIGURES["figure-4-numbers"].source == numbers.source


UNIT = "a_i^(k) | z_i^(k)"


def test_figure_5_leads_forward_into_a_unit() -> None:
    picture = READ["figure-5"]
    before = {j: as_read(f"z_{{{j}}}^(k-1)") for j in ("1", "2", "N_{k-1}")}
    assert columns(picture) == [with_dots(before.values()), [UNIT], ["", "", "⋮", ""]]
    assert arrows(picture) == {(z, UNIT): as_read(f"w_{{i{j}}}^(k)") for j, z in before.items()}
    assert len({node.y for node in picture.nodes.values() if node.text in (before["2"], UNIT)}) == 1
    assert len(picture.edges) == 3 + 3 + 1
    assert sweep(picture, "forward propagation") > 0


def test_table_3_is_the_picture_of_figure_5() -> None:
    assert FIGURES["table-3"].source == FIGURES["figure-5"].source


def test_figure_6_has_k_layers() -> None:
    picture, names = READ["figure-6"], ("0", "1", "2", "3", "K-1", "K")
    labels = [(as_read(f"z_1^({k})"), as_read(f"z_{{N_{{{k}}}}}^({k})")) for k in names]
    empty = [[""] * (size - 2) for size in (3, 4, 4, 4, 4, 3)]
    assert columns(picture) == [[first, *e, "⋮", last] for (first, last), e in zip(labels, empty, strict=True)]
    headings = ["x = z^(0)", "W^(1)", "z^(1)", "W^(2)", "z^(2)", "W^(3)", "z^(3)", "z^(K−1)", "W^(K)", "z^(K) = ŷ"]
    assert above(picture) == headings
    full = 3 * 4 + 4 * 4 + 4 * 4 + 4 * 3
    assert len(picture.edges) == full + 2 * 4 * 4, "the arrows between layers 3 and K-1 are cut in two"
    (dots,) = (node for node in picture.nodes.values() if node.text == "…")
    at = {node.text: node for node in picture.nodes.values()}
    assert dots.x == pytest.approx((at[labels[3][0]].x + at[labels[4][0]].x) / 2)


def test_figure_6_has_the_right_layer_at_each_weight() -> None:
    at = {node.text: node for node in READ["figure-6"].nodes.values() if node.text}
    for j, k in (("0", "1"), ("1", "2"), ("2", "3"), ("K-1", "K")):
        weight = at.pop(as_read(f"w_{{N_{k}N_{{{j}}}}}^({k})"))
        tail, head = (at[as_read(f"z_{{N_{{{n}}}}}^({n})")] for n in (j, k))
        assert weight.x == pytest.approx((tail.x + head.x) / 2)
        assert 0.2 < (tail.y + head.y) / 2 - weight.y < 0.5, "it stands under the lowest arrow"
    assert not [text for text in at if text.startswith("w")], "there are no other weights"


def test_figure_7_has_one_unit_with_all_its_arrows() -> None:
    before = {j: as_read(f"z_{{{j}}}^(k-1)") for j in ("1", "2", "3", "N_{k-1}")}
    after = {j: as_read(f"z_{{{j}}}^(k+1)") for j in ("1", "2", "3", "N_{k+1}")}
    four = ["", "", "", "⋮", ""]
    assert columns(READ["figure-7"]) == [
        ["", "", "⋮", ""],
        with_dots(before.values()),
        ["", "z_i^(k)", "", "⋮", ""],
        with_dots(after.values()),
        four,
        ["", "", "⋮", ""],
    ]
    strong = without_faint_arrows("figure-7")
    assert len(strong.edges) == 8
    assert arrows(strong) == {(z, "z_i^(k)"): as_read(f"w_{{i{j}}}^(k)") for j, z in before.items()} | {
        ("z_i^(k)", z): as_read(f"w_{{{j}i}}^(k+1)") for j, z in after.items()
    }
    assert above(READ["figure-7"]) == ["z^(k−1)", "W^(k)", "z^(k)", "W^(k+1)", "z^(k+1)"]
    assert len(READ["figure-7"].edges) == len(READ["figure-6"].edges)


def test_figure_8_numbers_the_steps() -> None:
    picture = READ["figure-8"]
    units = [[f"a_{i}^({k}) | z_{i}^({k})" for i in range(1, n + 1)] for k, n in ((1, 2), (2, 2), (3, 1))]
    inputs = ["z_1^(0)", "z_2^(0)"]
    assert columns(picture) == [inputs, *units]
    layers = [inputs, *units]
    assert arrows(picture) == {
        (tail, head): f"w_{i}{j}^({k})"
        for k in (1, 2, 3)
        for i, head in enumerate(layers[k], 1)
        for j, tail in enumerate(layers[k - 1], 1)
    }
    assert steps(picture) == "7 6 5 4 3 2 1"
    assert sweep(picture, "backward propagation") < -5
    for j in "12":
        circle, name = (
            next(n for n in picture.nodes.values() if n.text == text) for text in (f"z_{j}^(0)", f"x_{j} =")
        )
        assert (name.y, name.x < circle.x - circle.radius) == (circle.y, True)


def test_figure_8_with_numbers() -> None:
    inputs, *_, output = columns(READ["figure-8-numbers"])
    assert inputs == ["z_1^(0) 1.5 ∂ 0.004574", "z_2^(0) −0.5 ∂ −0.01435"]
    assert output == ["a_1^(3) 0.709 ∂ 0.09288 | z_1^(3) 0.6702 ∂ 0.4202"]
    assert steps(READ["figure-8-numbers"]) == "7 6 5 4 3 2 1"


def test_figure_9_leads_backward_into_a_unit() -> None:
    picture = READ["figure-9"]
    after = {j: as_read(f"delta_{{{j}}}^(k+1)") for j in ("1", "2", "N_{k+1}")}
    assert columns(picture) == [["", "", "⋮", ""], [UNIT], with_dots(after.values())]
    assert arrows(picture) == {(UNIT, delta): as_read(f"w_{{{j}i}}^(k+1)") for j, delta in after.items()}
    assert sweep(picture, "computing gradients") < 0
    (note,) = (node for node in picture.nodes.values() if "∂" in node.text)
    assert note.text == "δ_i^(k) = ∂ E_n / ∂ a_i^(k)"
    (tied,) = (picture.nodes[tail] for tail, head, _ in picture.edges if picture.nodes[head] is note)
    (unit,) = (node for node in picture.nodes.values() if node.text == UNIT)
    assert (tied.y, unit.x - unit.radius < tied.x < unit.x) == (unit.y, True), "the note belongs to the half with a"
    assert len(picture.edges) == 3 + 3 + 1 + 1


def test_another_network_has_other_figures() -> None:
    network = Network(x=[1.0, 0.5, -1.0], y=[0.25, 0.5], weights=[[[0.5, 1.0, -0.5]] * 4, [[1.0, -1.0, 0.5, 2.0]] * 2])
    others = figures(network)
    picture = read_dot(others["figure-8"])
    assert [len(column) for column in columns(picture)] == [3, 4, 2]
    assert steps(picture) == "5 4 3 2 1"
    same = {name for name in FIGURES if others[name].source == FIGURES[name].source}
    assert FIGURES.keys() - same == {"figure-4", "figure-4-numbers", "figure-8", "figure-8-numbers"}


def test_a_network_whose_sizes_do_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="row 1 of 𝐖⁽¹⁾ has"):
        figures(Network(x=[1.0], y=NET4.y, weights=NET4.weights))


@needs_dot
def test_the_figures_draw_without_a_warning() -> None:
    run_dot(*FIGURES.values())


@needs_dot
def _numbers(picture: DotGraph) -> list[str]:
    """All numbers in a picture."""
    return [number for node in picture.nodes.values() for number in re.findall(r"−?\d+\.\d+", node.text)]


@thorough_unless(lambda theme: theme == "slide")
@pytest.mark.parametrize("theme", THEMES)
def test_only_a_theme_with_a_size_moves_figures(theme: str) -> None:
    themed = figures(theme=theme)
    for name, drawing in themed.items():
        picture = read_dot(drawing)
        assert picture.edges == READ[name].edges
        numbers, before = (sorted(_numbers(each)) for each in (picture, READ[name]))
        assert numbers == before, "no number is missing, though some may be in a table"
        assert picture == READ[name] or THEMES[theme].size is not None
    run_dot(*themed.values())
