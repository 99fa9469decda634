"""What a kiosk's agent remembers, in SQLite: what waits for the broker, and what it must not forget at a restart.

A message has a key; a newer one takes the place of the one that still waits, so health is the latest and a day's counts
are the latest of that day. What has no such key (results of commands) is bounded in number: the oldest give way, and
are counted.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voice_faq.fleet.database import Database

MOST_WAITING: Final = 1_000
MOST_DAYS: Final = 800
KEPT_RESULTS: Final = 200
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS waiting (
    key TEXT PRIMARY KEY, what TEXT NOT NULL, payload BLOB NOT NULL, confirmed_by TEXT NOT NULL,
    number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS told (day TEXT PRIMARY KEY, digest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS results (id TEXT PRIMARY KEY, payload BLOB NOT NULL, number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Waiting:
    """A message that is to be sent."""

    key: str
    what: str
    """The last part of its topic."""
    payload: bytes
    confirmed_by: str
    """A digest that the control room must say back; nothing where the broker's word is enough."""
    number: int
    """Of this very message: a newer one with its key has another."""


class Outbox:
    """One process's; raises sqlite3.Error where the disk does not take it."""

    def __init__(self, file: Path) -> None:
        self._db = Database(file, _TABLES, durable=False)

    def close(self) -> None:
        """The end."""
        self._db.close()

    def put(self, key: str, what: str, payload: bytes, *, confirmed_by: str = "") -> None:
        """Send it when there is a broker."""
        with self._db.change() as db:
            number = self._next(db)
            db.execute(
                "INSERT OR REPLACE INTO waiting VALUES (?, ?, ?, ?, ?)", (key, what, payload, confirmed_by, number)
            )
            too_many = db.execute("SELECT COUNT(*) FROM waiting").fetchone()[0] - MOST_WAITING
            if too_many > 0:
                db.execute(
                    "DELETE FROM waiting WHERE number IN (SELECT number FROM waiting ORDER BY number LIMIT ?)",
                    (too_many,),
                )
                _set(db, "dropped", str(self.dropped + too_many))

    def waiting(self) -> list[Waiting]:
        """All of them, the oldest first."""
        rows = self._db.rows("SELECT key, what, payload, confirmed_by, number FROM waiting ORDER BY number")
        return [Waiting(*row) for row in rows]

    def sent(self, message: Waiting) -> None:
        """The broker has it, and nobody else's word is needed."""
        with self._db.change() as db:
            db.execute("DELETE FROM waiting WHERE key = ? AND number = ?", (message.key, message.number))

    def confirmed(self, key: str, day: str, digest: str) -> None:
        """The control room has this day's counts."""
        with self._db.change() as db:
            db.execute("DELETE FROM waiting WHERE key = ? AND confirmed_by = ?", (key, digest))
            db.execute("INSERT OR REPLACE INTO told VALUES (?, ?)", (day, digest))
            db.execute(
                "DELETE FROM told WHERE day NOT IN (SELECT day FROM told ORDER BY day DESC LIMIT ?)", (MOST_DAYS,)
            )

    def room(self, name: str) -> None:
        """Which control room listens; another one than before has been told nothing yet."""
        if name and name != self.fact("room"):
            with self._db.change() as db:
                db.execute("DELETE FROM told")
                _set(db, "room", name)

    def told(self, day: str) -> str:
        """Digest of the counts of a day that the control room has; nothing where it has none."""
        row = self._db.row("SELECT digest FROM told WHERE day = ?", (day,))
        return str(row[0]) if row else ""

    def result(self, command: str) -> bytes | None:
        """What became of a command; None for one that was not obeyed yet."""
        row = self._db.row("SELECT payload FROM results WHERE id = ?", (command,))
        return bytes(row[0]) if row else None

    def keep_result(self, command: str, payload: bytes) -> None:
        """It has been obeyed."""
        with self._db.change() as db:
            db.execute("INSERT OR REPLACE INTO results VALUES (?, ?, ?)", (command, payload, self._next(db)))
            db.execute(
                "DELETE FROM results WHERE id NOT IN (SELECT id FROM results ORDER BY number DESC LIMIT ?)",
                (KEPT_RESULTS,),
            )

    def fact(self, name: str) -> str:
        """What was kept under a name; nothing where nothing was."""
        row = self._db.row("SELECT value FROM facts WHERE name = ?", (name,))
        return str(row[0]) if row else ""

    def keep(self, name: str, value: str) -> None:
        """Under a name."""
        with self._db.change() as db:
            _set(db, name, value)

    @property
    def dropped(self) -> int:
        """Messages that gave way."""
        return int(self.fact("dropped") or 0)

    def _next(self, db: sqlite3.Connection) -> int:
        number = int(self.fact("number") or 0) + 1
        _set(db, "number", str(number))
        return number


def _set(db: sqlite3.Connection, name: str, value: str) -> None:
    db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))
