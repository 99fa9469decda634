"""What answers say: evidence for entries whose question is written in few ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voice_faq.language.normalizing import normalize
from voice_faq.matching.evidence import EvidenceReader
from voice_faq.matching.meaning import SentenceMeaning


@dataclass(frozen=True)
class Answers:
    """Of each entry's answer its words and what it means."""

    words: tuple[frozenset[str], ...]
    """As features, see ``TextEvidence.information``."""
    vectors: np.ndarray
    """Unit ones, shape (entries, dimensions); 0 for an answer without words."""

    @classmethod
    def read(cls, texts: Sequence[str], read: EvidenceReader, meaning: SentenceMeaning) -> Answers:
        """Of the entries' answers in their order."""
        there = np.array([bool(normalize(text)) for text in texts]).reshape(-1, 1)
        words = tuple(frozenset(read(text).information) for text in texts)
        return cls(words, meaning.wordings(texts) * there)

    def of(self, entries: Sequence[int]) -> Answers:
        """Those of these entries, in this order."""
        return Answers(tuple(self.words[entry] for entry in entries), self.vectors[list(entries)])
