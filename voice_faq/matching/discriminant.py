"""Where the wordings of an entry point together, and how far from there a question points.

Wordings of one entry differ in ways that tell nothing, politeness, length, who speaks; what differs so in an FAQ counts
less when its entries are told apart. It is Fisher's linear discriminant ("The use of multiple measurements in taxonomic
problems", 1936), with the covariance within entries shrunk towards a sphere where few wordings show it (Friedman,
"Regularized discriminant analysis", 1989), and cosines in the place of distances.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from voice_faq.matching.vectors import products, unit

SPHERE: Final = 600.0  # as how many wordings beside their entries' first it counts that they differ in all ways alike
MOST_SEEN: Final = 5_000  # wordings; more show nothing new
NO_SPREAD: Final = 1e-6  # sum of squared distances from the entries' means


@dataclass(frozen=True)
class Discriminant:
    """Directions of entries; the last is that of what is out of scope."""

    common: np.ndarray
    """What the entries and what is out of scope have in common, as far as all sentences have, shape (dimensions,)."""
    turning: np.ndarray
    """(dimensions, dimensions): times it, wordings of one entry differ in all ways alike; the fewer show how they do,
    the less it turns."""
    directions: np.ndarray
    """Unit vectors of shape (entries + 1, dimensions), 0 without wordings."""

    @classmethod
    def of(cls, vectors: np.ndarray, sizes: np.ndarray, least_alike: float) -> Discriminant:
        """Of wordings, unit vectors of shape (wordings, dimensions), entry after entry; each has one of ``sizes``.

        ``least_alike`` is the cosine of sentences that have no common meaning.
        """
        filled = sizes > 0
        means = np.zeros((len(sizes), vectors.shape[1]))
        starts = np.cumsum(sizes) - sizes
        means[filled] = np.add.reduceat(vectors, starts[filled], dtype=float) / sizes[filled, None]
        common = np.sqrt(least_alike) * unit(means.sum(0))
        turning = _turning(vectors[: starts[-1]], means[:-1], sizes[:-1])
        directions = unit((means - common * filled[:, None]) @ turning.T)
        return cls(common.astype(np.float32), turning.astype(np.float32), directions)

    def alike(self, vector: np.ndarray) -> np.ndarray:
        """How alike what a text means, a unit vector of shape (dimensions,), and each entry are, 0…1.

        Shape (entries + 1,).
        """
        turned = unit(products(self.turning, vector - self.common))
        return products(self.directions, turned).clip(0, 1)


def _turning(vectors: np.ndarray, means: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """See ``Discriminant.turning``; ``means`` of the entries, shape (entries, dimensions)."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    seen = np.linspace(0, len(vectors) - 1, min(MOST_SEEN, len(vectors))).astype(int)
    apart = vectors[seen] - means[labels[seen]]
    covariance, sphere = apart.T @ apart, np.eye(vectors.shape[1])
    spread = float(np.trace(covariance))
    if spread < NO_SPREAD:
        return sphere
    freedom = float((1 - 1 / sizes[labels[seen]]).sum())
    covariance *= freedom * len(sphere) / spread
    # Its inverse's root, but for a rotation, which changes no cosine.
    return np.linalg.inv(np.linalg.cholesky((SPHERE * sphere + covariance) / (SPHERE + freedom)))
