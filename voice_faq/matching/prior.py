"""What was learned over many FAQs: the weights that a new one starts with, and how sure an answer must be.

``prior.json`` is made by ``python -m recipe matching-prior`` from question tables of several fields and FAQs, and
``prior-meaning.json``, for matching with a network's sense of meaning, by the same with ``--meaning``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np

from voice_faq.matching.combination import RANKING_INPUTS, SCOPE_NAMES, Combination


@dataclass(frozen=True)
class Prior:
    """Weights' Gaussian prior and the accepted risk's price."""

    combination: Combination
    """The weights' means."""
    ranking_precision: np.ndarray
    """As ``combination.ranking``, 1 / variance of the weights between FAQs."""
    scope_precision: np.ndarray
    """As ``combination.scope``."""
    risks: tuple[float, ...]
    """Shares of all questions that are answered wrongly, rising."""
    thresholds: tuple[float, ...]
    """Probability from which on to answer for each of ``risks``, falling."""

    def answer_from(self, accepted_wrong: float) -> float:
        """The probability from which on no more than this share, 0…1, was wrong in those FAQs on average."""
        return float(np.interp(accepted_wrong, self.risks, self.thresholds))


def flat_prior() -> Prior:
    """Knows nothing; with it the shipped ones are learned."""
    ranking, scope = RANKING_INPUTS, len(SCOPE_NAMES)
    return Prior(Combination(np.zeros(ranking), np.zeros(scope)), np.ones(ranking), np.ones(scope), (0.0,), (0.0,))


@cache
def shipped_prior(name: str) -> Prior:
    """What comes with voice-faq in the file ``name``."""
    text = (resources.files("voice_faq.matching") / name).read_text(encoding="utf-8")
    kept = json.loads(text)
    weights = {part: np.array(kept[part]) for part in ("ranking", "scope", "ranking_precision", "scope_precision")}
    return Prior(
        Combination(weights["ranking"], weights["scope"]),
        weights["ranking_precision"],
        weights["scope_precision"],
        tuple(kept["risks"]),
        tuple(kept["thresholds"]),
    )
