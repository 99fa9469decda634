"""Matching as the settings want it."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from voice_faq.faq.entries import Faq
from voice_faq.matching.matcher import Matcher
from voice_faq.matching.meaning import Meaning, SmallE5
from voice_faq.settings import APP_NAME, Settings


def open_matcher(settings: Settings, faq: Faq) -> Matcher:
    """A matcher of the FAQ; by words and sounds alone where meaning is not wanted or cannot be had."""
    return Matcher(faq, settings.wrong_answers, open_meaning() if settings.meaning else None)


def open_meaning() -> Meaning | None:
    """Meaning as evidence; None where the extra ``meaning`` is not installed or does not run."""
    try:
        return Meaning(SmallE5(), Path(platformdirs.user_cache_dir(APP_NAME)))
    except (ImportError, OSError, RuntimeError):
        return None
