"""Kyle Bradbury's tutorial on the mathematics of forward and backward propagation, executable.

`python -m demos.paper` runs it: `options` says what can be asked, `summary` is what is shown first, and `run` has every
part at length. `examples` builds the paper's instances as graphs, and `report` works their derivatives out in print;
`equations` has every equation (`section_2`, `sections_3_to_5`), checked on `cases`, and `tally` counts what agrees;
`tables` and `figures` are the paper's, `page` shows them together; `descent` and `entropy` are its remarks on training;
`errata` lists its misprints, and `demonstrations` what they do to numbers.
"""
