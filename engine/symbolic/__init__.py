"""Formulas as data: expressions that rules run on, simplifications, typed formulas, and Python printed from rules."""
