"""Programs that show what the project does; each runs as `python -m demos.NAME` from the root of a clone."""
