"""Keep pytest from importing the file of a target, which would register it."""

collect_ignore = ["c99.py"]
