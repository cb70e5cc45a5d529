"""A file that registers a target as it is imported is not to be looked through for doctests."""

collect_ignore = ["s_expressions.py"]
