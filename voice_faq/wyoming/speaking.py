"""Text in, audio out: the recorded clauses, and what is not recorded made live, each sent as soon as it is there."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from typing import Final

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event

from voice_faq.audio.recording import resampled
from voice_faq.speech.clauses import split_clauses
from voice_faq.wyoming.parts import Parts

USUAL_RATE: Final = 24_000  # Hz, of an empty text
LONGEST_TEXT: Final = 4_000  # characters

Send = Callable[[Event], Awaitable[None]]


class Speech:
    """One text being spoken, whole or as it is written: 16-bit mono at the rate of its first clause."""

    def __init__(self, parts: Parts, send: Send) -> None:
        self._parts = parts
        self._send = send
        self._waiting = ""
        self._length = 0
        self._rate: int | None = None
        self._ms = 0.0
        self._ended = False

    async def add(self, text: str) -> None:
        """More text: clauses that are complete are spoken. Raises ValueError for too much of it, and SpeechError."""
        self._length += len(text)
        if self._length > LONGEST_TEXT:
            raise ValueError
        self._waiting += text
        clauses = split_clauses(self._waiting)
        if len(clauses) > 1:  # the last one may go on
            self._waiting = clauses[-1]
            await self._speak("".join(clauses[:-1]))

    async def finish(self) -> None:
        """Speak the rest and end the audio. Raises SpeechError."""
        text, self._waiting = self._waiting, ""
        await self._speak(text)
        await self.end()

    async def end(self) -> None:
        """The end of the audio, which begins and ends even where there is nothing to hear."""
        if self._ended:
            return
        self._ended = True
        if self._rate is None:
            await self._begin(USUAL_RATE)
        await self._send(AudioStop(timestamp=round(self._ms)).event())

    async def _begin(self, rate: int) -> None:
        self._rate = rate
        await self._send(AudioStart(rate=rate, width=2, channels=1, timestamp=0).event())

    async def _speak(self, text: str) -> None:
        clauses = iter(self._parts.voice.speak(text))
        while (clause := await self._parts.work(lambda: next(clauses, None), speaking=True)) is not None:
            if self._rate is None:
                await self._begin(clause.recording.rate)
            rate = self._rate or clause.recording.rate
            at_rate = functools.partial(resampled, clause.recording, rate)
            for pcm in (await self._parts.work(at_rate, speaking=True)).chunks():
                await self._send(
                    AudioChunk(rate=rate, width=2, channels=1, audio=pcm, timestamp=round(self._ms)).event()
                )
                self._ms += len(pcm) / 2 / rate * 1000
