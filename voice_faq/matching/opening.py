"""Matching as the settings want it."""

from __future__ import annotations

from voice_faq.faq.entries import Faq
from voice_faq.matching.matcher import Matcher
from voice_faq.matching.meaning import Meaning, SmallE5
from voice_faq.settings import Settings


def open_matcher(settings: Settings, faq: Faq) -> Matcher:
    """A matcher of the FAQ; its own meaning counts where the setting's is not wanted or cannot be had."""
    return Matcher(faq, settings.wrong_answers, open_meaning(settings), cache=settings.cache_dir)


def open_meaning(settings: Settings) -> Meaning | None:
    """Meaning as evidence; None where it is not wanted, or its package is missing or does not run."""
    if not settings.meaning:
        return None
    try:
        return Meaning(SmallE5(), settings.cache_dir)
    except (ImportError, OSError, RuntimeError):
        return None
