"""Errors of transcripts: a recogniser measured on speech, or speech measured by a recogniser."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import Levenshtein

from voice_faq.language.normalizing import normalize

RESAMPLES: Final = 1_000
INTERVAL: Final = 0.95
_TOKEN: Final = re.compile(r"[a-z]+|[^\sa-z]")


@dataclass(frozen=True)
class Errors:
    """Errors of one recording."""

    wrong: int
    length: int
    """Of the reference, in characters or tokens."""


def character_errors(reference: str, transcript: str) -> Errors:
    """Edit distance over normalised characters; spaces do not count."""
    wanted, heard = (normalize(text).replace(" ", "") for text in (reference, transcript))
    return Errors(Levenshtein.distance(wanted, heard), len(wanted))


def mixed_errors(reference: str, transcript: str) -> Errors:
    """Edit distance over characters and whole Latin words, the usual measure of text in two languages."""
    wanted, heard = (_TOKEN.findall(normalize(text)) for text in (reference, transcript))
    return Errors(Levenshtein.distance(wanted, heard), len(wanted))


def error_rate(errors: Sequence[Errors]) -> float:
    """Errors a character or token, 0 and up."""
    return sum(e.wrong for e in errors) / max(1, sum(e.length for e in errors))


def interval(errors: Sequence[Errors], seed: int = 0) -> tuple[float, float]:
    """Bounds of the error rate by resampling recordings (bootstrap)."""
    rng = random.Random(seed)
    rates = sorted(error_rate(rng.choices(errors, k=len(errors))) for _ in range(RESAMPLES))
    cut = int(RESAMPLES * (1 - INTERVAL) / 2)
    return rates[cut], rates[-cut - 1]
