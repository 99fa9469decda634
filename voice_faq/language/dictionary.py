"""jieba's dictionary: half a million words, and how often a corpus has them.

Read whole it takes most of a second and 90 MB. Kept sorted in a file it is looked up where it lies.
"""

from __future__ import annotations

import io
import logging
import sys
import warnings
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, overload

import numpy as np

from voice_faq.cache import cache_file, write_cache

REMEMBERED: Final = 65_536  # words that were looked up
SAMPLED: Final = 1_024  # rows by which damage is told: what spoils more than a thousandth of the file in a row


@cache
def load_jieba() -> Any:
    """The module jieba, kept from writing to the terminal; whoever needs it gets it here."""
    asked_for = "pkg_resources"  # slow, and warns; jieba does without it
    there = sys.modules.get(asked_for)
    sys.modules[asked_for] = None  # type: ignore[assignment]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import jieba
    finally:
        if there is None:
            del sys.modules[asked_for]
        else:
            sys.modules[asked_for] = there
    # It would show a traceback where its cache cannot be written, and works without one.
    jieba.setLogLevel(logging.CRITICAL + 1)
    return jieba


def place_of(word: str, words: np.ndarray) -> int | None:
    """Where it stands in ``words``, which are in UTF-8 and rising; None where it does not."""
    key = word.encode()
    place = bisect_left(words, key)
    return place if place < len(words) and words[place] == key else None


class KeptWords:
    """As much of a dict of words and frequencies as jieba asks for, over a file's sorted rows."""

    def __init__(self, rows: np.ndarray) -> None:
        """``rows`` of (word, frequency) in the order of their UTF-8."""
        self._words, self._counts = rows["word"], rows["frequency"]
        self._own: dict[str, int] = {}
        self._kept = lru_cache(REMEMBERED)(self._look_up)

    def _look_up(self, word: str) -> int | None:
        place = place_of(word, self._words)
        return None if place is None else int(self._counts[place])

    def copy(self) -> KeptWords:
        """Another one, whose owner may set words."""
        other = object.__new__(KeptWords)
        vars(other).update(vars(self), _own=self._own.copy())
        return other

    @overload
    def get(self, word: str) -> int | None: ...
    @overload
    def get(self, word: str, default: int) -> int: ...
    def get(self, word: str, default: int | None = None) -> int | None:
        """The frequency; 0 for what words begin with."""
        found = self._own.get(word)
        if found is None:
            found = self._kept(word)
        return default if found is None else found

    def __contains__(self, word: str) -> bool:
        return self.get(word) is not None

    def __getitem__(self, word: str) -> int:
        found = self.get(word)
        if found is None:
            raise KeyError(word)
        return found

    def __setitem__(self, word: str, frequency: int) -> None:
        self._own[word] = frequency

    def at_least(self, frequency: int) -> dict[str, int]:
        """The file's words that are so frequent."""
        frequent = np.flatnonzero(self._counts >= frequency)
        counts = self._counts[frequent].tolist()
        return {
            word.decode(errors="replace"): count
            for word, count in zip(self._words[frequent].tolist(), counts, strict=True)
        }


@dataclass(frozen=True, eq=False)
class Dictionary:
    """Nobody adds words to it."""

    frequencies: dict[str, int] | KeptWords
    """What words begin with is in it too, with 0."""
    total: int
    """Of the corpus's words."""

    @lru_cache(8)  # noqa: B019 - there are one or two dictionaries, and they stay
    def common_words(self, least: int) -> dict[str, int]:
        """Words that the corpus has ``least`` times or more, at least once, and how often it has them."""
        if isinstance(self.frequencies, KeptWords):
            return self.frequencies.at_least(least)
        return {word: frequency for word, frequency in self.frequencies.items() if frequency >= least}


@cache
def open_dictionary(folder: Path | None = None) -> Dictionary:
    """The dictionary as it is kept in the cache ``folder``, where it is put when it is not there yet."""
    if folder is None:
        tokenizer = load_jieba().Tokenizer()
        tokenizer.initialize()
        return Dictionary(tokenizer.FREQ, tokenizer.total)
    jieba = load_jieba()
    size = Path(jieba.__file__).with_name("dict.txt").stat().st_size
    file = cache_file(folder, "dictionary", jieba.__version__, size)
    kept = _kept(file)
    if kept is not None:
        return kept
    read = open_dictionary()
    assert isinstance(read.frequencies, dict)
    written = io.BytesIO()
    np.save(written, _rows(read.frequencies, read.total))
    write_cache(file, written.getvalue())
    return read


def _rows(frequencies: dict[str, int], total: int) -> np.ndarray:
    """Sorted (word, frequency), the word in UTF-8; before them the empty word with ``total``."""
    words = sorted((word.encode(), frequency) for word, frequency in frequencies.items() if word)
    longest = max(len(word) for word, _ in words)
    return np.array([(b"", total), *words], [("word", f"S{longest}"), ("frequency", "<i4")])


def _kept(file: Path) -> Dictionary | None:
    try:
        rows = np.asarray(np.load(file, mmap_mode="r", allow_pickle=False))
        return Dictionary(KeptWords(rows[1:]), int(rows["frequency"][0])) if _looks_whole(rows) else None
    except (OSError, ValueError, LookupError, TypeError, EOFError):
        return None


def _looks_whole(rows: np.ndarray) -> bool:
    """Whether rows from all over the file are in their order and no word is commoner than all together.

    Reading the whole file would take as long as everything else at a start.
    """
    sample = rows[np.linspace(0, len(rows) - 1, min(SAMPLED, len(rows))).astype(int)]
    words, counts = sample["word"], sample["frequency"]
    return bool((words[1:] > words[:-1]).all() and counts[0] > 0 and (counts >= 0).all() and counts.max() == counts[0])
