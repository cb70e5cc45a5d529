"""Whether a file holds a complete PNG picture."""

from pathlib import Path

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def is_png(path: Path) -> bool:
    """Whether the file is a complete PNG picture."""
    content = path.read_bytes()
    return content.startswith(SIGNATURE) and content.endswith(b"IEND\xaeB`\x82")
