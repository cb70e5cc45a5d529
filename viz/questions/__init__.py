"""Questions about both passes of a graph: with a diagnosis of wrong answers, hints, and a score.

A kind of question is a class; its answers are compared with the true computation, and with the same computation with
one fault put in.

    subject            the graph, with both passes recorded, and the names of its numbers
    question           `Question`, the base class of the kinds; replies; attempts, with hints and a score
    kinds/             the kinds
    asking             all kinds by name, and `ask`
    question_loop      a shell that asks questions
    wording            formulas in questions, hints and worked answers
    typed_derivatives  the derivatives of nodes that answers name

Diagnosis:

    rules              the true rules of a derivative, and the place where a fault goes into them
    faults             the faults in derivatives; `value_faults`, those in values; `functions`, what both need
    naming             the names of a graph in the sentences about faults
    separation         whether the answers of all mistakes differ, for numbers chosen for diagnosis
"""
