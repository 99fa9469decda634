"""Where a page fetches what it is to play: the voice pack's own files, and what was made live, from memory only."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Final

import soundfile as sf

from voice_faq.audio.recording import wav_bytes
from voice_faq.speech.clauses import SpokenClause

RECORDED: Final = "/voice/"
LIVE: Final = "/live/"
_PACK_FILE: Final = re.compile(r"[0-9a-f]{20}\.opus")


class SpeechFiles:
    """Addresses of clauses; those made live are forgotten with the turn that they belong to."""

    def __init__(self, pack: Path | None) -> None:
        """``pack``: folder of the voice pack that is spoken with."""
        self._pack = pack
        self._elsewhere: dict[str, Path] = {}
        """Recordings of an older pack, by their names, which may be those of damaged ones in ``pack``."""
        self._live: dict[str, bytes] = {}

    def address(self, clause: SpokenClause) -> str:
        """Path of the clause's audio on this server."""
        if clause.file is not None:
            if clause.file.parent != self._pack:
                self._elsewhere[clause.file.name] = clause.file
            return RECORDED + clause.file.name
        name = f"{secrets.token_urlsafe(18)}.wav"
        self._live[name] = wav_bytes(clause.recording)
        return LIVE + name

    def recorded(self, name: str) -> Path | None:
        """A file of the pack; None for any other name."""
        if self._pack is None or not _PACK_FILE.fullmatch(name):
            return None
        file = self._elsewhere.get(name, self._pack / name)
        return file if file.is_file() else None

    def live(self, name: str) -> bytes | None:
        """A WAV made live."""
        return self._live.get(name)

    def forget(self, addresses: list[str]) -> None:
        """Drop what was made live; files of the pack stay."""
        for address in addresses:
            self._live.pop(address.removeprefix(LIVE), None)


def starts_at(clause: SpokenClause) -> float:
    """Seconds of its file that come before what is to be heard."""
    if clause.file is None:
        return 0.0
    return max(0.0, float(sf.info(clause.file).duration) - clause.recording.seconds)
