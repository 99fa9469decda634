"""Acoustic units: toneless Mandarin initials and finals, and how brand words sound in them.

A syllable is one or two units: its initial, when it has one, and its final. Three finals are split from
their spelling because they are other sounds: ``iy`` (the vowel of zhi, chi, shi, ri), ``ii`` (of zi, ci,
si) and ``v`` (ü, also where pinyin writes u after j, q, x, y).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

INITIALS: Final = (
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g",
    "k", "h", "j", "q", "x", "r", "z", "c", "s", "y", "w",
)  # fmt: skip

# As riders say them; the first is the commonest. Other Latin words are spelled out letter by letter.
BRAND_PRONUNCIATIONS: Final[dict[str, tuple[str, ...]]] = {
    "apple": ("ai p ou", "ai p u", "ei p ou", "a p ou"),
    "pay": ("p ei", "p ai"),
    "watch": ("w o ch i", "w a ch i", "w o q i", "h ua ch i"),
    "iphone": ("ai f ong", "ai f eng", "ai f ou n"),
    "ios": ("ai ou ai s ii", "ai ou ei s ii"),
    "app": ("ai p u", "ei p i p i", "ai p"),
    "applecare": ("ai p ou k ai er", "ai p ou k ei er"),
    "pos": ("p i ou ai s ii", "p ou s ii"),
    "nfc": ("en ai f u x i",),
    "ipad": ("ai p ai d e", "ai p a d e"),
    "plus": ("p u l a s ii",),
    "se": ("ai s ii y i",),
    "series": ("x i r ui s ii",),
}

UNITS: Final = (
    "a", "ai", "an", "ang", "ao", "b", "c", "ch", "d", "e", "ei", "en", "eng", "er", "f", "g", "h",
    "i", "ia", "ian", "iang", "iao", "ie", "ii", "in", "ing", "iong", "iu", "iy", "j", "k", "l", "m",
    "n", "o", "ong", "ou", "p", "q", "r", "s", "sh", "t", "u", "ua", "uai", "uan", "uang", "ui", "un",
    "uo", "v", "van", "ve", "vn", "w", "x", "y", "z", "zh",
)  # fmt: skip

_UNIT_SET: Final = frozenset(UNITS)
_TEXT_PART: Final = re.compile(r"([A-Za-z]+)|([\u4e00-\u9fff]+)")


class UnknownSoundError(ValueError):
    """A syllable or word whose sounds are not known; the message names it."""


@cache
def syllable_units(pinyin: str) -> tuple[str, ...]:
    """Units of one toneless syllable: ``zhi`` → (``zh``, ``iy``), ``xue`` → (``x``, ``ve``).

    Raises UnknownSoundError for anything that is not a Mandarin syllable.
    """
    syllable = pinyin.lower().replace("u:", "v").replace("ü", "v")
    syllable = re.sub(r"^([nl])ue$", r"\1ve", syllable)
    units: tuple[str, ...] = (syllable,)
    for initial in INITIALS:
        if syllable.startswith(initial) and len(syllable) > len(initial):
            final = syllable[len(initial) :]
            if initial in ("j", "q", "x", "y") and final.startswith("u"):
                final = "v" + final[1:]
            if final == "i" and initial in ("zh", "ch", "sh", "r"):
                final = "iy"
            elif final == "i" and initial in ("z", "c", "s"):
                final = "ii"
            units = (initial, final)
            break
    if not _UNIT_SET.issuperset(units):
        raise UnknownSoundError(pinyin)
    return units


def word_pronunciations(word: str) -> list[tuple[str, ...]]:
    """All unit sequences of a Chinese word or a brand name; raises UnknownSoundError when there are none."""
    from pypinyin import lazy_pinyin

    if word.isascii():
        known = BRAND_PRONUNCIATIONS.get(word.lower())
        if known is None:
            raise UnknownSoundError(word)
        return [tuple(p.split()) for p in known]
    return [tuple(u for s in lazy_pinyin(word) for u in syllable_units(s))]


def text_units(text: str) -> list[str]:
    """Units of a running text; words by jieba so that polyphones are read in their words."""
    import jieba

    units: list[str] = []
    for latin, chinese in _TEXT_PART.findall(text):
        words = [latin] if latin else jieba.lcut(chinese)
        for word in words:
            units.extend(word_pronunciations(word)[0])
    return units
