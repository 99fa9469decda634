"""The loop with fakes for devices and keys, and a whole conversation in a terminal with real parts."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import pytest

from voice_faq.audio.earcons import Earcon
from voice_faq.audio.recording import Recording, read_recording
from voice_faq.dialogue.assistant import Assistant
from voice_faq.dialogue.turn import Turn
from voice_faq.errors import AudioError, SpeechError, VoiceFaqError
from voice_faq.faq import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Matcher
from voice_faq.recognition import Utterance
from voice_faq.speech.clauses import SpokenClause, split_clauses
from voice_faq.talk.keys import Key
from voice_faq.talk.loop import QUIET_S, RETRY_S, TICK_S, State, TalkLoop

from ..conftest import DATA, SoundServer
from ..sound_server import sound_server as start_sound_server

LOUD = (np.sin(np.arange(800)) * 8000).astype("<i2").tobytes()


class FakeMicrophone:
    def __init__(self) -> None:
        self.rate = 16_000
        self.open = False
        self.fed: list[bytes] = []
        self.gone = False

    def __enter__(self) -> Self:
        assert not self.open
        if self.gone:
            raise AudioError("没有麦克风")
        self.open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.open = False

    def read(self) -> bytes:
        if self.open and self.gone:
            raise AudioError("麦克风断开了")
        pcm, self.fed = b"".join(self.fed), []
        return pcm


class FakePlayer:
    """Takes all pieces at once; a test says when they have been heard."""

    def __init__(self) -> None:
        self.playing = False
        self.loudness = self.pace = 1.0
        self.piece = 0
        self.failure: VoiceFaqError | None = None
        self.played: list[list[Recording]] = []
        self.stops = self.pauses = 0
        self.skipped: list[int] = []
        self.closings = 0
        self.broken = False

    def play(self, pieces: Iterable[Recording]) -> None:
        if self.broken:
            raise AudioError("扬声器打不开")
        self.failure = None
        self.piece = 0
        self.playing = True
        heard: list[Recording] = []
        self.played.append(heard)
        try:
            heard.extend(pieces)
        except VoiceFaqError as error:
            self.failure = error

    def stop(self) -> None:
        self.stops += self.playing
        self.playing = False

    def pause(self) -> None:
        self.pauses += 1

    def skip(self, pieces: int) -> None:
        self.skipped.append(pieces)

    def wait(self, timeout_s: float | None = None) -> bool:
        self.playing = False
        return True

    def close(self) -> None:
        self.closings += 1


class FakeVoice:
    """Its recordings have a sample for each character."""

    name = "fake"

    def __init__(self) -> None:
        self.fails_at: str | None = None

    def speak(self, text: str) -> Iterator[SpokenClause]:
        for clause in split_clauses(text):
            if self.fails_at is not None and self.fails_at in clause:
                raise SpeechError("念不出来")
            yield SpokenClause(clause, Recording(np.zeros(len(clause), np.int16), 16_000))


class FakeRecognizer:
    """Every utterance that has audio is ``text``."""

    def __init__(self) -> None:
        self.text = "怎么退卡"
        self.heard = 0

    def stream(self, rate: int) -> Self:
        self.heard = 0
        return self

    def accept(self, pcm: bytes) -> str:
        self.heard += len(pcm)
        return self.text[:2]

    def finish(self) -> Utterance:
        return Utterance((Hypothesis(self.text, 1.0),) if self.heard else ())


class FakeScreen:
    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self.words: list[str] = []
        self.cancellations = 0
        self.captions: list[str] = []
        self.troubles: list[str] = []

    def idle(self) -> None: ...

    def waiting(self) -> None:
        self.words.append("waiting")

    def listening(self, words: str, level_dbfs: float) -> None:
        self.words.append(words)

    def turn(self, turn: Turn) -> None:
        self.turns.append(turn)

    def cancelled(self) -> None:
        self.cancellations += 1

    def speaking(self, clauses: Sequence[str], current: int) -> None:
        self.captions.append(clauses[current] if current >= 0 else "")

    def trouble(self, problem: str) -> None:
        self.troubles.append(problem)


class Stage:
    """A talk loop whose every tick is scripted."""

    def __init__(self, faq: Faq, matcher: Matcher) -> None:
        self.microphone, self.player, self.screen = FakeMicrophone(), FakePlayer(), FakeScreen()
        self.recognizer, self.voice = FakeRecognizer(), FakeVoice()
        self.states: list[State] = []
        self._script: Iterator[object] = iter(())
        assistant = Assistant(faq, matcher, None, longest_question_s=60)
        self.loop = TalkLoop(
            assistant, self.recognizer, self.voice, self.microphone, self.player, self.screen, self,
            longest_question_s=60, sleep=lambda _s: self.states.append(self.loop.state),
        )  # fmt: skip

    def pressed(self) -> list[Key]:
        step = next(self._script, Key.QUIT)
        if isinstance(step, Key):
            return [step]
        if isinstance(step, bytes):
            self.microphone.fed.append(step)
        elif step == "end of playing":
            self.player.playing = False
        elif step in ("unplugged", "plugged in"):
            self.microphone.gone = step == "unplugged"
        elif isinstance(step, int):
            self.player.piece = step
        return []

    def play(self, *script: object) -> Stage:
        self._script = iter(script)
        self.loop.run()
        return self


@pytest.fixture
def stage(faq: Faq, matcher: Matcher) -> Stage:
    return Stage(faq, matcher)


def test_a_question_is_heard_answered_and_spoken(stage: Stage, faq: Faq) -> None:
    stage.play(Key.TALK, LOUD, LOUD, Key.TALK, "end of playing")
    (turn,) = stage.screen.turns
    assert (turn.input, turn.entry) == ("microphone", "refund")
    assert stage.states == [State.LISTENING] * 3 + [State.SPEAKING, State.IDLE, State.IDLE]
    assert "怎么" in stage.screen.words
    invitation, answer = stage.player.played
    assert invitation == [Earcon.LISTENING.recording]
    assert answer[0] is Earcon.UNDERSTOOD.recording
    assert sum(len(r.samples) for r in answer[1:]) == len(faq.entry("refund").answer)
    assert stage.player.closings == 1


def test_the_machine_never_listens_while_it_makes_a_sound(stage: Stage) -> None:
    stage.microphone.fed.append(LOUD)  # what the microphone heard of the earcon
    stage.play(Key.TALK, Key.TALK)
    assert stage.recognizer.heard == 0
    assert stage.screen.turns[0].transcript == ""


def test_esc_throws_the_question_away(stage: Stage) -> None:
    stage.play(Key.TALK, LOUD, Key.CANCEL)
    assert stage.screen.turns == [] and stage.screen.cancellations == 1
    assert not stage.microphone.open


def test_pressing_during_the_answer_interrupts_it_and_listens_again(stage: Stage) -> None:
    stage.play(Key.TALK, LOUD, Key.TALK, Key.TALK, LOUD, Key.TALK)
    assert [t.entry for t in stage.screen.turns] == ["refund", "refund"]
    assert stage.player.stops >= 1
    assert stage.states[3] is State.LISTENING


def test_spoken_commands(stage: Stage, faq: Faq) -> None:
    stage.play(Key.TALK, LOUD, Key.TALK)
    for said, length in (
        ("再说一遍", len(faq.entry("refund").answer)),
        ("停", None),
        ("退出", len(faq.prompts.goodbye)),
    ):
        stage.recognizer.text = said
        stage.player.played.clear()
        stage.loop._quitting = False
        stage.play(Key.TALK, LOUD, Key.TALK)
        answers = [sum(len(r.samples) for r in pieces[1:]) for pieces in stage.player.played[1:]]
        assert answers == ([length] if length else []), said
    assert stage.loop._quitting


def test_a_choice_is_taken_by_key(stage: Stage) -> None:
    stage.recognizer.text = "退卡"
    stage.play(Key.TALK, LOUD, Key.TALK, Key.THIRD, Key.SECOND, Key.FIRST)
    asked, chosen = stage.screen.turns
    assert asked.decision == "clarify" and len(asked.candidates) == 2
    assert chosen.entry == asked.candidates[1].entry
    assert stage.player.stops >= 1 and len(stage.player.played) == 3


def test_quitting_closes_the_microphone(stage: Stage) -> None:
    stage.play(Key.TALK, LOUD, Key.QUIT)
    assert not stage.microphone.open and not stage.player.playing


def test_a_question_without_end_is_ended(stage: Stage) -> None:
    second = LOUD * 20
    stage.play(Key.TALK, *[second] * 62)
    assert len(stage.screen.turns) == 1


def test_captions_follow_what_is_heard(stage: Stage, faq: Faq) -> None:
    stage.play(Key.TALK, LOUD, Key.TALK, 1, 2, "end of playing")
    clauses = split_clauses(faq.entry("refund").answer)
    assert stage.screen.captions == [clauses[0], clauses[1]]  # nothing is lit while the earcon sounds


def test_keys_hold_skip_and_repeat_the_answer_and_change_its_manner(stage: Stage) -> None:
    stage.play(
        Key.TALK, LOUD, Key.TALK, Key.PAUSE, Key.PAUSE, Key.NEXT, Key.PREVIOUS, Key.SLOWER, Key.LOUDER, Key.REPEAT
    )  # fmt: skip
    assert stage.player.pauses == 2 and stage.player.skipped == [1, -1]
    assert stage.player.pace < 1 < stage.player.loudness
    assert [len(pieces) for pieces in stage.player.played[1:]] == [len(stage.player.played[1])] * 2


def test_a_voice_that_fails_leaves_the_answer_on_the_screen_and_the_loop_goes_on(stage: Stage) -> None:
    stage.voice.fails_at = "余额"
    stage.play(Key.TALK, LOUD, Key.TALK, "end of playing", Key.TALK, LOUD, Key.TALK)
    assert [t.entry for t in stage.screen.turns] == ["refund", "refund"]
    assert stage.screen.troubles == ["念不出来"] * 2
    assert stage.player.played[2] == [Earcon.ERROR.recording]


def test_a_voice_that_cannot_speak_at_all(stage: Stage) -> None:
    stage.voice.fails_at = ""
    stage.play(Key.TALK, LOUD, Key.TALK)
    assert [t.entry for t in stage.screen.turns] == ["refund"]
    assert stage.screen.troubles == ["念不出来"] and stage.loop.state is State.IDLE


def test_a_loudspeaker_that_is_gone_ends_no_conversation(stage: Stage) -> None:
    stage.player.broken = True
    stage.play(Key.TALK, LOUD, Key.TALK)
    assert [t.entry for t in stage.screen.turns] == ["refund"]
    assert stage.screen.troubles == ["扬声器打不开"]
    assert stage.loop.state is State.IDLE and not stage.microphone.open


def test_the_loudspeaker_is_given_back_when_nobody_asks(stage: Stage) -> None:
    nobody = [None] * int(QUIET_S / TICK_S)
    stage.play(Key.TALK, LOUD, Key.TALK, "end of playing", *nobody[:-10])
    assert stage.player.closings == 1  # at the end of the conversation
    stage.player.closings = 0
    stage.loop._quitting = False
    stage.play(*nobody)
    assert stage.player.closings == 2


def test_a_microphone_that_is_gone_ends_no_conversation(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: FakeMicrophone) -> FakeMicrophone:
        raise AudioError("麦克风打不开")

    monkeypatch.setattr(FakeMicrophone, "__enter__", refuse)
    stage.play(Key.TALK, Key.TALK)
    assert stage.screen.troubles == ["麦克风打不开"] * 2 and stage.loop.state is State.IDLE


def test_a_microphone_that_was_plugged_in_again_meanwhile_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []

    def stale_at_first(microphone: FakeMicrophone) -> FakeMicrophone:
        opened.append(stage.player.closings)
        if len(opened) == 1:
            raise AudioError("麦克风打不开")
        microphone.open = True
        return microphone

    monkeypatch.setattr(FakeMicrophone, "__enter__", stale_at_first)
    stage.play(Key.TALK, LOUD, Key.TALK)
    assert opened == [0, 1]  # the loudspeaker is closed in between
    assert stage.screen.troubles == [] and [t.entry for t in stage.screen.turns] == ["refund"]


SECOND = [None] * (int(RETRY_S / TICK_S) + 1)


def test_a_microphone_that_vanishes_while_it_listens_is_told_and_waited_for(stage: Stage) -> None:
    stage.play(Key.TALK, LOUD, "unplugged", *SECOND, *SECOND, "plugged in", *SECOND, LOUD, Key.TALK)
    assert stage.screen.troubles == ["麦克风断开了"]
    assert "waiting" in stage.screen.words
    (turn,) = stage.screen.turns
    assert turn.entry == "refund" and not stage.microphone.open
    # What was heard before counts no more: the question begins again.
    assert stage.recognizer.heard == len(LOUD)
    sounds = [pieces[0] for pieces in stage.player.played if len(pieces) == 1]
    assert [s is Earcon.LISTENING.recording for s in sounds] == [True, False, True]
    assert sounds[1] is Earcon.ERROR.recording
    assert stage.states.count(State.WAITING) > len(SECOND)


@pytest.mark.parametrize("key", [Key.CANCEL, Key.QUIT])
def test_waiting_for_a_microphone_can_be_given_up(stage: Stage, key: Key) -> None:
    stage.play(Key.TALK, LOUD, "unplugged", *SECOND, key, *SECOND, "plugged in", *SECOND)
    assert stage.screen.turns == [] and not stage.microphone.open
    assert stage.screen.cancellations == (key is Key.CANCEL)
    assert stage.states[-1] is (State.IDLE if key is Key.CANCEL else State.WAITING)


class Terminal:
    """``voice-faq talk`` in a pseudo-terminal."""

    def __init__(self, server: SoundServer) -> None:
        self._main, side = pty.openpty()
        environment = {**server.environment, "TERM": "xterm", "COLUMNS": "100", "LINES": "30"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "voice_faq", "talk"], stdin=side, stdout=side, stderr=side, env=environment
        )
        os.close(side)
        self.shown = ""

    def press(self, key: str) -> None:
        os.write(self._main, key.encode())

    def close(self) -> None:
        with self.process:
            self.process.kill()
        os.close(self._main)

    def wait_for(self, text: str, seconds: float = 30) -> None:
        """Read until ``text`` appears; what was shown before does not count again."""
        deadline = time.monotonic() + seconds
        raw = b""
        while text not in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\r", "", raw.decode(errors="ignore")):
            assert time.monotonic() < deadline, f"{text!r} did not appear in {raw.decode(errors='replace')}"
            if select.select([self._main], [], [], 0.2)[0]:
                try:
                    raw += os.read(self._main, 65_536)
                except OSError:
                    pytest.fail(f"talk ended before {text!r} appeared: {raw.decode(errors='replace')}")
        self.shown += raw.decode(errors="ignore")


@pytest.mark.recognition
@pytest.mark.voice
@pytest.mark.portaudio
def test_a_conversation_with_real_microphone_recogniser_voice_and_loudspeaker(
    sound_server: SoundServer, tmp_path: Path
) -> None:
    terminal = Terminal(sound_server)
    recording = sound_server.record_loudspeaker(tmp_path / "answers.wav")
    try:
        terminal.wait_for("按空格键开始说话")
        terminal.press(" ")
        terminal.wait_for("请讲")
        sound_server.play_into_microphone(DATA / "recordings/canonical-refund.flac").wait(timeout=20)
        terminal.press(" ")
        terminal.wait_for("30 天")  # the answer's screen text
        terminal.press(" ")  # interrupts the answer
        terminal.wait_for("请讲")
        terminal.press("\x1b")
        terminal.wait_for("已取消")
        terminal.press("q")
        assert terminal.process.wait(timeout=20) == 0
    finally:
        terminal.close()
        recording.terminate()
        recording.wait(timeout=10)
    assert "退卡" in terminal.shown
    heard = read_recording(tmp_path / "answers.wav")
    assert np.abs(heard.samples).max() > 3000


@pytest.mark.recognition
@pytest.mark.voice
@pytest.mark.portaudio
def test_a_real_microphone_that_vanishes_is_told_at_once_and_heard_again_when_it_is_back() -> None:
    with start_sound_server() as server:
        terminal = Terminal(server)
        back: subprocess.Popen[bytes] | None = None
        try:
            terminal.wait_for("按空格键开始说话")
            terminal.press(" ")
            terminal.wait_for("请讲")
            server.play_into_microphone(DATA / "recordings/canonical-fees.flac").wait(timeout=20)
            server.stop()
            terminal.wait_for("麦克风断开了")
            terminal.wait_for("接好以后会接着听")
            back = server.start()
            terminal.wait_for("请讲")
            server.play_into_microphone(DATA / "recordings/canonical-refund.flac").wait(timeout=20)
            terminal.press(" ")
            terminal.wait_for("30 天")
            terminal.press("q")
            assert terminal.process.wait(timeout=20) == 0
        finally:
            terminal.close()
            if back is not None:
                back.terminate()
                back.wait(timeout=10)
    for spilt in ("Expression", "ALSA", "failed", "pa_linux", "Error"):
        assert spilt not in terminal.shown


def test_talk_without_a_terminal_says_what_to_do(sound_server: SoundServer) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "voice_faq", "talk"],
        stdin=subprocess.DEVNULL, env=sound_server.environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "要在终端里运行" in done.stderr and "Traceback" not in done.stderr
