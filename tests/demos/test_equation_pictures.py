"""The picture of each equation: what is marked, which derivatives are shown, and the numbers of its caption."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations

import pytest

from demos.paper.equation_pictures import PICTURES, Picture, equation_caption, equation_drawing
from demos.paper.equations.catalogue import EQUATIONS
from demos.paper.equations.instances import Instances
from demos.paper.examples import Network, figure_1, figure_2, figure_3
from engine import NamedGraph, Value
from engine.symbolic.expression import Expression
from tests import by_night, thorough_unless
from viz.drawing.diagram import Diagram
from viz.drawing.layout.parts import Circle
from viz.drawing.networks import network_diagram
from viz.drawing.weights import weights_on_arrows
from viz.math.equations import PARTIAL
from viz.pages.live_page.live_numbers import NUMBER

pytestmark = pytest.mark.once

OWN = Network([1, 2, 3], [0.5, 0.25], [[[0.5, -0.25, 1], [0.75, 1, -1]], [[1, 2], [-1, 0.5]]])
PRODUCTS = {1: "x₁y₁", 2: "x₂y₂", 3: "x₃y₃"}
SHARED = ("22 25 29 36 S2", "24 27 34 S1", "28 35 S3", "30 37 S4", "38 S6", "39 S8", "40 S7", "41 S9")
FIRST = [number for number in PICTURES if number != "16" and not EQUATIONS[number].repeats]


@pytest.fixture(scope="module", params=["Figure 4", "3-2-2"])
def instances(request: pytest.FixtureRequest) -> Instances:
    return Instances() if request.param == "Figure 4" else Instances(network=OWN)


def picture(number: str, instances: Instances) -> Picture:
    found = PICTURES[number](instances)
    assert found is not None
    return found


def name(circle: Circle) -> str:
    return "|".join(half.symbol for half in circle.halves)


def marks(diagram: Diagram) -> set[str]:
    """The nodes and arrows that are highlighted, by their texts."""
    circles = {
        half.symbol
        for circle in diagram.circles
        for half, is_ringed in zip(circle.halves, circle.rings, strict=True)
        if is_ringed
    }
    arrows = {f"{name(arrow.tail)} → {name(arrow.head)}" for arrow in diagram.arrows if arrow.is_marked}
    return circles | arrows


def derivatives(diagram: Diagram) -> set[str]:
    """The halves of circles and the weights that show a derivative."""
    halves = {half.symbol for circle in diagram.circles for half in circle.halves if half.derivative}
    return halves | {arrow.label for arrow in diagram.arrows if arrow.derivative}


def test_every_equation_but_the_empty_one_has_a_picture(instances: Instances) -> None:
    assert PICTURES.keys() == EQUATIONS.keys()
    assert [number for number in PICTURES if PICTURES[number](instances) is None] == ["16"]
    assert equation_drawing("16", instances) is None
    assert equation_caption("16", instances) == ""


def test_equations_that_state_the_same_share_a_picture() -> None:
    shared: dict[object, list[str]] = {}
    for number, make in PICTURES.items():
        shared.setdefault(make, []).append(number)
    assert [numbers for numbers in shared.values() if len(numbers) > 1] == [numbers.split() for numbers in SHARED]
    assert {number: make for number, make in PICTURES.items() if EQUATIONS[number].repeats} == {
        number: PICTURES[equation.repeats] for number, equation in EQUATIONS.items() if equation.repeats
    }


def test_all_other_pictures_mark_or_derive_something_else(instances: Instances) -> None:
    marked = {}
    for number in FIRST:
        diagram = picture(number, instances).diagram()
        labels = {arrow.label for arrow in diagram.arrows if arrow.is_marked}  # (9) and (13)
        marked[number] = marks(diagram), labels, derivatives(diagram)  # (14) and (19)
        assert marks(diagram)
    assert [pair for pair in combinations(FIRST, 2) if marked[pair[0]] == marked[pair[1]]] == []


@thorough_unless(lambda instances: instances == "3-2-2")
def test_all_drawings_differ(instances: Instances) -> None:
    sources = [drawing.source for number in FIRST if (drawing := equation_drawing(number, instances))]
    assert len(set(sources)) == len(sources) == len(FIRST)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("2", {"a", "y", "a → y"}),
        ("5", {"x", "x → a"}),
        ("6", {"x", "a", "x → a", "a → y"}),
        ("9", {"a_2", "x", "x → a_2"}),
        ("10", {"x", "x → a_1", "x → a_2"}),
        ("11", {"x", "a_1", "a_2", "x → a_1", "x → a_2", "a_1 → y", "a_2 → y"}),
        ("20", {"a_2", "x → a_2", "a_2 → y"}),
        ("22", {"a_1^(2)", "z_1^(2)"}),
        ("23", {"x_1", "x_2", "a_1^(1)", "z_1^(1)", "x_1 → a_1^(1)|z_1^(1)", "x_2 → a_1^(1)|z_1^(1)"}),
        ("32", {"z_2^(1)", "a_2^(1)|z_2^(1) → a_1^(2)|z_1^(2)"}),
        ("33", {text for n in PRODUCTS for text in (f"y_{n}", PRODUCTS[n], f"y_{n} → {PRODUCTS[n]}")}),
        ("31", {"a_1^(1)|z_1^(1) → a_1^(2)|z_1^(2)"}),
        ("40", {"a_1^(2)", "z_2^(1)", "a_2^(1)|z_2^(1) → a_1^(2)|z_1^(2)"}),
        ("S5", {"a^(3)", "z^(3)", "y"}),
    ],
)
def test_what_an_equation_is_about_is_marked(number: str, expected: set[str]) -> None:
    assert marks(picture(number, Instances()).diagram()) == expected


def test_sums_are_marked_on_a_network_of_the_readers_own() -> None:
    own = Instances(network=OWN)
    units = ["a_1^(1)|z_1^(1)", "a_2^(1)|z_2^(1)", "a_1^(2)|z_1^(2)", "a_2^(2)|z_2^(2)"]
    into_first = {f"{unit} → {units[2]}" for unit in units[:2]}
    assert marks(picture("24", own).diagram()) == {"z_1^(1)", "z_2^(1)", "a_1^(2)", *into_first}
    out_of_first = {f"{units[0]} → {unit}" for unit in units[2:]}
    assert marks(picture("38", own).diagram()) == {"a_1^(1)", "a_1^(2)", "a_2^(2)", *out_of_first}
    inputs = {f"{x} → {unit}" for x in ("x_1", "x_2", "x_3") for unit in units[:2]}
    assert marks(picture("41", own).diagram()) == {"x_1", "x_2", "x_3", "a_1^(1)", "a_2^(1)", *inputs}


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("6", {"x", "a"}),
        ("10", set()),
        ("12", set()),
        ("18", {"x"}),
        ("19", {"w_2^(2)"}),
        ("20", {"a_2", "w_2^(1)"}),
        ("21", {"w_2^(1)"}),
        ("30", set()),
        ("31", {"w_11^(2)"}),
        ("32", set()),
        ("38", {"a_1^(1)", "a_1^(2)", "a_2^(2)"}),
        ("40", {"a_1^(2)", "w_12^(2)"}),
        ("41", {"a_1^(1)", "a_2^(1)", "w_11^(1)", "w_12^(1)", "w_21^(1)", "w_22^(1)"}),
    ],
)
def test_derivatives_are_shown_where_the_equation_has_them(number: str, expected: set[str]) -> None:
    assert derivatives(picture(number, Instances()).diagram()) == expected


@pytest.mark.parametrize("number", FIRST)
def test_what_is_marked_follows_from_the_equation(number: str, instances: Instances) -> None:
    """The rule of `demos.paper.equation_pictures.picture`."""
    found = picture(number, instances)
    named = Named(found)
    assert {x for x in found.nodes if x in named.circles} == (named.values | named.variables) - named.arrow_of.keys()
    assert {(x, y) for x, y in found.arrows if x in named.circles} == named.arrows()
    assert set(found.derivatives) == {named.arrow_of.get(x, x) for x in named.deriving_output}


class Named:
    """The nodes that a caption names.

    Attributes:
        arrow_of: The arrow that each weight labels.
        values: Those whose value it has.
        variables: Those by which it takes a derivative, or whose δ it has.
        deriving_output: Those of these for which it is the derivative of the output.
        slopes: The node y and the variable x of each ∂y/∂x.
    """

    def __init__(self, found: Picture) -> None:
        self.graph = NamedGraph(found.outputs)
        self.circles = network_diagram(found.graph, weights=found.weights)[1]
        self.arrow_of: dict[Value, tuple[Value, Value]] = {}
        weights = {x for x in self.graph.nodes if x not in self.circles}
        for node in self.graph.nodes:
            if node.inputs:
                for x, w in weights_on_arrows(self.graph, node, self.graph.formulas(node), weights).items():
                    self.arrow_of[w] = x, node
        self.values, self.variables, self.deriving_output = set[Value](), set[Value](), set[Value]()
        self.slopes: list[tuple[Value, Value]] = []
        for line in found.caption:
            self.read(line)

    def read(self, formula: Expression) -> None:
        """Read the names of a formula, but not of derivatives that stand as numbers, 2 in 2a."""
        if formula.op is PARTIAL:
            above, below = (self.nodes_of(x) for x in formula.inputs)
            self.variables |= below
            self.slopes += [(y, x) for y in above for x in below]
            if above == set(self.graph.outputs):
                self.deriving_output |= below
        elif formula.name.startswith("delta"):
            self.variables |= self.nodes_of(formula)
            self.deriving_output |= self.nodes_of(formula)
        elif not formula.inputs:
            self.values |= self.nodes_of(formula)
        elif not (formula.op is NUMBER and formula.inputs[0].op is PARTIAL):
            for x in formula.inputs:
                self.read(x)

    def nodes_of(self, formula: Expression) -> set[Value]:
        """The nodes that a formula names; a bold letter names those of its layer, and δ those of a."""
        if formula.inputs:
            return set[Value]().union(*map(self.nodes_of, formula.inputs))
        name = formula.name.replace("delta", "a")
        if "bold" not in name:
            return {x for x, label in self.graph.names.items() if label == name}
        letter, layer = name[0].lower(), "".join(filter(str.isdigit, name))
        letter, end = ("x", "") if letter == "x" or (letter, layer) == ("z", "0") else (letter, f"^({layer})")
        return {x for x, label in self.graph.names.items() if re.fullmatch(rf"{letter}(_\d+)?{re.escape(end)}", label)}

    def arrows(self) -> set[tuple[Value, Value]]:
        """The arrows of the weights, of ∂y/∂x from x to y, and between two values."""
        names = self.values | self.variables
        pairs = [*self.slopes, *((y, x) for y in self.values for x in self.values)]
        joined = {(x, y) for y, x in pairs if y.inputs and x in self.graph.inputs(y)}
        apart = {(x, y) for x, y in joined if x in self.circles and self.circles[x] is not self.circles[y]}
        return apart | {arrow for w, arrow in self.arrow_of.items() if w in names}


@pytest.mark.parametrize(
    ("number", "caption"),
    [
        ("1", "∂z/∂x = ∂z/∂y ∂y/∂x = (1.339)(0.2217) = 0.297"),
        ("2", "y = 2a = (2)(4.5) = 9"),
        ("7", "y = 2a₁ + a₂ = (2)(4.5) + (−1.5) = 7.5"),
        ("10", "∂/∂x(a₁ + a₂) = ∂a₁/∂x + ∂a₂/∂x = 3 + (−1) = 2"),
        ("24", "k = 2, i = 1: a₁⁽²⁾ = w₁₁⁽²⁾z₁⁽¹⁾ + w₁₂⁽²⁾z₂⁽¹⁾\na₁⁽²⁾ = (1.25)(0.7058) + (−0.375)(0.6514) = 0.638"),
        ("31", "k = 2, i = 1, j = 1, λ = 0.5: w₁₁⁽²⁾ ← w₁₁⁽²⁾ − λ ∂Eₙ/∂w₁₁⁽²⁾ = 1.25 − (0.5)(0.02965) = 1.235"),
        (
            "40",
            "k = 2, i = 1, j = 2: ∂Eₙ/∂w₁₂⁽²⁾ = ∂Eₙ/∂a₁⁽²⁾ ∂a₁⁽²⁾/∂w₁₂⁽²⁾ = δ₁⁽²⁾z₂⁽¹⁾\n"
            "∂Eₙ/∂w₁₂⁽²⁾ = (0.04202)(0.6514) = 0.02737",
        ),
    ],
)
def test_a_caption_has_the_indices_and_the_numbers(number: str, caption: str) -> None:
    assert equation_caption(number, Instances()) == caption


def test_the_terminal_shows_captions_with_vectors_written_out() -> None:
    assert picture("28", Instances()).written_lines() == [
        "                         ⎡1.25  −0.375⎤⎡0.7058⎤   ⎡0.638  ⎤",
        "k = 2: 𝐚⁽²⁾ = 𝐖⁽²⁾𝐳⁽¹⁾ = ⎣−1.5  0.625 ⎦⎣0.6514⎦ = ⎣−0.6516⎦",
    ]
    assert max(len(line) for number in FIRST for line in picture(number, Instances()).written_lines()) <= 94


def test_the_caption_is_set_below_the_drawing() -> None:
    drawing = equation_drawing("28", Instances())
    assert drawing is not None
    assert [number for number in ("1.25", "−0.375", "0.7058") if number not in drawing.source] == []
    assert drawing.source.count('SIDES="LTB"') == 3  # brackets of a matrix and two vectors


def test_a_caption_has_the_readers_own_numbers() -> None:
    own = Instances(figures=[figure_1(7.0), figure_3(2.0, [3.0], [4.0])], network=OWN)
    assert equation_caption("2", own) == "y = 2a = (2)(21) = 42"
    assert equation_caption("13", own) == "i = 1: a₁ = w₁⁽¹⁾x = (3)(2) = 6"
    assert "σ((1)(0.5) + (2)(−0.25) + (3)(1)) = σ(3)" in equation_caption("23", own)


def test_long_sums_and_vectors_are_abridged() -> None:
    wide = Instances(network=Network.lattice([2, 7, 6]))
    assert equation_caption("24", wide).count(" + ") == 2 * 3
    assert "⋮" in equation_caption("30", wide)
    assert "⋯" in equation_caption("26", wide)


@thorough_unless(lambda sizes: sizes == [1, 1])
@pytest.mark.parametrize("sizes", [[1, 1], [2, 1], [1, 1, 1], by_night([2, 3, 2], [3, 7, 6, 8]), [2, 2]])
def test_networks_of_any_sizes_have_pictures(sizes: list[int]) -> None:
    own = Instances(network=Network.lattice(sizes))
    missing = [number for number in FIRST if equation_drawing(number, own) is None]
    assert missing == (["38", "39"] if len(sizes) == 2 else [])  # without hidden units


def test_without_activation_z_is_not_the_activation_of_a() -> None:
    network = Network([1.0, 2.0], [0.5], [[[1.0, 2.0], [0.5, -1.0]], [[1.0, 0.5]]], output_activation="linear")
    assert equation_caption("22", Instances(network=network)).startswith("k = 1, i = 1: z₁⁽¹⁾ = σ(a₁⁽¹⁾)")


@pytest.mark.parametrize(("number", "slopes"), [("38", ["0.2077"]), ("39", ["0.2077", "0.2271"]), ("S5", ["0.221"])])
def test_the_derivative_of_sigma_stands_below_its_unit(number: str, slopes: list[str]) -> None:
    below = [circle.below for circle in picture(number, Instances()).diagram().circles if circle.below]
    assert below == [f"σ′ = {slope}" for slope in slopes]
    assert all(slope in equation_caption(number, Instances()) for slope in slopes)
    linear = Instances(network=replace(OWN, activation="linear", output_activation="linear"))
    assert not any(circle.below for circle in picture(number, linear).diagram().circles)


def test_digits_are_those_of_the_picture_and_of_its_caption() -> None:
    found = picture("38", Instances())
    diagram = found.diagram(6)
    assert "(0.207653)((0.0420157)(1.25)" in found.written_lines(6)[-1]
    assert "∂ 0.0420157" in [half.derivative for circle in diagram.circles for half in circle.halves]
    assert diagram.circles[2].below == "σ′ = 0.207653"


def test_captions_have_constants_of_the_readers_own() -> None:
    own = Instances(figures=[figure_1(7.0, [-1.0], [4.0]), figure_2(7.0, [3.0, 1.0], [2.0, -4.0])])
    assert equation_caption("3", own) == "a = −x = (−1)(7) = −7"
    assert equation_caption("5", own) == "∂a/∂x = −1"
    assert equation_caption("7", own) == "y = 2a₁ − 4a₂ = (2)(21) + (−4)(7) = 14"
    assert equation_caption("9", own) == "a₂ = x = (1)(7) = 7"
    assert equation_caption("11", own).endswith("= (2)(3) + (−4)(1) = 2")


def test_the_terminal_keeps_brackets_before_a_hadamard_product() -> None:
    assert picture("39", Instances()).written_lines()[1:3] == [
        "       ⎛⎡1.25    −1.5 ⎤⎡0.04202 ⎤⎞   ⎡0.2077⎤",
        "𝛅⁽¹⁾ = ⎝⎣−0.375  0.625⎦⎣−0.03661⎦⎠ ∘ ⎣0.2271⎦",
    ]


def test_another_activation_is_named() -> None:
    network = Network([1.0], [0.5], [[[1.0], [0.5]], [[1.0, 0.5]]], activation="tanh")
    assert "= tanh(a₁⁽¹⁾) = tanh(x₁w₁₁⁽¹⁾)" in equation_caption("23", Instances(network=network))
    assert "= tanh((1)(1)) = tanh(1) = 0.7616" in equation_caption("23", Instances(network=network))
