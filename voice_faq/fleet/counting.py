"""What a kiosk has counted, as the agent reads it.

Numbers of a day only grow, and a day is always told as a whole with the store that it was counted in. So the control
room keeps of each number the largest that it has heard from a store: what arrives twice, late or in another order
changes nothing, and what a new store counts is added to what an old one had.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

from voice_faq.files import write_whole


class CountRow(Protocol):
    """How often one thing was decided on one day."""

    @property
    def day(self) -> date:
        """Of the kiosk's time zone."""

    @property
    def decision(self) -> str:
        """``answer``, ``clarify``, ``reject`` …"""

    @property
    def entry(self) -> str | None:
        """Id of the answered entry."""

    @property
    def count(self) -> int:
        """From 1."""


class CountsSource(Protocol):
    """A store of counts."""

    def source(self) -> str:
        """Which one: 8 to 32 hexadecimal digits, the same as long as the store is the same."""

    def rows(self, since: date | None) -> Sequence[CountRow]:
        """All numbers from that day on; raises OSError or sqlite3.Error."""


class CountsFile:
    """A file that the kiosk's process writes, read by ``read(path, since)``."""

    def __init__(self, path: Path, read: Callable[[Path, date | None], Sequence[CountRow]]) -> None:
        self._path = path
        self._read = read

    def source(self) -> str:
        """Kept in ``.source`` beside the file: who removes one removes both."""
        beside = self._path.with_name(self._path.name + ".source")
        with contextlib.suppress(OSError, UnicodeDecodeError):
            found = beside.read_text(encoding="ascii").strip()
            if re.fullmatch("[0-9a-f]{16}", found):
                return found
        made = secrets.token_hex(8)
        beside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # before anything was counted
        write_whole(beside, made.encode())
        return made

    def rows(self, since: date | None) -> Sequence[CountRow]:
        """See CountsSource."""
        return self._read(self._path, since)


def tally(rows: Iterable[CountRow]) -> dict[str, int]:
    """By decision."""
    counted: Counter[str] = Counter()
    for row in rows:
        counted[row.decision] += row.count
    return dict(counted)
