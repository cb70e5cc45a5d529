"""Kyle Bradbury, "Tutorial on neural network math for forward and backward propagation" (2019), executable.

`python -m demos.paper` runs it. `examples` builds the paper's graphs, `own_numbers` with a reader's numbers, and
`derivations` writes out their derivatives; `figures`, `tables`, `descent` and `entropy` are the paper's figures, tables
and remarks on training. The packages `equations`, `equation_pictures` and `errata` hold its equations, each computed in
two ways, a picture of each, and its misprints. `commands` prints and draws all of it: `cli` reads the options, and
`options` says which part uses which. `page` shows it in a browser, and `checks` counts what agrees.
"""
