"""Problems of engineers and economists, solved with derivatives: estimates, control, mechanics, prices.

A demo is a module whose docstring begins with its command, and which has a function `show`. Its arguments are the
demo's options; it prints the result, and returns the picture. `python -m demos.applied` finds, lists and runs them.
"""
