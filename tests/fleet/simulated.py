"""A kiosk without a screen, a voice or a rider: it counts turns in SQLite and has an agent beside it, the real one."""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import soundfile as sf

from voice_faq.authoring.starting import start_folder
from voice_faq.fleet.agent import Agent
from voice_faq.fleet.archive import Manifest
from voice_faq.fleet.beside import BesideError
from voice_faq.fleet.checking import check_content
from voice_faq.fleet.counting import CountsFile
from voice_faq.fleet.installing import ContentStore
from voice_faq.fleet.keys import PrivateKey, trusted
from voice_faq.fleet.packing import pack_content
from voice_faq.fleet_settings import FleetSettings
from voice_faq.speech.pack import RecordedClause, VoicePack

ODD = "量子纠缠光谱岩浆陨石珊瑚蝴蝶钢琴象棋火箭沙漠企鹅"
BAD = "坏"
"""In a version's name: it refuses most of what it is asked."""
REFUSED = {False: 0.1, True: 0.7}


@dataclass(frozen=True)
class Row:
    day: date
    decision: str
    entry: str | None
    count: int


class CountStore:
    """What the kiosk's own process keeps."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")  # processes are killed here, not the machine
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS counts (day TEXT, decision TEXT, entry TEXT, count INTEGER, "
            "PRIMARY KEY (day, decision, entry)) WITHOUT ROWID"
        )

    def add(self, day: date, decision: str, entry: str, times: int = 1) -> None:
        self._db.execute(
            "INSERT INTO counts VALUES (?, ?, ?, ?) "
            "ON CONFLICT (day, decision, entry) DO UPDATE SET count = count + excluded.count",
            (day.isoformat(), decision, entry, times),
        )

    def close(self) -> None:
        self._db.close()


def read_rows(path: Path, since: date | None = None) -> Sequence[Row]:
    if not path.exists():
        return []
    with contextlib.closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT * FROM counts WHERE day >= ?", (since.isoformat() if since else "",)).fetchall()
    return [Row(date.fromisoformat(day), decision, entry or None, count) for day, decision, entry, count in found]


class SimulatedKiosk:
    """Its riders ask every ``turn_s`` seconds on the average; Beside for its agent."""

    def __init__(self, fleet: FleetSettings, turn_s: float, burst: int = 1) -> None:
        self.store = ContentStore(fleet.content_dir)
        self.counts = CountStore(fleet.state_dir / "counts.sqlite")
        self.turn_s = turn_s
        self.burst = burst
        self.well = True
        self.obeyed: list[str] = []

    async def riders(self) -> None:
        while True:
            await asyncio.sleep(random.expovariate(1 / self.turn_s))
            for _ in range(self.burst):
                self.turn()

    def turn(self) -> None:
        bad = BAD in self.store.version(self.store.current)
        # Nights come often here.
        day = date.today() - timedelta(days=random.choice((0, 0, 0, 1)))
        if random.random() < REFUSED[bad]:
            self.counts.add(day, "reject", "")
        else:
            self.counts.add(day, "answer", random.choice(("opening-hours", "restroom", "staff")))

    async def health(self) -> dict[str, Any]:
        if not self.well:
            raise BesideError("silent")
        return {"version": "0.1.0", "answers": self.store.current, "microphone": "ok", "memory_mb": 400.0, "pages": 1}

    async def ask(self, question: str) -> str:
        return f"answer test：{question}"

    async def reload(self) -> None:
        self.obeyed.append("reload")

    async def restart(self) -> None:
        self.obeyed.append("restart")

    async def volume(self, percent: int) -> None:
        self.obeyed.append(f"volume {percent}")


def make_agent(
    fleet: FleetSettings, name: str, kiosk: SimulatedKiosk, check: Callable[[Path], None] = check_content
) -> Agent:
    return Agent(
        fleet, name, kiosk, CountsFile(kiosk.counts.path, read_rows), check=check, retry_s=2.0, first_wait_s=0.5
    )


def sealed(tmp: Path, key: PrivateKey, version: str, ballast_s: float = 0) -> tuple[Path, Manifest]:
    """A signed archive of a small FAQ that says its version, with a recorded voice of so many seconds of noise.

    A bad one has other questions than riders ask.
    """
    answers = tmp / f"answers-{version}"
    start_folder(answers)
    faq = answers / "faq.yaml"
    text = faq.read_text(encoding="utf-8")
    old = "answer: "
    assert old in text
    faq.write_text(text.replace(old, f"answer: {version}。", 1), encoding="utf-8")
    if BAD in version:
        bad = re.sub(r"(question: |      - ).*", lambda line: line[1] + "".join(random.sample(ODD, 8)), text)
        faq.write_text(bad, encoding="utf-8")
    if ballast_s:
        record(answers, ballast_s)
    made = pack_content(answers, tmp / "archives", key, version)
    shutil.rmtree(answers)
    return made


def record(answers: Path, seconds: float) -> None:
    noise = np.random.default_rng(0).normal(0, 3_000, int(seconds * 48_000)).astype(np.int16)
    clause = RecordedClause("您好，", "nin2 hao3,", seconds, -20.0)
    folder = answers / "voice" / "noise"
    folder.mkdir(parents=True)
    sf.write(folder / clause.file_name, noise, 48_000, format="OGG", subtype="OPUS")
    VoicePack(folder, "noise", "noise", {clause.key: clause}).write()


def install_first(fleet: FleetSettings, archive: Path) -> None:
    """As an operator does with ``voice-faq fleet install``."""
    store = ContentStore(fleet.content_dir)
    manifest = store.install(archive, trusted(fleet.trusted_keys), lambda _: None, largest=100_000_000)
    store.switch(manifest.id)
