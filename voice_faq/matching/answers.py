"""What answers say: evidence for entries whose question is written in few ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voice_faq.language.normalizing import normalize
from voice_faq.matching.evidence import EvidenceReader, TextEvidence
from voice_faq.matching.meaning import SentenceMeaning
from voice_faq.matching.posting_lists import PostingLists, numbered


@dataclass(frozen=True)
class Answers:
    """Of each entry's answer its words and what it means."""

    texts: tuple[str, ...]
    """See ``telling``."""
    words: tuple[frozenset[str], ...]
    """As features, see ``TextEvidence.information``."""
    vectors: np.ndarray
    """Unit ones, shape (entries, dimensions); 0 for an answer without words."""

    @classmethod
    def read(cls, texts: Sequence[str], read: EvidenceReader, meaning: SentenceMeaning) -> Answers:
        """Of the entries' answers in their order."""
        there = np.array([bool(normalize(text)) for text in texts]).reshape(-1, 1)
        words = tuple(frozenset(read(text).information) for text in texts)
        return cls(tuple(telling(texts)), words, meaning.wordings(texts) * there)

    @classmethod
    def none(cls, vectors: np.ndarray) -> Answers:
        """Of no entries, for vectors like ``vectors``."""
        return cls((), (), vectors[:0])

    def of(self, entries: Sequence[int]) -> Answers:
        """Those of these entries, in this order."""
        texts, words = tuple(self.texts[entry] for entry in entries), tuple(self.words[entry] for entry in entries)
        return Answers(texts, words, self.vectors[list(entries)])


class AnswerIndex:
    """Which answers have each word, and what they mean."""

    def __init__(self, answers: Answers, entries: int) -> None:
        """``entries``: how many there are; answers may be known of fewer, or of none."""
        self.vectors = np.zeros((entries + 1, answers.vectors.shape[1]), answers.vectors.dtype)
        """Of the answers, shape (entries + 1, dimensions); the last is 0 for what is out of scope, which has none."""
        self.vectors[: len(answers.vectors)] = answers.vectors
        self._columns: dict[str, int] = {}
        columns = [numbered(sorted(words), self._columns) for words in answers.words]
        numbers = np.repeat(np.arange(len(columns)), [len(row) for row in columns])
        self._answering = PostingLists(np.concatenate([*columns, numbered((), {})]), numbers, len(self._columns))
        self._rarity = 1 - self._answering.lengths(np.arange(len(self._columns))) / max(1, entries)

    def answered(self, evidence: TextEvidence) -> np.ndarray:
        """Shape (entries + 1,): the share of what a text tells that each answer has too, 0…1.

        A word counts the less the more answers have it.
        """
        known = [(self._columns[w], n) for w, n in evidence.information.items() if w in self._columns]
        if not known:
            return np.zeros(len(self.vectors))
        columns, nats = np.array([column for column, _ in known]), np.array([n for _, n in known])
        users = self._answering.numbers[self._answering.of(columns)]
        parts = np.repeat(nats * self._rarity[columns], self._answering.lengths(columns))
        return np.bincount(users, parts, len(self.vectors)) / max(evidence.told, 1e-9)


def telling(answers: Sequence[str]) -> list[str]:
    """The answers that tell what their entry is about: empty for one without words, or that other entries give too."""
    entries = Counter(answers)
    return [text if entries[text] == 1 and normalize(text) else "" for text in answers]
