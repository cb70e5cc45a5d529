"""Analyses of a finished graph: paths, derivatives by paths, named nodes and their roles, checks of gradients."""
