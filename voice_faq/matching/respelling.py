"""Misheard words as the FAQ spells them, so that what a question means can be read.

A recogniser that hears a word right often writes another of the same sound: 住校 for 注销. Sounds tell matching what it
was all the same; a network that reads must have it written.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import sound_key

_CHARACTERS: Final = re.compile("[\u4e00-\u9fff]{2,}")
LONGEST: Final = 5  # characters of a word


def spoken_words(wordings: Iterable[str], segment: Callable[[str], list[str]]) -> dict[str, str]:
    """Words of two characters or more with their sounds, confusable ones merged; the commonest first.

    ``segment`` cuts a normalised text into words.
    """
    words = (word for wording in wordings for word in segment(normalize(wording)))
    counted = Counter(word for word in words if _CHARACTERS.fullmatch(word) and len(word) <= LONGEST)
    return {word: " ".join(sound_key(word)) for word, _ in counted.most_common()}


class Respelling:
    """Spells words as an FAQ does; may be shared by threads."""

    def __init__(self, words: Mapping[str, str]) -> None:
        """``words`` of the FAQ, as ``spoken_words`` gives them; of two that sound alike the first counts."""
        self._words = words
        self._spellings = {sounds: word for word, sounds in reversed(list(words.items()))}

    def __call__(self, text: str) -> str:
        """``text`` normalised, with words that sound like the FAQ's and are none of its own as the FAQ has them."""
        return _CHARACTERS.sub(lambda run: self._respelled(run.group()), normalize(text))

    def _respelled(self, run: str) -> str:
        sounds = sound_key(run)
        if len(sounds) != len(run):
            return run
        known = [False] * len(run)  # characters of the FAQ's own words stay
        for start, end in _spans(len(run)):
            if run[start:end] in self._words:
                known[start:end] = [True] * (end - start)
        result = list(run)
        for start, end in _spans(len(run)):
            spelling = self._spellings.get(" ".join(sounds[start:end]))
            if spelling is not None and not any(known[start:end]):
                result[start:end] = spelling
                known[start:end] = [True] * (end - start)
        return "".join(result)


def _spans(length: int) -> Iterable[tuple[int, int]]:
    """Of two to LONGEST characters, (start, end), the longest first."""
    for size in range(min(LONGEST, length), 1, -1):
        for start in range(length - size + 1):
            yield start, start + size
