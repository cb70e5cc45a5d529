"""The page that `h` shows in the shell: six commands to begin with, and all commands in groups."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping

WIDTH = 78
_JOINT = "\x00"  # for the space between a short name and its command, where no line breaks

TO_BEGIN_WITH = {
    "s": "do a step: compute a node, or go back along an edge; Enter repeats it",
    "rs": "undo a step",
    "p": "show the node of the last step; p NODE shows another",
    "sum": "show how its derivative adds up, with the rules opened",
    "table": "show all numbers that are known",
    "quiz": "be asked for the next numbers",
}
GROUPS = {
    "move": (
        *("step", "next", "return", "continue", "until", "jump", "last"),
        *("back", "prev", "rcontinue", "first", "break", "tbreak", "clear"),
    ),
    "look": (
        *("print", "local", "sum", "paths", "table", "list", "longlist", "where", "up", "down"),
        *("display", "undisplay", "view", "draw"),
    ),
    "change": ("set",),
    "practise": ("quiz", "hint", "why", "again", "score"),
    "leave": ("quit", "help"),
}


def overview(commands: Collection[str], aliases: Mapping[str, str]) -> str:
    """The page for these commands, each with its short name.

    >>> print(overview(["step", "quit"], {"s": "step", "q": "quit"}).partition("h COMMAND")[2])
     explains one:
      move      s step
      leave     q quit
    """
    names_of = {command: min((a for a, c in aliases.items() if c == command), key=len) for command in aliases.values()}
    short = {command: f"{name}{_JOINT}{command}" for command, name in names_of.items() if len(name) < len(command)}
    lines = ["To begin with:"]
    lines += [f"  {name:<8}{what}" for name, what in TO_BEGIN_WITH.items()]
    lines.append("All commands, each after its short name; h COMMAND explains one:")
    for group, names in GROUPS.items():
        shown = ", ".join(short.get(name, name) for name in names if name in commands)
        lines += textwrap.wrap(shown, WIDTH, initial_indent=f"  {group:<10}", subsequent_indent=" " * 12)
    return "\n".join(lines).replace(_JOINT, " ")
