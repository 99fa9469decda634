"""Words of a normalised text, by jieba with the FAQ's own words."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any, Final

from voice_faq.language.dictionary import Dictionary, load_jieba, open_dictionary

_RUN: Final = re.compile(r"[a-z]+|[\u4e00-\u9fff]+")
_WHAT_NOW: Final = ("怎么办", "咋办")  # but 怎么办卡 asks how to get a card
OWN_WORD_FREQUENCY: Final = 100_000


def common_words(least: int) -> dict[str, int]:
    """Words that jieba's corpus has ``least`` times or more, and how often it has them."""
    return open_dictionary().common_words(least)


class Segmenter:
    """Cuts text into words; ``own_words`` are never cut apart."""

    def __init__(self, own_words: Iterable[str] = (), dictionary: Dictionary | None = None) -> None:
        """``dictionary`` is jieba's; None reads it."""
        self.dictionary = dictionary or open_dictionary()
        self._jieba: Any = load_jieba().Tokenizer()
        self._jieba.FREQ, self._jieba.total = self.dictionary.frequencies.copy(), self.dictionary.total
        self._jieba.initialized = True
        self._frequencies: dict[str, int] = {}
        for word in own_words:
            if not word.isascii():
                self._frequencies[word] = self._frequencies.get(word, self._jieba.FREQ.get(word, 0))
                self._jieba.add_word(word, OWN_WORD_FREQUENCY)

    def information(self, word: str) -> float:
        """How much it says that a text has ``word``, in nats: the rarer in jieba's dictionary, the more."""
        frequency = self._frequencies.get(word, self._jieba.FREQ.get(word, 0))
        return math.log(self._jieba.total / max(1, frequency))

    def __call__(self, normalized: str) -> list[str]:
        """Words in order; a Latin word is one word."""
        words: list[str] = []
        for run in _RUN.findall(normalized):
            words += [run] if run.isascii() else self._cut(run)
        return words

    def _cut(self, run: str) -> list[str]:
        words: list[str] = self._jieba.lcut(run, HMM=False)
        if words[0] not in _WHAT_NOW or len(words) == 1:
            return words
        how = words[0].removesuffix("办")
        return [how, *self._jieba.lcut(run.removeprefix(how), HMM=False)]
