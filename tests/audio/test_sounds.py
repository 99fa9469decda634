"""Loudness, stretching and earcons: what is done to samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_faq.audio.earcons import Earcon
from voice_faq.audio.loudness import (
    PEAK_DBFS,
    SILENCE_LUFS,
    TARGET_LUFS,
    amplified,
    gain_to_target,
    loudness,
)
from voice_faq.audio.recording import Recording
from voice_faq.audio.stretching import stretched


def sine(hertz: float, seconds: float, amplitude: float, rate: int = 24_000) -> Recording:
    t = np.arange(int(seconds * rate)) / rate
    return Recording((amplitude * 32767 * np.sin(2 * np.pi * hertz * t)).astype(np.int16), rate)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000])
@pytest.mark.parametrize("hertz", [60, 300, 1000, 4000])
def test_loudness_is_that_of_the_reference(rate: int, hertz: float) -> None:
    pyloudnorm = pytest.importorskip("pyloudnorm")
    quiet, loud = sine(hertz, 1.5, 0.02, rate), sine(hertz, 1.5, 0.4, rate)
    both = Recording(np.concatenate([loud.samples, quiet.samples, np.zeros(rate, np.int16)]), rate)
    meter = pyloudnorm.Meter(rate, filter_class="DeMan")
    assert loudness(both) == pytest.approx(meter.integrated_loudness(both.samples / 32768), abs=0.1)


def test_a_full_scale_tone_of_1_khz_is_at_minus_3_lufs() -> None:
    assert loudness(sine(997, 3, 1.0, 48_000)) == pytest.approx(-3.01, abs=0.05)


@given(st.floats(0.005, 0.9), st.floats(0.1, 1.0))
def test_normalising_reaches_the_target(amplitude: float, seconds: float) -> None:
    recording = sine(440, seconds, amplitude)
    assert loudness(amplified(recording, gain_to_target(recording))) == pytest.approx(TARGET_LUFS, abs=0.3)


def test_peaks_are_turned_down_and_all_else_is_not() -> None:
    quiet, spike = sine(440, 1, 0.05), sine(440, 0.05, 1.0)
    spiky = Recording(np.concatenate([quiet.samples, spike.samples, quiet.samples]), 24_000)
    louder = amplified(spiky, 3.0)
    peak = np.abs(louder.samples.astype(float)).max() / 32768
    assert 20 * np.log10(peak) == pytest.approx(PEAK_DBFS, abs=0.1)
    middle = slice(6_000, 18_000)
    assert np.abs(louder.samples[middle] - 3 * quiet.samples[middle].astype(float)).max() < 2


def test_silence_stays_silence() -> None:
    silence = Recording(np.zeros(8_000, np.int16), 16_000)
    assert loudness(silence) == SILENCE_LUFS and gain_to_target(silence) == 1.0
    assert loudness(Recording(np.zeros(0, np.int16), 16_000)) == SILENCE_LUFS


@pytest.mark.parametrize("pace", [0.7, 0.85, 1.2, 1.6])
def test_slower_and_faster_keep_the_pitch(pace: float) -> None:
    samples = sine(220, 3, 0.5).samples.astype(np.float32) / 32768
    result = stretched(samples, 24_000, pace)
    assert len(result) == pytest.approx(len(samples) / pace, rel=0.02)
    spectrum = np.abs(np.fft.rfft(result))
    assert spectrum.argmax() * 24_000 / len(result) == pytest.approx(220, abs=2)
    assert np.sqrt((result**2).mean()) == pytest.approx(np.sqrt((samples**2).mean()), rel=0.15)


def test_the_usual_pace_changes_nothing() -> None:
    samples = np.ones(100, np.float32)
    assert stretched(samples, 16_000, 1.0) is samples
    assert len(stretched(np.zeros(0, np.float32), 16_000, 1.5)) == 0


@pytest.mark.parametrize("earcon", list(Earcon))
def test_earcons_are_short_soft_and_do_not_click(earcon: Earcon) -> None:
    sound = earcon.recording
    assert 0.05 < sound.seconds < 0.25
    assert 1000 < np.abs(sound.samples).max() < 32767 / 2
    assert np.abs(sound.samples[[0, -1]]).max() < 500


def rhythm(earcon: Earcon) -> tuple[tuple[bool, bool, int], ...]:
    """What is left without pitch: sound or silence, rough or smooth, tens of milliseconds."""
    return tuple((hertz != 0, hertz < 0, round(seconds * 100)) for hertz, seconds in earcon.value)


def test_earcons_differ_in_more_than_pitch() -> None:
    assert len({rhythm(earcon) for earcon in Earcon}) == len(Earcon)
