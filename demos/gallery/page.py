"""The gallery as one HTML page without scripts and other files: pictures, and the lines that draw them."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from importlib.resources import files

from demos.cli import check_docstrings
from demos.gallery.listings import caption, listing, run_listing
from demos.gallery.snippets import GROUPS, Snippet
from demos.threads import map_in_threads
from viz import THEMES, Drawing, Film
from viz.drawing.drawing import html_image
from viz.math.formats.html_page import html_page

HEAD = """\
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
"""
BODY = """\
{choices}
<header>
<h1>Gallery</h1>
<p>Every figure, and the lines of Python that drew it, which can be pasted as they are. A notebook shows the drawing;
<code>.save("slide.pdf")</code> writes it, with real text in it, as <code>.svg</code>, <code>.png</code> or
<code>.dot</code> too. <code>theme="dark"</code> or <code>"slide"</code>, <code>font="Helvetica"</code>,
<code>size=(8, 4.5)</code>, in inches, and <code>text=9</code>, the smallest type in points, may be added to each.</p>
</header>
<nav>{labels}{links}</nav>
<main>
{body}
</main>"""
AUTO = "auto"
MIN_WIDE_RATIO = 5  # of width to height, from which a picture takes the whole width of the page


def render_page() -> str:
    """The page as HTML. Raises DrawingError if it cannot be drawn."""
    check_docstrings()
    wanted = [(snippet, theme) for group in GROUPS.values() for snippet in group for theme in THEMES]
    figures = dict(zip(wanted, map_in_threads(_figure, wanted), strict=True))
    lines: list[str] = []
    for title, group in GROUPS.items():
        lines.append(f'<h2 id="{_id(title)}">{title}</h2>')
        lines += (_section(snippet, [figures[snippet, theme] for theme in THEMES]) for snippet in group)
    choices = (AUTO, *THEMES)
    body = BODY.format(
        choices="\n".join(
            f'<input type="radio" name="theme" id="{name}"{" checked" if name == AUTO else ""}>' for name in choices
        ),
        labels="".join(f'<label for="{name}">{name}</label>' for name in choices),
        links="".join(f'<a href="#{_id(title)}">{title}</a>' for title in GROUPS),
        body="\n".join(lines),
    )
    style = (files("demos.gallery") / "page.css").read_text(encoding="utf-8")
    return html_page("Gallery", body, style=style + "\n".join(_rules()), head=HEAD)


def embed(drawing: Drawing | Film, title: str) -> str:
    """A drawing as a part of a page, without ids, which would not be unique there."""
    if isinstance(drawing, Film):  # its style sheet would reach the whole page
        return html_image(drawing.svg(), title)
    svg = drawing.render("svg").decode()
    svg = re.sub(r"<!--.*?-->|<title>.*?</title>| id=\"[^\"]*\"", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    return re.sub(r"\n+", "\n", svg.replace("<svg", f'<svg role="img" aria-label="{html.escape(title)}"', 1)).strip()


def _section(snippet: Snippet, figures: Sequence[str]) -> str:
    title, text = caption(snippet)
    text = re.sub(r"`(.*?)`", r"<code>\1</code>", html.escape(text))
    parts = (f'<section id="{_id(snippet.__name__)}">', f"<h3>{html.escape(title)}</h3>", f"<p>{text}</p>")
    return "\n".join([*parts, *figures, "</section>"])


def _figure(wanted: tuple[Snippet, str]) -> str:
    """The picture of a snippet in a theme, and its lines."""
    snippet, theme = wanted
    lines = listing(snippet, theme)
    picture = embed(run_listing(lines), caption(snippet)[0])
    box = re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', picture)
    wide = " wide" if box is not None and float(box[1]) > MIN_WIDE_RATIO * float(box[2]) else ""
    return (
        f'<figure class="{theme}{wide}"><div style="background: {THEMES[theme].background}">{picture}</div>'
        f"<pre><code>{html.escape(lines)}</code></pre></figure>"
    )


def _rules() -> Sequence[str]:
    """Style rules that show the pictures of the theme that is chosen, or by itself suits the screen."""
    visible = "display: grid"
    rules = [f"#{name}:checked ~ main .{name} {{ {visible} }}" for name in THEMES]
    rules.append(f"#{AUTO}:checked ~ main .light {{ {visible} }}")
    rules.append(
        f"@media screen and (prefers-color-scheme: dark) {{ #{AUTO}:checked ~ main .light {{ display: none }}"
        f" #{AUTO}:checked ~ main .dark {{ {visible} }} }}"
    )
    for name in (AUTO, *THEMES):
        rules.append(f"#{name}:checked ~ nav [for={name}] {{ background: var(--ink); color: var(--paper) }}")
        rules.append(f"#{name}:focus-visible ~ nav [for={name}] {{ outline: 3px solid #1f6feb; outline-offset: 2px }}")
    return rules


def _id(title: str) -> str:
    return title.lower().replace(" ", "-").replace("_", "-")
