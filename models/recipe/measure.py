"""Step ``measure``: character error rate of a model by set, sound and voice, with bootstrap intervals."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from voice_faq.audio.recording import read_recording
from voice_faq.dialogue.assistant import recognize
from voice_faq.evaluation.measure import OUT_OF_SCOPE
from voice_faq.evaluation.recordings import read_recorded
from voice_faq.evaluation.transcripts import INTERVAL, Errors, character_errors, error_rate, interval
from voice_faq.recognition import VoskRecognizer


def measure_model(model: Path, table: Path) -> None:
    """Print CER by set and sound and by set and voice, and how many recordings each figure stands on."""
    recognizer = VoskRecognizer(model)
    groups: dict[str, list[Errors]] = defaultdict(list)
    for question in read_recorded(table):
        transcript = recognize(recognizer, read_recording(question.path)).transcript
        errors = character_errors(question.transcript, transcript)
        kind = "general" if question.expected == OUT_OF_SCOPE else "FAQ"
        for group in ("all", f"{kind}, {question.sound}", f"{kind}, {question.voice}"):
            groups[group].append(errors)
    shown = Table("set", "recordings", "CER", f"{INTERVAL:.0%} interval")
    for group, errors in groups.items():
        low, high = interval(errors)
        shown.add_row(group, str(len(errors)), f"{error_rate(errors):.1%}", f"{low:.1%} … {high:.1%}")
    Console().print(shown)
