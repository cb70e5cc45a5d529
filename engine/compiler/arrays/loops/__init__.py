"""Programs in arrays for graphs that repeat themselves: loops over iterations whose results are carried to the next.

`carried` says which graphs are written so. `memory` has the arrays in which values lie, `steps` the array program of
one iteration of each segment, forward and backward, and `function` writes them.
"""
