"""What the control room knows, as its other parts see it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

SILENT: Final = 3.0  # reports that are missing until a kiosk counts as gone
SPARE_S: Final = 60.0


@dataclass(frozen=True)
class Kiosk:
    """What is known of one."""

    name: str
    line: str
    station: str
    online: bool
    """It has a connection, and has reported in time."""
    seen: float
    """Seconds since 1970, by the control room's clock."""
    software: str
    content: str
    version: str
    step: str
    reason: str
    fault: str
    settings: str
    """The mistake in its settings file."""
    trouble: tuple[str, ...]
    health: dict[str, Any]
    since: dict[str, int]
    """By decision, since ``since_content`` is on."""
    since_content: str
    gaps: tuple[tuple[str, int], ...]
    wanted: str
    """The content that it shall have."""
    sent: str
    """The one that the broker was given for it."""
    told_wanted: str
    every_s: float
    """Between two reports."""

    def gone(self, now: float) -> bool:
        """Whether it has been without a connection for longer than a hiccup takes."""
        return not self.online and now - self.seen > SILENT * self.every_s + SPARE_S

    @property
    def well(self) -> bool:
        """Whether its last report had no trouble."""
        return not self.trouble

    @property
    def notes(self) -> list[str]:
        """What somebody has to see to, in words: of its settings, and of what its kiosk did not take over."""
        refused, settings = self.health.get("refused"), self.health.get("settings")
        changes = refused if isinstance(refused, list) else []
        told = [change.get("error") for change in changes if isinstance(change, dict)]
        if isinstance(settings, dict) and settings.get("restart_needed") is True:
            told.append("设置文件改过了，重新启动以后才用上。")
        return list(dict.fromkeys(str(note)[:500] for note in [self.settings, *told] if note))


@dataclass(frozen=True)
class Rollout:
    """A publication."""

    id: int
    content: str
    state: str
    """``asked``, ``running``, ``held`` (waits for an operator), ``done``, ``stopped`` or ``back``."""
    ring: int
    ring_since: float
    rings: int
    reason: str
    begun: float
    ended: float


@dataclass(frozen=True)
class Member:
    """A kiosk's part in a publication, as it was before it."""

    kiosk: str
    ring: int
    before: str
    well: bool
    online: bool


@dataclass(frozen=True)
class Content:
    """An archive that can be given to kiosks."""

    id: str
    version: str
    signed_by: str
    made: str
    path: Path
    sha256: str
    size: int
    url: str
    at_broker: bool


def kiosk_of(row: sqlite3.Row, now: float) -> Kiosk:
    """From its row; ``now`` decides whether it is silent."""
    return Kiosk(
        name=row["name"], line=row["line"], station=row["station"],
        online=bool(row["online"]) and now - row["seen"] < SILENT * row["every_s"] + SPARE_S, seen=row["seen"],
        software=row["software"], content=row["content"], version=row["version"], step=row["step"],
        reason=row["reason"], fault=row["fault"], settings=row["settings"], trouble=tuple(json.loads(row["trouble"])),
        health=json.loads(row["health"]), since=json.loads(row["since"]), since_content=row["since_content"],
        gaps=tuple((text, times) for text, times in json.loads(row["gaps"])), wanted=row["wanted"], sent=row["sent"],
        told_wanted=row["told_wanted"], every_s=row["every_s"],
    )  # fmt: skip


def content_of(row: sqlite3.Row) -> Content:
    """From its row."""
    return Content(
        row["id"],
        row["version"],
        row["signed_by"],
        row["made"],
        Path(row["path"]),
        row["sha256"],
        row["size"],
        row["url"],
        bool(row["at_broker"]),
    )
