"""What augmentation does to time: the units must stay where they are heard."""

from __future__ import annotations

import numpy as np
from recipe.augment import Augmenter
from recipe.features import RATE, cepstral_matrix, mel_matrix

NOISE = np.random.default_rng(5)


def test_times_lead_back_to_the_clip_however_unevenly_it_is_spoken() -> None:
    clip = NOISE.normal(size=3 * RATE) * 200
    clip[RATE : RATE * 3 // 2] *= 20  # loud from 1.0 to 1.5 s
    augmenter = Augmenter([NOISE.normal(size=RATE) * 1000 for _ in range(4)], seed=2)
    durations, right = [], []
    for _ in range(60):
        augmented = augmenter(clip)
        times, loudness = augmented.times, augmented.features[:, 0]
        assert augmented.features.shape == (len(times), 40)
        assert (np.diff(times) > 0).all()
        inside = (times > 1.03) & (times < 1.47)
        durations.append(inside.sum())
        # Echoes come later, never earlier; masks hide a few frames.
        right.append(np.median(loudness[inside]) > np.percentile(loudness[(times > 0) & (times < 0.97)], 90))
    assert np.mean(right) > 0.95
    assert np.std(durations) > 3  # frames of 10 ms: it was spoken at many speeds


def test_some_starts_and_ends_are_missed() -> None:
    clip = np.zeros(2 * RATE)
    clip[RATE // 2 : RATE * 3 // 2] = NOISE.normal(size=RATE) * 3000
    augmenter = Augmenter([clip], seed=3)
    begun = np.array([augmenter(clip).times.min() for _ in range(200)])
    missed = begun > 0.45
    assert 0.01 < missed.mean() < 0.15
    assert begun.max() < 0.6


def test_a_vocal_tract_moves_a_formant_where_its_factor_says() -> None:
    hertz = np.arange(256) * RATE / 512
    formant = np.exp(-(((hertz - 2200) / 150) ** 2))

    def place(mel: np.ndarray) -> float:
        return float((formant @ mel * np.arange(40)).sum() / (formant @ mel).sum())

    straight = place(mel_matrix())
    assert place(mel_matrix((1, 1, 1, 1.1, 1, 1))) > straight + 0.5
    assert place(mel_matrix((1.1, 1.1, 1, 1, 1, 1))) == straight
    assert mel_matrix((1.0,) * 6).tolist() == mel_matrix().tolist()
    assert cepstral_matrix().shape == (40, 40)
