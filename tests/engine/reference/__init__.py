"""The document `engine/OPERATIONS.md`, generated from the table of operations.

`python -m tests.engine.reference --write` writes it. It stands among the tests, because it shows the edges that they
look at, and formulas as `viz` writes them: `engine` imports neither.
"""
