"""How Mandarin speakers say Latin letters and the brand names of this field, in toned pinyin."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Final

LETTERS: Final = {
    "a": "ei1", "b": "bi4", "c": "xi1", "d": "di4", "e": "yi4", "f": "ai2 fu5", "g": "ji4", "h": "ei2 chi5",
    "i": "ai4", "j": "zhei4", "k": "kei4", "l": "ai2 lou5", "m": "ai2 mu5", "n": "en1", "o": "ou1", "p": "pi4",
    "q": "kiu1", "r": "a4", "s": "ai2 si5", "t": "ti4", "u": "you1", "v": "wei1", "w": "da2 bu5 liu5",
    "x": "ai2 ke5 si5", "y": "wai4", "z": "zei4",
}  # fmt: skip

WORDS: Final = {
    "apple": "ai4 pou5", "pay": "pei4", "watch": "wo4 chi5", "iphone": "ai4 feng1", "ipad": "ai4 pai1 de5",
    "ios": "ai4 ou1 ai2 si5", "watchos": "wo4 chi5 ou1 ai2 si5", "ipados": "ai4 pai1 de5 ou1 ai2 si5",
    "app": "ei1 pi1 pi1", "applecare": "ai4 pou5 kai4 er5", "plus": "pu3 la1 si5", "pro": "pu3 rou4",
    "max": "mai4 ke5 si5", "mini": "mi2 ni3", "series": "xi4 lie4", "wifi": "wai1 fai4", "face": "fei4 si5",
    "se": "ai2 si5 yi4", "ai": "ei1 ai4", "bye": "bai1", "hello": "ha1 lou5", "hi": "hai1", "yes": "ye2 si5",
    "no": "nou4", "touch": "ta4 chi5", "store": "si5 dou4", "retail": "rui4 tei1 ou5", "ok": "ou1 kei4",
    "oppo": "ou1 po4",
}  # fmt: skip

ABBREVIATIONS: Final = frozenset(
    "nfc gps sim atm pos vip pin qr usb sms etc vpn pdf hr ui cpu tv pc dvd kfc ktv hdr apn".split()
)
"""Spelled letter by letter, and neither words nor initials of words."""

LONG_NAME: Final = 5  # letters from which on a known word is found at the start of others, iphonexs
LONGEST_MODEL: Final = 3  # letters that may follow it
_LONGEST_WORD: Final = max(map(len, WORDS))
_LETTERS_OF_WORDS: Final = re.compile(r"[a-z]+(?: [a-z]+)*")


def respaced(normalized: str) -> str:
    """Known words written together or apart as one writes them: ``applepay``, ``app le pay`` → ``apple pay``."""
    return _LETTERS_OF_WORDS.sub(lambda run: _known_words(run.group().replace(" ", "")) or run.group(), normalized)


@lru_cache(maxsize=4_096)
def _known_words(letters: str) -> str | None:
    """``letters`` as the fewest known words, None where they are none; a long one may have a short one after it."""
    fewest: list[int | None] = [*[None] * len(letters), 0]
    ends = [0] * len(letters)
    for start in range(len(letters) - 1, -1, -1):
        for end in range(min(len(letters), start + _LONGEST_WORD), start, -1):
            rest, known = fewest[end], fewest[start]
            if rest is not None and letters[start:end] in WORDS and (known is None or rest + 1 < known):
                fewest[start], ends[start] = rest + 1, end
    if fewest[0] is not None:
        starts = [0]
        while starts[-1] < len(letters):
            starts.append(ends[starts[-1]])
        return " ".join(letters[start:end] for start, end in pairwise(starts))
    for name in range(len(letters) - 1, max(LONG_NAME, len(letters) - LONGEST_MODEL) - 1, -1):
        if letters[:name] in WORDS:
            return f"{letters[:name]} {letters[name:]}"
    return None


def pinyin_of_latin(word: str) -> list[str]:
    """Toned syllables of a Latin word; an unknown one is spelled out: ``pos`` → pi4 ou1 ai2 si5.

    Characters that are not ASCII letters have no sound here and are left out.
    """
    known = WORDS.get(word.lower())
    if known is not None:
        return known.split()
    return [syllable for letter in word.lower() if letter in LETTERS for syllable in LETTERS[letter].split()]
