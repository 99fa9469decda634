"""Multinomial logistic regression in NumPy: small, deterministic, fitted in milliseconds while answers load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

STEPS: Final = 300
LEARNING_RATE: Final = 0.7
MOMENTUM: Final = 0.9
DECAY: Final = 1e-4  # L2
SCALE: Final = 6.0  # of the unit vectors; longer ones let the decision be sharper at the same decay


@dataclass(frozen=True)
class LinearClassifier:
    """Class probabilities of a feature vector."""

    weights: np.ndarray
    """(features, classes)"""
    bias: np.ndarray
    """(classes,)"""

    @classmethod
    def fit(cls, vectors: np.ndarray, labels: np.ndarray, classes: int) -> LinearClassifier:
        """Full-batch gradient descent with momentum; ``vectors`` (n, features), ``labels`` (n,) below ``classes``.

        Every class counts the same, however many examples it has. The weights are always a combination of
        the examples, so the steps are taken in its n coefficients, which are fewer than the features.
        """
        vectors = vectors * SCALE
        counts = np.bincount(labels, minlength=classes)
        importance = (1.0 / np.maximum(counts, 1))[labels]
        importance = (importance / importance.sum()).astype(np.float32)[:, None]
        wanted = np.eye(classes, dtype=np.float32)[labels]
        products = vectors @ vectors.T
        coefficients = np.zeros((len(vectors), classes), np.float32)
        bias = np.zeros(classes, np.float32)
        speed, bias_speed = np.zeros_like(coefficients), np.zeros_like(bias)
        for _ in range(STEPS):
            difference = (_softmax(products @ coefficients + bias) - wanted) * importance
            speed = MOMENTUM * speed - LEARNING_RATE * (difference + DECAY * coefficients)
            bias_speed = MOMENTUM * bias_speed - LEARNING_RATE * difference.sum(0)
            coefficients += speed
            bias += bias_speed
        return cls(vectors.T @ coefficients, bias)

    def probabilities(self, vector: np.ndarray) -> np.ndarray:
        """Shape (classes,), sums to 1."""
        logits = SCALE * vector @ self.weights + self.bias
        return np.asarray(_softmax(logits[None])[0])


def _softmax(logits: np.ndarray) -> np.ndarray:
    exponents = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(exponents / exponents.sum(1, keepdims=True))
