"""The file of questions asked in vain, as it is read: nothing in it can be read before many have asked it.

Of each question the file has a keyed hash of its sounds with a number for each day; a text stands beside it only while
it was asked ``k`` times within ``days`` days, on two days at least.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from voice_faq.authoring.unanswered import UnansweredQuestion
from voice_faq.counts.ledger import BUSY_S, reading
from voice_faq.errors import InputError

LEAST_DAYS: Final = 2  # on which a text was asked before it is kept
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS secret (key BLOB NOT NULL);
INSERT INTO secret SELECT randomblob(32) WHERE NOT EXISTS (SELECT 1 FROM secret);
CREATE TABLE IF NOT EXISTS heard (
    sounds BLOB NOT NULL, day TEXT NOT NULL, times INTEGER NOT NULL, PRIMARY KEY (sounds, day)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS heard_by_day ON heard (day);
CREATE TABLE IF NOT EXISTS texts (sounds BLOB PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
"""
ENOUGH: Final = (
    "SELECT sounds FROM heard WHERE day BETWEEN :first AND :last "
    "GROUP BY sounds HAVING sum(times) >= :k AND count(*) >= :least"
)


class QuestionStore:
    """UnansweredQuestions for the editor, ``voice-faq gaps`` and whoever sends them on."""

    def __init__(self, path: Path, *, days: int, k: int, today: Callable[[], date] = date.today) -> None:
        """What is older than ``days`` or was asked less than ``k`` times is not shown, whatever the file holds."""
        self.path: Final = path
        self.days: Final = days
        self.k: Final = k
        self._today = today

    def questions(self) -> list[UnansweredQuestion]:
        """Texts that were asked often enough, the oftenest asked first; none where there is no file.

        Raises InputError for a file that cannot be read.
        """
        try:
            with reading(self.path) as connection:
                if connection is None:
                    return []
                found = connection.execute(
                    f"SELECT text, sum(times) FROM texts JOIN heard USING (sounds) WHERE sounds IN ({ENOUGH}) "
                    "AND day BETWEEN :first AND :last GROUP BY sounds ORDER BY 2 DESC, 1",
                    self.limits,
                )
                return [UnansweredQuestion(text, times) for text, times in found]
        except sqlite3.Error as error:
            raise InputError(f"{self.path}：读不了（{error}）。请检查权限和磁盘。") from None

    def forget(self, text: str) -> None:
        """Delete a text; it comes back only when it has been asked as often again. Raises InputError."""
        if not self.path.exists():
            return
        try:
            connection = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None)
            try:
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute("BEGIN IMMEDIATE")
                for table in ("heard", "texts"):
                    connection.execute(
                        f"DELETE FROM {table} WHERE sounds IN (SELECT sounds FROM texts WHERE text = ?)", (text,)
                    )
                connection.execute("COMMIT")
                empty_log(connection)
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise InputError(f"{self.path}：改不了（{error}）。请检查权限和磁盘。") from None

    def tidy(self, connection: sqlite3.Connection) -> None:
        """Delete what is too old, or dated so far ahead that a clock must have been wrong, and texts with it."""
        ahead = (self._today() + timedelta(days=self.days)).isoformat()
        connection.execute("DELETE FROM heard WHERE day < ? OR day > ?", (self.limits["first"], ahead))
        connection.execute(f"DELETE FROM texts WHERE sounds NOT IN ({ENOUGH})", self.limits)

    @property
    def limits(self) -> dict[str, str | int]:
        """Values for ENOUGH."""
        today = self._today()
        first = today - timedelta(days=self.days - 1)
        return {"first": first.isoformat(), "last": today.isoformat(), "k": self.k, "least": LEAST_DAYS}


def empty_log(connection: sqlite3.Connection) -> None:
    """What has been deleted is not left in the write-ahead log either."""
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def delete_file(path: Path) -> bool:
    """All that was ever kept there; whether there was something. Raises OSError."""
    files = [path.with_name(path.name + end) for end in ("", "-wal", "-shm")]
    there = [file for file in files if file.exists()]
    for file in there:
        file.unlink()
    return bool(there)
