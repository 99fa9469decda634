"""One client: its requests one after another, whatever it sends."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
from collections.abc import AsyncIterator
from typing import Final

from wyoming.asr import Transcribe, Transcript, TranscriptChunk, TranscriptStart, TranscriptStop
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.handle import Handled, NotHandled
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped

from voice_faq.dialogue.conversations import Conversations, reply
from voice_faq.errors import VoiceFaqError
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.wyoming.framing import FramingError, read_event, write_event
from voice_faq.wyoming.hearing import Question
from voice_faq.wyoming.parts import LANGUAGE, Parts
from voice_faq.wyoming.speaking import Speech

IDLE_S: Final = 120.0  # between requests
STALLED_S: Final = 15.0  # without audio inside a question
LONGEST_TEXT: Final = 200  # characters of a question
MOST_MISTAKES: Final = 10
_NAMES: Final = ("conversation_id", "session_id", "satellite_id", "device_id")
LONGEST_NAME: Final = 200
INVALID: Final = "invalid"
FAILED: Final = "failed"

log = logging.getLogger(__name__)
_numbers = itertools.count(1)


class Connection:
    """``run`` returns when the client has gone or was hung up on."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        parts: Parts,
        conversations: Conversations,
        info: Info,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._parts = parts
        self._conversations = conversations
        self._info = info
        self._name = f"connection {next(_numbers)}"
        self._question: Question | None = None
        self._listening = False
        """Whether a question takes one of the places of those that are recognised."""
        self._speech: Speech | None = None
        self._streaming = False
        """Whether text to speak comes in pieces."""
        self._told = False
        """Whether words of the question have been sent before its end."""
        self._mistakes = 0

    async def run(self) -> None:
        """From the first event to the last."""
        try:
            while self._mistakes <= MOST_MISTAKES:
                event = await read_event(self._reader, STALLED_S if self._question is not None else IDLE_S)
                if event is None:
                    return
                await self._obey(event)
        except (FramingError, TimeoutError, ConnectionError):
            pass  # nonsense, silence, or gone
        finally:
            self._stop_listening()
            self._conversations.end(self._name)

    async def _obey(self, event: Event) -> None:
        try:
            await self._request(event)
        except VoiceFaqError as error:
            log.warning("%s", error)
            self._drop(streaming=self._streaming)
            await self._send(Error(text=str(error), code=FAILED).event())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # What was wrong with it could hold what was asked.
            log.info("an event of a Wyoming client made no sense: %s", type(error).__name__)
            self._drop(streaming=self._streaming)
            self._mistakes += 1
            await self._send(Error(text="这个请求读不懂。", code=INVALID).event())
        except (FramingError, TimeoutError, ConnectionError):
            raise
        except Exception as error:
            log.error("a request of a Wyoming client failed: %s", type(error).__name__)
            self._drop(streaming=self._streaming)
            await self._send(Error(text="出了点问题，请再试一次。", code=FAILED).event())

    async def _request(self, event: Event) -> None:
        kind = event.type
        if Describe.is_type(kind):
            await self._send(self._info.event())
        elif Ping.is_type(kind):
            await self._send(Pong(text=str(Ping.from_event(event).text or "")[:LONGEST_TEXT]).event())
        elif Transcribe.is_type(kind):
            self._drop()
        elif AudioStart.is_type(kind):
            await self._begin_question(AudioStart.from_event(event).rate)
        elif AudioChunk.is_type(kind):
            await self._hear(AudioChunk.from_event(event))
        elif AudioStop.is_type(kind):
            await self._end_question()
        elif Transcript.is_type(kind):
            await self._answer(Transcript.from_event(event))
        elif SynthesizeStart.is_type(kind):
            self._streaming, self._speech = True, Speech(self._parts, self._send)
        elif SynthesizeChunk.is_type(kind):
            if self._speech is not None:
                async with _ended(self._speech):
                    await self._speech.add(_text(SynthesizeChunk.from_event(event).text))
        elif SynthesizeStop.is_type(kind):
            if self._streaming:
                speech, self._speech, self._streaming = self._speech, None, False
                try:
                    if speech is not None:  # else it has failed
                        async with _ended(speech):
                            await speech.finish()
                finally:
                    await self._send(SynthesizeStopped().event())
        elif Synthesize.is_type(kind) and not self._streaming:
            # Inside a stream it repeats the whole for those that know no streams.
            text = _text(Synthesize.from_event(event).text)
            await self._speak(text)

    async def _speak(self, text: str) -> None:
        speech = Speech(self._parts, self._send)
        async with _ended(speech):
            await speech.add(text)
            await speech.finish()

    async def _begin_question(self, rate: int) -> None:
        self._drop()
        await self._parts.hearing.acquire()
        self._listening = True
        self._question = Question(self._parts, rate)

    async def _hear(self, chunk: AudioChunk) -> None:
        """What comes before a start or after the longest question belongs to nothing."""
        question = self._question
        if question is None:
            return
        if words := await question.hear(chunk):
            await self._tell(words)
        if question.too_long:
            await self._end_question()

    async def _tell(self, words: str) -> None:
        if not self._told:
            self._told = True
            await self._send(TranscriptStart(language=LANGUAGE).event())
        await self._send(TranscriptChunk(text=words).event())

    async def _end_question(self) -> None:
        question, self._question = self._question, None
        if question is None:
            return
        hypotheses: list[Hypothesis] = []
        try:
            words, hypotheses = await question.finish()
        finally:
            self._stop_listening()
        if words or not self._told:
            await self._tell(words)
        self._told = False
        self._conversations.heard(hypotheses)
        text = hypotheses[0].text if hypotheses else ""
        await self._send(Transcript(text=text, language=LANGUAGE).event())
        await self._send(TranscriptStop().event())

    async def _answer(self, transcript: Transcript) -> None:
        text = _text(transcript.text)
        if len(text) > LONGEST_TEXT:
            raise ValueError
        name = conversation_name(transcript.context) or self._name
        turn = await self._parts.work(lambda: self._conversations.turn(text, name))
        context = transcript.context if isinstance(transcript.context, dict) else None
        kind = NotHandled if turn.counts_as == "reject" else Handled
        await self._send(kind(text=reply(turn), context=context).event())

    def _drop(self, *, streaming: bool = False) -> None:
        """What was being heard or spoken is given up; ``streaming``: more of it may come, and its end."""
        self._question = None
        self._speech = None
        self._streaming = streaming
        self._told = False
        self._stop_listening()

    def _stop_listening(self) -> None:
        if self._listening:
            self._listening = False
            self._parts.hearing.release()

    async def _send(self, event: Event) -> None:
        await write_event(event, self._writer)


@contextlib.asynccontextmanager
async def _ended(speech: Speech) -> AsyncIterator[None]:
    """What fails is ended: some clients wait for that and know no errors."""
    try:
        yield
    except (VoiceFaqError, ValueError):
        await speech.end()
        raise


def conversation_name(context: object) -> str | None:
    """What the context of a request calls its conversation, or the satellite; None where it says nothing usable."""
    if not isinstance(context, dict):
        return None
    for name in _NAMES:
        value = context.get(name)
        if isinstance(value, str) and 0 < len(value) <= LONGEST_NAME:
            return f"{name} {value}"
    return None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
