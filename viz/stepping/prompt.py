"""Reading lines at a terminal: with prompt_toolkit, arrow keys step and a toolbar shows the state; else by readline."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from viz.stepping.command_loop import CommandLoop


def line_reader(loop: CommandLoop) -> Callable[[], str]:
    """Return a function that reads one line; it raises EOFError at the end, and KeyboardInterrupt for Ctrl-C."""
    if find_spec("prompt_toolkit"):
        return _with_prompt_toolkit(loop)
    with suppress(ImportError):  # on Windows, lines are read without history and completion
        import readline

        readline.set_completer_delims(" \t\n")  # labels contain brackets and carets
        readline.set_completer(lambda text, state: cast("str | None", loop.complete(text, state)))  # typed as a list
        readline.parse_and_bind("tab: complete")
    return lambda: input(loop.prompt)


def _with_prompt_toolkit(loop: CommandLoop) -> Callable[[], str]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer, Completion
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.shortcuts import CompleteStyle

    class Names(Completer):
        """Completes commands at the beginning of a line, and names of nodes after it."""

        def get_completions(self, document: Any, complete_event: Any) -> Iterable[Completion]:
            before, _, word = document.text_before_cursor.rpartition(" ")
            for name in loop.completedefault(word) if before else loop.completenames(word):
                yield Completion(name, start_position=-len(word))

    keys = KeyBindings()
    for key, command in (("right", "step"), ("left", "back"), ("s-right", "next"), ("s-left", "prev")):

        @keys.add(key)
        def _(event: Any, key: str = key, command: str = command) -> None:
            buffer = event.current_buffer
            if buffer.text:  # in a line with text, arrows move the cursor
                move = buffer.cursor_right if key.endswith("right") else buffer.cursor_left
                move()
            else:
                buffer.text = command
                buffer.validate_and_handle()

    session: PromptSession[str] = PromptSession(
        completer=Names(),
        complete_style=CompleteStyle.READLINE_LIKE,  # a menu would need lines below the prompt
        reserve_space_for_menu=0,
        key_bindings=keys,
        bottom_toolbar=lambda: loop.printable(loop.toolbar()),
    )
    return lambda: session.prompt(loop.prompt)
