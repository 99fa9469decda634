"""Regional accents: what a speaker says where the dictionary has another sound.

Riders from the south say ``si`` for ``shi`` and ``in`` for ``ing``; Kokoro's voices all speak the standard. A clip
in an accent keeps the dictionary's units as its labels, so the network learns that either sound may be meant.
"""

from __future__ import annotations

import random
import re
from typing import Final

# Name → (pattern, replacement) on pinyin with a tone number, and how many of the accented speakers have it.
ACCENTS: Final[dict[str, tuple[str, str, float]]] = {
    "flat": (r"^([zcs])h", r"\1", 0.6),  # 是 as 四
    "curled": (r"^([zcs])(?=[aeiou])", r"\1h", 0.08),  # 四 as 是
    "ing-in": (r"ing(?=\d)", "in", 0.4),
    "eng-en": (r"(?<![iu])eng(?=\d)", "en", 0.4),
    "in-ing": (r"(?<=[^u])in(?=\d)", "ing", 0.1),
    "ang-an": (r"ang(?=\d)", "an", 0.1),
    "n-l": (r"^n(?=[aeiouv])", "l", 0.15),
    "l-n": (r"^l(?=[aeiv])", "n", 0.08),
    "r-l": (r"^r(?=[aeou])", "l", 0.12),
    "h-f": (r"^hu(?=a)", "f", 0.08),  # 花 as 发
}
ACCENTED: Final = 0.4  # of the speakers


def random_accent(rng: random.Random) -> tuple[str, ...]:
    """Names of what a random speaker does, mostly nothing."""
    if rng.random() > ACCENTED:
        return ()
    return tuple(name for name, (_, _, share) in ACCENTS.items() if rng.random() < share)


def with_accent(pinyin: str, accent: tuple[str, ...]) -> str:
    """What is said for a syllable with its tone: ``shi4`` with ``flat`` → ``si4``."""
    for name in accent:
        pattern, replacement, _ = ACCENTS[name]
        pinyin = re.sub(pattern, replacement, pinyin)
    return pinyin
