"""Text that may be printed to a terminal, which takes an escape character for the beginning of a command."""

import re

# Control characters, those that reorder what stands around them, line separators, and what is not a character.
_UNPRINTABLE = r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"  # compiled when first used


def make_printable(text: str) -> str:
    r"""The text with spaces for line breaks and tabs, and � for other characters that cannot be shown.

    >>> make_printable("a\nb \x1b[31mred")
    'a b �[31mred'
    """
    return re.sub(_UNPRINTABLE, lambda match: " " if match[0].isspace() else "\ufffd", text)
