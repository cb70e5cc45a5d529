"""Formulas, equations and tables, in every format."""
