"""Who is told what became of each question, without standing in its way."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Protocol

from voice_faq.dialogue.turn import Turn

log = logging.getLogger(__name__)


class TurnObserver(Protocol):
    """Counts, measures or keeps; called from the event loop, so it returns at once."""

    def decided(self, turn: Turn) -> None:
        """A question was answered, asked back or refused, or a command obeyed."""

    def unheard(self) -> None:
        """A recording held no words."""


class TurnObservers:
    """All of them as one; a failure of one harms neither the rider nor the others."""

    def __init__(self) -> None:
        self._observers: list[TurnObserver] = []

    def add(self, observer: TurnObserver) -> None:
        """From now on it is told."""
        self._observers.append(observer)

    def decided(self, turn: Turn) -> None:
        """See TurnObserver."""
        self._tell(lambda observer: observer.decided(turn))

    def unheard(self) -> None:
        """See TurnObserver."""
        self._tell(lambda observer: observer.unheard())

    def _tell(self, what: Callable[[TurnObserver], None]) -> None:
        for observer in self._observers:
            try:
                what(observer)
            except Exception as error:
                # Its message could hold what was asked.
                log.error("%s failed: %s", type(observer).__name__, type(error).__name__)
