"""Short sounds that say what the machine does; each has a rhythm of its own, so that pitch need not be heard.

They end before the microphone's sound counts, so that none is ever inside a question.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import Final

import numpy as np

from voice_faq.audio.recording import Recording

RATE: Final = 48_000  # Hz
LEVEL: Final = 0.2  # amplitude of full scale, a little softer than speech
EDGE_S: Final = 0.008  # of fading in and out, so that nothing clicks


class Earcon(Enum):
    """What a sound says, as (Hz, seconds) of its tones; 0 Hz is silence, a minus a rough tone."""

    LISTENING = ((880.0, 0.12),)
    """One: speak now."""
    UNDERSTOOD = ((1175.0, 0.045), (0.0, 0.035), (1175.0, 0.045))
    """Two short ones: here is the answer, or a question back."""
    NOT_UNDERSTOOD = ((-330.0, 0.22),)
    """One long rough one: please say it again."""
    CANCELLED = ((660.0, 0.03), (0.0, 0.06), (440.0, 0.12))
    """Short and long: nothing was asked."""
    ERROR = ((-220.0, 0.05), (0.0, 0.04), (-220.0, 0.05), (0.0, 0.04), (-220.0, 0.05))
    """Three rough ones: something is broken."""

    @property
    def recording(self) -> Recording:
        """Its sound."""
        return _rendered(self)


@cache
def _rendered(earcon: Earcon) -> Recording:
    tones = [_tone(hertz, seconds) for hertz, seconds in earcon.value]
    return Recording((np.concatenate(tones) * LEVEL * 32767).astype(np.int16), RATE)


def _tone(hertz: float, seconds: float) -> np.ndarray:
    t = np.arange(int(seconds * RATE)) / RATE
    edges = np.clip(np.minimum(t, seconds - t) / EDGE_S, 0, 1)
    if hertz < 0:
        # Odd harmonics and a flutter: heard as rough by those who do not hear high tones.
        rough = sum(np.sin(2 * np.pi * -hertz * k * t) / k for k in (1, 3, 5))
        return np.asarray(edges * rough * (0.75 + 0.25 * np.sign(np.sin(2 * np.pi * 35 * t))))
    return np.asarray(edges * np.sin(2 * np.pi * hertz * t))
