"""The paper as one page: its sections in order, with figures beside their equations, tables, and errata."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from importlib.resources import files

from demos.paper.equation_pictures import CAPTION_DIGITS, PICTURES
from demos.paper.equations.catalogue import EQUATIONS, describe_errata
from demos.paper.equations.instances import NO_NUMPY, Instances
from demos.paper.equations.registry import Equation
from demos.paper.errata.erratum import format_result, write_labels
from demos.paper.errata.misprints import ERRATA, SORTS, Erratum
from demos.paper.examples import NET4
from demos.paper.figures import CAPTIONS
from demos.paper.outline import SECTIONS, Block, Section
from demos.paper.places import ERRATA_BY_PLACE, link_mentions, link_places, section_anchor
from demos.paper.tables import table_1, table_2
from engine._support.typed_commands import script_command
from engine.symbolic.expression import Expression
from viz.math.formats.html import label_to_mathml
from viz.math.formats.html_page import html_page
from viz.math.formulas import format_formula
from viz.math.sheet import Sheet

TITLE = "The paper, equation by equation"
INTRODUCTION = """\
<p>Kyle Bradbury, “Tutorial on neural network math for forward and backward propagation” (2019), in its order: its
figures drawn from graphs, and its equations, corrected where they are misprinted. Each is checked in two ways (✓).
Figures with numbers are live: drag or type a number, and all others follow. Choose an equation, and the live figure
marks the nodes and arrows that it is about, and puts its numbers in; Figure 4 with σ, tanh or ReLU. S1 to S9 are our
numbers for those of Section 5, which the paper does not number. The same graphs, with numbers to change, are in a
notebook, which <code>{jupyter} lab demos/tour.ipynb</code> opens.</p>{own}
"""
DIGITS = 6


@dataclass(frozen=True)
class PageFiles:
    """The files that lie beside the page, by addresses relative to it.

    Attributes:
        pictures: Of each picture, by its name, such as "figure-4-numbers".
        dark_pictures: The same for dark screens; some or all may be missing.
        live: The pages of live figures, by the names that the outline has.
    """

    pictures: Mapping[str, str]
    dark_pictures: Mapping[str, str] = field(default_factory=dict)
    live: Mapping[str, str] = field(default_factory=dict)


def render_page(instances: Instances, page_files: PageFiles) -> str:
    """The page as HTML."""
    style = (files("demos.paper") / "page.css").read_text(encoding="utf-8")
    return html_page(TITLE, "\n".join(_Page(instances, page_files).lines()), style=style)


class _Page:
    """The parts of the page, with the figures that have been shown."""

    def __init__(self, instances: Instances, page_files: PageFiles) -> None:
        self.instances = instances
        self.files = page_files
        self.shown: set[str] = set()
        self.n_frames = 0

    def lines(self) -> Iterator[str]:
        yield f"<h1>{TITLE}</h1>"
        net = self.instances.networks[0]
        own = "" if net.network == NET4 else f"\n<p><b>In place of Figure 4's network: {html.escape(net.name)}.</b></p>"
        jupyter = html.escape(script_command("jupyter", "jupyter"))
        yield INTRODUCTION.format(jupyter=jupyter, own=own)
        links = [(section_anchor(section.number), section.number, section.title) for section in SECTIONS]
        links.append(("errata", "", "Errata"))
        yield "<nav><ul>"
        yield from (f'<li><a href="#{anchor}">{number} {title}</a></li>' for anchor, number, title in links)
        yield "</ul></nav>\n<main>"
        for section in SECTIONS:
            yield from self.section(section)
        yield from _errata()
        yield "</main>"

    def section(self, section: Section) -> Iterator[str]:
        anchor = section_anchor(section.number)
        level = "h3" if "." in section.number else "h2"
        yield f'<section id="{anchor}">\n<{level}>{section.number} {section.title}</{level}>{_notes(anchor)}'
        for block in section.blocks:
            yield from self.block(block)
        yield "</section>"

    def block(self, block: Block) -> Iterator[str]:
        """A figure, or a table, and its equations. Only the first time that it is shown gives it an anchor."""
        anchor = f' id="{block.name}"' if block.name and block.name not in self.shown else ""
        self.shown.add(block.name)
        if block.name in self.files.pictures:
            yield f'<div><div{anchor} class="figures">'
            names = (block.name, f"{block.name}-numbers")
            yield from (self.figure(name) for name in names if name in self.files.pictures)
            yield f"{_notes(block.name)}</div>"
        else:
            tables = ' class="tables"' if block.name else ""
            yield f"<div{anchor}{tables}>{_notes(block.name)}"
            yield from self.tables(block)
        yield from self.stage(block)
        yield "</div>"

    def tables(self, block: Block) -> Iterator[str]:
        """The tables of a block; where a live figure has the one with numbers, it is only printed."""
        for k, sheet in enumerate(self.sheets(block.name)):
            text = _fitting(sheet).html()
            yield f'<div class="printed">{text}</div>' if k and block.live in self.files.live else text

    def stage(self, block: Block) -> Iterator[str]:
        """The equations of a block, beside the live figure in which they are shown."""
        file = html.escape(self.files.live.get(block.live, ""))
        frame = ""
        if file:
            self.n_frames += 1
            frame = f"live-{self.n_frames}"
            yield f'<div class="{"stage" if len(block.equations) > 2 else "wide stage"}">'
        if block.equations:
            yield '<ol class="equations">'
            yield from (self.equation(EQUATIONS[number], file, frame) for number in block.equations)
            yield "</ol>"
        if file:
            chosen = next((_address(number) for number in block.equations if self.is_shown(number)), "")
            title = f"{figure_title(block.live)}, live"
            attributes = f'name="{frame}" src="{file}{chosen}" title="{title}"'
            yield f'<div class="live"><iframe {attributes} loading="lazy"></iframe>'
            yield f'<p class="notes"><a href="{file}">{title}</a>, on a page of its own</p></div>\n</div>'

    def is_shown(self, number: str) -> bool:
        """Whether the equation has a picture, on the figure or for this network."""
        return PICTURES[number](self.instances) is not None

    def sheets(self, name: str) -> list[Sheet]:
        network = self.instances.networks[0]
        return {"table-1": lambda: table_1(network), "table-2": lambda: [table_2(network)]}.get(name, list)()

    def figure(self, name: str) -> str:
        title = figure_title(name)
        caption = f"<figcaption><b>{title}.</b> {html.escape(CAPTIONS[name])}</figcaption>"
        figure = name.removesuffix("-numbers")
        kind = ' class="printed"' if figure != name and self.files.live else ""
        return f"<figure{kind}>{self.picture(name, title)}{caption}</figure>"

    def picture(self, name: str, title: str) -> str:
        """A picture that opens at full size, or where a page cannot show its format, a link to it."""
        file, dark = html.escape(self.files.pictures[name]), html.escape(self.files.dark_pictures.get(name, ""))
        if file.endswith(".pdf"):
            return f'<a href="{file}">{file}</a>'
        themes = {"on-light": file, "on-dark": dark} if dark else {"on-paper": file}
        return "".join(
            f'<a class="{kind}" href="{path}"><img src="{path}" alt="{title}"></a>' for kind, path in themes.items()
        )

    def equation(self, equation: Equation, file: str = "", frame: str = "") -> str:
        """An equation with its number, its mark and its notes: a link that shows it in a frame, with its numbers."""
        number = equation.number
        anchor = f"eq-{number}"
        notes = _notes(anchor, equation)
        if equation.formula is None:
            line = "Empty: a number without an equation."
        else:
            math = _math(equation.formula, DIGITS)
            if file and self.is_shown(number):
                title = f"({number}) with its numbers, in the live figure"
                math = f'<a class="choose" href="{file}{_address(number)}" target="{frame}" title="{title}">{math}</a>'
            line = f'<span class="scroll">{math}</span>{self.mark(equation)}'
        if equation.repeats:
            notes += (
                f'<p class="notes">States the same as <a href="#eq-{equation.repeats}">({equation.repeats})</a>.</p>'
            )
        line = f'<div class="line"><a class="number" href="#{anchor}">({number})</a>{line}</div>'
        return f'<li id="{anchor}">{line}{self.numbers(number)}{notes}</li>'

    def numbers(self, number: str) -> str:
        """The equation with its numbers put in, as it is printed, and shown where scripts are off."""
        picture = PICTURES[number](self.instances)
        if picture is None:
            return ""
        lines = [_math(line, CAPTION_DIGITS) for line in picture.known_caption]
        if picture.instance is not None:
            lines[0] = f"{format_formula(picture.instance)}: {lines[0]}"
        return "".join(f'<div class="printed numbers scroll">{line}</div>' for line in lines)

    def mark(self, equation: Equation) -> str:
        if equation.is_skipped:
            return f"<small>not checked: {NO_NUMPY}</small>"
        found = list(equation.compare(self.instances))
        if not found:
            return "<small>not in this network</small>"
        agree, ways = sum(pair.agrees for pair in found), " and ".join(equation.ways)
        title = html.escape(f"{agree} of {len(found)} numbers agree: {ways}")
        good = agree == len(found)
        return f'<b class="{"ok" if good else "wrong"}" title="{title}">{"✓" if good else "✗"}</b>'


def figure_title(name: str) -> str:
    """The title of a picture.

    >>> figure_title("figure-8-numbers"), figure_title("equation-S5")
    ('Figure 8 with numbers', 'Equation S5')
    """
    return (name[0].upper() + name[1:]).replace("-numbers", " with numbers").replace("-", " ")


def _fitting(sheet: Sheet) -> Sheet:
    """A table without the index form that another table of the page has already, and with fewer digits."""
    kept = [i for i, column in enumerate(sheet.columns) if column != "Index form"]
    rows = [[row[i] for i in kept] for row in sheet.rows]
    return replace(sheet, columns=tuple(sheet.columns[i] for i in kept), rows=rows, digits=DIGITS)


def _address(number: str) -> str:
    """The address by which a live figure shows an equation: the first that states the same."""
    return f"#eq={EQUATIONS[number].repeats or number}"


def _math(formula: Expression, digits: int) -> str:
    return f'<math displaystyle="true">{format_formula(formula, "html", digits=digits)}</math>'


def _notes(anchor: str, equation: Equation | None = None) -> str:
    """The errata of a place; those of an equation by how they are mended in it."""
    errata = {erratum.id: erratum for erratum in ERRATA_BY_PLACE.get(anchor, [])}
    groups = describe_errata(equation) if equation else {"errata": list(errata)} if errata else {}
    words = [
        f'<span class="{"also" if how in ("errata", "see also") else "mended"}">{how.capitalize()}:'
        f" {', '.join(_link_erratum(errata[id]) for id in ids)}</span>"
        for how, ids in groups.items()
    ]
    return f'<p class="notes">{" ".join(words)}</p>' if words else ""


def _link_erratum(erratum: Erratum) -> str:
    printed, correct = erratum.texts()
    names = SORTS[erratum.sort]
    title = html.escape(f"{names.name}; {names.printed}: {printed}; {names.correct}: {correct}")
    return f'<a class="erratum" href="#{erratum.id}" title="{title}">{erratum.id}</a>'


def _errata() -> Iterator[str]:
    yield '<section id="errata">\n<h2>Errata</h2>'
    for sort, names in SORTS.items():
        yield f'<h3>{names.plural}</h3>\n<div class="scroll"><table class="errata">'
        heads = "".join(f"<th>{head.capitalize()}</th>" for head in ("", "where", names.printed, names.correct))
        yield f"<thead><tr>{heads}</tr></thead>\n<tbody>"
        yield from (_erratum(erratum) for erratum in ERRATA if erratum.sort == sort)
        yield "</tbody></table></div>"
    yield "</section>"


def _erratum(erratum: Erratum) -> str:
    """The row of an erratum, with links to its places."""
    printed, correct, note = map(_sentence, (erratum.printed, erratum.correct, erratum.note))
    correct += f'<p class="notes">{note}</p>' if note else ""
    correct += _readings(erratum)
    cells = "".join(f"<td>{cell}</td>" for cell in (link_places(erratum.where), printed, correct))
    return f'<tr id="{erratum.id}"><th scope="row">{erratum.id}</th>{cells}</tr>'


def _readings(erratum: Erratum) -> str:
    """The numbers that an erratum leads to, as printed and as mended."""
    rows = [
        f"<dt>{_sentence(reading.name)}</dt><dd>{html.escape(format_result(reading, DIGITS))}</dd>"
        for reading in (erratum.demonstrate() if erratum.demonstrate else ())
    ]
    return f"<details><summary>in numbers</summary><dl>{''.join(rows)}</dl></details>" if rows else ""


def _sentence(text: str) -> str:
    """A sentence as HTML: labels that have indices as mathematics, and places as links."""

    def write(label: str) -> str:
        return f"<math>{label_to_mathml(label)}</math>" if {*label} & {*"_^"} else html.escape(label)

    return write_labels(text, write, link_mentions)
