"""The try-it box: a question typed or spoken, what was heard, what is decided, and why in words."""

from __future__ import annotations

import threading
from typing import Any, Final

import numpy as np

from voice_faq.audio.recording import Recording, wav_bytes
from voice_faq.dialogue.assistant import Assistant
from voice_faq.dialogue.turn import DECISION_NAMES, Turn
from voice_faq.editor.desk import Desk
from voice_faq.errors import FaqError, InputError, SpeechError
from voice_faq.matching.explaining import explain
from voice_faq.recognition import Recognizer, open_recognizer
from voice_faq.speech.clauses import joined
from voice_faq.speech.opening import open_voice

RATES: Final = range(8_000, 192_001)  # Hz


class Trial:
    """Opens recogniser and voices when they are first needed, and again after they have been made anew."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._lock = threading.Lock()
        self._recognizer: tuple[Any, Recognizer] | None = None

    def ask(self, text: str) -> dict[str, Any]:
        """A typed question; raises FaqError while the answers cannot be read, InputError for no question."""
        if not text.strip():
            raise InputError("请写一个问题。")
        return self._told(self._assistant(None).ask_text(text))

    def hear(self, pcm: bytes, rate: int) -> dict[str, Any]:
        """16-bit samples at ``rate`` Hz; raises AudioError for a recording that cannot be used."""
        if rate not in RATES or len(pcm) % 2:
            raise InputError("录音的格式不对。请再试一次。")
        recording = Recording(np.frombuffer(pcm, "<i2"), rate)
        return self._told(self._assistant(self._hearing()).ask_recording("microphone", recording))

    def speak(self, text: str, voice: str) -> bytes:
        """A WAV of the text in a recorded voice, or the system's; raises SpeechError."""
        desk = self._desk
        settings = desk.settings.model_copy(update={"answers": desk.folder.path, "voice_pack": voice or None})
        opened = open_voice(settings, desk.faq.pronunciations if desk.faq is not None else {})
        said = joined(opened.voice.speak(text))
        if said is None:
            raise SpeechError("这里没有要念的话。")
        return wav_bytes(said)

    def _hearing(self) -> Recognizer:
        desk = self._desk
        assert desk.faq is not None
        with self._lock:
            key = desk.built, id(desk.faq)
            if self._recognizer is None or self._recognizer[0] != key:
                self._recognizer = key, open_recognizer(desk.settings, desk.faq)
            return self._recognizer[1]

    def _assistant(self, recognizer: Recognizer | None) -> Assistant:
        desk = self._desk
        if desk.faq is None:
            raise FaqError(desk.mistakes)
        if desk.matcher is None:
            raise InputError("还在学习这些问法，请过几秒再试。")
        return Assistant(
            desk.faq, desk.matcher, recognizer, longest_question_s=desk.settings.longest_question_s
        )  # fmt: skip

    def _told(self, turn: Turn) -> dict[str, Any]:
        desk = self._desk
        why: list[str] = []
        matcher, faq = desk.matcher, desk.faq
        names = {entry.id: entry.question for entry in faq.entries} if faq is not None else {}
        if matcher is not None and turn.transcript and turn.command is None:
            told = explain(matcher, turn.transcript)
            why.append(f"去掉客套话，问的是“{told.core}”。")
            for support in told.support:
                name = names.get(support.entry, support.entry)
                why.append(f"是“{name}”的可能性 {support.probability:.0%}，最像的问法是“{support.nearest}”。")
            why.append(f"可能性到 {told.answer_from:.0%} 才直接回答，不到就反问或者说答不上来。")
        return {
            "turn": turn.as_json(),
            "decision": DECISION_NAMES[turn.decision],
            "question": names.get(turn.entry or ""),
            "choices": [names.get(c.entry, c.entry) for c in turn.candidates] if turn.decision == "clarify" else [],
            "why": why,
            "learning": desk.learning,
        }
