"""The push-to-talk loop: a key starts and ends the question, the answer can be interrupted.

All parts come in as protocols, so the loop itself holds neither audio devices nor a terminal.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import Final

from voice_faq.audio.earcons import Earcon
from voice_faq.audio.level import DIGITAL_SILENCE_DBFS, LoudestMoment
from voice_faq.audio.microphone import Microphone
from voice_faq.audio.player import Player
from voice_faq.dialogue.assistant import MICROPHONE, Assistant
from voice_faq.dialogue.commands import Command
from voice_faq.dialogue.turn import Timings, Turn
from voice_faq.errors import AudioError, VoiceFaqError
from voice_faq.recognition import RecognitionStream, Recognizer
from voice_faq.speech.clauses import split_clauses
from voice_faq.speech.voice import Voice, begin_speaking
from voice_faq.talk.keys import Key, KeySource
from voice_faq.talk.screen import Screen

TICK_S: Final = 0.03
RETRY_S: Final = 1.0  # between looks whether the microphone is back
QUIET_S: Final = 60.0  # without a question, after which the loudspeaker is given back
CHOICE_KEYS: Final = {Key.FIRST: Command.FIRST, Key.SECOND: Command.SECOND, Key.THIRD: Command.THIRD}
MANNER_KEYS: Final = {
    Key.SLOWER: Command.SLOWER, Key.FASTER: Command.FASTER, Key.LOUDER: Command.LOUDER, Key.QUIETER: Command.QUIETER,
}  # fmt: skip


class State(Enum):
    """What the loop is doing."""

    IDLE = auto()
    LISTENING = auto()
    WAITING = auto()
    """For a microphone that has gone while it listened."""
    SPEAKING = auto()


class TalkLoop:
    """One conversation; ``run`` returns when the rider quits."""

    def __init__(
        self,
        assistant: Assistant,
        recognizer: Recognizer,
        voice: Voice,
        microphone: Microphone,
        player: Player,
        screen: Screen,
        keys: KeySource,
        *,
        longest_question_s: float,
        earcons: bool = True,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._assistant = assistant
        self._recognizer = recognizer
        self._voice = voice
        self._microphone = microphone
        self._player = player
        self._screen = screen
        self._keys = keys
        self._longest = longest_question_s
        self._earcons = earcons
        self._sleep = sleep
        self.state = State.IDLE
        self._stream: RecognitionStream | None = None
        self._heard_bytes = 0
        self._loudest = LoudestMoment()
        self._quitting = False
        self._quiet_s = 0.0
        self._retry_s = 0.0
        self._captions: list[str] = []
        self._caption = -1
        self._sounds_before = 0
        """Pieces that are played before the first clause."""

    def run(self) -> None:
        """Until q, Ctrl-C or a spoken 退出; the microphone and the player are closed in every case."""
        self._screen.idle()
        try:
            while not self._quitting:
                for key in self._keys.pressed():
                    self._on_key(key)
                self._tick()
                self._sleep(TICK_S)
            self._player.wait(timeout_s=5.0)
        finally:
            if self.state is State.LISTENING:
                self._stop_recording()
            self._player.stop()
            self._player.close()

    def _on_key(self, key: Key) -> None:
        if key is Key.QUIT:
            self._player.stop()
            self._quitting = True
        elif key is Key.CANCEL:
            self._cancel()
        elif key is Key.TALK:
            if self.state is State.LISTENING:
                self._end_question()
            else:
                self._start_question()
        elif self.state in (State.IDLE, State.SPEAKING):
            self._on_answer_key(key)

    def _on_answer_key(self, key: Key) -> None:
        if key in CHOICE_KEYS:
            turn = self._assistant.choose(CHOICE_KEYS[key])
            if turn is not None:
                self._present(turn)
        elif key in MANNER_KEYS:
            self._assistant.change_manner(MANNER_KEYS[key])
            self._obey_manner()
        elif key is Key.PAUSE:
            self._player.pause()
        elif key is Key.REPEAT:
            self._present(self._assistant.repeat())
        else:
            self._player.skip(1 if key is Key.NEXT else -1)

    def _obey_manner(self) -> None:
        self._player.pace = self._assistant.manner.pace
        self._player.loudness = self._assistant.manner.loudness

    def _start_question(self) -> None:
        self._player.stop()
        try:
            try:
                self._listen()
            except AudioError:
                # It may be another one by now: devices are listed anew, which is done only while none is open.
                self._player.close()
                self._listen()
        except AudioError as error:
            self._in_trouble(error)

    def _listen(self) -> None:
        """Begin a question; raises AudioError where the microphone cannot be opened."""
        # Opening a microphone takes long enough to lose a word, so it is open before the earcon invites to
        # speak; what it heard until then, the earcon itself included, is thrown away.
        self._microphone.__enter__()
        self._stream = self._recognizer.stream(self._microphone.rate)
        self._heard_bytes = 0
        self._loudest = LoudestMoment()
        self.state = State.LISTENING
        self._sound(Earcon.LISTENING)
        self._player.wait(timeout_s=1.0)
        self._screen.listening("", DIGITAL_SILENCE_DBFS)
        with self._losing_the_microphone():
            self._microphone.read()

    @contextlib.contextmanager
    def _losing_the_microphone(self) -> Iterator[None]:
        """A microphone that goes away while it is read is said, and waited for."""
        try:
            yield
        except AudioError as error:
            self._stop_recording()
            self._screen.trouble(str(error))
            self._sound(Earcon.ERROR)
            self._wait_for_microphone()

    def _wait_for_microphone(self) -> None:
        self.state = State.WAITING
        self._retry_s = RETRY_S
        self._screen.waiting()

    def _look_for_microphone(self) -> None:
        self._retry_s -= TICK_S
        if self._retry_s > 0:
            return
        self._player.stop()
        self._player.close()
        try:
            self._listen()
        except AudioError:
            self._wait_for_microphone()

    def _tick(self) -> None:
        if self.state is State.LISTENING:
            with self._losing_the_microphone():
                self._hear()
            if self.state is State.LISTENING and self._heard_bytes / 2 / self._microphone.rate > self._longest:
                self._end_question()
        elif self.state is State.WAITING:
            self._look_for_microphone()
        elif self.state is State.SPEAKING:
            if not self._player.playing:
                self._end_answer()
            elif self._player.piece - self._sounds_before != self._caption:
                self._caption = self._player.piece - self._sounds_before
                self._screen.speaking(self._captions, self._caption)
        elif self._quiet_s < QUIET_S:
            self._quiet_s += TICK_S
            if self._quiet_s >= QUIET_S:
                self._player.close()

    def _hear(self) -> None:
        pcm = self._microphone.read()
        if pcm and self._stream is not None:
            self._heard_bytes += len(pcm)
            level = self._loudest.hear(pcm)
            self._screen.listening(self._stream.accept(pcm), level)

    def _stop_recording(self) -> None:
        self._microphone.__exit__(None, None, None)

    def _end_question(self) -> None:
        ended = time.perf_counter()
        self._stop_recording()
        self._hear()
        assert self._stream is not None
        heard = self._stream.finish()
        hypotheses = list(heard.hypotheses) if self._loudest.holds_speech else []
        timings = Timings(recognize=(time.perf_counter() - ended) * 1000)
        self._present(self._assistant.decide(MICROPHONE, hypotheses, timings))

    def _present(self, turn: Turn) -> None:
        """Speak and show; a voice or a loudspeaker that fails leaves the answer on the screen."""
        self._player.stop()
        self._obey_manner()
        self._quitting |= turn.command is Command.QUIT
        self._captions, self._caption = split_clauses(turn.answer), -1
        failure: VoiceFaqError | None = None
        try:
            clauses = begin_speaking(self._voice, turn)
            sounds = [_earcon_of(turn).recording] if self._earcons and turn.answer else []
            self._sounds_before = len(sounds)
            if self._captions:
                self._player.play(itertools.chain(sounds, (clause.recording for clause in clauses)))
        except VoiceFaqError as error:
            failure = error
        self._screen.turn(turn)
        if failure is not None:
            self._in_trouble(failure)
        elif self._captions:
            self.state = State.SPEAKING
        else:
            self._become_idle()

    def _end_answer(self) -> None:
        if self._player.failure is not None:
            self._in_trouble(self._player.failure)
        else:
            self._become_idle()

    def _in_trouble(self, error: VoiceFaqError) -> None:
        """Say what does not work, and be ready again."""
        self._screen.trouble(str(error))
        self._sound(Earcon.ERROR)
        self._become_idle()

    def _sound(self, earcon: Earcon) -> None:
        """A sound of its own, if it can be heard; without a loudspeaker the screen must do."""
        if self._earcons or earcon is Earcon.LISTENING:
            with contextlib.suppress(AudioError):
                self._player.pace = 1.0
                self._player.play([earcon.recording])

    def _cancel(self) -> None:
        self._player.stop()
        if self.state is State.LISTENING:
            self._stop_recording()
            self._microphone.read()
        if self.state in (State.LISTENING, State.WAITING):
            self._screen.cancelled()
            self._sound(Earcon.CANCELLED)
        self._become_idle()

    def _become_idle(self) -> None:
        self.state = State.IDLE
        self._quiet_s = 0.0
        self._screen.idle()


def _earcon_of(turn: Turn) -> Earcon:
    return Earcon.NOT_UNDERSTOOD if turn.counts_as == "reject" else Earcon.UNDERSTOOD
