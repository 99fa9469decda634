"""One page's conversation over its WebSocket: audio and touches in, words, turns and clauses out.

A session obeys one message after another, so a page that floods waits for itself alone, and what it sends piles up on
its own side of the connection. Everything that takes time runs in threads, never on the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from voice_faq.audio.level import level_dbfs
from voice_faq.dialogue.assistant import MICROPHONE, SILENCE_DBFS, Assistant
from voice_faq.dialogue.commands import CHOICES, Command
from voice_faq.dialogue.turn import Timings, Turn
from voice_faq.errors import VoiceFaqError
from voice_faq.kiosk.messages import (
    MESSAGE,
    Ask,
    Cancel,
    Change,
    Choose,
    Message,
    Repeat,
    Reset,
    Say,
    Search,
    Show,
    Start,
    Stop,
)  # fmt: skip
from voice_faq.kiosk.parts import Kiosk
from voice_faq.kiosk.speech_files import starts_at
from voice_faq.recognition import RecognitionStream
from voice_faq.speech.clauses import split_clauses
from voice_faq.web import POLICY_VIOLATION

SEND_TIMEOUT_S: Final = 10.0  # for a page to take what is sent to it
STALLED_S: Final = 15.0  # without audio inside a question, after which it is dropped
AUDIO_SPEED: Final = 2.0  # seconds of audio a second that are taken for long
AUDIO_BURST_S: Final = 10.0  # of audio that is taken at once
USUAL_RATE: Final = 16_000  # Hz, of audio that comes before the first question
MESSAGES_A_SECOND: Final = 15.0
MESSAGES_AT_ONCE: Final = 40.0
MOST_MISTAKES: Final = 20  # messages that make no sense, after which the connection is closed

Result = TypeVar("Result")
log = logging.getLogger(__name__)


class Allowance:
    """A token bucket: who takes more than it holds waits until it has filled up again."""

    def __init__(self, rate: float, burst: float) -> None:
        """``rate``: units a second; ``burst``: units that may be taken at once."""
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._seen = time.monotonic()

    async def take(self, units: float) -> None:
        """Wait as long as it takes."""
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._seen) * self._rate) - units
        self._seen = now
        if self._left < 0:
            await asyncio.sleep(-self._left / self._rate)


@dataclass
class _Question:
    """A question being heard."""

    stream: RecognitionStream
    rate: int
    number: int
    words: str = ""
    heard_bytes: int = 0
    loudest: float = SILENCE_DBFS

    @property
    def seconds(self) -> float:
        return self.heard_bytes / 2 / self.rate


@dataclass
class _Answer:
    """An answer being spoken."""

    number: int
    text: str
    task: asyncio.Task[None] | None = None
    addresses: list[str] = field(default_factory=list)


class Session:
    """``run`` returns when the page has gone."""

    def __init__(self, socket: WebSocket, kiosk: Kiosk) -> None:
        self._socket = socket
        self._kiosk = kiosk
        self._assistant = Assistant(
            kiosk.faq, kiosk.matcher, None, longest_question_s=kiosk.settings.longest_question_s
        )
        self._sending = asyncio.Lock()
        self._question: _Question | None = None
        self._answer: _Answer | None = None
        self._spoken = 0
        self._rate = USUAL_RATE
        self._mistakes = 0
        self._audio = Allowance(AUDIO_SPEED, AUDIO_BURST_S)
        self._messages = Allowance(MESSAGES_A_SECOND, MESSAGES_AT_ONCE)

    async def run(self) -> None:
        """From the first message to the last."""
        try:
            await self._send("welcome")
            while self._socket.application_state is WebSocketState.CONNECTED:
                await self._next()
        except (WebSocketDisconnect, TimeoutError, RuntimeError) as error:
            # RuntimeError: Starlette's word for sending to a page that has gone.
            if isinstance(error, RuntimeError) and self._socket.client_state is WebSocketState.CONNECTED:
                raise
        finally:
            await self._hush()

    async def _next(self) -> None:
        """Take one message and obey it."""
        patience = STALLED_S if self._question is not None else None
        try:
            received = await asyncio.wait_for(self._socket.receive(), patience)
        except TimeoutError:
            self._question = None
            await self._send("cancelled")
            return
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1000))
        if (audio := received.get("bytes")) is not None:
            await self._hear(audio)
            return
        await self._messages.take(1)
        try:
            message = MESSAGE.validate_json(received.get("text") or "")
        except ValidationError as error:
            await self._mistaken(error)
            return
        try:
            await self._obey(message)
        except VoiceFaqError as error:
            log.warning("%s", error)
            await self._send("trouble")
        except (WebSocketDisconnect, TimeoutError, RuntimeError):
            raise
        except Exception:
            log.exception("message %s failed", message.type)
            await self._send("trouble")

    async def _mistaken(self, error: ValidationError) -> None:
        """Say what was wrong with a message; hang up on a page that talks nonsense."""
        self._mistakes += 1
        problem = error.errors(include_input=False, include_url=False)[0]
        await self._send("mistake", where=".".join(map(str, problem["loc"])), problem=problem["msg"])
        if self._mistakes > MOST_MISTAKES:
            await self._socket.close(POLICY_VIOLATION)

    async def _obey(self, message: Message) -> None:
        match message:
            case Start():
                await self._hush()
                self._rate = message.rate
                stream = await self._work(lambda: self._kiosk.recognizer.stream(message.rate))
                self._question = _Question(stream, message.rate, message.number)
            case Stop():
                await self._end_question()
            case Cancel():
                self._question = None
                await self._hush()
            case Ask():
                await self._present(await self._work(lambda: self._assistant.ask_text(message.text)))
            case Show():
                if message.entry in self._kiosk.matcher.entries:
                    await self._present(self._assistant.show(message.entry))
            case Choose():
                turn = self._assistant.choose(CHOICES[message.number - 1] if message.number else Command.NO)
                if turn is not None:
                    await self._present(turn)
            case Repeat():
                await self._present(self._assistant.repeat())
            case Change():
                changed = self._assistant.change_manner(Command(message.command))
                await self._send("manner", **self._manner(), changed=changed)
            case Search():
                found = await self._work(lambda: self._kiosk.search.entries(message.text))
                await self._send("found", number=message.number, entries=found)
            case Say():
                await self._hush()
                self._speak(str(getattr(self._kiosk.faq.prompts, message.prompt)))
            case Reset():
                self._question = None
                await self._hush()
                self._assistant.forget()
                await self._send("reset", **self._manner())

    async def _hear(self, audio: bytes) -> None:
        """Audio of the question; what comes after its end is late and belongs to nothing."""
        await self._audio.take(len(audio) / 2 / self._rate)
        question = self._question
        if question is None:
            return
        question.heard_bytes += len(audio)
        question.loudest = max(question.loudest, level_dbfs(audio[: len(audio) // 2 * 2]))
        words = await self._work(lambda: question.stream.accept(audio))
        if words != question.words:
            question.words = words
            await self._send("words", text=words)
        if question.seconds > self._kiosk.settings.longest_question_s:
            await self._end_question()

    async def _end_question(self) -> None:
        question, self._question = self._question, None
        if question is None:
            return
        ended = time.perf_counter()
        heard = await self._work(question.stream.finish)
        hypotheses = list(heard.hypotheses) if question.loudest > SILENCE_DBFS else []
        timings = Timings(recognize=(time.perf_counter() - ended) * 1000)
        turn = await self._work(lambda: self._assistant.decide(MICROPHONE, hypotheses, timings))
        await self._present(turn, question.number)

    async def _present(self, turn: Turn, number: int | None = None) -> None:
        """Show at once, speak as soon as there is something to hear; ``number``: of the spoken question."""
        await self._hush()
        entry = self._kiosk.faq.entry(turn.entry) if turn.entry else None
        offered = turn.candidates if turn.decision == "clarify" else ()
        await self._send(
            "turn",
            number=number,
            turn=turn.as_json(),
            question=entry.question if entry else None,
            screen=entry.screen if entry else None,
            choices=[self._kiosk.faq.entry(candidate.entry).question for candidate in offered],
            **self._manner(),
        )
        self._speak(turn.answer)

    def _speak(self, text: str) -> None:
        """Begin to speak, in a task that ``_hush`` ends."""
        self._spoken += 1
        answer = _Answer(self._spoken, text)
        answer.task = asyncio.create_task(self._send_clauses(answer))
        self._answer = answer

    async def _send_clauses(self, answer: _Answer) -> None:
        """The addresses of the clauses, one after another."""
        number = answer.number
        try:
            await self._send("speech", number=number, clauses=split_clauses(answer.text))
            clauses = iter(self._kiosk.voice.speak(answer.text))
            index = 0
            while (clause := await self._work(lambda: next(clauses, None), speaking=True)) is not None:
                address = self._kiosk.speech.address(clause)
                answer.addresses.append(address)
                begins = round(starts_at(clause), 3) if index == 0 else 0.0
                await self._send("clause", number=number, index=index, address=address, begins=begins)
                index += 1
            await self._send("spoken", number=number, clauses=index)
        except VoiceFaqError as error:
            log.warning("%s", error)
            await self._send("mute", number=number)
        except (WebSocketDisconnect, TimeoutError, RuntimeError):
            return  # the page has gone; run() finds out by itself

    async def _hush(self) -> None:
        """End the answer that is being spoken and forget its audio."""
        answer, self._answer = self._answer, None
        if answer is None or answer.task is None:
            return
        answer.task.cancel()
        await asyncio.gather(answer.task, return_exceptions=True)
        self._kiosk.speech.forget(answer.addresses)

    async def _work(self, call: Callable[[], Result], *, speaking: bool = False) -> Result:
        """In a thread; a voice that hangs holds up no recognition."""
        pool = self._kiosk.speakers if speaking else self._kiosk.workers
        return await asyncio.get_running_loop().run_in_executor(pool, call)

    async def _send(self, event: str, **content: Any) -> None:
        """Raises TimeoutError for a page that takes nothing."""
        async with self._sending:
            await asyncio.wait_for(self._socket.send_json({"type": event, **content}), SEND_TIMEOUT_S)

    def _manner(self) -> dict[str, float]:
        manner = self._assistant.manner
        return {"pace": manner.pace, "volume": manner.loudness * self._kiosk.settings.volume}
