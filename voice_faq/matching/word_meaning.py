"""What a sentence means as the mean of what its words mean, by a table that comes with voice-faq.

``word-meaning.npz`` is made by ``python -m recipe word-meaning``: a small network's vectors of common words, as few
numbers as keep most of their differences (Tulkens and van Dongen's Model2Vec, 2024, is made alike). A sentence is the
mean of its words by what they tell (Arora, Liang and Ma, "A simple but tough-to-beat baseline for sentence
embeddings", ICLR 2017). It knows less of meaning than the network, and takes no time.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from functools import cache, lru_cache
from importlib import resources
from typing import Final

import numpy as np

from voice_faq.language.dictionary import Dictionary, place_of
from voice_faq.language.words import Segmenter
from voice_faq.matching.question_form import core_of

TABLE: Final = "word-meaning.npz"


class WordTable:
    """Vectors of words."""

    def __init__(self, content: bytes) -> None:
        """``content``: a NumPy archive of ``words`` in UTF-8, rising, with ``vectors``, int8, and their ``steps``."""
        self.fingerprint: Final = hashlib.sha256(content).hexdigest()[:12]
        with np.load(io.BytesIO(content), allow_pickle=False) as archive:
            self._words = archive["words"]
            self._vectors, self._steps = archive["vectors"], archive["steps"]

    @property
    def dimensions(self) -> int:
        """Of a vector."""
        return int(self._vectors.shape[1])

    def of(self, word: str) -> np.ndarray | None:
        """Shape (dimensions,), float32; None for a word that it does not have."""
        place = place_of(word, self._words)
        return None if place is None else np.asarray(self._vectors[place] * np.float32(self._steps[place]))


@cache
def shipped_table() -> WordTable:
    """The one that comes with voice-faq."""
    return WordTable((resources.files("voice_faq.matching") / TABLE).read_bytes())


class WordMeaning:
    """Vectors of wordings and of questions; the same for the same text."""

    REMEMBERED: Final = 8_192  # words

    def __init__(self, dictionary: Dictionary | None = None, table: WordTable | None = None) -> None:
        self._table = table or shipped_table()
        self._segment = Segmenter(dictionary=dictionary)
        self._of_known_word = lru_cache(self.REMEMBERED)(self._of_word)
        self.name: Final = f"words {self._table.fingerprint}"

    @property
    def dimensions(self) -> int:
        """Of a vector."""
        return self._table.dimensions

    def wordings(self, texts: Iterable[str]) -> np.ndarray:
        """Unit vectors of shape (n, dimensions); 0 for a text without a word that is known."""
        return np.array([self.question(text) for text in texts], np.float32).reshape(-1, self.dimensions)

    def question(self, text: str) -> np.ndarray:
        """The same of one text, shape (dimensions,)."""
        total = np.zeros(self._table.dimensions, np.float32)
        for word in self._segment(core_of(text)):
            total += self._of_known_word(word)
        return np.asarray(total / max(float(np.linalg.norm(total)), 1e-9), np.float32)

    def _of_word(self, word: str) -> np.ndarray:
        """The word's vector by what it tells; of one that the table does not have, the mean of its characters'."""
        found = self._table.of(word)
        if found is None:
            parts = [part for part in map(self._table.of, word) if part is not None]
            found = np.mean(parts, 0) if parts else np.zeros(self._table.dimensions, np.float32)
        return np.asarray(found * self._segment.information(word), np.float32)
