"""The one error that users see: what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True)
class Mistake:
    """One thing to mend in the answers folder."""

    file: Path
    line: int
    """Counted from 1."""
    message: str
    """What is wrong and how to mend it."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}：{self.message}"


class VoiceFaqError(Exception):
    """Base of all errors whose message is meant for a user; front doors print it and exit with 1."""


class SettingsError(VoiceFaqError):
    """A setting has a value that cannot be used."""


class FaqError(VoiceFaqError):
    """The answers folder has mistakes; the message lists them all, one ``file:line`` a line."""

    def __init__(self, message: str, mistakes: Sequence[Mistake] = ()) -> None:
        super().__init__(message)
        self.mistakes = tuple(mistakes)
        """The same as data."""


class ModelError(VoiceFaqError):
    """A Vosk model is missing, broken or could not be installed."""


class AudioError(VoiceFaqError):
    """A recording or an audio device cannot be used."""


class SpeechError(VoiceFaqError):
    """The speech synthesiser is missing or failed."""


class InputError(VoiceFaqError):
    """A command-line input, such as a list file, cannot be used."""
