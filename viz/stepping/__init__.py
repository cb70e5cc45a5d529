"""Stepping through the forward and the backward pass of a graph.

    recording     records both passes as a sequence of steps
    cursor        moves through the steps, with breakpoints
    stepper       `Stepper`: the cursor, and what it shows of a step
    narration     the sentences about steps
    node_names    the names of nodes, and their spellings

    shell         the commands of `step`
    command_loop  reads lines and runs them as commands
    prompt        reads lines at a terminal
    arguments     parses the arguments of commands

    quiz          questions about steps, and replies to answers
    answers       reads answers: numbers and formulas
"""
