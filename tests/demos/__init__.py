"""What the tests of the demos share."""

from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def is_png(path: Path) -> bool:
    """Whether there is a whole PNG picture in that file."""
    content = path.read_bytes()
    return content.startswith(SIGNATURE) and content.endswith(b"IEND\xaeB`\x82")
