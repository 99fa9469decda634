"""What ``/health`` tells; docs/operations.md describes each key."""

from __future__ import annotations

import os
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from voice_faq import __version__

if TYPE_CHECKING:
    from voice_faq.kiosk.parts import Kiosk

PROCESS: Final = Path("/proc/self")
THERMAL: Final = Path("/sys/class/thermal")


def health(kiosk: Kiosk) -> dict[str, Any]:
    """One JSON object; nothing in it was said by a rider."""
    content, vitals = kiosk.content, kiosk.vitals
    silent = vitals.silent_s
    broken = {vitals.microphone, vitals.loudspeaker} & {"denied", "missing", "failed"}
    return {
        "version": __version__,
        "state": "impaired" if kiosk.mistakes or broken else "well",
        "started": vitals.started,
        "up_s": round(vitals.up_s, 1),
        "answers": {
            "fingerprint": content.versions.answers,
            "folder": str(content.sources.answers),
            "entries": len(content.faq.entries),
        },
        "model": {"fingerprint": kiosk.model_version, "folder": _told(content.sources.model)},
        "voice": {
            "fingerprint": content.versions.voice,
            "folder": _told(content.sources.pack),
            "name": content.voice.name,
        },
        "settings": {"file": _told(kiosk.settings_file), "restart_needed": kiosk.newer_settings},
        "refused": [asdict(refusal) for refusal in kiosk.mistakes],
        "microphone": vitals.microphone,
        "loudspeaker": vitals.loudspeaker,
        "pages": kiosk.pages,
        "last_heartbeat": vitals.last_heartbeat,
        "silent_s": None if silent is None else round(silent, 1),
        "last_answer": vitals.last_answer,
        "turns": {name: vitals.turns[name] for name in ("answer", "clarify", "reject", "command", "unheard")},
        "restarts": {"server": vitals.restarts, "browser": vitals.browser_restarts()},
        "watchdog": vitals.watched,
        "memory_mib": memory_mib(),
        "open_files": open_files(),
        "temperature_c": temperature_c(),
    }


def memory_mib() -> float | None:
    """Resident memory of this process; None where the system does not tell."""
    try:
        found = re.search(r"VmRSS:\s+(\d+) kB", (PROCESS / "status").read_text())
    except OSError:
        return None
    return round(int(found[1]) / 1024, 1) if found else None


def open_files() -> int | None:
    """Descriptors of this process; None where the system does not tell."""
    try:
        return len(os.listdir(PROCESS / "fd"))  # noqa: PTH208
    except OSError:
        return None


def temperature_c() -> float | None:
    """Of the hottest zone of Linux's thermal framework; None where there is none."""
    read = [_degrees(zone) for zone in THERMAL.glob("thermal_zone*/temp")]
    known = [degrees for degrees in read if degrees is not None]
    return max(known) if known else None


def _degrees(file: Path) -> float | None:
    try:
        return round(int(file.read_text()) / 1000, 1)
    except (OSError, ValueError):
        return None


def _told(path: Path | None) -> str | None:
    return None if path is None else str(path)
