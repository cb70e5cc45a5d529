"""A page that shows each figure of the paper beside its equations, and the tables below them."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from pathlib import Path

from demos.paper.equations import EQUATIONS
from demos.paper.equations.instances import Instances, NetworkInstance
from demos.paper.errata.misprints import ERRATA
from demos.paper.figures import CAPTIONS
from demos.paper.tables import table_1, table_2
from viz.math.formats.html_page import html_page
from viz.math.formulas import format_formula

# The equations that a figure illustrates.
EQUATIONS_OF_FIGURE = {
    "figure-1": (1, 2, 3, 4, 5, 6),
    "figure-2": (7, 8, 9, 10, 11),
    "figure-3": (12, 13, 14, 15, 17, 18, 19, 20, 21),
    "figure-4": (22, 23, 24, 25),
    "figure-5": (27, 28, 29, 30),
    "figure-6": (26, 28, 30),
    "figure-7": (34, 36),
    "figure-8": (31, 32, 33),
    "figure-9": (38, 39, 40, 41),
    "table-3": ("S1", "S2", "S3", "S4"),
}
STYLE = """
section { display: flex; flex-wrap: wrap; gap: 1em 3em; align-items: center }
section { border-top: 1px solid #ccc; padding: 1em 0 }
figure { margin: 0; flex: 1 1 26em } figure img { max-height: 20em } figcaption { color: #555; font-size: 0.95em }
ol { list-style: none; padding: 0; margin: 0; flex: 1 1 22em } li { margin: 0.6em 0; display: flex; gap: 1em }
li span { color: #777; min-width: 2.5em } math { font-size: 1.15em } .ok { color: #2a7 } .wrong { color: #c22 }
"""


def render_page(instances: Instances, pictures: Mapping[str, Path]) -> str:
    """The page as HTML; `pictures` are the files of the figures, which lie beside it."""
    return html_page("The paper, figure by figure", "\n".join(_body(instances, pictures)), style=STYLE)


def _body(instances: Instances, pictures: Mapping[str, Path]) -> Iterator[str]:
    yield "<h1>The paper, figure by figure</h1>"
    yield (
        "<p>Kyle Bradbury, “Tutorial on neural network math for forward and backward propagation” (2019): its figures"
        " drawn from graphs, its equations (corrected where they are misprinted) checked in two ways each.</p>"
    )
    for name, numbers in EQUATIONS_OF_FIGURE.items():
        names = [name, f"{name}-numbers"]
        figures = "".join(_figure(picture, pictures[picture]) for picture in names if picture in pictures)
        equations = "".join(_equation(str(number), instances) for number in numbers)
        yield f'<section id="{name}">{figures}<ol>{equations}</ol></section>'
    instance: NetworkInstance = instances.networks[0]
    for sheet in [*table_1(instance), table_2(instance)]:
        yield sheet.html()
    yield "<h2>Misprints</h2><table><tr><th></th><th>Where</th><th>Printed</th><th>Should be</th></tr>"
    for erratum in ERRATA:
        cells = (erratum.id, erratum.where, *erratum.texts())
        yield "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
    yield "</table>"


def _figure(name: str, path: Path) -> str:
    title = figure_title(name)
    file, caption = html.escape(path.name), html.escape(CAPTIONS[name])
    embedded = f'<a href="{file}">{file}</a>' if path.suffix == ".pdf" else f'<img src="{file}" alt="{title}">'
    return f"<figure>{embedded}<figcaption><b>{title}.</b> {caption}</figcaption></figure>"


def figure_title(name: str) -> str:
    """The title of a picture.

    >>> figure_title("figure-8-numbers")
    'Figure 8 with numbers'
    """
    return name[0].upper() + name[1:].replace("-numbers", " with numbers").replace("-", " ")


def _equation(number: str, instances: Instances) -> str:
    equation = EQUATIONS[number]
    assert equation.formula is not None
    math = f'<math displaystyle="true">{format_formula(equation.formula, "html")}</math>'
    if equation.is_skipped:
        return f"<li><span>({number})</span>{math}</li>"
    disagree = sum(not pair.agrees for pair in equation.compare(instances))
    mark = '<b class="wrong">✗</b>' if disagree else f'<b class="ok" title="{" and ".join(equation.ways)}">✓</b>'
    return f"<li><span>({number})</span>{math} {mark}</li>"
