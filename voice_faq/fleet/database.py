"""SQLite files that outlive a power cut, and are begun anew where they are broken."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

BUSY_S: Final = 30.0
log = logging.getLogger(__name__)


class Database:
    """One connection for all threads of a process; raises sqlite3.Error where the disk does not take it."""

    def __init__(self, file: Path, tables: str, *, durable: bool) -> None:
        """``durable``: what has been committed is on the disk; else a power cut may cost the last transactions."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        try:
            self._db = _opened(file, tables, durable)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            # A power cut on a bad disk; what is in it is sent again or asked again.
            log.error("%s：数据库坏了（%s），换了一个新的，坏的改名为 .broken。", file, type(error).__name__)
            file.replace(file.with_name(file.name + ".broken"))
            for rest in ("-wal", "-shm"):
                file.with_name(file.name + rest).unlink(missing_ok=True)
            self._db = _opened(file, tables, durable)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Of a question."""
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Any] = ()) -> sqlite3.Row | None:
        """The first one."""
        with self._lock:
            found = self._db.execute(sql, values).fetchone()
            return found if isinstance(found, sqlite3.Row) else None

    @contextlib.contextmanager
    def change(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it or nothing; inside another it is part of that."""
        with self._lock:
            if self._db.in_transaction:
                yield self._db
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """The end."""
        with self._lock:
            self._db.close()


def _opened(file: Path, tables: str, durable: bool) -> sqlite3.Connection:
    db = sqlite3.connect(file, timeout=BUSY_S, check_same_thread=False, isolation_level=None)
    db.row_factory = sqlite3.Row
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        db.executescript(tables)
    except sqlite3.Error:
        db.close()
        raise
    return db
