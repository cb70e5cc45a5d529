"""Reading MathML in tests."""

from xml.etree import ElementTree


def parse_mathml(mathml: str) -> ElementTree.Element:
    """The element `<math>` around a formula."""
    return ElementTree.fromstring(f"<math>{mathml}</math>")


def text_of(mathml: str) -> str:
    """The text of a formula without tags."""
    return "".join(parse_mathml(mathml).itertext())
