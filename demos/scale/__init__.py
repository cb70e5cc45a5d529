"""One training on one device or on many, in one process or in several, which JAX joins.

`together` starts processes and ends them together, `works` has the networks and their data, `training` is what each
process does. `python -m demos.scale` reads the options.
"""
