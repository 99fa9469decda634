"""Kaldi's MFCC in NumPy, vectorised, with two doors for augmentation: a spectral gain and a mel warp.

Equal to kaldi-native-fbank with ``MFCC_CONF`` and no dither (a test compares them). Formulas: Kaldi's
feature-mfcc.cc, feature-window.cc and mel-computations.cc.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

RATE: Final = 16_000  # Hz
FRAME: Final = 400  # samples, 25 ms
SHIFT: Final = 160  # samples, 10 ms
FFT: Final = 512
MELS: Final = 40
CEPSTRA: Final = 40
LOW_HZ: Final = 20.0
HIGH_HZ: Final = 7600.0
PREEMPHASIS: Final = 0.97
LIFTER: Final = 22.0
FLOOR: Final = float(np.finfo(np.float32).eps)
WARP_HERTZ: Final = (250, 700, 1300, 2200, 3500, 5500)

MFCC_CONF: Final = (
    "--use-energy=false\n--num-mel-bins=40\n--num-ceps=40\n--low-freq=20\n--high-freq=-400\n--sample-frequency=16000\n"
    "--dither=0\n"
)

_WINDOW: Final = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / (FRAME - 1))) ** 0.85


def mel_matrix(factors: tuple[float, ...] = (1.0,)) -> np.ndarray:
    """Triangular filters of shape (FFT/2, MELS).

    ``factors`` stretch the frequencies at WARP_HERTZ, 0.84…1.18 is human; above 1 moves formants down. A single
    one holds for all frequencies.
    """

    def mel(hertz: np.ndarray | float) -> np.ndarray:
        return np.asarray(1127.0 * np.log(1.0 + np.asarray(hertz) / 700.0))

    hertz = np.arange(FFT // 2) * RATE / FFT
    factor = np.interp(hertz, WARP_HERTZ[: len(factors)], factors)
    edges = np.linspace(float(mel(LOW_HZ)), float(mel(HIGH_HZ)), MELS + 2)
    bins = mel(np.minimum(hertz * factor, RATE / 2))[:, None]
    rising = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.maximum(0.0, np.minimum(rising, falling)).astype(np.float32)


@cache
def cepstral_matrix() -> np.ndarray:
    """DCT-II with Kaldi's lifter, shape (MELS, CEPSTRA)."""
    n, k = np.arange(MELS)[:, None] + 0.5, np.arange(CEPSTRA)[None, :]
    dct = np.sqrt(2.0 / MELS) * np.cos(np.pi / MELS * n * k)
    dct[:, 0] = np.sqrt(1.0 / MELS)
    lifter = 1.0 + 0.5 * LIFTER * np.sin(np.pi * np.arange(CEPSTRA) / LIFTER)
    return np.asarray((dct * lifter).astype(np.float32))


_MEL: Final = mel_matrix()


def frame_starts(count: int) -> np.ndarray:
    """First samples of the frames in ``count`` samples, one each 10 ms."""
    return np.arange(0, count - FRAME + 1, SHIFT)


def frame_centres(starts: np.ndarray) -> np.ndarray:
    """Seconds under the middle of the frames that begin at the samples ``starts``."""
    return np.asarray((starts + FRAME / 2) / RATE)


def log_mel(
    samples: np.ndarray,
    gain: np.ndarray | None = None,
    mel: np.ndarray | None = None,
    starts: np.ndarray | None = None,
) -> np.ndarray:
    """Log mel energies of shape (frames, MELS).

    ``samples`` are on the int16 scale; ``gain`` is a power gain for each of the FFT/2 bins, ``mel`` another matrix
    than that of the recogniser, ``starts`` the first samples of frames that stand at uneven distances. Fewer
    samples than one frame give shape (0, MELS).
    """
    if len(samples) < FRAME:
        return np.zeros((0, MELS), np.float32)
    if starts is None:
        starts = frame_starts(len(samples))
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(np.float32), FRAME)[starts]
    frames = frames - frames.mean(1, keepdims=True)
    emphasised = np.empty_like(frames)
    emphasised[:, 1:] = frames[:, 1:] - PREEMPHASIS * frames[:, :-1]
    emphasised[:, 0] = frames[:, 0] * (1 - PREEMPHASIS)
    spectrum = np.fft.rfft(emphasised * _WINDOW.astype(np.float32), FFT)[:, : FFT // 2]
    power = spectrum.real**2 + spectrum.imag**2
    if gain is not None:
        power *= gain
    return np.asarray(np.log(np.maximum(power.astype(np.float32) @ (_MEL if mel is None else mel), FLOOR)))


MEAN_WINDOW: Final = 600  # frames, the last ones, whose mean is taken from each
MEAN_FROM_ALL: Final = 200  # frames at the most, beside fewer of one's own, that are as all speech is on the average


def without_mean(features: np.ndarray, average: np.ndarray) -> np.ndarray:
    """Each frame without the mean of those before it, as Kaldi's OnlineCmvn does with its default options.

    ``features`` of shape (frames, n); at the start the mean is near ``average``, shape (n,), that of all speech.
    """
    sums = np.cumsum(features, 0, dtype=np.float64)
    sums[MEAN_WINDOW:] -= sums[:-MEAN_WINDOW].copy()
    own = np.minimum(np.arange(1, len(features) + 1), MEAN_WINDOW)[:, None]
    others = np.clip(MEAN_WINDOW - own, 0, MEAN_FROM_ALL)
    return np.asarray(features - (sums + others * average) / (own + others), np.float32)


def mfcc(samples: np.ndarray) -> np.ndarray:
    """MFCC of shape (frames, CEPSTRA), float32, as the recogniser computes them."""
    return np.asarray(log_mel(samples) @ cepstral_matrix())
