"""Stepping through the forward and the backward pass of a graph.

The steps:

    views            the nodes and edges to walk: every operation, or the paper's graph of named nodes
    recording        records both passes over a view as a sequence of steps
    cursor           moves through the steps, with breakpoints
    stepper          `Stepper`: the cursor, and what it shows of a step
    narration        the sentences about steps
    network_picture  the drawing of the paper's view
    node_names       the names of nodes, and their spellings

The shell:

    shell            the commands of `step`
    command_loop     reads lines and runs them as commands
    prompt           reads lines at a terminal
    arguments        parses the arguments of commands

The quiz:

    quiz             the questions about the next steps, of `viz.questions`
    answers          reads answers: numbers and formulas
"""
