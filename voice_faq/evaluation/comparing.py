"""Two or more models on the same recordings: every figure with what chance may have done to it.

Intervals of a share are Wilson's; those of a difference come from a paired bootstrap over the questions, since every
model was asked the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from voice_faq.evaluation.measure import Measurement

Z: Final = 1.96  # standard deviations on either side of a 95 % interval
RESAMPLES: Final = 2_000
FIGURES: Final = {
    "top_1": "首选正确",
    "answered_right": "答对",
    "asked_back": "反问且含正确条目",
    "wrong": "答错（占全部）",
    "refused": "答不了的没有乱答",
}


@dataclass(frozen=True)
class Estimate:
    """A share or a difference of two, with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether a difference is larger than chance."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True)
class Comparison:
    """Figures of each model, and of each after the first how much it differs from the first."""

    shares: dict[str, dict[str, Estimate]]
    """By model, then by figure (``FIGURES``)."""
    differences: dict[str, dict[str, Estimate]]
    """The same, without the first model; above 0 where the figure is larger than the first's."""

    def as_json(self) -> dict[str, Any]:
        """Plain data, four digits."""

        def plain(of: dict[str, dict[str, Estimate]]) -> dict[str, dict[str, list[float]]]:
            return {
                model: {name: [round(e.value, 4), round(e.low, 4), round(e.high, 4)] for name, e in figures.items()}
                for model, figures in of.items()
            }

        return {"intervals": plain(self.shares), "differences": plain(self.differences)}


def compare(results: Mapping[str, Measurement], seed: int = 1) -> Comparison:
    """``results`` by model, of the same questions in the same order."""
    hits = {model: result.hits for model, result in results.items()}
    first = next(iter(hits.values()))
    rng = np.random.default_rng(seed)
    return Comparison(
        {model: {name: _wilson(of[name]) for name in FIGURES} for model, of in hits.items()},
        {
            model: {name: _difference(first[name], of[name], rng) for name in FIGURES}
            for model, of in list(hits.items())[1:]
        },
    )


def _wilson(hits: np.ndarray) -> Estimate:
    count = len(hits)
    if not count:
        return Estimate(0.0, 0.0, 1.0)
    share = float(hits.mean())
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * (share * (1 - share) / count + Z**2 / (4 * count**2)) ** 0.5
    return Estimate(share, max(0.0, middle - half), min(1.0, middle + half))


def _difference(before: np.ndarray, after: np.ndarray, rng: np.random.Generator) -> Estimate:
    change = after - before
    if not len(change):
        return Estimate(0.0, 0.0, 0.0)
    means = change[rng.integers(0, len(change), (RESAMPLES, len(change)))].mean(1)
    low, high = np.percentile(means, (2.5, 97.5))
    return Estimate(float(change.mean()), float(low), float(high))
