"""Formulas as data: expressions that rules run on, simplifications, a parser, and code generated from rules."""
