"""From a question to a turn, and what is remembered between turns."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

from voice_faq.audio.level import level_dbfs
from voice_faq.audio.recording import Recording
from voice_faq.dialogue.commands import Command, CommandSpotter
from voice_faq.dialogue.turn import Timings, Turn
from voice_faq.errors import AudioError
from voice_faq.faq.entries import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Answer, Clarify, Matcher, Reject, RejectReason
from voice_faq.recognition import Recognizer, Utterance
from voice_faq.speech import Voice

MICROPHONE: Final = "microphone"
SILENCE_DBFS: Final = -60.0  # a recording without a louder moment than this holds no speech
CHOICE_WORDS: Final = ("一", "二", "三")


class Assistant:
    """Answers questions; remembers the last answer and how often it failed in a row."""

    def __init__(self, faq: Faq, matcher: Matcher, recognizer: Recognizer | None, *, longest_question_s: float) -> None:
        """``recognizer`` may be None where only texts are asked."""
        self.faq = faq
        self._matcher = matcher
        self._recognizer = recognizer
        self._longest_question_s = longest_question_s
        self._spotter = CommandSpotter()
        self._last_said: str | None = None
        self._failures = 0

    def forget(self) -> None:
        """The next question comes from another person."""
        self._last_said = None
        self._failures = 0

    def ask_text(self, text: str) -> Turn:
        """A typed question."""
        hypotheses = [Hypothesis(text.strip(), 1.0)] if text.strip() else []
        return self.decide(text, hypotheses, Timings())

    def ask_recording(self, name: str, recording: Recording) -> Turn:
        """A recorded question; raises AudioError when it is too long to be one."""
        if recording.seconds > self._longest_question_s:
            raise AudioError(
                f"{name}：录音有 {recording.seconds:.0f} 秒，一个问题最长 {self._longest_question_s:.0f} 秒。"
                "请分成一问一个录音；要转写长录音，请用 voice-faq transcribe。"
            )
        if self._recognizer is None:
            raise RuntimeError("this assistant was made without a recognizer")
        started = time.perf_counter()
        utterance = recognize(self._recognizer, recording)
        return self.decide(name, list(utterance.hypotheses), Timings(recognize=_since(started)))

    def decide(self, name: str, hypotheses: list[Hypothesis], timings: Timings) -> Turn:
        """The turn for an n-best list."""
        started = time.perf_counter()
        command = self._spotter.spot(hypotheses)
        turn = self._command_turn(command) if command else self._question_turn(hypotheses)
        timings.match = _since(started)
        return replace(
            turn,
            input=name,
            transcript=hypotheses[0].text if hypotheses else "",
            alternatives=tuple(hypotheses),
            timings=timings,
        )

    def unusable(self, name: str, error: str) -> Turn:
        """The turn of an input that could not be read."""
        return Turn(name, "", (), "reject", None, 0.0, (), self.faq.prompts.not_caught, error=error)

    def _command_turn(self, command: Command) -> Turn:
        prompts = self.faq.prompts
        said = {
            Command.REPEAT: self._last_said or prompts.nothing_to_repeat,
            Command.STOP: "",
            Command.QUIT: prompts.goodbye,
            Command.HELP: prompts.help,
        }[command]
        return Turn("", "", (), "command", None, 1.0, (), said, command)

    def _question_turn(self, hypotheses: list[Hypothesis]) -> Turn:
        decision = self._matcher.match(hypotheses)
        prompts = self.faq.prompts
        if isinstance(decision, Answer):
            self._failures = 0
            self._last_said = self.faq.entry(decision.entry).answer
            return Turn("", "", (), "answer", decision.entry, decision.score, decision.candidates, self._last_said)
        if isinstance(decision, Clarify):
            said = prompts.clarify.replace("{choices}", self._choices(decision))
            self._last_said = said
            return Turn("", "", (), "clarify", None, decision.candidates[0].score, decision.candidates, said)
        said = self._rejection(decision)
        score = decision.candidates[0].score if decision.candidates else 0.0
        return Turn("", "", (), "reject", None, score, decision.candidates, said)

    def _choices(self, clarify: Clarify) -> str:
        questions = [self.faq.entry(c.entry).question for c in clarify.candidates]
        return "；".join(f"{word}，{question}" for word, question in zip(CHOICE_WORDS, questions, strict=False))

    def _rejection(self, reject: Reject) -> str:
        self._failures += 1
        prompts = self.faq.prompts
        if self._failures > 1:
            return prompts.not_known_again.replace("{hotline}", self.faq.hotline)
        return prompts.not_known if reject.reason is RejectReason.OUT_OF_SCOPE else prompts.not_caught


def recognize(recognizer: Recognizer, recording: Recording) -> Utterance:
    """What was said in a recording of any length; what is silent throughout holds nothing."""
    stream = recognizer.stream(recording.rate)
    loudest = SILENCE_DBFS
    for chunk in recording.chunks():
        loudest = max(loudest, level_dbfs(chunk))
        stream.accept(chunk)
    heard = stream.finish()
    return heard if loudest > SILENCE_DBFS else Utterance(())


def speak(voice: Voice, turn: Turn) -> Recording | None:
    """The turn's answer as audio, its time noted in the turn; None when there is nothing to say."""
    if not turn.answer:
        return None
    started = time.perf_counter()
    try:
        return voice.render(turn.answer)
    finally:
        turn.timings.speak = _since(started)


def _since(started: float) -> float:
    """Milliseconds since ``started`` of time.perf_counter."""
    return (time.perf_counter() - started) * 1000
