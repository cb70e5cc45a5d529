"""Every figure of the project in every theme, each with the lines of Python that draw it.

`snippets` has the lines, `listings` prints and runs them, and `page` shows them.
"""
