"""Pinyin as it is typed: which letters make syllables, and where one ends and the next begins."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# For each initial its finals; ü is written v, as pypinyin does and keyboards do.
_FINALS: Final = {
    "": "a ai an ang ao e ei en eng er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan uo v ve",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u ua uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}
SYLLABLES: Final = frozenset(initial + final for initial, finals in _FINALS.items() for final in finals.split())
"""All toneless syllables of Mandarin but for interjections such as ``hm``."""
FIRST_LETTERS: Final = frozenset(syllable[0] for syllable in SYLLABLES)
_LONGEST: Final = max(map(len, SYLLABLES))
_MOST_LETTERS: Final = 64  # in a row; nobody types more without a space
_MOST_WAYS: Final = 8  # of cutting one run of letters

_TONES: Final = {
    **dict.fromkeys("āáǎà", "a"), **dict.fromkeys("ēéěè", "e"), **dict.fromkeys("īíǐì", "i"),
    **dict.fromkeys("ōóǒò", "o"), **dict.fromkeys("ūúǔù", "u"), **dict.fromkeys("ǖǘǚǜü", "v"),
    **dict.fromkeys("ńňǹ", "n"),
}  # fmt: skip
_TONE_MARKS: Final = str.maketrans(_TONES)
# Possessive throughout, as a run that is no pinyin must cost no more than one that is.
_NUMBERED: Final = re.compile(r"(?<![a-z0-9])[a-z]++[1-5](?:\s*+[a-z]++[1-5]?+)*+[0-9.]?")
_TONE: Final = re.compile(r"(?<=[a-z])[1-5]")
_LAST_TONE: Final = re.compile(r"(?<=[a-z])[1-5](?![a-z0-9.])")


def without_tones(text: str) -> str:
    """Lower-case text without the tones of its pinyin: ``zěnme tui4ka3`` → ``zenme tuika``; iphone5 stays."""
    return _NUMBERED.sub(_without_numbers, text.translate(_TONE_MARKS))


def _without_numbers(match: re.Match[str]) -> str:
    """Without its tones up to the last one that ends a word, where that is the second or a later one."""
    written = match.group()
    ends = [tone.end() for tone in _LAST_TONE.finditer(written)]
    numbered = written[: ends[-1]] if ends else ""
    if len(_TONE.findall(numbered)) < 2 or not all(map(cut_syllables, re.findall("[a-z]+", numbered))):
        return written
    return re.sub("[1-5]", "", numbered) + written[len(numbered) :]


@lru_cache(maxsize=4_096)
def cut_syllables(letters: str) -> tuple[tuple[str, ...], ...]:
    """The ways to read ``letters`` as pinyin, the one with the fewest syllables first; none where it is no pinyin.

    ``xian`` → xian; xi an.
    """
    if len(letters) > _MOST_LETTERS:
        return ()
    ways: list[list[tuple[str, ...]]] = [[] for _ in letters] + [[()]]
    for start in range(len(letters) - 1, -1, -1):
        for end in range(min(len(letters), start + _LONGEST), start, -1):
            if letters[start:end] in SYLLABLES:
                ways[start] += [(letters[start:end], *rest) for rest in ways[end]]
        ways[start] = sorted(ways[start], key=len)[:_MOST_WAYS]
    return tuple(ways[0])
