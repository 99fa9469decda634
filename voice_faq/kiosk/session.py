"""One page's conversation over its WebSocket: audio and touches in, words, turns and clauses out.

A session obeys one message after another, so a page that floods waits for itself alone, and what it sends piles up on
its own side of the connection. Everything that takes time runs in threads, never on the event loop. Nothing that was
asked is ever logged.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from voice_faq.audio.level import LoudestMoment
from voice_faq.dialogue.assistant import MICROPHONE, Assistant
from voice_faq.dialogue.commands import CHOICES, Command
from voice_faq.dialogue.replies import Reply, spot, understood_reply
from voice_faq.dialogue.turn import Timings, Turn
from voice_faq.errors import VoiceFaqError
from voice_faq.kiosk.content import Content
from voice_faq.kiosk.messages import (
    AUDIO_HEADER,
    MESSAGE,
    Alive,
    Ask,
    Cancel,
    Change,
    Choose,
    Hello,
    Message,
    Microphone,
    Repeat,
    Request,
    Reset,
    Search,
    Show,
    Start,
    Stop,
)  # fmt: skip
from voice_faq.kiosk.parts import Kiosk
from voice_faq.kiosk.speech_files import starts_at
from voice_faq.kiosk.vitals import OpenPage
from voice_faq.language.hypothesis import LEAST_UNDERSTOOD, Hypothesis, understood
from voice_faq.matching import RejectReason
from voice_faq.recognition import RecognitionStream
from voice_faq.speech.clauses import split_clauses
from voice_faq.web import POLICY_VIOLATION, TRY_AGAIN_LATER

SEND_TIMEOUT_S: Final = 10.0  # for a page to take what is sent to it
HELLO_S: Final = 5.0  # for a page to say that it is one
QUIET_S: Final = 90.0  # without a message; a page says every few seconds that it is there, or once a minute when hidden
BEAT_S: Final = 4.0  # between signs to the page that the server is there
STALLED_S: Final = 15.0  # without audio inside a question, after which it is dropped
AUDIO_SPEED: Final = 2.0  # seconds of audio a second that are taken for long
AUDIO_BURST_S: Final = 10.0  # of audio that is taken at once
USUAL_RATE: Final = 16_000  # Hz, of audio that comes before the first question
MESSAGES_A_SECOND: Final = 15.0
MESSAGES_AT_ONCE: Final = 40.0
MOST_MISTAKES: Final = 20  # messages that make no sense, after which the connection is closed
STAYS: Final = frozenset(
    {Reply.YES, Reply.STILL_HERE, Reply.GO_ON, Reply.WAIT, Reply.UNSURE, Reply.PARDON, Reply.UNFINISHED}
)
"""What says to 您还在吗 that somebody is there, and no more."""
NEAREST: Final = 3  # questions that are offered where none is answered

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


@dataclass(frozen=True)
class _Place:
    """Where a message and its answers belong."""

    session: int = 0
    question: int = 0


@dataclass
class _Question:
    """A question being heard."""

    place: _Place
    stream: RecognitionStream
    rate: int
    reply: bool
    words: str = ""
    heard_bytes: int = 0
    loudest: LoudestMoment = field(default_factory=LoudestMoment)
    audio_came: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        return self.heard_bytes / 2 / self.rate


@dataclass
class _Answer:
    """An answer being spoken."""

    place: _Place
    text: str
    content: Content
    task: asyncio.Task[None] | None = None
    addresses: list[str] = field(default_factory=list)


class Session:
    """``run`` returns when the page has gone."""

    def __init__(self, socket: WebSocket, kiosk: Kiosk) -> None:
        self._socket = socket
        self._kiosk = kiosk
        self._take(kiosk.content)
        self._keeps_content = False
        """Whether the page has named what it shows."""
        self._page = OpenPage(self._tell_of)
        self._telling: set[asyncio.Task[None]] = set()
        self._sending = asyncio.Lock()
        self._now = _Place()
        """The session that is on, and its newest question."""
        self._question: _Question | None = None
        self._answer: _Answer | None = None
        self._rate = USUAL_RATE
        self._mistakes = 0
        self._audio = Allowance(AUDIO_SPEED, AUDIO_BURST_S)
        self._messages = Allowance(MESSAGES_A_SECOND, MESSAGES_AT_ONCE)

    async def run(self) -> None:
        """From the first message to the last."""
        try:
            await self._let_in()
        except (WebSocketDisconnect, TimeoutError, RuntimeError):
            # Gone, or never a page. RuntimeError: Starlette's word for sending to one that has gone.
            pass
        finally:
            await self._hush()

    async def _let_in(self) -> None:
        """Only what has said that it is a page takes the place of one."""
        message = await self._receive(HELLO_S)
        if not isinstance(message, Hello):
            await self._socket.close(POLICY_VIOLATION)
            return
        if self._kiosk.pages >= self._kiosk.settings.kiosk.sessions:
            await self._socket.close(TRY_AGAIN_LATER)
            return
        if message.content is not None:
            self._keeps_content = True
            self._take(self._kiosk.content_named(message.content))
        self._kiosk.open_pages.add(self._page)
        self._kiosk.vitals.heartbeat(self._page)
        beat = asyncio.create_task(self._beat())
        try:
            await self._send("welcome", self._now)
            if message.content not in (None, self._kiosk.content.name):
                self._tell_of(self._kiosk.content)
            while self._socket.application_state is WebSocketState.CONNECTED:
                await self._next()
        finally:
            beat.cancel()
            self._kiosk.open_pages.discard(self._page)

    def _take(self, content: Content) -> None:
        """From now on this page's questions are answered with it."""
        self._content = content
        self._assistant = Assistant(
            content.faq, content.matcher, None, longest_question_s=self._kiosk.settings.longest_question_s
        )

    def _tell_of(self, content: Content) -> None:
        """Of a new content; a page that takes nothing is no reason to wait."""

        async def tell() -> None:
            with contextlib.suppress(WebSocketDisconnect, TimeoutError, RuntimeError):
                await self._send("content", self._now, content=content.name)

        task = asyncio.create_task(tell())
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _beat(self) -> None:
        """Tell the page now and then that the server is there."""
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                await self._send("alive", self._now)
            except (WebSocketDisconnect, TimeoutError, RuntimeError):
                return

    async def _next(self) -> None:
        """Take one message and obey it."""
        question = self._question
        patience = QUIET_S if question is None else question.audio_came + STALLED_S - time.monotonic()
        try:
            message = await self._receive(max(0.0, patience))
        except TimeoutError:
            if question is None:
                await self._socket.close(POLICY_VIOLATION)
                return
            self._question = None
            await self._send("cancelled", question.place)
            return
        if isinstance(message, Alive):
            self._page.microphone = message.microphone or self._page.microphone
            self._page.loudspeaker = message.loudspeaker or self._page.loudspeaker
        self._kiosk.vitals.heartbeat(self._page)
        if message is None or isinstance(message, Alive) or not await self._lands(message):
            return
        place = _Place(message.session, message.question)
        try:
            await self._obey(message, place)
        except VoiceFaqError as error:
            log.warning("%s", error)
            await self._send("trouble", place)
        except (WebSocketDisconnect, TimeoutError, RuntimeError):
            raise
        except Exception:
            log.exception("message %s failed", message.type)
            await self._send("trouble", place)

    async def _receive(self, patience: float) -> Message | None:
        """The next message; audio and nonsense are dealt with here. Raises TimeoutError, WebSocketDisconnect."""
        received = await asyncio.wait_for(self._socket.receive(), patience)
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1000))
        if (audio := received.get("bytes")) is not None:
            await self._hear(audio)
            return None
        await self._messages.take(1)
        mistake: dict[str, str] = {}
        try:
            return MESSAGE.validate_json(received.get("text") or "")
        except ValidationError as error:
            problem = error.errors(include_input=False, include_url=False)[0]
            mistake = {"where": ".".join(map(str, problem["loc"])), "problem": problem["msg"]}
        await self._mistaken(mistake)
        return None

    async def _mistaken(self, mistake: dict[str, str]) -> None:
        """Say what was wrong with a message; hang up on a page that talks nonsense."""
        self._mistakes += 1
        await self._send("mistake", self._now, **mistake)
        if self._mistakes > MOST_MISTAKES:
            await self._socket.close(POLICY_VIOLATION)

    async def _lands(self, message: Message) -> bool:
        """Whether a message still belongs to something; the first of a new session ends the one before."""
        if message.session < self._now.session:
            return False
        if message.session > self._now.session:
            await self._forget()
            self._now = _Place(message.session, self._now.question)
        if isinstance(message, Request):
            if message.question <= self._now.question:
                return False
            self._now = _Place(message.session, message.question)
        return isinstance(message, Reset) or message.question >= self._now.question

    async def _obey(self, message: Message, place: _Place) -> None:
        match message:
            case Start():
                await self._hush()
                self._rate = message.rate
                stream = await self._work(lambda: self._content.recognizer.stream(message.rate))
                self._question = _Question(place, stream, message.rate, message.reply)
            case Stop():
                await self._end_question()
            case Cancel():
                self._question = None
                await self._hush()
            case Ask():
                await self._present(await self._work(lambda: self._assistant.ask_text(message.text)), place)
            case Show():
                if message.entry in self._content.matcher.entries:
                    await self._present(self._assistant.show(message.entry), place)
            case Choose():
                turn = self._assistant.choose(CHOICES[message.number - 1] if message.number else Command.NO)
                if turn is not None:
                    await self._present(turn, place)
            case Repeat():
                await self._present(self._assistant.repeat(), place)
            case Change():
                changed = self._assistant.change_manner(Command(message.command))
                await self._send("manner", place, **self._manner(), changed=changed)
            case Search():
                found = await self._work(lambda: self._found(message.text))
                await self._send("found", place, number=message.number, entries=found)
            case Microphone():
                self._page.microphone = message.problem
                self._kiosk.vitals.heartbeat(self._page)
                log.warning("网页用不了麦克风（%s）。请检查麦克风的连线和权限。", message.problem)
            case Reset():
                await self._forget()
                await self._send("reset", place, **self._manner())
            case Hello() | Alive():
                pass

    async def _forget(self) -> None:
        """Nothing of one person is left for the next."""
        self._question = None
        await self._hush()
        if self._keeps_content or self._content is self._kiosk.content:
            self._assistant.forget()
        else:
            self._take(self._kiosk.content)

    async def _hear(self, message: bytes) -> None:
        """Audio of the question; what comes after its end is late and belongs to nothing."""
        audio = message[AUDIO_HEADER.size :]
        await self._audio.take(len(audio) / 2 / self._rate)
        question = self._question
        if question is None or len(message) < AUDIO_HEADER.size:
            return
        if _Place(*AUDIO_HEADER.unpack_from(message)) != question.place:
            return
        question.audio_came = time.monotonic()
        question.heard_bytes += len(audio)
        question.loudest.hear(audio[: len(audio) // 2 * 2])
        words = await self._work(lambda: question.stream.accept(audio))
        if words != question.words:
            question.words = words
            await self._send("words", question.place, text=words)
        if question.seconds > self._kiosk.settings.longest_question_s:
            await self._end_question()

    async def _end_question(self) -> None:
        question, self._question = self._question, None
        if question is None:
            return
        ended = time.perf_counter()
        heard = await self._work(question.stream.finish)
        hypotheses = list(heard.hypotheses) if question.loudest.holds_speech else []
        if not any(hypothesis.text.strip() for hypothesis in hypotheses):
            await self._send("silence", question.place)
            self._kiosk.observers.unheard()
            return
        if question.reply and understood_reply(hypotheses[0].text) in STAYS:
            await self._send("stayed", question.place)
            return
        timings = Timings(recognize=(time.perf_counter() - ended) * 1000)
        turn = await self._work(lambda: self._assistant.decide(MICROPHONE, hypotheses, timings))
        await self._present(turn, question.place)

    async def _present(self, turn: Turn, place: _Place) -> None:
        """Show at once, speak as soon as there is something to hear."""
        await self._hush()
        offered = turn.candidates if turn.decision == "clarify" else ()
        await self._send(
            "turn",
            place,
            turn=turn.as_json(),
            choices=[candidate.entry for candidate in offered],
            nearest=self._nearest(turn),
            caught=self._caught(turn),
            manner=self._manner(),
        )
        self._kiosk.observers.decided(turn)
        answer = _Answer(place, turn.answer, self._content)
        answer.task = asyncio.create_task(self._send_clauses(answer))
        self._answer = answer

    def _found(self, typed: str) -> list[str]:
        """Entries that what was typed may be about; the command 再说一遍 is not nearly 再念一遍号码."""
        command = isinstance(spot([Hypothesis(typed, 1.0)]), Command)
        return self._content.search.entries(typed, nearly=not command)

    def _nearest(self, turn: Turn) -> list[str]:
        """Entries that a question without an answer may have been about."""
        if turn.decision != "reject" and turn.command is not Command.NO:
            return []
        found = self._content.search.entries(turn.transcript)
        return list(dict.fromkeys([*found, *(candidate.entry for candidate in turn.candidates)]))[:NEAREST]

    def _caught(self, turn: Turn) -> bool:
        """Whether it was understood what was asked, be it answered or not."""
        asked = turn.decision != "reject" or turn.reason is RejectReason.OUT_OF_SCOPE
        return asked and understood(turn.alternatives) >= LEAST_UNDERSTOOD

    async def _send_clauses(self, answer: _Answer) -> None:
        """The addresses of the clauses, one after another."""
        place = answer.place
        decided = time.perf_counter()
        try:
            await self._send("speech", place, clauses=split_clauses(answer.text))
            clauses = iter(self._content.voice.speak(answer.text))
            index = 0
            while (clause := await self._work(lambda: next(clauses, None), speaking=True)) is not None:
                address = answer.content.speech.address(clause)
                answer.addresses.append(address)
                if index == 0:
                    self._kiosk.speech_began(time.perf_counter() - decided)
                begins = round(starts_at(clause), 3) if index == 0 else 0.0
                await self._send("clause", place, index=index, address=address, begins=begins)
                index += 1
            await self._send("spoken", place, clauses=index)
        except VoiceFaqError as error:
            log.warning("%s", error)
            await self._send("mute", place)
        except (WebSocketDisconnect, TimeoutError, RuntimeError):
            return  # the page has gone; run() finds out by itself
        except Exception:
            log.exception("speaking failed")
            await self._send("mute", place)

    async def _hush(self) -> None:
        """End the answer that is being spoken and forget its audio."""
        answer, self._answer = self._answer, None
        if answer is None or answer.task is None:
            return
        answer.task.cancel()
        await asyncio.gather(answer.task, return_exceptions=True)
        answer.content.speech.forget(answer.addresses)

    async def _work(self, call: Callable[[], Result], *, speaking: bool = False) -> Result:
        """In a thread; a voice that hangs holds up no recognition."""
        pool = self._kiosk.speakers if speaking else self._kiosk.workers
        return await asyncio.get_running_loop().run_in_executor(pool, call)

    async def _send(self, event: str, place: _Place, **content: Any) -> None:
        """Raises TimeoutError for a page that takes nothing."""
        numbers = {"session": place.session, "question": place.question}
        async with self._sending:
            await asyncio.wait_for(self._socket.send_json({"type": event, **numbers, **content}), SEND_TIMEOUT_S)

    def _manner(self) -> dict[str, float]:
        manner = self._assistant.manner
        return {"pace": manner.pace, "volume": manner.loudness * self._kiosk.settings.volume}
