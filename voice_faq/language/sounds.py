"""Syllables of a text, and which of them Mandarin speakers and recognisers take for one another."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from voice_faq.language.latin import WORDS, pinyin_of_latin
from voice_faq.language.pinyin import cut_syllables
from voice_faq.language.tones import toned_pinyin

_RUN: Final = re.compile(r"[a-z]+|[\u4e00-\u9fff]+")

# Pairs that regional accents and recognisers merge; the second stands for both.
_MERGED_INITIALS: Final = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("n", "l"), ("r", "l"), ("h", "f"))
_MERGED_FINALS: Final = (("ing", "in"), ("eng", "en"), ("ang", "an"))


@lru_cache(maxsize=65_536)
def _run_syllables(run: str) -> tuple[str, ...]:
    typed = cut_syllables(run) if run.isascii() and len(run) > 1 and run not in WORDS else ()
    if typed:
        return typed[0]
    toned = pinyin_of_latin(run) if run.isascii() else toned_pinyin(run)
    return tuple(syllable.rstrip("12345") for syllable in toned)


def syllables(normalized: str) -> list[str]:
    """Toneless pinyin of a normalised text, Latin words as they are said: ``退卡app`` → tui ka ei pi pi.

    Typed pinyin is what it is: ``怎么tuika`` → zen me tui ka.
    """
    return [s for run in _RUN.findall(normalized) for s in _run_syllables(run)]


INITIALS: Final = tuple("zh ch sh b p m f d t n l g k h j q x r z c s y w".split())


@lru_cache(maxsize=4_096)
def split_syllable(syllable: str) -> tuple[str, str]:
    """(initial, final) of a toneless syllable: ``zhang`` → zh, ang; ``er`` → nothing, er."""
    initial = next((i for i in INITIALS if syllable.startswith(i) and len(syllable) > len(i)), "")
    return initial, syllable[len(initial) :]


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


@lru_cache(maxsize=4_096)
def _spelled_parts(syllable: str) -> str:
    return "".join(_character_of(part) for part in split_syllable(syllable) if part)


def _character_of(part: str) -> str:
    """One character beyond the Basic Multilingual Plane for up to four letters."""
    number = 0
    for letter in part[:4]:
        number = number * 27 + ord(letter) - ord("a") + 1
    return chr(0x10000 + number)


def spelled_parts(sounds: tuple[str, ...]) -> str:
    """A character for each initial and each final, so that edit distances see syllables as half alike or not."""
    return "".join(map(_spelled_parts, sounds))
