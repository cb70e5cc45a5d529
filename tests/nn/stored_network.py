"""A network in a file of version 1, `saved.json`, with its output: its activations are of exact arithmetic alone."""

from pathlib import Path

STORED = Path(__file__).with_name("saved.json")
STORED_X = [0.1, -2.5]
STORED_OUTPUTS = ["-0x1.b4ad3bb109be4p-3"]
