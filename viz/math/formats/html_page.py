"""A whole page of HTML in one style: light or dark, for screens of any width, and for print."""

from __future__ import annotations

import html
from functools import cache
from importlib.resources import files

PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
{head}<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}</style>
<body>
{body}
</body>
</html>
"""


def html_page(title: str, body: str, *, style: str = "", head: str = "") -> str:
    """The page with this body; `style` follows the shared style sheet, `head` stands before the title.

    >>> html_page("x < y", "<p>x is less than y.</p>").splitlines()[-3:]
    ['<p>x is less than y.</p>', '</body>', '</html>']
    """
    return PAGE.format(title=html.escape(title), body=body, style=_shared_style() + style, head=head)


@cache
def _shared_style() -> str:
    return (files("viz.math.formats") / "html_page.css").read_text(encoding="utf-8")
