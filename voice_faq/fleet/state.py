"""All that the control room knows, in SQLite, so that a restart goes on where it was.

Only ``serve`` talks to the broker. What others want (a publication, a command) is a row that it finds.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from voice_faq.fleet.archive import Manifest
from voice_faq.fleet.database import Database
from voice_faq.fleet.judging import ASKED, Asked
from voice_faq.fleet.known import Content, Kiosk, Member, Rollout, content_of, kiosk_of
from voice_faq.fleet.messages import CommandName, Counts, Gaps, Health, Result, Status

COMMAND_S: Final = 120.0  # for a kiosk to obey
KEPT_DAYS: Final = 800
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS kiosks (
    name TEXT PRIMARY KEY, online INTEGER NOT NULL DEFAULT 0, seen REAL NOT NULL DEFAULT 0,
    line TEXT NOT NULL DEFAULT '', station TEXT NOT NULL DEFAULT '', software TEXT NOT NULL DEFAULT '',
    content TEXT NOT NULL DEFAULT '', version TEXT NOT NULL DEFAULT '', told_wanted TEXT NOT NULL DEFAULT '',
    step TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', fault TEXT NOT NULL DEFAULT '',
    every_s REAL NOT NULL DEFAULT 300, trouble TEXT NOT NULL DEFAULT '[]', health TEXT NOT NULL DEFAULT '{}',
    health_at REAL NOT NULL DEFAULT 0, since TEXT NOT NULL DEFAULT '{}', since_content TEXT NOT NULL DEFAULT '',
    gaps TEXT NOT NULL DEFAULT '[]', wanted TEXT NOT NULL DEFAULT '', sent TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS counts (
    kiosk TEXT, source TEXT, day TEXT, decision TEXT, entry TEXT, times INTEGER NOT NULL,
    PRIMARY KEY (kiosk, source, day, decision, entry)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS counts_by_day ON counts (day);
CREATE TABLE IF NOT EXISTS contents (
    id TEXT PRIMARY KEY, version TEXT NOT NULL, signed_by TEXT NOT NULL, made TEXT NOT NULL, path TEXT NOT NULL,
    sha256 TEXT NOT NULL, size INTEGER NOT NULL, url TEXT NOT NULL, at_broker INTEGER NOT NULL DEFAULT 0,
    used REAL NOT NULL);
CREATE TABLE IF NOT EXISTS rollouts (
    id INTEGER PRIMARY KEY, content TEXT NOT NULL, state TEXT NOT NULL, ring INTEGER NOT NULL, ring_since REAL NOT NULL,
    rings INTEGER NOT NULL, reason TEXT NOT NULL, begun REAL NOT NULL, ended REAL NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS room (id TEXT NOT NULL);
INSERT INTO room SELECT lower(hex(randomblob(8))) WHERE NOT EXISTS (SELECT 1 FROM room);
CREATE TABLE IF NOT EXISTS members (
    rollout INTEGER, kiosk TEXT, ring INTEGER NOT NULL, before TEXT NOT NULL, well INTEGER NOT NULL,
    online INTEGER NOT NULL, PRIMARY KEY (rollout, kiosk)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS commands (
    id TEXT PRIMARY KEY, kiosk TEXT NOT NULL, name TEXT NOT NULL, argument TEXT NOT NULL, made REAL NOT NULL,
    until REAL NOT NULL, sent REAL NOT NULL DEFAULT 0, good INTEGER, told TEXT NOT NULL DEFAULT '');
"""


class State:
    """The control room's memory; raises sqlite3.Error where the disk does not take it."""

    def __init__(self, folder: Path) -> None:
        self._db = Database(folder / "control.sqlite", _TABLES, durable=True)
        with self._db.change() as db:
            if "settings" not in {row["name"] for row in db.execute("PRAGMA table_info(kiosks)")}:
                db.execute("ALTER TABLE kiosks ADD COLUMN settings TEXT NOT NULL DEFAULT ''")

    @property
    def room(self) -> str:
        """Which memory this is: one that was lost and begun anew has another id."""
        row = self._db.row("SELECT id FROM room")
        return str(row[0]) if row is not None else ""

    def close(self) -> None:
        """The end."""
        self._db.close()

    def change(self) -> Any:
        """A transaction around several of these."""
        return self._db.change()

    # --- what kiosks say ----------------------------------------------------------------------------------------

    def heard_status(self, kiosk: str, status: Status, now: float) -> None:
        """A kiosk that went away is what it was, but for being away."""
        with self._db.change() as db:
            _know(db, kiosk)
            if not status.online:
                db.execute("UPDATE kiosks SET online = 0 WHERE name = ?", (kiosk,))
                return
            db.execute(
                "UPDATE kiosks SET online = 1, seen = ?, line = ?, station = ?, software = ?, content = ?, "
                "version = ?, told_wanted = ?, step = ?, reason = ?, fault = ?, settings = ?, every_s = ? "
                "WHERE name = ?",
                (now, status.line, status.station, status.software, status.content, status.version, status.wanted,
                 status.step, status.reason, status.fault or "", status.settings, status.every_s, kiosk),
            )  # fmt: skip

    def nobody_online(self) -> None:
        """Until it says so again."""
        with self._db.change() as db:
            db.execute("UPDATE kiosks SET online = 0")

    def heard_health(self, kiosk: str, health: Health, now: float) -> None:
        """A report."""
        with self._db.change() as db:
            _know(db, kiosk)
            db.execute(
                "UPDATE kiosks SET seen = ?, health_at = ?, trouble = ?, health = ? WHERE name = ?",
                (now, now, json.dumps(health.trouble), json.dumps(health.kiosk), kiosk),
            )

    def heard_counts(self, kiosk: str, counts: Counts, now: float) -> None:
        """Of each number the largest stays, so twice is once."""
        with self._db.change() as db:
            _know(db, kiosk)
            db.executemany(
                "INSERT INTO counts VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kiosk, source, day, decision, entry) "
                "DO UPDATE SET times = MAX(times, excluded.times)",
                [(kiosk, counts.source, counts.day, *row) for row in counts.rows],
            )
            db.execute("UPDATE kiosks SET seen = ? WHERE name = ?", (now, kiosk))
            if counts.content:
                db.execute(
                    "UPDATE kiosks SET since = ?, since_content = ? WHERE name = ?",
                    (json.dumps(counts.since), counts.content, kiosk),
                )

    def heard_gaps(self, kiosk: str, gaps: Gaps) -> None:
        """All that it may tell."""
        with self._db.change() as db:
            _know(db, kiosk)
            db.execute("UPDATE kiosks SET gaps = ? WHERE name = ?", (json.dumps(gaps.rows), kiosk))

    def heard_result(self, kiosk: str, result: Result) -> None:
        """Of a command that was this kiosk's."""
        with self._db.change() as db:
            db.execute(
                "UPDATE commands SET good = ?, told = ? WHERE id = ? AND kiosk = ? AND good IS NULL",
                (result.good, result.told, result.id, kiosk),
            )

    # --- what is known ------------------------------------------------------------------------------------------

    def kiosks(self, now: float) -> dict[str, Kiosk]:
        """By name, in its order."""
        return {row["name"]: kiosk_of(row, now) for row in self._db.rows("SELECT * FROM kiosks ORDER BY name")}

    def counts_by_day(self, since: date) -> list[dict[str, Any]]:
        """(day, decision, times) of the whole fleet."""
        rows = self._db.rows(
            "SELECT day, decision, SUM(times) AS times FROM counts WHERE day >= ? GROUP BY day, decision ORDER BY day",
            (since.isoformat(),),
        )
        return [dict(row) for row in rows]

    def counts_by_entry(self, since: date) -> list[dict[str, Any]]:
        """(entry, times) of answers, the most frequent first."""
        rows = self._db.rows(
            "SELECT entry, SUM(times) AS times FROM counts WHERE day >= ? AND decision = 'answer' AND entry != '' "
            "GROUP BY entry ORDER BY times DESC LIMIT 100",
            (since.isoformat(),),
        )
        return [dict(row) for row in rows]

    def counts_by_kiosk(self, since: date, until: date) -> dict[str, Asked]:
        """What was asked at each kiosk from ``since`` until the day before ``until``."""
        marks = ", ".join("?" * len(ASKED))
        found: dict[str, Asked] = {}
        for row in self._db.rows(
            "SELECT kiosk, SUM(times) AS questions, SUM(CASE decision WHEN 'reject' THEN times ELSE 0 END) AS refused "
            f"FROM counts WHERE day >= ? AND day < ? AND decision IN ({marks}) GROUP BY kiosk",
            (since.isoformat(), until.isoformat(), *ASKED),
        ):
            found[row["kiosk"]] = Asked(row["refused"], row["questions"])
        return found

    def forget_old(self, today: date) -> None:
        """Counts of long ago, and commands of last week."""
        with self._db.change() as db:
            db.execute("DELETE FROM counts WHERE day < ?", ((today - timedelta(days=KEPT_DAYS)).isoformat(),))
            db.execute("DELETE FROM commands WHERE made < ?", (time.time() - 7 * 86_400,))

    # --- contents and publications ------------------------------------------------------------------------------

    def add_content(self, manifest: Manifest, path: Path, sha256: str, size: int, url: str) -> None:
        """It can be published from now on."""
        with self._db.change() as db:
            db.execute(
                "INSERT OR REPLACE INTO contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
                (manifest.id, manifest.version, manifest.signed_by, manifest.made, str(path), sha256, size, url,
                 time.time()),
            )  # fmt: skip

    def content(self, content: str) -> Content | None:
        """By its id."""
        row = self._db.row("SELECT * FROM contents WHERE id = ?", (content,))
        return content_of(row) if row is not None else None

    def contents(self) -> list[Content]:
        """The newest first."""
        return [content_of(row) for row in self._db.rows("SELECT * FROM contents ORDER BY used DESC")]

    def at_broker(self, content: str, there: bool) -> None:
        """Whether its chunks are."""
        with self._db.change() as db:
            db.execute("UPDATE contents SET at_broker = ? WHERE id = ?", (there, content))

    def ask_rollout(self, content: str) -> int:
        """``serve`` begins it; its number."""
        with self._db.change() as db:
            db.execute(
                "UPDATE rollouts SET state = 'stopped', reason = '发布了别的内容', ended = ? "
                "WHERE state IN ('asked', 'running', 'held')",
                (time.time(),),
            )
            made = db.execute(
                "INSERT INTO rollouts (content, state, ring, ring_since, rings, reason, begun) "
                "VALUES (?, 'asked', 0, 0, 0, '', ?)",
                (content, time.time()),
            )
            return int(made.lastrowid or 0)

    def rollout(self) -> Rollout | None:
        """The newest one."""
        row = self._db.row("SELECT * FROM rollouts ORDER BY id DESC LIMIT 1")
        return Rollout(*row) if row is not None else None

    def rollouts(self) -> list[Rollout]:
        """The newest first."""
        return [Rollout(*row) for row in self._db.rows("SELECT * FROM rollouts ORDER BY id DESC LIMIT 20")]

    def set_rollout(self, rollout: int, **values: Any) -> None:
        """Some of its columns."""
        with self._db.change() as db:
            names = ", ".join(f"{name} = ?" for name in values)
            db.execute(f"UPDATE rollouts SET {names} WHERE id = ?", (*values.values(), rollout))

    def set_members(self, rollout: int, members: Iterable[Member]) -> None:
        """All of them."""
        with self._db.change() as db:
            db.executemany(
                "INSERT OR REPLACE INTO members VALUES (?, ?, ?, ?, ?, ?)",
                [(rollout, m.kiosk, m.ring, m.before, m.well, m.online) for m in members],
            )

    def members(self, rollout: int) -> list[Member]:
        """Of a publication."""
        rows = self._db.rows(
            "SELECT kiosk, ring, before, well, online FROM members WHERE rollout = ? ORDER BY ring, kiosk", (rollout,)
        )
        return [Member(r["kiosk"], r["ring"], r["before"], bool(r["well"]), bool(r["online"])) for r in rows]

    def want(self, kiosks: Sequence[str], content: str) -> None:
        """These kiosks shall have it."""
        with self._db.change() as db:
            db.executemany("UPDATE kiosks SET wanted = ? WHERE name = ?", [(content, kiosk) for kiosk in kiosks])

    def were_sent(self, kiosks: Iterable[Kiosk]) -> None:
        """The broker has their orders."""
        with self._db.change() as db:
            db.executemany("UPDATE kiosks SET sent = ? WHERE name = ?", [(k.wanted, k.name) for k in kiosks])

    def forget_sent(self) -> None:
        """The broker may have lost its memory."""
        with self._db.change() as db:
            db.execute("UPDATE kiosks SET sent = ''")
            db.execute("UPDATE contents SET at_broker = 0")

    # --- commands -----------------------------------------------------------------------------------------------

    def ask_command(self, kiosks: Sequence[str], name: CommandName, argument: str) -> list[str]:
        """``serve`` sends them; their ids."""
        now = time.time()
        made = [(secrets.token_hex(8), kiosk, name, argument, now, now + COMMAND_S) for kiosk in kiosks]
        with self._db.change() as db:
            db.executemany(
                "INSERT INTO commands (id, kiosk, name, argument, made, until) VALUES (?, ?, ?, ?, ?, ?)", made
            )
        return [row[0] for row in made]

    def commands(self, *, open_at: float | None = None) -> list[dict[str, Any]]:
        """The newest first; with ``open_at`` those that still wait then."""
        where = "WHERE good IS NULL AND until > ?" if open_at is not None else ""
        rows = self._db.rows(
            f"SELECT * FROM commands {where} ORDER BY made DESC LIMIT 500",
            (open_at,) if open_at is not None else (),
        )
        return [dict(row) for row in rows]

    def command_sent(self, command: str, now: float) -> None:
        """It was sent, and is sent again when nothing comes back."""
        with self._db.change() as db:
            db.execute("UPDATE commands SET sent = ? WHERE id = ?", (now, command))


def _know(db: sqlite3.Connection, kiosk: str) -> None:
    db.execute("INSERT OR IGNORE INTO kiosks (name) VALUES (?)", (kiosk,))
