"""What a recogniser thinks was said: plain data that matching takes, from whichever recogniser."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hypothesis:
    """One entry of an n-best list."""

    text: str
    """Running text without spaces between Chinese words."""
    confidence: float
    """Probability that this is what was said, 0…1; a list's sum is the probability that it was understood."""
