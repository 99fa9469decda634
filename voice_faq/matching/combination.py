"""Evidence weighed into probabilities: a conditional logit model over the entries and "none of them".

All entries share one weight for each kind of evidence, and "none" has its own, so a dozen numbers are learned,
whichever the FAQ is (McFadden, "Conditional logit analysis of qualitative choice behavior", 1974).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from voice_faq.matching.index import LIKENESSES, Likeness

RIDGE: Final = 1e-3
STEPS: Final = 40
CLOSE_ENOUGH: Final = 1e-7  # of the mean log loss
SMALLEST_STEP: Final = 1e-3  # of a Newton step that is shortened


@dataclass(frozen=True)
class Combination:
    """Learned weights."""

    weights: np.ndarray
    """(2 · 6 + 2,): evidence for an entry, for none, a constant and the unknown share for none."""

    @classmethod
    def fit(cls, examples: list[Likeness], places: np.ndarray) -> Combination:
        """Newton's method; ``places`` (n,) tells which row of each example's evidence is right.

        All examples have as many rows.
        """
        inputs = np.stack([_inputs(example) for example in examples])
        spread = inputs.reshape(-1, inputs.shape[2]).std(0) + 1e-9
        inputs = inputs / spread
        chosen = inputs[np.arange(len(places)), places]
        weights = np.zeros(inputs.shape[2])
        loss, shares = _loss(inputs, chosen, weights)
        for _ in range(STEPS):
            expected = np.einsum("nc,ncd->nd", shares, inputs)
            gradient = (expected - chosen).mean(0) + RIDGE * weights
            spread_out = (np.sqrt(shares)[:, :, None] * inputs).reshape(-1, len(weights))
            curvature = (spread_out.T @ spread_out - expected.T @ expected) / len(places) + RIDGE * np.eye(len(weights))
            step = np.linalg.solve(curvature, gradient)
            before, length = loss, 1.0
            while True:
                loss, shares = _loss(inputs, chosen, weights - length * step)
                if loss <= before or length < SMALLEST_STEP:
                    break
                length /= 2
            weights = weights - length * step
            if before - loss < CLOSE_ENOUGH:
                break
        return cls(weights / spread)

    def probabilities(self, likeness: Likeness) -> np.ndarray:
        """Of each row of the evidence, shape (n,), sum 1; the last is that of none."""
        return _shares(_inputs(likeness) @ self.weights)


def _inputs(likeness: Likeness) -> np.ndarray:
    """Shape (n, 14): entries fill the first columns, none the others."""
    count, kinds = likeness.evidence.shape
    assert kinds == len(LIKENESSES)
    inputs = np.zeros((count, 2 * kinds + 2))
    inputs[:-1, :kinds] = likeness.evidence[:-1]
    inputs[-1, kinds:] = [*likeness.evidence[-1], 1.0, likeness.unknown]
    return inputs


def _shares(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def _loss(inputs: np.ndarray, chosen: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """(mean log loss with ridge, probabilities)."""
    scores = inputs @ weights
    shares = _shares(scores)
    top = scores.max(1)
    loss = np.log(np.exp(scores - top[:, None]).sum(1)) + top - chosen @ weights
    return float(loss.mean() + RIDGE / 2 * weights @ weights), shares
