"""Questions about both passes of a graph: with a diagnosis of wrong answers, hints, and a score.

A kind of question is a class; its answers are compared with the true computation, and with the same computation with
one fault put in.

    subject         the graph, with both passes recorded, and the names of its numbers
    question        `Question`, the base class of the kinds; replies; attempts, with hints and a score
    rules           the true rules of a derivative, and the place where a fault goes into them
    faults          the faults
    typed_derivatives  the derivatives of nodes that answers name
    wording         formulas in questions, hints and worked answers
    question_loop   a shell that asks questions

The kinds:

    numbers         the value of a node
    edges           the local derivative along an edge, its contribution, the running sum
    totals          the whole derivative with respect to a node
    rows            a row of Table 1
    typed_formulas  the formula of a derivative
    paths, order    all paths to a node, the order of the backward sweep; `routes` has what both need
    signs           the sign of a change
    wanted          the number of a leaf that gives a wanted derivative
    descent         a step of gradient descent
    kinds           all of them, by name

Numbers chosen for diagnosis:

    separation      whether the answers of all mistakes differ
"""
