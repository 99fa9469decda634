"""Syllables of a text, and which of them Mandarin speakers and recognisers take for one another."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from pypinyin import lazy_pinyin

from voice_faq.language.latin import pinyin_of_latin

_RUN: Final = re.compile(r"[a-z]+|[\u4e00-\u9fff]+")

# Pairs that regional accents and recognisers merge; the second stands for both.
_MERGED_INITIALS: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("r", "l"), ("h", "f"))
_MERGED_FINALS: Final = (("ing", "in"), ("eng", "en"), ("ang", "an"))


@lru_cache(maxsize=65_536)
def _run_syllables(run: str) -> tuple[str, ...]:
    if run.isascii():
        return tuple(s.rstrip("12345") for s in pinyin_of_latin(run))
    return tuple(lazy_pinyin(run))


def syllables(normalized: str) -> list[str]:
    """Toneless pinyin of a normalised text, Latin words as they are said: ``退卡app`` → tui ka ei pi pi."""
    return [s for run in _RUN.findall(normalized) for s in _run_syllables(run)]


@lru_cache(maxsize=4_096)
def fold_sound(syllable: str) -> str:
    """The syllable with confusable sounds merged: ``zhang`` and ``zan`` both → ``zan``."""
    folded = syllable
    for special, merged in _MERGED_INITIALS:
        if folded.startswith(special) and folded != special:
            folded = merged + folded[len(special) :]
            break
    for special, merged in _MERGED_FINALS:
        if folded.endswith(special):
            folded = folded[: -len(special)] + merged
            break
    return folded


def sound_key(normalized: str) -> tuple[str, ...]:
    """Folded syllables of a normalised text; texts that sound alike have the same key."""
    return tuple(fold_sound(s) for s in syllables(normalized))
