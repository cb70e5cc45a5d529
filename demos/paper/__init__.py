"""The worked examples of Kyle Bradbury's tutorial on the mathematics of forward and backward propagation.

`python -m demos.paper` runs them: `examples` builds them as graphs, `report` works their derivatives out in print.
"""
