"""Adds up in memory, and every few seconds in a SQLite file: whoever adds never waits for a disk.

Between two writes lie seconds, which a power cut or a kill costs. A batch is one transaction of the write-ahead log,
synced before it counts as written: it is there whole or not at all, and what could not be written is tried again, so
nothing is counted twice. Without a disk to write on the numbers stay in memory, as many as MOST_PENDING.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path
from typing import Final, Generic, TypeVar

WRITE_EVERY_S: Final = 2.0
RETRY_S: Final = 30.0  # after a write that failed
TIDY_S: Final = 3_600.0  # between looks whether something has become too old
MOST_PENDING: Final = 20_000  # different items that wait in memory for a disk
BUSY_S: Final = 5.0  # to wait for another process that writes
BROKEN: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

Item = TypeVar("Item", bound=Hashable)
Write = Callable[[sqlite3.Connection, Mapping[Item, int]], None]
log = logging.getLogger(__name__)


class Ledger(Generic[Item]):
    """Items and how often each was added; threads and processes may share the file."""

    def __init__(
        self,
        path: Path,
        schema: str,
        write: Write[Item],
        *,
        tidy: Callable[[sqlite3.Connection], None] | None = None,
        keep_broken: bool = True,
        every_s: float = WRITE_EVERY_S,
    ) -> None:
        """``schema``: SQL that makes the tables where they are missing; ``write`` puts a batch into them.

        ``tidy`` deletes what is too old; it is called now and then while the thread runs. A file that is no database is
        put aside, or without ``keep_broken`` deleted. Nothing is opened before the first item is added or ``start`` is
        called.
        """
        self.path: Final = path
        self._schema = schema
        self._write = write
        self._tidy = tidy
        self._keep_broken = keep_broken
        self._every_s = every_s
        self._pending: Counter[Item] = Counter()
        self._adding = threading.Lock()
        self._writing = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._woken = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._failed = False
        self._overflowed = False

    def add(self, item: Item) -> None:
        """Returns at once."""
        with self._adding:
            self._put(item, 1)
        self.start()
        self._woken.set()

    def start(self) -> None:
        """Start the thread if it does not run yet."""
        with self._adding:
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._run, name=f"writes {self.path.name}", daemon=True)
                self._thread.start()
                atexit.register(self.close)

    def pending(self) -> dict[Item, int]:
        """What is not in the file yet."""
        with self._adding:
            return dict(self._pending)

    def flush(self) -> bool:
        """Write what waits; False where the disk does not take it, which is then kept for the next time."""
        with self._writing:
            with self._adding:
                batch, self._pending = self._pending, Counter()
            if not batch:
                return True
            try:
                self._write_batch(batch)
            except (sqlite3.Error, OSError) as error:
                with self._adding:
                    for item, times in batch.items():
                        self._put(item, times)
                self._trouble(error)
                return False
            if self._failed:
                log.warning("%s：又写得进去了。", self.path)
            self._failed = self._overflowed = False
            return True

    def change(self, action: Callable[[sqlite3.Connection], None]) -> None:
        """Change what is in the file, in a transaction, and leave nothing of what was there in its log.

        Raises sqlite3.Error or OSError.
        """
        self.flush()
        with self._writing:
            with self._transaction() as connection:
                action(connection)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Write what waits and end the thread; what is added afterwards is not written."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._woken.set()
        atexit.unregister(self.close)
        if self._thread is not None:
            self._thread.join()
        self.flush()
        with self._writing:
            self._disconnect()

    def _put(self, item: Item, times: int) -> None:
        if item in self._pending or len(self._pending) < MOST_PENDING:
            self._pending[item] += times
        elif not self._overflowed:
            self._overflowed = True
            log.error("%s：太久写不进去，内存里也放不下了，新的不再记。", self.path)

    def _run(self) -> None:
        while not self._closing.is_set():
            if self._tidy is not None and self.path.exists():
                try:
                    self.change(self._tidy)
                except (sqlite3.Error, OSError) as error:
                    self._trouble(error)
            self._woken.wait(TIDY_S)
            self._woken.clear()
            self._closing.wait(self._every_s)
            if not self.flush():
                self._closing.wait(RETRY_S)
                self._woken.set()

    def _write_batch(self, batch: Mapping[Item, int]) -> None:
        with self._transaction() as connection:
            self._write(connection, batch)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection or self._connect()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            raise

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with contextlib.suppress(FileExistsError):
            # Only who runs the kiosk may read it; SQLite gives its other files the same permissions.
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL, 0o600))
        connection = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")
            connection.executescript(self._schema)
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _trouble(self, error: sqlite3.Error | OSError) -> None:
        self._disconnect()
        if not self._failed:
            self._failed = True
            # The message of an error could hold what was to be written; its name cannot.
            name = getattr(error, "sqlite_errorname", None) or type(error).__name__
            log.error("%s：写不进去（%s）。先记在内存里，请检查磁盘的空间和权限。", self.path, name)
        if getattr(error, "sqlite_errorcode", None) in BROKEN:
            with contextlib.suppress(OSError):
                for end in ("", "-wal", "-shm"):
                    file = self.path.with_name(self.path.name + end)
                    if file.exists() and self._keep_broken:
                        file.replace(file.with_name(file.name + ".broken"))
                    file.unlink(missing_ok=True)


@contextlib.contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection | None]:
    """The file to read from, also while another process writes and on a disk that takes nothing; None where none is.

    Raises sqlite3.Error.
    """
    if not path.exists():
        yield None
        return
    connection = _connected_for_reading(path)
    try:
        yield connection
    finally:
        connection.close()


def _connected_for_reading(path: Path) -> sqlite3.Connection:
    address = path.absolute().as_uri()
    connection = sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=BUSY_S)
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        # Beside a write-ahead log SQLite wants a file of its own, which a read-only disk does not give it.
        connection.close()
        connection = sqlite3.connect(f"{address}?immutable=1", uri=True)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
