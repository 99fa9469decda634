"""A question as it is heard: audio in, stable words while it comes, the transcript at its end."""

from __future__ import annotations

import itertools
from typing import Any, Final

import numpy as np
from wyoming.audio import AudioChunk

from voice_faq.audio.level import LoudestMoment
from voice_faq.audio.recording import to_mono
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.recognition import RecognitionStream
from voice_faq.wyoming.parts import Parts

MOST_CHANNELS: Final = 8
_WIDTHS: Final[dict[int, np.dtype[Any]]] = {1: np.dtype("u1"), 2: np.dtype("<i2"), 4: np.dtype("<i4")}


class FormatError(ValueError):
    """Audio in a form that is not taken."""


class Question:
    """One recording; its methods belong to one connection."""

    def __init__(self, parts: Parts, rate: int) -> None:
        """``rate`` in Hz; all audio of a question has it."""
        self.rate: Final = rate
        self._parts = parts
        self._stream: RecognitionStream | None = None
        self._seconds = 0.0
        self._loudest = LoudestMoment()
        self._before = ""
        self._told = ""

    @property
    def too_long(self) -> bool:
        """Whether it has lasted as long as a question may."""
        return self._seconds >= self._parts.settings.longest_question_s

    async def hear(self, chunk: AudioChunk) -> str:
        """Take audio; returns what has become sure since the last time, "" where nothing has.

        Words are sure once the recogniser has said them twice running: what has been told cannot be taken back.
        Raises FormatError, and AudioError for a rate that cannot be used.
        """
        pcm = as_pcm(chunk)
        if chunk.rate != self.rate:
            raise FormatError
        if self._stream is None:
            self._stream = await self._parts.work(lambda: self._parts.recognizer.stream(self.rate))
        stream = self._stream
        self._seconds += len(pcm) / 2 / self.rate
        self._loudest.hear(pcm)
        words = await self._parts.work(lambda: stream.accept(pcm))
        same = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(self._before, words, strict=False))
        self._before = words
        return self._tell("".join(character for character, _ in same))

    async def finish(self) -> tuple[str, list[Hypothesis]]:
        """What is still to be told, and the n-best list; an empty one where nothing was said."""
        if self._stream is None:
            return "", []
        heard = await self._parts.work(self._stream.finish)
        self._stream = None
        if not self._loudest.holds_speech:
            return "", []
        return self._tell(heard.transcript), list(heard.hypotheses)

    def _tell(self, text: str) -> str:
        if len(text) <= len(self._told) or not text.startswith(self._told):
            return ""
        new, self._told = text[len(self._told) :], text
        return new


def as_pcm(chunk: AudioChunk) -> bytes:
    """Mono 16-bit little-endian samples at the chunk's own rate; raises FormatError."""
    kind, channels = _WIDTHS.get(chunk.width), chunk.channels
    if kind is None or type(channels) is not int or not 1 <= channels <= MOST_CHANNELS or type(chunk.rate) is not int:
        raise FormatError
    if kind.itemsize == 2 and channels == 1:
        return bytes(chunk.audio[: len(chunk.audio) // 2 * 2])
    whole = len(chunk.audio) // (kind.itemsize * channels) * kind.itemsize * channels
    levels = np.frombuffer(chunk.audio[:whole], kind).astype(np.float64)
    if kind.itemsize == 1:  # unsigned
        levels = (levels - 128) * 256
    elif kind.itemsize == 4:
        levels = levels / 65_536
    mono = to_mono(levels.reshape(-1, channels)) if len(levels) else levels
    return bytes(np.clip(np.rint(mono), -32_768, 32_767).astype("<i2").tobytes())
