"""Evidence weighed into probabilities: which entry is meant, if any, and whether any is.

Two small models with weights that all entries and all FAQs share. *Ranking* is a conditional logit model over the
entries (McFadden, "Conditional logit analysis of qualitative choice behavior", 1974); *scope* is a logistic model of
whether the entry that ranks first is meant at all. How much a likeness is worth depends on how many wordings an entry
has, so each weight has a part that grows with the logarithm of that number.

Both are fitted to the maximum of the posterior: weights learned over many FAQs are the prior's mean, and an FAQ's own
wordings move them as far as they are evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from voice_faq.matching.index import LIKENESSES, WORDING_LIKENESSES, Likeness

KINDS: Final = len(LIKENESSES)
RANKING_INPUTS: Final = 2 * KINDS + 1
STEPS: Final = 40
CLOSE_ENOUGH: Final = 1e-7  # of the mean log loss
SMALLEST_STEP: Final = 1e-3  # of a Newton step that is shortened
MUCH_INFORMATION: Final = 30.0  # nats; more in a question says nothing more about its kind
LEAST_LEAD: Final = 1e-3  # share of the first entry, at least
# An answer speaks of much that it is not asked for: it tells entries apart, not whether any is meant.
SCOPE_NAMES: Final = (
    *WORDING_LIKENESSES,
    *(f"{name}, by wordings" for name in WORDING_LIKENESSES),
    *(f"{name}, out of scope" for name in WORDING_LIKENESSES),
    "wordings", "lead", "unknown features", "foreign information", "foreign share", "foreign names",
    "unknown features, by wordings", "foreign information, by wordings", "foreign share, by wordings",
    "foreign names, by wordings",
    "information", "comparison", "best comparison", "constant",
)  # fmt: skip


@dataclass(frozen=True)
class Combination:
    """Learned weights."""

    ranking: np.ndarray
    """(RANKING_INPUTS,)"""
    scope: np.ndarray
    """(len(SCOPE_NAMES),)"""

    def probabilities(self, likeness: Likeness) -> np.ndarray:
        """Of each entry of the shortlist to be meant, shape (n,); what they leave of 1 is for none of them."""
        shares = self.shares(likeness)
        return np.asarray(shares * _sigmoid(scope_inputs(likeness, shares) @ self.scope))

    def shares(self, likeness: Likeness) -> np.ndarray:
        """The same if one of them is meant for sure; sum 1."""
        return _softmax(ranking_inputs(likeness) @ self.ranking)


def ranking_inputs(likeness: Likeness) -> np.ndarray:
    """Shape (entries of the shortlist, RANKING_INPUTS)."""
    evidence, sizes = likeness.evidence[:-1], np.log(np.maximum(likeness.sizes[:-1], 1))[:, None]
    return np.concatenate([evidence, evidence * sizes, sizes], 1)


def scope_inputs(likeness: Likeness, shares: np.ndarray) -> np.ndarray:
    """Shape (len(SCOPE_NAMES),): evidence of the entry that ranks first, of what is out of scope, and of the text."""
    first = int(shares.argmax())
    kinds = likeness.evidence[:, : len(WORDING_LIKENESSES)]
    evidence, size = kinds[first], np.log(max(1, likeness.sizes[first]))
    strange = np.array([
        likeness.unknown,
        min(likeness.foreign / MUCH_INFORMATION, 1.0),
        likeness.foreign / max(likeness.information, 1e-9),
        likeness.named / max(likeness.information, 1e-9),
    ])  # fmt: skip
    lead = np.log(max(shares[first], LEAST_LEAD))
    informed = min(likeness.information / MUCH_INFORMATION, 1.0)
    compared = likeness.evidence[:-1, LIKENESSES.index("comparison")]
    rest = (size, lead, *strange, *(strange * size), informed, compared[first], compared.max(), 1.0)
    return np.concatenate([evidence, evidence * size, kinds[-1], rest])


def fit_ranking(inputs: list[np.ndarray], places: list[int], mean: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """Ranking weights; ``inputs`` of shape (entries, RANKING_INPUTS) each, ``places`` the rows that are right.

    ``mean`` and ``precision``, shape (RANKING_INPUTS,), are the Gaussian prior's, the latter in examples.
    """
    if not inputs:
        return mean
    most = max(len(rows) for rows in inputs)
    padded = np.zeros((len(inputs), most, len(mean)))
    there = np.zeros((len(inputs), most), bool)
    for i, rows in enumerate(inputs):
        padded[i, : len(rows)], there[i, : len(rows)] = rows, True
    chosen = padded[np.arange(len(places)), places]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        scores = np.where(there, padded @ weights, -np.inf)
        top = scores.max(1)
        powers = np.exp(scores - top[:, None])
        total = powers.sum(1)
        shares = powers / total[:, None]
        expected = np.einsum("nc,ncd->nd", shares, padded)
        gradient = (expected - chosen).sum(0)
        parts = (np.sqrt(shares)[:, :, None] * padded).reshape(-1, len(mean))
        return float((np.log(total) + top - chosen @ weights).sum()), gradient, parts.T @ parts - expected.T @ expected

    return _newton(loss, mean, precision)


def fit_scope(
    inputs: np.ndarray, meant: np.ndarray, counts: np.ndarray, mean: np.ndarray, precision: np.ndarray
) -> np.ndarray:
    """Scope weights; ``inputs`` (n, len(SCOPE_NAMES)), ``meant`` (n,) 1 where an entry is meant, else 0.

    ``counts``, shape (n,): as how many examples each counts; for ``mean`` and ``precision`` see ``fit_ranking``.
    """

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        scores = inputs @ weights
        shares = _sigmoid(scores)
        curvature = (inputs * (counts * shares * (1 - shares))[:, None]).T @ inputs
        lost = float(counts @ (np.logaddexp(0, scores) - meant * scores))
        return lost, inputs.T @ (counts * (shares - meant)), curvature

    return _newton(loss, mean, precision)


Loss = Callable[[np.ndarray], tuple[float, np.ndarray, np.ndarray]]
"""Of weights: value, gradient, curvature."""


def _newton(loss: Loss, mean: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """The minimum of ``loss`` with a Gaussian prior, by Newton's method."""

    def penalised(weights: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        value, gradient, curvature = loss(weights)
        away = weights - mean
        return (
            value + float(precision @ away**2) / 2,
            gradient + precision * away,
            curvature + np.diag(precision),
        )

    weights = mean
    value, gradient, curvature = penalised(weights)
    for _ in range(STEPS):
        step, before, length = np.linalg.solve(curvature, gradient), value, 1.0
        while True:
            candidate = weights - length * step
            value, gradient, curvature = penalised(candidate)
            if value <= before or length < SMALLEST_STEP:
                break
            length /= 2
        weights = candidate
        if before - value < CLOSE_ENOUGH * max(1.0, abs(before)):
            break
    return weights


def _softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum())


def _sigmoid(scores: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -50, 50))))
