"""Stepping through a graph: the recorded steps, the stepper, its shell and its quiz."""
