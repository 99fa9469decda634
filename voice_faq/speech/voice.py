"""Voices: text in, spoken clauses out; the system's synthesiser, rendered to audio by pyttsx3.

Playing it is the player's work.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from voice_faq.audio.loudness import amplified, gain_to_target
from voice_faq.audio.recording import Recording, read_recording
from voice_faq.errors import AudioError, SpeechError, reason
from voice_faq.files import scratch_parent
from voice_faq.speech.clauses import SpokenClause, ends_sentence, split_clauses
from voice_faq.speech.engine import INSTALL_HINT, EngineProcess
from voice_faq.speech.reading import to_pinyin
from voice_faq.speech.spoken_text import to_spoken

if TYPE_CHECKING:
    from voice_faq.dialogue.turn import Turn

ESPEAK_MANDARIN: Final = "sit/cmn-latn-pinyin"
"""The voice that reads toned pinyin; plain ``sit/cmn`` spells tone digits in English."""
SILENCE_RATE: Final = 16_000  # Hz, of a clause without a sound
SENTENCE_PAUSE_S: Final = 0.35
CLAUSE_PAUSE_S: Final = 0.15
EDGE_S: Final = 0.004  # of silence that stays at either end of what is said
SILENT: Final = 10 ** (-50 / 20)  # amplitude of full scale


class Voice(Protocol):
    """Text in, audio out."""

    name: str

    def speak(self, text: str) -> Iterator[SpokenClause]:
        """The clauses of ``text`` one after another, each made when it is asked for; raises SpeechError."""


def begin_speaking(voice: Voice, turn: Turn) -> Iterator[SpokenClause]:
    """The turn's answer clause by clause, the first made already and its time noted in the turn.

    Raises SpeechError, now or while the rest is made.
    """
    started = time.perf_counter()
    clauses = voice.speak(turn.answer)
    try:
        first = list(itertools.islice(clauses, 1))
    finally:
        turn.timings.speak = (time.perf_counter() - started) * 1000
    return itertools.chain(first, clauses)


class SystemVoice:
    """pyttsx3: espeak-ng on Linux with pinyin input, SAPI5 on Windows and NSSpeech on macOS with Chinese text."""

    def __init__(
        self,
        pronunciations: Mapping[str, str],
        *,
        voice: str | None = None,
        speech_rate: int = 170,
        engine: EngineProcess | None = None,
    ) -> None:
        """``speech_rate``: words a minute; ``engine``: one that runs already with this voice.

        Raises SpeechError when there is no Mandarin voice.
        """
        self._pronunciations = dict(pronunciations)
        self._speech_rate = speech_rate
        self._espeak = sys.platform not in ("win32", "darwin")
        self.engine = engine or EngineProcess(voice or (ESPEAK_MANDARIN if self._espeak else None))
        self.name = self.engine.voice

    def speak(self, text: str) -> Iterator[SpokenClause]:
        """Clause by clause; an empty text has none."""
        for clause in split_clauses(text):
            yield SpokenClause(clause, self.render(clause))

    def render(self, clause: str) -> Recording:
        """One clause with the pause after it, the pause alone where there is nothing to say; raises SpeechError."""
        words = to_pinyin(clause, self._pronunciations) if self._espeak else to_spoken(clause)
        if not any(c.isalnum() for c in words):
            return with_pause(Recording(np.zeros(0, np.int16), SILENCE_RATE), clause)
        try:
            with tempfile.TemporaryDirectory(prefix="voice-faq-", dir=scratch_parent()) as folder:
                file = Path(folder) / "speech.wav"
                self.engine.render(words, self._speech_rate, str(file))
                said = read_recording(file)
        except AudioError as error:
            raise SpeechError(f"语音合成没有产生声音（{error}）。{INSTALL_HINT}") from None
        except OSError as error:
            raise SpeechError(f"语音合成没有地方放临时文件（{reason(error)}）。请清理磁盘，或检查权限。") from None
        return with_pause(without_silence(amplified(said, gain_to_target(said))), clause)

    def close(self) -> None:
        """End the engine's process."""
        self.engine.close()


class NoVoice:
    """Stands in where nothing can speak: every answer says why."""

    name = "没有语音"

    def __init__(self, why: str) -> None:
        self._why = why

    def speak(self, text: str) -> Iterator[SpokenClause]:
        """Raises SpeechError when the first clause is asked for."""
        if split_clauses(text):
            raise SpeechError(self._why)
        yield from ()


def with_pause(recording: Recording, clause: str) -> Recording:
    """``recording`` with the pause after a clause."""
    seconds = SENTENCE_PAUSE_S if ends_sentence(clause) else CLAUSE_PAUSE_S
    pause = np.zeros(int(seconds * recording.rate), np.int16)
    return Recording(np.concatenate([recording.samples, pause]), recording.rate)


def without_silence(recording: Recording, *, start: bool = True, end: bool = True) -> Recording:
    """Without the silence before and after what is said, but for EDGE_S."""
    samples = recording.samples
    loud = np.flatnonzero(np.abs(samples.astype(np.int32)) > SILENT * 32767)
    if not len(loud):
        return recording
    edge = int(EDGE_S * recording.rate)
    first = max(0, loud[0] - edge) if start else 0
    last = loud[-1] + edge if end else len(samples)
    return Recording(samples[first:last], recording.rate)
