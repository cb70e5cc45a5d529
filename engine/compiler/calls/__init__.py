"""The arguments and the results of programs.

`arguments` reads numbers, lists and arrays into a `batch`, rows of memory; `results` makes lists, arrays or matrices of
the numbers that are computed for each row. `arrays` has those of NumPy and SciPy.
"""
