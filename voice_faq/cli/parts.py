"""The parts of the street as commands open them. It imports what a typed question needs: for commands when they run."""

from __future__ import annotations

from pathlib import Path

from voice_faq.audio.level import quiet_note
from voice_faq.audio.recording import read_recording
from voice_faq.cli.printing import complain
from voice_faq.dialogue.assistant import Assistant
from voice_faq.dialogue.turn import Turn
from voice_faq.errors import AudioError
from voice_faq.faq import Faq
from voice_faq.matching.opening import open_matcher
from voice_faq.settings import Settings


def open_assistant(settings: Settings, faq: Faq, *, with_recognizer: bool) -> Assistant:
    """An assistant; for recordings one with a recogniser."""
    recognizer = None
    if with_recognizer:
        from voice_faq.recognition import open_recognizer

        recognizer = open_recognizer(settings, faq)
    return Assistant(
        faq,
        open_matcher(settings, faq),
        recognizer,
        longest_question_s=settings.longest_question_s,
    )


def turn_of(assistant: Assistant, name: str, recording: Path | None) -> Turn:
    """Ask the question ``name``, or what is said in the recording, which ``name`` stands for."""
    if recording is None:
        return assistant.ask_text(name)
    try:
        said = read_recording(recording)
        turn = assistant.ask_recording(name, said)
    except AudioError as error:
        return assistant.unusable(name, str(error))
    note = quiet_note(said)
    if note is not None:
        complain(f"{recording}：{note}")
    return turn
