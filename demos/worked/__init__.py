"""Worked examples that others published, as graphs: their numbers beside ours, to the digits that they printed.

`source` says what is known of an example, and `published` what each source prints; `graphs` builds the graphs,
`further` goes on where a source does more than one backward pass, and `agreement` compares. No number of ours is
written down: each is computed when it is shown.
"""
