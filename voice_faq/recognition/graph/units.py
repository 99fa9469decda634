"""Acoustic units: Mandarin initials and toned finals, and how brand words sound in them.

A syllable is one or two units: its initial, when it has one, and its final with a tone of 1 to 5. Three finals
are split from their spelling because they are other sounds: ``iy`` (the vowel of zhi, chi, shi, ri), ``ii`` (of
zi, ci, si) and ``v`` (ü, also where pinyin writes u after j, q, x, y).

Tones are worth their outputs: with every sound heard rightly, the language model alone still takes 9 % of the
characters of FAQ questions for homophones when tones are left out, and 3 % when they are there.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from voice_faq.language.dictionary import load_jieba
from voice_faq.language.sounds import INITIALS, split_syllable
from voice_faq.language.tones import spoken_pinyin, toned_pinyin

FINALS: Final = (
    "a", "ai", "an", "ang", "ao", "e", "ei", "en", "eng", "er", "i", "ia", "ian", "iang", "iao", "ie", "ii", "in",
    "ing", "iong", "iu", "iy", "o", "ong", "ou", "u", "ua", "uai", "uan", "uang", "ui", "un", "uo", "v", "van", "ve",
    "vn",
)  # fmt: skip
TONES: Final = "12345"
UNITS: Final = (*INITIALS, *(final + tone for final in FINALS for tone in TONES))

# As riders say them; the first is the commonest. Other Latin words are spelled out letter by letter.
BRAND_PRONUNCIATIONS: Final[dict[str, tuple[str, ...]]] = {
    "apple": ("ai4 p ou5", "ai4 p ou1", "ai4 p u5", "ei1 p ou1", "a1 p ou1"),
    "pay": ("p ei4", "p ai4"),
    "watch": ("w o4 ch iy5", "w o4 q i2", "w a4 ch iy5", "h ua2 ch iy1"),
    "watchos": ("w o4 ch iy5 ou1 ai2 s ii5", "w o4 ch iy5 ou1 ai4 s ii1"),
    "iphone": ("ai4 f ong1", "ai4 f eng1", "ai4 f ou1 n eng5"),
    "ios": ("ai4 ou1 ai2 s ii5", "ai4 ou1 ai4 s ii1", "ai4 ou1 ei1 s ii1"),
    "app": ("ai4 p u5", "ai4 p u3", "ei1 p i1 p i1"),
    "applecare": ("ai4 p ou5 k ai4 er5", "ai4 p ou1 k ai3 er3", "ai4 p ou5 k ei4 er5"),
    "pos": ("p i4 ou1 ai2 s ii5", "p o1 s ii1", "p ou4 s ii5"),
    "nfc": ("en1 ai2 f u5 x i1",),
    "ipad": ("ai4 p ai1 d e5", "ai4 p a4 d e5"),
    "plus": ("p u3 l a1 s ii5",),
    "se": ("ai2 s ii5 y i4",),
    "series": ("x i4 r ui4 s ii5",),
    "oppo": ("ou1 p o4", "ou1 p ou4", "ou1 p i4 p i4 ou1"),
}

_UNIT_SET: Final = frozenset(UNITS)
_TEXT_PART: Final = re.compile(r"([A-Za-z]+)|([\u4e00-\u9fff]+)")


class UnknownSoundError(ValueError):
    """A syllable or word whose sounds are not known; the message names it."""


@cache
def syllable_units(pinyin: str) -> tuple[str, ...]:
    """Units of one syllable, tone last: ``zhi1`` → (``zh``, ``iy1``), ``xue2`` → (``x``, ``ve2``).

    Without a tone it has the neutral one, 5. Raises UnknownSoundError for anything that is not a Mandarin syllable.
    """
    syllable, tone = (pinyin[:-1], pinyin[-1]) if pinyin[-1:].isdigit() else (pinyin, "5")
    syllable = syllable.lower().replace("u:", "v").replace("ü", "v")
    syllable = re.sub(r"^([nl])ue$", r"\1ve", syllable)
    syllable = re.sub(r"^(m|n|ng|hm|hng)$", "en", syllable)
    initial, final = split_syllable(syllable)
    if initial in ("j", "q", "x", "y") and final.startswith("u"):
        final = "v" + final[1:]
    if final == "i" and initial in ("zh", "ch", "sh", "r"):
        final = "iy"
    elif final == "i" and initial in ("z", "c", "s"):
        final = "ii"
    units = (initial, final + tone) if initial else (final + tone,)
    if not _UNIT_SET.issuperset(units):
        raise UnknownSoundError(pinyin)
    return units


def units_of(syllables: list[str]) -> tuple[str, ...]:
    """Units of successive syllables."""
    return tuple(unit for syllable in syllables for unit in syllable_units(syllable))


def brand_units(word: str) -> tuple[str, ...]:
    """Units of a brand name as most people say it; raises UnknownSoundError for other Latin words."""
    known = BRAND_PRONUNCIATIONS.get(word.lower())
    if known is None:
        raise UnknownSoundError(word)
    return tuple(known[0].split())


def text_units(text: str, *, sandhi: bool = False) -> list[str]:
    """Units of a running text; words by jieba so that polyphones are read in their words.

    Tones are those of the dictionary, or with ``sandhi`` those that people say.
    """
    units: list[str] = []
    for latin, chinese in _TEXT_PART.findall(text):
        if latin:
            units.extend(brand_units(latin))
            continue
        words = load_jieba().lcut(chinese)
        syllables = spoken_pinyin(words) if sandhi else [s for word in words for s in toned_pinyin(word)]
        units.extend(units_of(syllables))
    return units
