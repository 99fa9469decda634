"""Turns by day, decision and entry."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from voice_faq.counts.ledger import Ledger, reading
from voice_faq.dialogue.turn import Turn

UNHEARD: Final = "unheard"
DECISIONS: Final = ("answer", "clarify", "reject", "command", UNHEARD)
"""What became of a question; as a turn counts, and UNHEARD for a recording without words."""
SURE_DAYS: Final = 3  # that a date must have lasted before anything is deleted for it
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS counts (
    day TEXT NOT NULL, decision TEXT NOT NULL, entry TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (day, decision, entry)
) WITHOUT ROWID
"""


@dataclass(frozen=True)
class CountRow:
    """How often one thing was decided on one day."""

    day: date
    """Of the machine's own time zone."""
    decision: str
    """One of DECISIONS."""
    entry: str | None
    """Id of the answered entry; None where none was answered."""
    count: int


class DailyCounts:
    """A TurnObserver whose numbers outlive the process; see Ledger for what that is worth.

    The numbers of a day only grow, so whoever passes them on gives the whole of each day: what arrives twice is then
    no more than what arrives once.
    """

    def __init__(self, path: Path, days: int, *, today: Callable[[], date] = date.today) -> None:
        """``path``: a SQLite file, made when the first turn is counted; ``days`` before today are kept in it.

        So that a clock that is wrong for a while deletes nothing, days are counted back from the third newest one
        that has numbers.
        """
        self._days = days
        self._today = today
        self._ledger: Ledger[tuple[str, str, str]] = Ledger(path, SCHEMA, self._write)

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return self._ledger.path

    def decided(self, turn: Turn) -> None:
        """Count a turn; returns at once."""
        self._add(turn.counts_as, turn.entry or "")

    def unheard(self) -> None:
        """Count a recording without words; returns at once."""
        self._add(UNHEARD, "")

    def rows(self, since: date | None = None) -> list[CountRow]:
        """All numbers from the day ``since`` on, by day, decision and entry, those that are not written yet too.

        Raises sqlite3.Error for a file that cannot be read.
        """
        self._ledger.flush()
        rows = {(row.day.isoformat(), row.decision, row.entry or ""): row.count for row in read_rows(self.path, since)}
        for key, count in self._ledger.pending().items():
            if since is None or key[0] >= since.isoformat():
                rows[key] = rows.get(key, 0) + count
        return [_row(*key, count) for key, count in sorted(rows.items())]

    def flush(self) -> bool:
        """Write what waits in memory; False where the disk does not take it."""
        return self._ledger.flush()

    def close(self) -> None:
        """Write what waits and end the thread; at the end of the process it happens by itself."""
        self._ledger.close()

    def _add(self, decision: str, entry: str) -> None:
        self._ledger.add((self._today().isoformat(), decision, entry))

    def _write(self, connection: sqlite3.Connection, batch: Mapping[tuple[str, str, str], int]) -> None:
        connection.executemany(
            "INSERT INTO counts VALUES (?, ?, ?, ?) "
            "ON CONFLICT (day, decision, entry) DO UPDATE SET count = count + excluded.count",
            [(*key, count) for key, count in batch.items()],
        )
        days = connection.execute("SELECT DISTINCT day FROM counts ORDER BY day DESC LIMIT ?", (SURE_DAYS,)).fetchall()
        if len(days) == SURE_DAYS:
            newest = min(self._today(), date.fromisoformat(days[-1][0]))
            oldest = (newest - timedelta(days=self._days)).isoformat()
            connection.execute("DELETE FROM counts WHERE day < ?", (oldest,))


def read_rows(path: Path, since: date | None = None) -> list[CountRow]:
    """The numbers in a file of DailyCounts, also while another process writes it; none where there is no file.

    Raises sqlite3.Error.
    """
    with reading(path) as connection:
        if connection is None or not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'counts'").fetchone():
            return []
        found = connection.execute(
            "SELECT day, decision, entry, count FROM counts WHERE day >= ? ORDER BY day, decision, entry",
            (since.isoformat() if since is not None else "",),
        )
        return [_row(*row) for row in found]


def _row(day: str, decision: str, entry: str, count: int) -> CountRow:
    return CountRow(date.fromisoformat(day), decision, entry or None, count)
