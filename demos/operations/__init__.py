"""The document `engine/OPERATIONS.md`, generated from the table of operations.

The rooms: `edges` says at which points an operation is looked at, and what it gives there; `pytorch` says where PyTorch
gives something else, and why we do not; `document` writes the Markdown.
"""
