"""Worked examples that others published, as graphs: their numbers beside ours, to the digits that they printed.

`published` holds the printed numbers, in the classes of `citations`; `graphs` builds the graphs, `computed` computes
our numbers from them, and `agreement` compares the two.
"""
