"""Learns from the FAQ's own wordings how far evidence can be trusted, while the answers load.

Each example is a wording that the index is told to forget, often damaged as a recogniser would damage it; some are
mere words in a row, as noise is heard. From the same examples follows from which probability on an answer may be
given, for the share of wrong answers that the operator accepts.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Final

import numpy as np

from voice_faq.language.mishearing import LEAST_FREQUENCY, Mishearing
from voice_faq.matching.combination import Combination
from voice_faq.matching.evidence import EvidenceReader
from voice_faq.matching.index import Likeness, WordingIndex

EXAMPLES: Final = 1_000
DAMAGE: Final = (0.0, 0.0, 0.1, 0.2, 0.3, 0.4)  # character error rates, drawn evenly
BABBLE_SHARE: Final = 0.08  # of examples that are words in a row
BABBLE_WORDS: Final = (1, 6)
BABBLE_FREQUENCY: Final = 1_000  # of its words in jieba's dictionary, at least


def fit(
    index: WordingIndex, read: EvidenceReader, wordings: list[tuple[str, int]], accepted_wrong: float
) -> tuple[Combination, float]:
    """(combination, probability from which on to answer); ``accepted_wrong`` is a share of all questions, 0…1.

    ``wordings`` are those of the index, in its order, with their entries.
    """
    examples, places = [], []
    for likeness, entry in _examples(index, read, wordings):
        found = np.flatnonzero(likeness.entries == entry)
        # An entry that is not even on the shortlist can teach nothing about weights.
        if len(found):
            examples.append(likeness)
            places.append(found[0])
    combination = Combination.fit(examples, np.array(places))
    best = np.array([combination.probabilities(example)[:-1].max() for example in examples])
    return combination, _answer_from(best, accepted_wrong)


def _examples(
    index: WordingIndex, read: EvidenceReader, wordings: list[tuple[str, int]]
) -> Iterator[tuple[Likeness, int]]:
    """(evidence, entry) of held-out texts."""
    rng = random.Random(1)
    mishear = Mishearing(read.segment.common_words(LEAST_FREQUENCY))
    common = sorted(read.segment.common_words(BABBLE_FREQUENCY))
    for number in rng.sample(range(len(wordings)), min(len(wordings), EXAMPLES)):
        text, entry = wordings[number]
        heard = mishear(text, rng.choice(DAMAGE), rng)
        if heard:
            yield index.likeness(read(heard), without=number), entry
        if rng.random() < BABBLE_SHARE:
            babble = "".join(rng.choices(common, k=rng.randint(*BABBLE_WORDS)))
            yield index.likeness(read(babble)), index.none


def _answer_from(best: np.ndarray, accepted_wrong: float) -> float:
    """The lowest of the examples' ``best`` probabilities (n,) from which on no more than the accepted share is wrong.

    An answer of probability p is wrong with 1 - p; to add these up is steadier than to count the few wrong answers.
    """
    best = np.sort(best)[::-1]
    allowed = np.cumsum(1 - best) <= accepted_wrong * len(best)
    return float(best[allowed][-1]) if allowed[0] else 1.0
