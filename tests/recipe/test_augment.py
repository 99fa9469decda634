"""What augmentation does to time, where the units must stay where they are heard, and to spectra."""

from __future__ import annotations

import numpy as np
import pytest
from recipe import augment
from recipe.augment import RECORDED, SYNTHESISED, Augmenter, Shares, smoothed
from recipe.features import RATE, cepstral_matrix, mel_matrix

NOISE = np.random.default_rng(5)


@pytest.fixture(scope="module")
def augmenter() -> Augmenter:
    return Augmenter([NOISE.normal(size=RATE) * 1000 for _ in range(4)], seed=2)


def test_times_lead_back_to_the_clip_however_unevenly_it_is_spoken(augmenter: Augmenter) -> None:
    clip = NOISE.normal(size=3 * RATE) * 200
    clip[RATE : RATE * 3 // 2] *= 20  # loud from 1.0 to 1.5 s
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


def test_some_starts_and_ends_are_missed(augmenter: Augmenter) -> None:
    clip = np.zeros(2 * RATE)
    clip[RATE // 2 : RATE * 3 // 2] = NOISE.normal(size=RATE) * 3000
    begun = np.array([augmenter(clip).times.min() for _ in range(200)])
    missed = begun > 0.45
    assert 0.01 < missed.mean() < 0.15
    assert begun.max() < 0.6


def test_some_voices_have_less_contrast_than_the_clip(augmenter: Augmenter, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = NOISE.normal(size=RATE) * np.repeat([300, 3000], RATE // 2)

    def deviations(contrast: float, shares: Shares = SYNTHESISED) -> np.ndarray:
        monkeypatch.setattr(augment, "CONTRASTS", (contrast, contrast))
        monkeypatch.setattr(augment, "SHARPNESS", (0.0, 0.0))
        monkeypatch.setattr(augmenter, "_rng", np.random.default_rng(4))
        return np.array([augmenter(clip, shares).features.std(0).mean() for _ in range(100)])

    ratio = deviations(0.5) / deviations(1.0)
    less = ratio < 0.75
    assert less.mean() == pytest.approx(SYNTHESISED.blur, abs=0.15)
    assert ratio[less] == pytest.approx(0.5, abs=1e-3)
    assert ratio[~less] == pytest.approx(1.0, abs=1e-3)
    # People articulate like people already.
    assert deviations(0.5, RECORDED) == pytest.approx(deviations(1.0, RECORDED))


def test_smoothing_spreads_a_detail_along_one_axis_and_keeps_its_sum() -> None:
    energies = np.zeros((30, 40))
    energies[12, 20] = 24.0
    for axis, line in ((0, (slice(None), 20)), (1, (12, slice(None)))):
        result = smoothed(energies, axis)
        assert result.sum() == pytest.approx(24.0)
        assert result[line].sum() == pytest.approx(24.0)
        assert result.max() == result[12, 20] == 6.0
    assert (smoothed(np.ones((2, 40)), 0) == 1.0).all()


def test_masks_hide_frames_and_bands_of_long_utterances_only(augmenter: Augmenter) -> None:
    energies = NOISE.normal(size=(100, 40))
    hidden = []
    for _ in range(50):
        masked = energies.copy()
        augmenter._mask(masked)
        hidden.append((masked != energies).mean())
    assert 0.2 < np.mean(hidden) < 0.5
    short = energies[: 2 * augment.LONGEST_MASK].copy()
    augmenter._mask(short)
    assert (short == energies[: len(short)]).all()


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
