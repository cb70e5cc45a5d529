"""Arrays recovered from formulas of scalars: the way from index form to matrix form, Section 3 of the paper.

`recover_arrays` makes the array program of an IR, and `ArrayPrinter` a module of Python for it, given the `Spelling` of
a library of arrays, such as `NUMPY_SPELLING` of the target "numpy". The values and the derivatives are formulas alike,
so that nothing here is about differentiation. From one to the other it goes in these steps, a module for each:

1. `normal_form`: sums of products, however they were written.
2. `families`, `chains`: formulas that are computed alike, each family to be one array, rows apart.
3. `layout`: the operands of a family as regular accesses to other arrays, by `engine.compiler.sequences`.
4. `views`: parts of the rows and the parameters, such as a matrix of weights; tables of what is not regular.
5. `results`: the order in which results are returned.
6. `printed`: the text. Labels are read for names alone.

Long series of steps are `loops`: in these, an iteration is recovered.

`program` has the classes of an array program. Formulas without a regular pattern become arrays of single elements, or
elements gathered by a table: the program is right in any case, and short where there is structure.
"""
