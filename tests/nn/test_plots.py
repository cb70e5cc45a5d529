"""The style of pictures of training: its colours, which everybody can tell apart."""

from itertools import combinations

import pytest

from nn import plots
from tests.viz.drawing.colour_vision import SIGHTS, contrast, linear_rgb, perceived_distance
from viz import THEMES

both = pytest.mark.parametrize("colours", [plots.LIGHT, plots.DARK], ids=["light", "dark"])


@both
@pytest.mark.parametrize("sight", SIGHTS)
def test_everybody_can_tell_curves_and_the_mark_apart(colours: plots.Colours, sight: str) -> None:
    for one, other in combinations((colours.blue, colours.grey, colours.mark), 2):
        assert perceived_distance(one, other, sight) > 20


@both
def test_text_can_be_read(colours: plots.Colours) -> None:
    for text in (colours.ink, colours.grey, colours.blue, colours.mark):
        assert contrast(text, colours.background) >= 4.5
    for area in (colours.pale_blue, colours.pale_mark):
        assert contrast(colours.ink, area) >= 4.5


def test_the_colours_are_those_of_the_themes() -> None:
    for colours, theme in ((plots.LIGHT, THEMES["light"]), (plots.DARK, THEMES["dark"])):
        own = (colours.background, colours.ink, colours.blue, colours.mark)
        others = (theme.background, theme.ink, theme.gradient, theme.mark)
        assert [*map(linear_rgb, own)] == [*map(linear_rgb, others)]


def test_a_picture_is_dark_if_what_is_behind_it_is() -> None:
    figure = plots.figure(4, 3, dark=True)
    [clear] = plots.panels(figure, 1)
    assert plots.colours_on(clear) is plots.DARK
    clear.set_facecolor("white")
    assert plots.colours_on(clear) is plots.LIGHT


def test_panels_that_are_left_over_are_empty() -> None:
    figure = plots.figure(4, 3)
    assert len(plots.panels(figure, 4, columns=3)) == 4
    assert [axes.axison for axes in figure.axes] == [True] * 4 + [False] * 2
