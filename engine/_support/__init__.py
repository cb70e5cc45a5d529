"""Helpers that all packages share: checks of arguments, safe files, suggestions for unknown names, columns of text."""
