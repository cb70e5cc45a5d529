"""Repetition in a graph, which becomes loops; without knowledge of a target.

`runs` finds it in the order of the operations, `formulas` in that of a graph's formulas, in which `data` keeps numbers
apart that differ between iterations. `ends` extends runs. `segments` says where the operands of each loop lie in
memory, as `places`; `bodies` has the formulas of one iteration, `differentiation` their derivatives, `loops` both.
"""
