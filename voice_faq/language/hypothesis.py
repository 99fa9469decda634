"""What a recogniser thinks was said: plain data that matching takes, from whichever recogniser."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

LEAST_UNDERSTOOD: Final = 0.5  # probability; below it, it is likelier than not that nothing was understood


@dataclass(frozen=True)
class Hypothesis:
    """One entry of an n-best list."""

    text: str
    """Running text without spaces between Chinese words."""
    confidence: float
    """Probability that this is what was said, 0…1; a list's sum is the probability that it was understood."""


def understood(hypotheses: Iterable[Hypothesis]) -> float:
    """Probability, 0…1, that an utterance with this n-best list was understood at all."""
    return sum(hypothesis.confidence for hypothesis in hypotheses)
