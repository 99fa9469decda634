"""Matching as the settings want it."""

from __future__ import annotations

from pathlib import Path

from voice_faq.faq.entries import Faq
from voice_faq.language.dictionary import open_dictionary
from voice_faq.matching.joined_meaning import JoinedMeaning
from voice_faq.matching.matcher import Matcher
from voice_faq.matching.meaning import Meaning, SmallE5
from voice_faq.matching.own_meaning import OwnMeaning
from voice_faq.settings import Settings


def open_matcher(settings: Settings, faq: Faq) -> Matcher:
    """A matcher of the FAQ; its own meaning alone counts where the setting's is not wanted or cannot be had."""
    return Matcher(faq, settings.wrong_answers, open_meaning(settings), cache=settings.cache_dir)


def open_meaning(settings: Settings) -> JoinedMeaning | None:
    """Meaning as evidence; None where it is not wanted, or its package is missing or does not run."""
    if not settings.meaning:
        return None
    try:
        return joined_meaning(settings.cache_dir)
    except (ImportError, OSError, RuntimeError):
        return None


def joined_meaning(cache: Path) -> JoinedMeaning:
    """With multilingual-e5-small; what is made of wordings is kept in the folder ``cache``. Raises as SmallE5 does."""
    return JoinedMeaning(Meaning(SmallE5(), cache), OwnMeaning(open_dictionary(cache)))
