"""How loud audio is."""

from __future__ import annotations

from typing import Final

import numpy as np

SILENCE_DBFS: Final = -90.0  # what digital silence is shown as


def level_dbfs(pcm: bytes) -> float:
    """RMS level of 16-bit mono PCM in dB below full scale, SILENCE_DBFS…0."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float64)
    if len(samples) == 0:
        return SILENCE_DBFS
    rms = float(np.sqrt(np.mean(samples**2))) / 32768
    return max(SILENCE_DBFS, 20 * float(np.log10(max(rms, 1e-9))))
