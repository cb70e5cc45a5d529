"""Formulas, equations and tables, written in any format.

`formulas` writes one formula, `equations` has the signs =, ∂ and Σ around formulas, and `sheet` writes tables, each in
any of the `formats`, where a label becomes Unicode, LaTeX or MathML; `written_lines` writes matrices in several lines
of text, and `ascii` replaces the signs for terminals that lack them. `backpropagation_table` is the paper's Table 1 for
any graph, of its `table_rows`; `table_index_form` is its form with indices, which `index_form` finds for formulas, and
`matrix_form` turns equations with indices into those of Table 2.
"""
