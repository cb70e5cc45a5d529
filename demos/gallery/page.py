"""The gallery as one HTML page without scripts and other files: pictures, and the lines that draw them."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from demos.cli import check_docstrings
from demos.gallery.listings import caption, listing, run_listing
from demos.gallery.snippets import GROUPS, Snippet
from engine._support.termination import termination_deferred
from viz import THEMES, Drawing, Film
from viz.drawing.drawing import html_image

STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --soft: #57606a; --paper: #fff; --card: #f6f8fa; --rule: #d0d7de }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --soft: #9aa7b4; --paper: #010409; --card: #161b22; --rule: #30363d } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
header, main { max-width: 84rem; margin: 0 auto; padding: 1rem }
h1 { margin: 0.5rem 0 0 } h2 { margin: 2.5rem 0 0 } h3 { margin: 0; font-size: 1.1rem }
p { margin: 0.3rem 0; color: var(--soft); max-width: 46rem }
code, pre { font: 13.5px/1.5 ui-monospace, "DejaVu Sans Mono", monospace }
input[name=theme] { position: fixed; opacity: 0 }
nav { position: sticky; top: 0; z-index: 1; background: var(--paper); border-bottom: 1px solid var(--rule) }
nav div { max-width: 84rem; margin: 0 auto; padding: 0.6rem 1rem; display: flex; flex-wrap: wrap; gap: 0.3rem 1rem }
nav label { padding: 0.1rem 0.7rem; border: 1px solid var(--rule); border-radius: 1rem; cursor: pointer }
nav a { color: inherit; padding: 0.1rem 0 }
section { padding: 1.4rem 0; border-bottom: 1px solid var(--rule); scroll-margin-top: 4rem }
h2 { scroll-margin-top: 3rem }
figure { margin: 0.8rem 0 0; display: none; gap: 1rem; align-items: start;
  grid-template-columns: minmax(0, 3fr) minmax(0, 2fr) }
figure > div { padding: 0.8rem; border: 1px solid var(--rule); border-radius: 8px; text-align: center }
figure svg, figure img { max-width: 100%; max-height: 75vh; height: auto; vertical-align: middle }
pre { margin: 0; padding: 0.8rem 1rem; background: var(--card); border-radius: 8px; white-space: pre-wrap }
figure.wide { grid-template-columns: minmax(0, 1fr) }
@media (max-width: 60rem) { figure { grid-template-columns: minmax(0, 1fr) } figure > div { padding: 0.3rem } }
"""
PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Gallery</title>
<style>{style}</style>
<body>
{choices}
<header>
<h1>Gallery</h1>
<p>Every figure, and the lines of Python that drew it, which can be pasted as they are. A notebook shows the drawing;
<code>.save("slide.pdf")</code> writes it, with real text in it, as <code>.svg</code>, <code>.png</code> or
<code>.dot</code> too. <code>theme="dark"</code>, <code>font="Helvetica"</code> and <code>size=(8, 4.5)</code>, in
inches, may be added to each.</p>
</header>
<nav><div>{labels}{links}</div></nav>
<main>
{body}
</main>
</html>
"""
AUTO = "auto"
MIN_WIDE_RATIO = 5  # of width to height, from which a picture takes the whole width of the page


def render_page() -> str:
    """The page as HTML. Raises DrawingError if the program `dot` is missing or fails."""
    check_docstrings()
    snippets = [snippet for group in GROUPS.values() for snippet in group]
    with termination_deferred(), ThreadPoolExecutor() as pool:  # most time is spent in `dot`
        sections = dict(zip(snippets, pool.map(_section, snippets), strict=True))
    body = [
        line
        for title, group in GROUPS.items()
        for line in (f'<h2 id="{_id(title)}">{title}</h2>', *(sections[snippet] for snippet in group))
    ]
    choices = (AUTO, *THEMES)
    return PAGE.format(
        style=STYLE + "\n".join(_rules()),
        choices="\n".join(
            f'<input type="radio" name="theme" id="{name}"{" checked" if name == AUTO else ""}>' for name in choices
        ),
        labels="".join(f'<label for="{name}">{name}</label>' for name in choices),
        links="".join(f'<a href="#{_id(title)}">{title}</a>' for title in GROUPS),
        body="\n".join(body),
    )


def embed(drawing: Drawing | Film, title: str) -> str:
    """A drawing as a part of a page, without ids, which would not be unique there."""
    if isinstance(drawing, Film):  # its style sheet would reach the whole page
        return html_image(drawing.svg(), title)
    svg = drawing.render("svg").decode()
    svg = re.sub(r"<!--.*?-->|<title>.*?</title>| id=\"[^\"]*\"", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    return re.sub(r"\n+", "\n", svg.replace("<svg", f'<svg role="img" aria-label="{html.escape(title)}"', 1)).strip()


def _section(snippet: Snippet) -> str:
    title, text = caption(snippet)
    figures = "\n".join(_figures(snippet, title))
    text = re.sub(r"`(.*?)`", r"<code>\1</code>", html.escape(text))
    return (
        f'<section id="{_id(snippet.__name__)}">\n<h3>{html.escape(title)}</h3>\n<p>{text}</p>\n{figures}\n</section>'
    )


def _figures(snippet: Snippet, title: str) -> Iterator[str]:
    for name, theme in THEMES.items():
        lines = listing(snippet, name)
        picture = embed(run_listing(lines), title)
        box = re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', picture)
        wide = " wide" if box is not None and float(box[1]) > MIN_WIDE_RATIO * float(box[2]) else ""
        yield (
            f'<figure class="{name}{wide}"><div style="background: {theme.background}">{picture}</div>'
            f"<pre><code>{html.escape(lines)}</code></pre></figure>"
        )


def _rules() -> Sequence[str]:
    """Style rules that show the pictures of the theme that is chosen, suits the screen, or on paper is for print."""
    visible = "display: grid"
    rules = [f"#{name}:checked ~ main .{name} {{ {visible} }}" for name in THEMES]
    rules.append(f"#{AUTO}:checked ~ main .light {{ {visible} }}")
    rules.append(
        f"@media (prefers-color-scheme: dark) {{ #{AUTO}:checked ~ main .light {{ display: none }}"
        f" #{AUTO}:checked ~ main .dark {{ {visible} }} }}"
    )
    for name in (AUTO, *THEMES):
        rules.append(f"#{name}:checked ~ nav [for={name}] {{ background: var(--ink); color: var(--paper) }}")
        rules.append(f"#{name}:focus-visible ~ nav [for={name}] {{ outline: 3px solid #1f6feb; outline-offset: 2px }}")
    rules.append(
        "@media print { nav, main figure, main figure.light, main figure.dark { display: none !important }"
        " main figure.print { display: grid !important } section { break-inside: avoid } }"
    )
    return rules


def _id(title: str) -> str:
    return title.lower().replace(" ", "-").replace("_", "-")
