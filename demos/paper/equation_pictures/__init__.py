"""A picture for each equation of the paper: the nodes and arrows that it is about, with its numbers put in.

`section_2` and `sections_3_to_5` register them with `picture`. Equations that state the same share one.
"""

from __future__ import annotations

from demos.paper.equation_pictures import section_2, sections_3_to_5  # which register their pictures
from demos.paper.equation_pictures.picture import CAPTION_DIGITS, PICTURES, Picture
from demos.paper.equations.instances import Instances
from viz import Drawing
from viz.drawing.themes import Theme

__all__ = [
    "CAPTION_DIGITS",
    "PICTURES",
    "Picture",
    "equation_caption",
    "equation_drawing",
    "section_2",
    "sections_3_to_5",
]


def equation_drawing(number: str, instances: Instances, theme: str | Theme = "light") -> Drawing | None:
    """The picture of an equation, on the first figure or network of the instances.

    None for (16), which is empty, and for a rule that the network does not have, such as (38) without hidden units.

    >>> drawing = equation_drawing("6", Instances())
    >>> drawing.source.count("->")
    2
    """
    picture = PICTURES[number](instances)
    return picture.draw(theme) if picture else None


def equation_caption(number: str, instances: Instances) -> str:
    """The lines below the picture of an equation as text, with the indices that it shows; empty without a picture.

    >>> print(equation_caption("24", Instances()))
    k = 2, i = 1: a₁⁽²⁾ = w₁₁⁽²⁾z₁⁽¹⁾ + w₁₂⁽²⁾z₂⁽¹⁾
    a₁⁽²⁾ = (1.25)(0.7058) + (−0.375)(0.6514) = 0.638
    """
    picture = PICTURES[number](instances)
    return "\n".join(picture.lines()) if picture else ""
