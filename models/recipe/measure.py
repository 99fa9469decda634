"""Step ``measure``: character error rate of a model by set, sound and voice, with bootstrap intervals."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.table import Table

from voice_faq.audio.recording import read_recording
from voice_faq.dialogue.assistant import recognize
from voice_faq.evaluation.measure import OUT_OF_SCOPE
from voice_faq.evaluation.recordings import read_recorded
from voice_faq.language.normalizing import normalize
from voice_faq.recognition import VoskRecognizer

RESAMPLES: Final = 1_000
INTERVAL: Final = 0.95


@dataclass(frozen=True)
class Errors:
    """Character errors of one recording."""

    wrong: int
    characters: int


def character_errors(reference: str, transcript: str) -> Errors:
    """Edit distance over normalised characters; spaces do not count."""
    wanted, heard = (normalize(text).replace(" ", "") for text in (reference, transcript))
    return Errors(Levenshtein.distance(wanted, heard), len(wanted))


def error_rate(errors: list[Errors]) -> float:
    """Errors a character, 0 and up."""
    return sum(e.wrong for e in errors) / max(1, sum(e.characters for e in errors))


def interval(errors: list[Errors], seed: int = 0) -> tuple[float, float]:
    """Bounds of the error rate by resampling recordings."""
    rng = random.Random(seed)
    rates = sorted(error_rate(rng.choices(errors, k=len(errors))) for _ in range(RESAMPLES))
    cut = int(RESAMPLES * (1 - INTERVAL) / 2)
    return rates[cut], rates[-cut - 1]


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
