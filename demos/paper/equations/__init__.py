"""The paper's equations, (1) to (41) and S1 to S9 of Section 5, each computed in two ways.

`section_2` and `sections_3_to_5` register them with `registry`; `catalogue` has them in order and prints their checks,
on the graphs of `instances`.
"""
