"""Self-contained HTML pages.

`stepper_page` fills `page.html` with the steps, `page.css` and `page.js`, and `view.html` with the drawing and the
table of each view; `pictures` makes the drawings, in which the script finds nodes, numbers and arrows.
"""
