"""Every figure of the project in every theme, each with the lines of Python that draw it.

`snippets` has the lines, `showing` reads, prints and runs them, and `page` is what they are shown on.
"""
