"""The recipe's parts that need neither torch nor a corpus; the shipped model is the proof of the rest."""

from __future__ import annotations

import random
import struct
import sys
from pathlib import Path

import kaldi_native_fbank
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "models"))

from recipe.calibrate import fit_calibration
from recipe.disguise import random_disguise
from recipe.features import MFCC_CONF, mfcc
from recipe.kaldi_io import KaldiWriter
from recipe.measure import character_errors, error_rate

from voice_faq.recognition.graph.topology import (
    PHONE_IDS,
    TRANSITION_COUNT,
    TRANSITIONS,
    positional,
    self_loops,
    word_boundaries,
)
from voice_faq.recognition.graph.units import UnknownSoundError, syllable_units, text_units

MODEL = Path(__file__).parents[2] / "models/voice-faq-cn"


def test_training_sees_the_features_that_kaldi_computes() -> None:
    options = kaldi_native_fbank.MfccOptions()
    options.frame_opts.dither = 0
    options.frame_opts.samp_freq = 16_000
    options.mel_opts.num_bins = options.num_ceps = 40
    options.mel_opts.low_freq, options.mel_opts.high_freq = 20, -400
    options.use_energy = False
    samples = (np.random.default_rng(0).normal(size=16_000) * 1000).astype(np.float32)
    reference = kaldi_native_fbank.OnlineMfcc(options)
    reference.accept_waveform(16_000, samples.tolist())
    reference.input_finished()
    expected = np.stack([reference.get_frame(i) for i in range(reference.num_frames_ready)])
    assert np.abs(mfcc(samples) - expected).max() < 1e-3
    assert mfcc(samples[:100]).shape == (0, 40)


def test_the_shipped_model_expects_these_features() -> None:
    assert (MODEL / "conf/mfcc.conf").read_text() == MFCC_CONF
    assert (MODEL / "graph/phones/word_boundary.int").read_text() == word_boundaries()


@pytest.mark.parametrize(
    ("syllable", "units"),
    [
        ("zhi", ("zh", "iy")),
        ("si", ("s", "ii")),
        ("xue", ("x", "ve")),
        ("lüe", ("l", "ve")),
        ("er", ("er",)),
        ("yu", ("y", "v")),
    ],
)
def test_syllables_are_cut_into_units(syllable: str, units: tuple[str, ...]) -> None:
    assert syllable_units(syllable) == units


def test_brand_words_sound_as_riders_say_them_and_nonsense_is_refused() -> None:
    assert text_units("刷iPhone") == ["sh", "ua", "ai", "f", "ong"]
    with pytest.raises(UnknownSoundError):
        text_units("qwx")


def test_every_transition_id_is_used_once_and_loops_belong_to_their_states() -> None:
    used = sorted(
        i for t in TRANSITIONS.values() for i in (t.loop, t.to_blank, t.leave, t.blank_loop, t.blank_leave) if i
    )
    assert used == list(range(1, TRANSITION_COUNT + 1))
    loops = self_loops()
    unit = TRANSITIONS[PHONE_IDS["a_S"]]
    assert loops[unit.to_blank] == loops[unit.leave] == unit.loop
    assert loops[unit.blank_leave] == unit.blank_loop


def test_phones_are_marked_by_their_place_in_the_word() -> None:
    names = {number: phone for phone, number in PHONE_IDS.items()}
    assert [names[p] for p in positional(("k", "a"))] == ["k_B", "a_E"]
    assert [names[p] for p in positional(("er",))] == ["er_S"]


def test_matrices_survive_compression() -> None:
    matrix = np.random.default_rng(1).normal(size=(30, 20))
    out = KaldiWriter()
    out.matrix(matrix)
    data = out.getvalue()
    assert data.startswith(b"\0BCM2 ")
    low, span, rows, columns = struct.unpack("<ffii", data[6:22])
    codes = np.frombuffer(data[22:], "<u2").reshape(rows, columns)
    assert np.abs(low + codes * span / 65535 - matrix).max() < span / 65535


def test_error_rates_count_characters() -> None:
    errors = [character_errors("怎么退卡？", "怎么 推卡"), character_errors("Apple Pay", "apple pay")]
    assert error_rate(errors) == 1 / 12


def test_a_calibration_turns_where_understood_and_not_meet() -> None:
    rng = np.random.default_rng(0)
    likelihoods = rng.uniform(-12, -4, 4_000)
    understood = (rng.random(4_000) < 1 / (1 + np.exp(-2.0 * (likelihoods + 8.0)))).astype(float)
    curve = fit_calibration(likelihoods, understood)
    assert curve.midpoint == pytest.approx(-8.0, abs=0.15)
    assert curve.slope == pytest.approx(2.0, abs=0.25)
    with pytest.raises(ValueError, match="understood"):
        fit_calibration(likelihoods, np.ones(4_000))


def test_low_disguises_get_long_vocal_tracts() -> None:
    people = [random_disguise(random.Random(i)) for i in range(200)]
    low = [p.formants for p in people if p.pitch < 120]
    high = [p.formants for p in people if p.pitch > 220]
    assert max(low) < 1.0 and np.mean(low) < np.mean(high)
    assert all(85 <= p.pitch <= 300 and 0.6 <= p.pitch_range <= 1.3 for p in people)
