"""Loudness as people hear it, in LUFS: ITU-R BS.1770-4, with the filters' formulas of its annex for any rate.

The packages that measure it bring SciPy, which is larger than all else that a kiosk installs; a test holds this
against pyloudnorm.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from voice_faq.audio.recording import Recording

TARGET_LUFS: Final = -18.0  # of everything that is spoken
PEAK_DBFS: Final = -1.0  # is not exceeded; louder moments are turned down
BLOCK_S: Final = 0.4
STEP_S: Final = 0.1
LIMITER_FRAME_S: Final = 0.002
LIMITER_REACH: Final = 10  # frames before and after a peak in which it is turned down, softly
SILENCE_LUFS: Final = -70.0
_RELATIVE_GATE: Final = -10.0  # LU below the loudness of all blocks that are not silent
_OFFSET: Final = -0.691  # dB, makes 0 dBFS at 1 kHz -3.01 LUFS


def loudness(recording: Recording) -> float:
    """Integrated loudness in LUFS; SILENCE_LUFS for silence. Less than BLOCK_S counts as one block."""
    heard = _k_weighted(recording.samples / 32768, recording.rate)
    block, step = int(BLOCK_S * recording.rate), int(STEP_S * recording.rate)
    if len(heard) <= block:
        power = np.array([np.mean(heard**2)]) if len(heard) else np.zeros(1)
    else:
        energy = np.concatenate([[0.0], np.cumsum(heard**2)])
        starts = np.arange(0, len(heard) - block + 1, step)
        power = (energy[starts + block] - energy[starts]) / block
    levels = _OFFSET + 10 * np.log10(np.maximum(power, 1e-12))
    loud = power[levels > SILENCE_LUFS]
    if not len(loud):
        return SILENCE_LUFS
    gate = _OFFSET + 10 * np.log10(loud.mean()) + _RELATIVE_GATE
    counted = power[levels > max(gate, SILENCE_LUFS)]
    return float(_OFFSET + 10 * np.log10(counted.mean()))


def gain_to_target(recording: Recording) -> float:
    """Factor that brings a recording to TARGET_LUFS; 1 for silence."""
    level = loudness(recording)
    return 1.0 if level <= SILENCE_LUFS else _factor(TARGET_LUFS - level)


def amplified(recording: Recording, gain: float) -> Recording:
    """``recording`` louder by a factor, its peaks turned down to PEAK_DBFS where they would exceed it."""
    louder = recording.samples * gain
    samples = np.clip(np.rint(louder * _limiter(louder, recording.rate)), -32768, 32767)
    return Recording(samples.astype(np.int16), recording.rate)


def _limiter(samples: np.ndarray, rate: int) -> np.ndarray | float:
    """Factors for each sample: the lowest that the frames around it need, smoothed, so that nothing is distorted."""
    ceiling = _factor(PEAK_DBFS) * 32767
    if not len(samples) or np.abs(samples).max() <= ceiling:
        return 1.0
    size = int(LIMITER_FRAME_S * rate)
    padded = np.pad(samples, (0, -len(samples) % size))
    needed = np.minimum(1.0, ceiling / np.maximum(np.abs(padded.reshape(-1, size)).max(1), 1e-9))
    width = 2 * LIMITER_REACH + 1
    lowest = np.lib.stride_tricks.sliding_window_view(np.pad(needed, 2 * LIMITER_REACH, mode="edge"), width).min(1)
    smooth = np.convolve(lowest, np.hanning(width + 2)[1:-1] / np.hanning(width + 2).sum(), "valid")
    centres = (np.arange(len(smooth)) + 0.5) * size
    return np.interp(np.arange(len(samples)), centres, smooth)


def _factor(decibel: float) -> float:
    return float(10 ** (decibel / 20))


def _k_weighted(samples: np.ndarray, rate: int) -> np.ndarray:
    """Both filters of BS.1770 in the frequency domain; the padding holds what they ring on."""
    size = 1 << int(np.ceil(np.log2(len(samples) + rate // 4)))
    z = np.exp(-2j * np.pi * np.fft.rfftfreq(size))
    response = _shelf(rate, z) * _high_pass(rate, z)
    return np.asarray(np.fft.irfft(np.fft.rfft(samples, size) * response, size)[: len(samples)])


def _shelf(rate: int, z: np.ndarray) -> np.ndarray:
    """The head: +4 dB above 1.7 kHz. ``z`` is one sample's delay at each frequency."""
    k = np.tan(np.pi * 1681.974450955533 / rate)
    q = 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    middle = high**0.4996667741545416
    b = np.array([high + middle * k / q + k * k, 2 * (k * k - high), high - middle * k / q + k * k])
    return _biquad(b, k, q, z)


def _high_pass(rate: int, z: np.ndarray) -> np.ndarray:
    """Below 38 Hz little is heard."""
    k = np.tan(np.pi * 38.13547087602444 / rate)
    q = 0.5003270373238773
    return _biquad(np.array([1.0, -2.0, 1.0]) * (1 + k / q + k * k), k, q, z)


def _biquad(b: np.ndarray, k: float, q: float, z: np.ndarray) -> np.ndarray:
    a = np.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])
    response = (b[0] + b[1] * z + b[2] * z**2) / (a[0] + a[1] * z + a[2] * z**2)
    return np.asarray(response)
