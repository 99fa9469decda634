"""What the kiosk knows of how it is: when it was last of use, when a page was last heard of, what the page says of its
microphone and loudspeaker. Times that are told are UTC; durations are measured on a clock that never jumps."""

from __future__ import annotations

import datetime
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from voice_faq.dialogue.turn import Turn
from voice_faq.kiosk.content import Content


def now_utc() -> str:
    """ISO 8601, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


@dataclass(eq=False)
class OpenPage:
    """A page that is connected."""

    renew: Callable[[Content], None]
    """Tell it that there is a new content."""
    microphone: str | None = None
    """``works``, ``denied``, ``missing`` or ``failed``; None as long as the page does not know."""
    loudspeaker: str | None = None
    """``works``, ``missing`` or ``failed``."""


@dataclass
class Vitals:
    """Told by sessions; an observer of turns."""

    clock: Callable[[], float] = time.monotonic
    """Seconds."""
    started: str = field(default_factory=now_utc)
    last_answer: str | None = None
    """When a question was last answered."""
    last_heartbeat: str | None = None
    """When a page was last heard of."""
    turns: Counter[str] = field(default_factory=Counter)
    """By decision, and ``unheard``."""
    restarts: int = 0
    """Of the server, after ends that nobody wanted."""
    browser_restarts: Callable[[], int] = lambda: 0
    watched: dict[str, Any] = field(default_factory=dict)
    """What the watchdog found: the seconds since each part last answered."""

    def __post_init__(self) -> None:
        self._began = self.clock()
        self._heard: float | None = None
        self.microphone: str | None = None
        self.loudspeaker: str | None = None

    def decided(self, turn: Turn) -> None:
        """See TurnObserver; of what was asked nothing is kept."""
        self.turns[turn.counts_as] += 1
        if turn.decision == "answer":
            self.last_answer = now_utc()

    def unheard(self) -> None:
        """See TurnObserver."""
        self.turns["unheard"] += 1

    def heartbeat(self, page: OpenPage) -> None:
        """A page has said something."""
        self._heard = self.clock()
        self.last_heartbeat = now_utc()
        self.microphone = page.microphone or self.microphone
        self.loudspeaker = page.loudspeaker or self.loudspeaker

    @property
    def up_s(self) -> float:
        """Seconds since the start."""
        return self.clock() - self._began

    @property
    def silent_s(self) -> float | None:
        """Seconds since a page was last heard of; None where none ever was."""
        return None if self._heard is None else self.clock() - self._heard
