"""Words of a normalised text, by jieba with the FAQ's own words."""

from __future__ import annotations

import logging
import math
import re
import warnings
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

_RUN: Final = re.compile(r"[a-z]+|[\u4e00-\u9fff]+")
OWN_WORD_FREQUENCY: Final = 100_000


@cache
def load_jieba() -> Any:
    """The module jieba, kept from writing to the terminal; whoever needs it gets it here."""
    with warnings.catch_warnings():
        # Where setuptools are installed it warns each time that it uses them.
        warnings.simplefilter("ignore")
        import jieba
    # It would show a traceback where its cache cannot be written, and works without one.
    jieba.setLogLevel(logging.CRITICAL + 1)
    return jieba


@cache
def _dictionary() -> Any:
    """A tokenizer that nobody adds words to; reading its dictionary takes most of a second."""
    tokenizer = load_jieba().Tokenizer()
    tokenizer.initialize()
    return tokenizer


def _tokenizer() -> Any:
    """Another one with the same dictionary."""
    tokenizer, read = load_jieba().Tokenizer(), _dictionary()
    tokenizer.FREQ, tokenizer.total, tokenizer.initialized = read.FREQ.copy(), read.total, True
    return tokenizer


@cache
def common_words(least: int) -> dict[str, int]:
    """Words of the dictionary that jieba's corpus has ``least`` times or more, and how often it has them."""
    return {word: frequency for word, frequency in _dictionary().FREQ.items() if frequency >= least}


class Segmenter:
    """Cuts text into words; ``own_words`` are never cut apart. jieba's dictionary is read by the first one."""

    def __init__(self, own_words: Iterable[str] = ()) -> None:
        self._jieba: Any = _tokenizer()
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
            words += [run] if run.isascii() else self._jieba.lcut(run, HMM=False)
        return words
