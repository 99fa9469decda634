"""Step ``augment``, done on the fly: strangers, rooms, microphones and stations out of a few clean voices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from .features import (
    FFT,
    MELS,
    RATE,
    SHIFT,
    WARP_HERTZ,
    cepstral_matrix,
    frame_centres,
    frame_starts,
    log_mel,
    mel_matrix,
)

SPEEDS: Final = (0.85, 0.9, 0.95, 1.0, 1.0, 1.05, 1.1, 1.17)
VOCAL_TRACTS: Final = 240  # different ones
TRACT_LENGTHS: Final = (0.82, 1.2)  # factor of all frequencies, see features.mel_matrix
TRACT_SHAPE: Final = 0.05  # standard deviation of the factor beside it at each of WARP_HERTZ
TEMPO_SPREAD: Final = 0.28  # standard deviation of the logarithm of their speed
TEMPO_STEPS: Final = (0.08, 0.3)  # seconds from one speed to the next: a sound, or more than a syllable
STRESS_STEP: Final = 0.25  # seconds from one stress to the next
STRESS_SPREAD: Final = 3.0  # dB
CUT_SHARE: Final = 0.06  # of the starts, and of the ends, that the recording misses
MOST_CUT: Final = 0.08  # seconds of speech
LOUD: Final = 0.03  # of the peak: where speech begins
NOISE_SECONDS: Final = 12
LEVELS: Final = (150.0, 7000.0)  # RMS on the int16 scale
SIGNAL_TO_NOISE: Final = (3.0, 30.0)  # dB
CONTRASTS: Final = (0.6, 1.1)  # factor of a log energy's distance from its band's mean
SHARPNESS: Final = (-0.3, 0.15)  # what of a detail is added; below 0 it fades into its surroundings
SURROUNDINGS: Final = (1.0, 3.0, 5.0, 6.0, 5.0, 3.0, 1.0)  # weights of the frames, or of the bands, around one
TIME_MASKS: Final = 3
LONGEST_MASK: Final = 14  # frames
BAND_MASKS: Final = 2
WIDEST_MASK: Final = 8  # mel bins


@dataclass(frozen=True)
class Shares:
    """Of the clips, 0 to 1, how many get what."""

    tempo: float
    """Some sounds or syllables faster than others."""
    stress: float
    """Louder and softer syllables."""
    blur: float
    """Spectra with other contrasts."""
    room: float
    noise: float
    microphone: float
    """A spectral gain."""


SYNTHESISED: Final = Shares(tempo=0.6, stress=0.5, blur=0.7, room=0.35, noise=0.6, microphone=0.65)
"""A synthesiser articulates as nobody does, in no room and before no microphone."""
RECORDED: Final = Shares(tempo=0.2, stress=0.2, blur=0.0, room=0.15, noise=0.4, microphone=0.35)
"""People's recordings have all of that already."""


@dataclass(frozen=True)
class Augmented:
    """Features of one augmented utterance and how its time axis moved."""

    features: np.ndarray
    """(frames, 40) MFCC."""
    times: np.ndarray
    """(frames,) which second of the clip lies under each frame's centre; below 0 before its start."""


def loud_samples(samples: np.ndarray) -> np.ndarray:
    """Indices of the samples, on the int16 scale, that are speech rather than the quiet around it."""
    size = np.abs(samples)
    return np.flatnonzero(size > LOUD * (float(size.max(initial=0)) + 1))


def smoothed(energies: np.ndarray, axis: int) -> np.ndarray:
    """Weighted mean of what lies around each value along ``axis``; the edges count as often as needed."""
    reach = len(SURROUNDINGS) // 2
    wide = np.pad(energies, [(reach, reach) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
    size = energies.shape[axis]
    parts = (wide.take(range(i, i + size), axis) * weight for i, weight in enumerate(SURROUNDINGS))
    return np.asarray(sum(parts) / sum(SURROUNDINGS), energies.dtype)


class Augmenter:
    """Random but repeatable: all draws come from one generator. Noise and rooms are made once, at the start."""

    def __init__(self, voices: list[np.ndarray], seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._noises = [self._make_noise(kind, voices) for kind in (0, 1, 2, 3, 3, 4, 4, 5, 6, 7) for _ in range(12)]
        self._rooms = [self._make_room() for _ in range(80)]
        self._voices = voices
        self._tracts = [mel_matrix(self._make_tract()) for _ in range(VOCAL_TRACTS)]

    def _colored(self, slope: float) -> np.ndarray:
        spectrum = np.fft.rfft(self._rng.normal(size=RATE * NOISE_SECONDS))
        return np.asarray(np.fft.irfft(spectrum / (np.arange(len(spectrum)) + 20.0) ** slope))

    def _babble(self, voices: list[np.ndarray], talkers: int) -> np.ndarray:
        size = RATE * NOISE_SECONDS
        mix = np.zeros(size)
        for _ in range(talkers):
            voice = voices[self._rng.integers(len(voices))].astype(np.float64)
            mix += np.roll(np.resize(voice, size), self._rng.integers(size)) * self._rng.uniform(0.4, 1.0)
        return mix

    def _make_noise(self, kind: int, voices: list[np.ndarray]) -> np.ndarray:
        """White, pink, brown; babble of few and many; hum; a tune; a hall's announcement over rumble."""
        rng, t = self._rng, np.arange(RATE * NOISE_SECONDS) / RATE
        if kind < 3:
            noise = self._colored((0.0, 0.5, 1.0)[kind])
        elif kind < 5:
            noise = self._babble(voices, int(rng.integers(2, 5) if kind == 3 else rng.integers(6, 14)))
        elif kind == 5:
            base = rng.uniform(48, 62)
            noise = sum(np.sin(2 * np.pi * base * k * t + rng.uniform(0, 6)) / k for k in range(1, 12))
            noise = noise / np.std(noise) + self._colored(0.7) / 0.02 * 0.001
        elif kind == 6:
            noise = np.zeros(len(t))
            step = rng.uniform(0.2, 0.6)
            for start in np.arange(0, NOISE_SECONDS, step):
                for _ in range(rng.integers(1, 4)):
                    pitch = 110 * 2 ** (rng.integers(0, 36) / 12)
                    part = np.maximum(t - start, 0)
                    noise += (t >= start) * np.exp(-part * rng.uniform(2, 6)) * np.sin(2 * np.pi * pitch * part)
        else:
            hall = self._babble(voices, 1)
            tail = rng.normal(size=RATE) * np.exp(-5 * np.arange(RATE) / RATE)
            size = len(hall) + RATE
            noise = np.fft.irfft(np.fft.rfft(hall, size) * np.fft.rfft(tail, size), size)[: len(hall)]
            rumble = self._colored(1.0)
            noise = noise / np.std(noise) + rumble / np.std(rumble) * 0.5
        return np.asarray(noise / (np.std(noise) + 1e-9), dtype=np.float32)

    def _make_room(self) -> np.ndarray:
        """Exponential decay with RT60 of 0.1 to 0.9 s after the direct sound."""
        rng = self._rng
        seconds = rng.uniform(0.1, 0.9)
        size = int(seconds * RATE)
        tail = rng.normal(size=size) * np.exp(-6.9 * np.arange(size) / size)
        tail[: int(rng.uniform(0.001, 0.012) * RATE)] = 0
        tail *= rng.uniform(0.1, 0.9) / np.sqrt((tail**2).sum() + 1e-9)
        tail[0] = 1.0
        return np.asarray(tail, dtype=np.float32)

    def _make_tract(self) -> tuple[float, ...]:
        """Frequency factors of a vocal tract: its length, and a shape that moves each formant a little."""
        shape = self._rng.normal(scale=TRACT_SHAPE, size=len(WARP_HERTZ))
        return tuple(self._rng.uniform(*TRACT_LENGTHS) * np.exp(shape - shape.mean()))

    def _cut(self, x: np.ndarray) -> tuple[np.ndarray, int]:
        """Who speaks before the microphone listens, or lets the button go too soon; samples missing at the start."""
        rng = self._rng
        start, end = 0, len(x)
        loud = loud_samples(x)
        if len(loud) <= RATE * 4 * MOST_CUT:
            return x, 0
        if rng.random() < CUT_SHARE:
            start = int(loud[0] + rng.uniform(0, MOST_CUT) * RATE)
        if rng.random() < CUT_SHARE:
            end = int(loud[-1] - rng.uniform(0, MOST_CUT) * RATE)
        return x[start:end], start

    def _wandering(self, seconds: np.ndarray, spread: float, step: float) -> np.ndarray:
        """A random curve around 0 at each of the rising times, drawn anew with a deviation of ``spread`` each step."""
        knots = self._rng.normal(scale=spread, size=int(seconds[-1] / step) + 2)
        return np.interp(seconds, np.arange(len(knots)) * step, knots)

    def _uneven_starts(self, count: int) -> np.ndarray:
        """First samples of frames that are further apart where the speaker hurries; the pitch stays."""
        regular = frame_starts(count)
        tempo = self._wandering(regular / RATE, TEMPO_SPREAD, self._rng.uniform(*TEMPO_STEPS))
        new_time = np.cumsum(SHIFT / np.exp(tempo))
        return np.interp(np.arange(new_time[0], new_time[-1], SHIFT), new_time, regular).astype(int)

    def _spectral_gain(self) -> np.ndarray:
        """Power gain a bin: a cheap microphone's tilt and resonance, a telephone's or a loudspeaker's band."""
        rng = self._rng
        hertz = np.arange(FFT // 2) * RATE / FFT
        decibel = rng.uniform(-9, 6) * hertz / 8000 + rng.uniform(-8, 4) * np.exp(-hertz / 250)
        for _ in range(rng.integers(0, 3)):
            centre, width = rng.uniform(200, 6000), rng.uniform(150, 1200)
            decibel += rng.uniform(-9, 9) * np.exp(-(((hertz - centre) / width) ** 2))
        if rng.random() < 0.2:
            low, high = rng.uniform(80, 350), rng.uniform(3200, 7000)
            decibel -= np.clip((low - hertz) / low, 0, 1) * 30 + np.clip((hertz - high) / 400, 0, 1) * 45
        return np.asarray(10 ** (decibel / 10), dtype=np.float32)

    def _blurred(self, energies: np.ndarray) -> np.ndarray:
        """Vowels that are less far apart, formants less sharp, sounds that run into each other.

        A synthesiser articulates: the log energies of human readers deviate a fifth less from their mean.
        """
        rng, mean = self._rng, energies.mean(0)
        energies = mean + rng.uniform(*CONTRASTS) * (energies - mean)
        for axis in (0, 1):
            energies = energies + rng.uniform(*SHARPNESS) * (energies - smoothed(energies, axis))
        return energies

    def _mask(self, energies: np.ndarray) -> None:
        """Hide some frames and some bands (Park et al., "SpecAugment", Interspeech 2019); in place."""
        if len(energies) <= 2 * LONGEST_MASK:
            return
        rng, mean = self._rng, energies.mean(0)
        for _ in range(TIME_MASKS):
            start = rng.integers(0, len(energies) - LONGEST_MASK)
            energies[start : start + rng.integers(0, LONGEST_MASK + 1)] = mean
        for _ in range(BAND_MASKS):
            low = rng.integers(0, MELS)
            high = low + rng.integers(0, WIDEST_MASK + 1)
            energies[:, low:high] = mean[low:high]

    def __call__(self, samples: np.ndarray, shares: Shares = SYNTHESISED) -> Augmented:
        """``samples``: int16 or float on the int16 scale, shape (n,)."""
        rng = self._rng
        x, cut = self._cut(samples.astype(np.float32))
        speed = SPEEDS[rng.integers(len(SPEEDS))]
        if speed != 1.0:
            x = np.interp(np.arange(int(len(x) / speed)) * speed, np.arange(len(x)), x).astype(np.float32)
        if rng.random() < shares.stress:
            decibel = self._wandering(np.arange(len(x)) / RATE, STRESS_SPREAD, STRESS_STEP)
            x = x * (10 ** (decibel / 20)).astype(np.float32)
        before = rng.uniform(0, 0.5) if rng.random() < 0.8 else 0.0
        x = np.concatenate(
            [np.zeros(int(before * RATE), np.float32), x, np.zeros(int(rng.uniform(0, 0.5) * RATE), np.float32)]
        )
        if rng.random() < shares.room:
            room = self._rooms[rng.integers(len(self._rooms))]
            size = 1 << int(np.ceil(np.log2(len(x) + len(room))))
            x = np.fft.irfft(np.fft.rfft(x, size) * np.fft.rfft(room, size), size)[: len(x)].astype(np.float32)
        rms = float(np.sqrt((x**2).mean())) + 1.0
        if rng.random() < shares.noise:
            noise = self._noises[rng.integers(len(self._noises))]
            offset = rng.integers(len(noise) - 1)
            noise = np.resize(np.roll(noise, -offset)[: len(x)] if len(x) <= len(noise) else noise, len(x))
            x = x + noise * rms * 10 ** (-rng.uniform(*SIGNAL_TO_NOISE) / 20)
        level = float(np.exp(rng.uniform(*np.log(LEVELS))))
        x = x * (level / rms) + rng.normal(size=len(x)).astype(np.float32) * rng.uniform(0.3, 6)
        if rng.random() < 0.08:
            x = x * rng.uniform(2, 8)
        np.clip(x, -32767, 32767, out=x)
        if rng.random() < 0.1:
            # mu-law, eight bits: a telephone line
            compressed = np.round(np.sign(x) * np.log1p(255 * np.abs(x) / 32768) / np.log(256) * 127) / 127
            x = np.sign(compressed) * (256 ** np.abs(compressed) - 1) / 255 * 32768
        tract = self._tracts[rng.integers(len(self._tracts))] if rng.random() < 0.7 else None
        uneven = len(x) > RATE // 2 and rng.random() < shares.tempo
        starts = self._uneven_starts(len(x)) if uneven else frame_starts(len(x))
        gain = self._spectral_gain() if rng.random() < shares.microphone else None
        energies = log_mel(x, gain, tract, starts)
        if len(energies) and rng.random() < shares.blur:
            energies = self._blurred(energies)
        self._mask(energies)
        return Augmented(energies @ cepstral_matrix(), (frame_centres(starts) - before) * speed + cut / RATE)
