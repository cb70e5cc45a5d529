"""The command `pathgrad`, which is also `python -m viz`: graphs of formulas and files, stepped through, drawn, checked.

`cli` reads the command line. `subcommands` has a class for each subcommand, and `printing` is how they print. `graphs`
reads the graph that they are about: a formula, or a name in a Python file, which `python_files` runs. `program` ends a
program as it should end: errors in one line, Ctrl-C, closed pipes.
"""
