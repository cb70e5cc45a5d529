"""Modules of functions on arrays, in Python.

`function` writes the function of an array program, with its `statements`, their expressions (`text`) and `names`;
`module` all else, with the `lines` of its docstring. `spelling` has all that differs between NumPy and JAX.
"""
