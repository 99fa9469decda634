"""What sentences mean by what comes with voice-faq: a small network that reads them whole, and a table of words.

The network knows what is asked about what; the table goes by the words alone, of which some are still right in a
question that was misheard. A vector is that of both, one beside the other, so that cosines are their weighted mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from voice_faq.language.dictionary import Dictionary
from voice_faq.matching.question_form import core_of
from voice_faq.matching.sentence_network import shipped_network
from voice_faq.matching.vectors import unit
from voice_faq.matching.word_meaning import WordMeaning


class OwnMeaning:
    """Vectors of wordings and of questions; may be shared by threads."""

    hears: Final = True
    least_alike: Final = 0.0
    prior: Final = "prior.json"
    WORDS: Final = 0.7  # length of the words' part beside the network's: a third of the cosine
    REMEMBERED: Final = 8_192  # wordings; they are asked for several times while an FAQ is learned

    def __init__(self, dictionary: Dictionary | None = None) -> None:
        self._words = WordMeaning(dictionary)
        self._network = shipped_network()
        self._known: dict[str, np.ndarray] = {}
        self.name: Final = f"{self._network.name}, {self._words.name}"

    def wordings(self, texts: Iterable[str]) -> np.ndarray:
        """Unit vectors of shape (n, dimensions)."""
        cores = [core_of(text) for text in texts]
        missing = [core for core in dict.fromkeys(cores) if core not in self._known]
        made = dict(zip(missing, self._both(missing), strict=True))
        found = [made[core] if core in made else self._known[core] for core in cores]
        if len(self._known) + len(made) <= self.REMEMBERED:
            self._known |= made
        return np.array(found, np.float32).reshape(-1, self._network.dimensions + self._words.dimensions)

    def question(self, text: str) -> np.ndarray:
        """The same of one text, shape (dimensions,); kept nowhere."""
        return np.asarray(self._both([core_of(text)])[0])

    def _both(self, cores: list[str]) -> np.ndarray:
        """Of texts without the polite words around them."""
        return unit(np.concatenate([self._network(cores), self.WORDS * self._words.wordings(cores)], 1))
