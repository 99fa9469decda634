"""What answers say: evidence for entries whose question is written in few ways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from voice_faq.language.normalizing import normalize
from voice_faq.matching.evidence import EvidenceReader
from voice_faq.matching.meaning import SentenceMeaning


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

    def of(self, entries: Sequence[int]) -> Answers:
        """Those of these entries, in this order."""
        texts, words = tuple(self.texts[entry] for entry in entries), tuple(self.words[entry] for entry in entries)
        return Answers(texts, words, self.vectors[list(entries)])


def telling(answers: Sequence[str]) -> list[str]:
    """The answers that tell what their entry is about: empty for one without words, or that other entries give too."""
    entries = Counter(answers)
    return [text if entries[text] == 1 and normalize(text) else "" for text in answers]
