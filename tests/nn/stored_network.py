"""A network in a file of version 1, `saved.json`, and its output, which is exact arithmetic on every machine."""

from pathlib import Path

STORED = Path(__file__).with_name("saved.json")
STORED_X = [0.1, -2.5]
STORED_OUTPUTS = ["-0x1.b4ad3bb109be4p-3"]
