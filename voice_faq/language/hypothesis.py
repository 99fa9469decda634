"""What a recogniser thinks was said: plain data that matching takes, from whichever recogniser."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Hypothesis:
    """One entry of an n-best list."""

    text: str
    """Running text without spaces between Chinese words."""
    confidence: float
    """Share of the n-best list's probability, 0…1; the list sums to 1."""
