"""Kyle Bradbury, "Tutorial on neural network math for forward and backward propagation" (2019), executable.

`python -m demos.paper` runs it. `examples` builds the paper's graphs, `derivations` writes out their derivatives,
and `figures`, `tables`, `descent` and `entropy` are the paper's figures, tables and remarks on training. The
packages `equations`, `equation_pictures` and `errata` hold its equations, each computed in two ways, a picture of each,
and its misprints. `commands` prints
and draws all of it, by the options that `cli` reads; `page` shows it in a browser, and `checks` counts what agrees.
"""
