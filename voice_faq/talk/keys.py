"""Single key presses of a terminal, as what they mean to the talk loop."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from enum import Enum, auto
from typing import Protocol

from prompt_toolkit.input import Input, create_input
from prompt_toolkit.keys import Keys

from voice_faq.errors import InputError


class Key(Enum):
    """What a press means."""

    TALK = auto()
    """Space or Enter: start or end the question."""
    CANCEL = auto()
    """Esc."""
    QUIT = auto()
    """q, Ctrl-C or Ctrl-D."""
    FIRST = auto()
    """1, 2, 3: that of the offered choices."""
    SECOND = auto()
    THIRD = auto()
    PAUSE = auto()
    """p: hold the answer, or go on."""
    REPEAT = auto()
    """r: the last answer again."""
    PREVIOUS = auto()
    """Left: the clause again, or the one before."""
    NEXT = auto()
    """Right: the next clause."""
    SLOWER = auto()
    """[ and ]"""
    FASTER = auto()
    LOUDER = auto()
    """Up and down."""
    QUIETER = auto()


_MEANINGS: dict[str, Key] = {
    " ": Key.TALK,
    Keys.ControlM: Key.TALK,
    Keys.ControlJ: Key.TALK,
    Keys.Escape: Key.CANCEL,
    "q": Key.QUIT,
    "Q": Key.QUIT,
    Keys.ControlC: Key.QUIT,
    Keys.ControlD: Key.QUIT,
    "1": Key.FIRST,
    "2": Key.SECOND,
    "3": Key.THIRD,
    "p": Key.PAUSE,
    "r": Key.REPEAT,
    Keys.Left: Key.PREVIOUS,
    Keys.Right: Key.NEXT,
    "[": Key.SLOWER,
    "]": Key.FASTER,
    Keys.Up: Key.LOUDER,
    Keys.Down: Key.QUIETER,
}


class KeySource(Protocol):
    """Where key presses come from."""

    def pressed(self) -> list[Key]:
        """Presses since the last call; does not wait."""


class TerminalKeys:
    """Presses of the terminal that standard input is."""

    def __init__(self, source: Input) -> None:
        self._source = source

    def pressed(self) -> list[Key]:
        """Presses since the last call; keys without a meaning are left out."""
        # Flushing tells a lone Esc from the first byte of an arrow key.
        presses = [*self._source.read_keys(), *self._source.flush_keys()]
        return [_MEANINGS[press.key] for press in presses if press.key in _MEANINGS]


def require_terminal() -> None:
    """Raises InputError where standard input is not a terminal."""
    if not sys.stdin.isatty():
        raise InputError("talk 要在终端里运行，因为要用按键说话。不在终端里时，请用 voice-faq ask --wav 录音文件。")


@contextlib.contextmanager
def terminal_keys() -> Iterator[TerminalKeys]:
    """Keys are read one by one inside; the terminal is as before afterwards."""
    source = create_input()
    with source.raw_mode():
        yield TerminalKeys(source)
