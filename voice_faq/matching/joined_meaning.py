"""What sentences mean by a large network and by what comes with voice-faq, one vector beside the other.

The large one knows more of the language; the small ones were taught what is asked at counters. Where one errs the other
seldom does, so cosines are the mean of both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from voice_faq.matching.meaning import Meaning
from voice_faq.matching.own_meaning import OwnMeaning


class JoinedMeaning:
    """Vectors of wordings and of questions; may be shared by threads."""

    hears: Final = False
    prior: Final = "prior-meaning.json"
    LARGE: Final = 0.8  # share of the large network's cosines, which differ by a quarter of what the own ones do

    def __init__(self, large: Meaning, own: OwnMeaning) -> None:
        self.name: Final = f"{large.name}, {own.name}"
        self.least_alike: Final = self.LARGE * large.least_alike + (1 - self.LARGE) * own.least_alike
        self._large, self._own = large, own

    def wordings(self, texts: Iterable[str]) -> np.ndarray:
        """Unit vectors of shape (n, dimensions)."""
        texts = list(texts)
        return self._joined(self._large.wordings(texts), self._own.wordings(texts))

    def question(self, text: str) -> np.ndarray:
        """The same of one text, shape (dimensions,); kept nowhere."""
        return self._joined(self._large.question(text), self._own.question(text))

    def _joined(self, large: np.ndarray, own: np.ndarray) -> np.ndarray:
        """Of unit vectors along the last axis."""
        parts = (self.LARGE**0.5 * large, (1 - self.LARGE) ** 0.5 * own)
        return np.concatenate(parts, -1, dtype=np.float32)
