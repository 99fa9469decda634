"""Toned pinyin of words: as the dictionary has them, and as people say them one after another."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Final

from pypinyin import Style
from pypinyin.converter import UltimateConverter
from pypinyin.core import Pinyin

_PINYIN: Final = Pinyin(UltimateConverter(neutral_tone_with_five=True))
"""What ``lazy_pinyin`` makes anew for each word."""
_NUMERALS: Final = "零一二三四五六七八九十百千万点"
_ORDINAL: Final = "第初" + _NUMERALS


@lru_cache(maxsize=65_536)
def toned_pinyin(word: str) -> tuple[str, ...]:
    """Syllables of a Chinese word with their tones in the dictionary, ``hao3``, neutral ones with 5."""
    return tuple(map(str, _PINYIN.lazy_pinyin(word, style=Style.TONE3)))


def spoken_pinyin(words: list[str], readings: Mapping[str, str] | None = None) -> list[str]:
    """Syllables of successive Chinese words with the tones that people give them: 水果 shui2 guo3, 不 去 bu2 qu4.

    ``readings`` has the pinyin of words, said just so. pypinyin's own ``tone_sandhi`` leaves out most words of its
    phrase dictionary.
    """
    syllables: list[str] = []
    fixed: list[bool] = []
    for word in words:
        if readings and word in readings:
            syllables += readings[word].split()
            fixed += [True] * len(word)
            continue
        toned = toned_pinyin(word)
        fixed += [False] * len(word)
        syllables += [s[:-1] + "2" if s[-1] == following[-1] == "3" else s for s, following in pairwise([*toned, " "])]
    text = "".join(words)
    for i, (before, character, after) in enumerate(zip(" " + text, text, syllables[1:], strict=False)):
        if fixed[i]:
            continue
        if character == "不" and after[-1] == "4":
            syllables[i] = "bu2"
        elif character == "一" and before not in _ORDINAL and text[i + 1] not in _NUMERALS:
            syllables[i] = {"4": "yi2", "5": "yi2"}.get(after[-1], "yi4")
    return syllables
