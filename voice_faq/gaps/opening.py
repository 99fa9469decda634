"""What settings ask to be counted and kept, and where it lies."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

from voice_faq.counts import DailyCounts
from voice_faq.faq import Faq
from voice_faq.gaps.asked import AskedInVain
from voice_faq.gaps.masking import Masker
from voice_faq.gaps.store import QuestionStore, delete_file
from voice_faq.language.dictionary import open_dictionary
from voice_faq.settings import Settings

log = logging.getLogger(__name__)


def counts_file(settings: Settings) -> Path:
    """Where the numbers of DailyCounts lie."""
    return settings.state_dir / "counts.sqlite3"


def questions_file(settings: Settings) -> Path:
    """Where questions asked in vain lie, if they are kept."""
    return settings.state_dir / "asked-in-vain.sqlite3"


def open_counts(settings: Settings) -> DailyCounts:
    """Always; there is no word in it."""
    return DailyCounts(counts_file(settings), settings.gaps.count_days)


def open_asked(settings: Settings, faq: Faq) -> AskedInVain | None:
    """Where texts are to be kept; where they are not, what was kept before is deleted."""
    gaps, file = settings.gaps, questions_file(settings)
    if not gaps.keep_texts:
        with contextlib.suppress(OSError):
            if delete_file(file):
                log.warning("gaps.keep_texts 没有开：以前留下的问题已经删除。")
        return None
    wordings = [wording for entry in faq.entries for wording in entry.all_wordings]
    masker: Masker | None = None

    def mask(text: str) -> str:
        nonlocal masker  # made where it is needed first, in the thread that writes
        masker = masker or Masker(wordings, open_dictionary(settings.cache_dir))
        return masker(text)

    asked = AskedInVain(file, days=gaps.days, k=gaps.k, mask=mask)
    asked.start()
    return asked


def open_questions(settings: Settings) -> QuestionStore | None:
    """What the editor and ``voice-faq gaps`` list; None where nothing is kept."""
    gaps = settings.gaps
    return QuestionStore(questions_file(settings), days=gaps.days, k=gaps.k) if gaps.keep_texts else None
