"""What a kiosk's content is read from: where it lies, whether it has changed, and which version it is."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from voice_faq.errors import ModelError, SpeechError
from voice_faq.faq.opening import FAQ_FILE, PROMPTS_FILE
from voice_faq.recognition.model_folder import find_model
from voice_faq.settings import Settings
from voice_faq.speech.opening import used_pack
from voice_faq.speech.pack import MANIFEST

ANSWER_FILES: Final = (FAQ_FILE, PROMPTS_FILE)
_CHUNK: Final = 1 << 20  # bytes

Stamp = tuple[tuple[str, int, int, int], ...]
"""Of files: path, inode, bytes, time of the last change in ns; compared for equality alone, so a clock may jump."""


@dataclass(frozen=True)
class Sources:
    """Folders, all links followed: one that is pointed elsewhere later is another one."""

    answers: Path
    pack: Path | None
    """Of the recorded voice."""
    model: Path | None


@dataclass(frozen=True)
class Stamps:
    """What the files looked like at one moment."""

    answers: Stamp
    voice: Stamp
    model: Stamp


@dataclass(frozen=True)
class Versions:
    """Digests that are the same on every kiosk with the same files; None where there is none."""

    answers: str | None
    voice: str | None
    model: str | None = None
    """Takes a moment for a large model, so it may be added later."""


def at_rest(settings: Settings) -> Settings:
    """The same settings with the links of the answers folder followed."""
    return settings.model_copy(update={"answers": settings.answers.resolve()})


def sources_of(settings: Settings) -> Sources:
    """Where things lie now; what cannot be found is None, and told by whoever opens it."""
    settled = at_rest(settings)
    try:
        pack = used_pack(settled)[0]
    except SpeechError:
        pack = None
    try:
        model: Path | None = find_model(settings).resolve()
    except ModelError:
        model = None
    return Sources(settled.answers, pack.resolve() if pack is not None else None, model)


def look(sources: Sources) -> Stamps:
    """How the files look now."""
    return Stamps(
        tuple(seen for name in ANSWER_FILES for seen in _seen(sources.answers / name)),
        _all_seen(sources.pack),
        _all_seen(sources.model),
    )


def versions_of(sources: Sources) -> Versions:
    """Of the answers and the voice; see ``model_version`` for the model."""
    answers = _digest([sources.answers / name for name in ANSWER_FILES], sources.answers)
    # The manifest names each recording by what is in it.
    voice = _digest([sources.pack / MANIFEST], sources.pack) if sources.pack is not None else None
    return Versions(answers, voice)


def model_version(folder: Path) -> str | None:
    """Reads the whole model."""
    return _digest(_files(folder), folder)


def _digest(files: list[Path], root: Path) -> str | None:
    digest = hashlib.sha256()
    try:
        for file in files:
            digest.update(f"{file.relative_to(root)}\0{file.stat().st_size}\0".encode("utf-8", "surrogateescape"))
            with file.open("rb") as content:
                while chunk := content.read(_CHUNK):
                    digest.update(chunk)
    except OSError:
        return None
    return digest.hexdigest()[:16]


def _files(folder: Path) -> list[Path]:
    """All of a folder and those below it, in an order of their own."""
    return sorted(Path(place) / name for place, _, names in os.walk(folder) for name in names)


def _all_seen(folder: Path | None) -> Stamp:
    return () if folder is None else tuple(seen for file in _files(folder) for seen in _seen(file))


def _seen(file: Path) -> Stamp:
    try:
        state = file.stat()
    except OSError:
        return ((str(file), 0, 0, 0),)
    return ((str(file), state.st_ino, state.st_size, state.st_mtime_ns),)
