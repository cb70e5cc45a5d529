"""Helpers that all packages share: checks of arguments, numbers of any kind, safe files, suggestions, text columns."""
