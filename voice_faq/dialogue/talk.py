"""The push-to-talk loop: a key starts and ends the question, the answer can be interrupted.

All parts come in as protocols, so the loop itself holds neither audio devices nor a terminal.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import Enum, auto
from typing import Final, Protocol

import numpy as np

from voice_faq.audio.level import level_dbfs
from voice_faq.audio.microphone import Microphone
from voice_faq.audio.player import Player
from voice_faq.audio.recording import Recording
from voice_faq.dialogue.assistant import MICROPHONE, SILENCE_DBFS, Assistant, speak
from voice_faq.dialogue.commands import Command
from voice_faq.dialogue.keys import Key, KeySource
from voice_faq.dialogue.turn import Timings, Turn
from voice_faq.recognition import RecognitionStream, Recognizer
from voice_faq.speech import Voice

TICK_S: Final = 0.03
EARCON_RATE: Final = 22_050  # Hz
EARCON_S: Final = 0.09
EARCON_HZ: Final = 880.0
CHOICE_KEYS: Final = {Key.FIRST: Command.FIRST, Key.SECOND: Command.SECOND, Key.THIRD: Command.THIRD}


class State(Enum):
    """What the loop is doing."""

    IDLE = auto()
    LISTENING = auto()
    SPEAKING = auto()


class Screen(Protocol):
    """What the loop shows."""

    def idle(self) -> None:
        """Ready for a key press."""

    def listening(self, words: str, level_dbfs: float) -> None:
        """Recording: the words so far and the microphone's level."""

    def turn(self, turn: Turn) -> None:
        """A turn has been decided."""

    def cancelled(self) -> None:
        """The question was thrown away."""


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
        self._sleep = sleep
        self.state = State.IDLE
        self._stream: RecognitionStream | None = None
        self._heard_bytes = 0
        self._loudest = SILENCE_DBFS
        self._quitting = False

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

    def _on_key(self, key: Key) -> None:
        if key is Key.QUIT:
            self._player.stop()
            self._quitting = True
        elif key is Key.CANCEL:
            self._cancel()
        elif key in CHOICE_KEYS:
            if self.state is not State.LISTENING:
                self._choose(CHOICE_KEYS[key])
        elif self.state is State.LISTENING:
            self._end_question()
        else:
            self._start_question()

    def _start_question(self) -> None:
        self._player.stop()
        self._stream = self._recognizer.stream(self._microphone.rate)
        self._heard_bytes = 0
        self._loudest = SILENCE_DBFS
        # Opening a microphone takes long enough to lose a word, so it is open before the earcon invites to
        # speak; what it heard until then, the earcon itself included, is thrown away.
        self._microphone.__enter__()
        self._player.play(earcon())
        self._player.wait(timeout_s=1.0)
        self._microphone.read()
        self.state = State.LISTENING
        self._screen.listening("", SILENCE_DBFS)

    def _tick(self) -> None:
        if self.state is State.LISTENING:
            self._hear()
            if self._heard_bytes / 2 / self._microphone.rate > self._longest:
                self._end_question()
        elif self.state is State.SPEAKING and not self._player.playing:
            self._become_idle()

    def _hear(self) -> None:
        pcm = self._microphone.read()
        if pcm and self._stream is not None:
            self._heard_bytes += len(pcm)
            level = level_dbfs(pcm)
            self._loudest = max(self._loudest, level)
            self._screen.listening(self._stream.accept(pcm), level)

    def _stop_recording(self) -> None:
        self._microphone.__exit__(None, None, None)

    def _end_question(self) -> None:
        ended = time.perf_counter()
        self._stop_recording()
        self._hear()
        assert self._stream is not None
        heard = self._stream.finish()
        hypotheses = list(heard.hypotheses) if self._loudest > SILENCE_DBFS else []
        timings = Timings(recognize=(time.perf_counter() - ended) * 1000)
        self._present(self._assistant.decide(MICROPHONE, hypotheses, timings))

    def _choose(self, command: Command) -> None:
        turn = self._assistant.choose(command)
        if turn is not None:
            self._player.stop()
            self._present(turn)

    def _present(self, turn: Turn) -> None:
        """Show and speak."""
        manner = self._assistant.manner
        speech = speak(self._voice, turn, manner.pace)
        self._player.loudness = manner.loudness
        self._screen.turn(turn)
        self._quitting = turn.command is Command.QUIT
        if speech is None:
            self._become_idle()
        else:
            self.state = State.SPEAKING
            self._player.play(speech)

    def _cancel(self) -> None:
        if self.state is State.LISTENING:
            self._stop_recording()
            self._microphone.read()
            self._screen.cancelled()
        self._player.stop()
        self._become_idle()

    def _become_idle(self) -> None:
        self.state = State.IDLE
        self._screen.idle()


def earcon() -> Recording:
    """The short tone that says "speak now"."""
    t = np.arange(int(EARCON_S * EARCON_RATE)) / EARCON_RATE
    shape = np.minimum(1.0, np.minimum(t, EARCON_S - t) / 0.01)
    return Recording((0.25 * 32767 * shape * np.sin(2 * np.pi * EARCON_HZ * t)).astype(np.int16), EARCON_RATE)
