"""Programs that show what the project does; each runs as `python -m demos.NAME` from the root of a clone."""

import sys

if sys.argv[:1] == ["-m"]:
    import viz as viz  # first, since it lets Ctrl-C end these programs, too: viz/_ctrl_c.py
