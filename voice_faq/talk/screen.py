"""What a talk loop shows, whatever it shows it on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from voice_faq.dialogue.turn import Turn


class Screen(Protocol):
    """What the loop shows."""

    def idle(self) -> None:
        """Ready for a key press."""

    def listening(self, words: str, level_dbfs: float) -> None:
        """Recording: the words so far and the microphone's level."""

    def waiting(self) -> None:
        """The microphone has gone; listening goes on when it is back."""

    def turn(self, turn: Turn) -> None:
        """A turn has been decided."""

    def speaking(self, clauses: Sequence[str], current: int) -> None:
        """The answer's clauses, and the number of the one that is heard."""

    def cancelled(self) -> None:
        """The question was thrown away."""

    def trouble(self, problem: str) -> None:
        """A part does not work; the conversation goes on."""
