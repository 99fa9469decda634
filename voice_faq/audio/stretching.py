"""Faster and slower speech at the same pitch."""

from __future__ import annotations

from typing import Final

import numpy as np

SLOWEST: Final = 0.7
FASTEST: Final = 1.6


def stretched(samples: np.ndarray, rate: int, pace: float) -> np.ndarray:
    """``samples``: float32, shape (n,); the result has about n / ``pace`` of them. ``pace``: SLOWEST…FASTEST."""
    if pace == 1.0 or not len(samples):
        return samples
    from python_stretch import Signalsmith

    stretch = Signalsmith.Stretch()
    stretch.preset(1, rate)
    stretch.timeFactor = min(max(pace, SLOWEST), FASTEST)
    channels: np.ndarray = np.asarray(stretch.process(np.ascontiguousarray(samples[None], np.float32)))
    return channels.ravel()
