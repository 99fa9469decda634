"""What the control room's page and commands can do; each method takes and gives what JSON can say."""

from __future__ import annotations

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar, cast, get_args

from voice_faq.errors import InputError, reason
from voice_faq.fleet import rollout as rollouts
from voice_faq.fleet.archive import SUFFIX, ContentError, Manifest, read_manifest
from voice_faq.fleet.judging import Asked
from voice_faq.fleet.keys import trusted
from voice_faq.fleet.known import Kiosk, Rollout
from voice_faq.fleet.messages import CommandName
from voice_faq.fleet.state import State
from voice_faq.fleet_settings import FleetSettings

DAYS: Final = 14
MANY: Final = 50  # entries and gaps that are listed
SHARE: Final = 20.0  # times as long as adding up took, the sum is shown
T = TypeVar("T")
STATES: Final = {
    "asked": "准备中", "running": "正在发布", "held": "停住了，等您决定", "done": "发布完了", "stopped": "停下了",
    "back": "退回了",
}  # fmt: skip


class Desk:
    """Of one control room."""

    def __init__(self, fleet: FleetSettings, state: State) -> None:
        self._fleet = fleet
        self._state = state
        self._keys = trusted(fleet.trusted_keys)
        self._summed: dict[str, tuple[float, Any]] = {}
        """What took long to add up: (until when it is shown, what it is)."""

    def overview(self) -> dict[str, Any]:
        """All that the page shows."""
        now = time.time()
        kiosks = self._state.kiosks(now)
        newest = self._state.rollout()
        since = date.today() - timedelta(days=DAYS - 1)
        until = date.today() + timedelta(days=2)
        asked = self._sum("kiosks", lambda: self._state.counts_by_kiosk(since, until))
        names = {content.id: content.version for content in self._state.contents()}
        return {
            "now": now,
            "days": DAYS,
            "kiosks": [_kiosk(kiosk, asked.get(kiosk.name), names, now) for kiosk in kiosks.values()],
            "places": _places(kiosks.values()),
            "rollout": None if newest is None else self._rollout(newest, kiosks, names),
            "history": [_line(old, names) for old in self._state.rollouts()],
            "counts": self._sum("days", lambda: self._state.counts_by_day(since)),
            "entries": self._sum("entries", lambda: self._state.counts_by_entry(since)[:MANY]),
            "gaps": _gaps(kiosks.values()),
            "commands": self._state.commands()[:MANY],
        }

    def archives(self) -> list[dict[str, Any]]:
        """Those that lie in the folder for archives, the newest first, each with what is wrong with it."""
        folder = self._fleet.archives_dir
        files = sorted(folder.glob(f"*{SUFFIX}"), key=lambda file: file.stat().st_mtime, reverse=True)
        found = []
        for file in files[:MANY]:
            try:
                manifest = self._manifest(file)
                told = {
                    "id": manifest.id, "version": manifest.version, "signed_by": manifest.signed_by,
                    "made": manifest.made, "files": len(manifest.files), "error": "",
                }  # fmt: skip
            except (ContentError, InputError) as error:
                told = {"error": str(error)}
            found.append({"file": file.name, "size": file.stat().st_size, **told})
        return found

    def publish(self, file: str, url: str = "") -> dict[str, Any]:
        """Begin with the first ring; ``file`` lies in the folder for archives; with ``url`` kiosks get it from there.

        Raises InputError.
        """
        if "/" in file or not file.endswith(SUFFIX):
            raise InputError("请从列表里选一个内容包。")
        return self.publish_file(self._fleet.archives_dir / file, url)

    def publish_file(self, path: Path, url: str = "") -> dict[str, Any]:
        """The same with a file anywhere; raises InputError, ContentError."""
        if url and not url.startswith("https://"):
            raise InputError("下载地址要以 https:// 开头。")
        manifest = self._manifest(path)
        with path.open("rb") as archive:
            digest = hashlib.file_digest(archive, "sha256").hexdigest()
        with self._state.change():
            self._state.add_content(manifest, path.resolve(), digest, path.stat().st_size, url)
            number = self._state.ask_rollout(manifest.id)
        return {"rollout": number, "id": manifest.id, "version": manifest.version, "signed_by": manifest.signed_by}

    def go_on(self) -> dict[str, Any]:
        """The next ring at once, whatever is not known yet; raises InputError."""
        newest = self._running()
        rollouts.go_on(self._state, newest, self._state.kiosks(time.time()), time.time())
        return {}

    def stop(self) -> dict[str, Any]:
        """No more rings; who has the content keeps it. Raises InputError."""
        self._state.set_rollout(self._running().id, state="stopped", reason="操作员停下了", ended=time.time())
        return {}

    def back(self) -> dict[str, Any]:
        """All go back to what they had before the newest publication; raises InputError."""
        newest = self._state.rollout()
        if newest is None or newest.state in ("asked", "back"):
            raise InputError("没有可以退回的发布。")
        rollouts.go_back(self._state, newest, "操作员退回了", time.time())
        return {}

    def command(self, kiosks: Sequence[str], name: str, argument: str = "") -> dict[str, Any]:
        """Ask these kiosks for something; raises InputError."""
        if name not in get_args(CommandName):
            raise InputError("没有这个命令。")
        if name == "volume" and not (argument.isdecimal() and int(argument) <= 100):
            raise InputError("音量要写 0 到 100 的整数。")
        if name == "test" and not 1 <= len(argument.strip()) <= 200:
            raise InputError("请写上要试问的问题，最多 200 个字。")
        known = self._state.kiosks(time.time())
        strangers = [kiosk for kiosk in kiosks if kiosk not in known]
        if strangers or not kiosks:
            raise InputError(f"没有叫 {strangers[0]} 的终端。" if strangers else "请先选好终端。")
        return {"commands": self._state.ask_command(kiosks, cast(CommandName, name), argument.strip())}

    def close(self) -> None:
        """At the end of the server."""

    def _sum(self, name: str, add_up: Callable[[], T]) -> T:
        """In a large fleet adding up takes seconds: then the sums of a moment ago will do."""
        until, known = self._summed.get(name, (0.0, None))
        began = time.monotonic()
        if began < until:
            return cast(T, known)
        fresh = add_up()
        now = time.monotonic()
        self._summed = {key: kept for key, kept in self._summed.items() if kept[0] > now}
        self._summed[name] = (now + SHARE * (now - began), fresh)
        return fresh

    def _running(self) -> Rollout:
        newest = self._state.rollout()
        if newest is None or newest.state not in ("running", "held"):
            raise InputError("现在没有正在进行的发布。")
        return newest

    def _manifest(self, file: Path) -> Manifest:
        try:
            with file.open("rb") as archive:
                return read_manifest(archive, self._keys)
        except OSError as error:
            raise InputError(f"{file}：内容包读不了（{reason(error)}）。请检查路径。") from None

    def _rollout(self, newest: Rollout, kiosks: dict[str, Kiosk], names: dict[str, str]) -> dict[str, Any]:
        members = self._state.members(newest.id)
        rings: dict[int, Counter[str]] = defaultdict(Counter)
        for member in members:
            kiosk = kiosks.get(member.kiosk)
            rings[member.ring]["kiosks"] += 1
            rings[member.ring]["have"] += kiosk is not None and kiosk.content == newest.content
        found = self._sum(
            f"rollout {newest}",
            lambda: rollouts.examine(self._state, newest, members, kiosks, time.time(), date.today()),
        )
        return {
            **_line(newest, names), "ring": newest.ring, "rings": [dict(rings[n]) for n in range(newest.rings)],
            "before": vars(found.before), "after": vars(found.after), "ill": found.ill, "silent": found.silent,
        }  # fmt: skip


def _kiosk(kiosk: Kiosk, asked: Asked | None, names: dict[str, str], now: float) -> dict[str, Any]:
    return {
        "name": kiosk.name, "line": kiosk.line, "station": kiosk.station, "state": _state(kiosk), "seen": kiosk.seen,
        "ago": round(now - kiosk.seen) if kiosk.seen else None, "software": kiosk.software,
        "version": kiosk.version, "content": kiosk.content,
        "wanted": "" if kiosk.wanted in ("", kiosk.content) else names.get(kiosk.wanted, kiosk.wanted),
        "step": kiosk.step, "reason": kiosk.reason, "trouble": kiosk.trouble, "notes": kiosk.notes,
        "questions": asked.questions if asked else 0, "refused": asked.refused if asked else 0,
        "health": kiosk.health,
    }  # fmt: skip


def _state(kiosk: Kiosk) -> str:
    if not kiosk.online:
        return "away"
    if kiosk.trouble or kiosk.settings or kiosk.step in ("refused", "waiting"):
        return "trouble"
    return "busy" if kiosk.step or kiosk.wanted not in ("", kiosk.content) else "well"


def _places(kiosks: Any) -> list[dict[str, Any]]:
    """By line and station; kiosks that say neither are grouped by the beginning of their names."""
    lines: dict[str, dict[str, list[dict[str, str]]]] = defaultdict(lambda: defaultdict(list))
    for kiosk in kiosks:
        parts = kiosk.name.rsplit("-", 2)
        line = kiosk.line or (parts[0] if len(parts) > 1 else "未分组")
        station = kiosk.station or ("-".join(parts[:-1]) if len(parts) > 1 else "未分组")
        lines[line][station].append({"name": kiosk.name, "state": _state(kiosk)})
    return [
        {
            "line": line,
            "stations": [{"station": station, "kiosks": stations[station]} for station in sorted(stations)],
        }
        for line, stations in sorted(lines.items())
    ]


def _line(rollout: Rollout, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": rollout.id, "content": rollout.content, "version": names.get(rollout.content, rollout.content),
        "state": rollout.state, "told": STATES[rollout.state], "reason": rollout.reason, "begun": rollout.begun,
        "ended": rollout.ended,
    }  # fmt: skip


def _gaps(kiosks: Any) -> list[dict[str, Any]]:
    """What was asked in vain anywhere, the most frequent first."""
    times: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for kiosk in kiosks:
        for text, count in kiosk.gaps:
            times[text] += count
            places[text] += 1
    return [{"text": text, "times": count, "kiosks": places[text]} for text, count in times.most_common(MANY)]
