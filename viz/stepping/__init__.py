"""Stepping through the forward and the backward pass of a graph.

The steps:

    recording     records both passes as a sequence of steps
    cursor        moves through the steps, with breakpoints
    stepper       `Stepper`: the cursor, and what it shows of a step
    narration     the sentences about steps
    node_names    the names of nodes, and their spellings

The shell:

    shell         the commands of `step`
    command_loop  reads lines and runs them as commands
    prompt        reads lines at a terminal
    arguments     parses the arguments of commands

The quiz:

    quiz          questions about steps, and replies to answers
    answers       reads answers: numbers and formulas
"""
