import random

import numpy as np
import pytest
from recipe.articulation import (
    FARTHEST,
    FRAME,
    LEAST_PITCH,
    MOST_UNDERSHOOT,
    NEAR,
    PITCH_RANGES,
    PRECISE,
    Articulation,
    CarelessKokoro,
    Intonation,
    drawn_to_neighbours,
    intoned,
    random_articulation,
)

from voice_faq.speech.kokoro import STYLE_SIZE, Kokoro, Synthesized

STYLE = np.random.default_rng(3).normal(0, 0.1, (510, STYLE_SIZE)).astype(np.float32)
WORD = ["ꭧʰɤ→", " ", "pʰja↘n"]


def test_some_speakers_are_precise_and_the_others_differ() -> None:
    speakers = [random_articulation(random.Random(i)) for i in range(1_000)]
    assert 0.1 < sum(speaker is PRECISE for speaker in speakers) / len(speakers) < 0.3
    assert {sound for speaker in speakers for sound in speaker.sounds} == set(NEAR)
    careless = [speaker for speaker in speakers if speaker is not PRECISE]
    assert max(speaker.undershoot for speaker in careless) > 0.9 * MOST_UNDERSHOOT
    assert len({speaker.undershoot for speaker in careless}) == len(careless)
    shares = [share for speaker in careless for _, share in speaker.sounds.values()]
    assert 0 <= min(shares) < 0.05
    assert 0.95 * FARTHEST < max(shares) <= FARTHEST
    ranges = [speaker.intonation.range for speaker in careless]
    assert PITCH_RANGES[0] <= min(ranges) < 0.4
    assert 1 < max(ranges) <= PITCH_RANGES[1]


def test_a_speaker_is_the_same_for_the_same_draw() -> None:
    assert random_articulation(random.Random(5)) == random_articulation(random.Random(5))


def test_a_target_moves_by_its_share_and_the_ends_stay() -> None:
    targets = np.array([[[0.0, 8.0, 4.0, 2.0]]], np.float32)
    moved = drawn_to_neighbours(targets, np.array([1, 0.5, 0, 1], np.float32))
    assert moved.tolist() == [[[0.0, 5.0, 4.0, 2.0]]]
    assert targets.tolist() == [[[0.0, 8.0, 4.0, 2.0]]]


UNVOICED = 5.0  # Hz, as Kokoro has it


def contour(semitones: list[float]) -> np.ndarray:
    """In Hz, around 200, with unvoiced frames before, after and in the middle."""
    voiced = 200 * 2 ** (np.array(semitones) / 12)
    half = len(voiced) // 2
    gap = np.full(4, UNVOICED)
    return np.concatenate([gap, voiced[:half], gap, voiced[half:], gap]).astype(np.float32)


def semitones(pitch: np.ndarray) -> np.ndarray:
    return 12 * np.log2(pitch[pitch > UNVOICED] / 200)


FALLING_AND_RISING = [4, 3, 2, 1, 0, -1, -2, -3, -4, -4, -3, -2, -1, 0, 1, 2, 3, 4]


def test_a_speaker_with_kokoros_intonation_has_its_pitch() -> None:
    pitch = contour(FALLING_AND_RISING)
    np.testing.assert_array_equal(intoned(pitch, Intonation()), pitch)


def test_range_and_register_are_in_semitones_around_the_mean() -> None:
    changed = intoned(contour(FALLING_AND_RISING), Intonation(range=0.5, register=2))
    np.testing.assert_allclose(semitones(changed), 2 + 0.5 * np.array(FALLING_AND_RISING), atol=1e-3)


def test_a_late_pitch_keeps_where_the_voice_is() -> None:
    pitch = contour(FALLING_AND_RISING)
    late = intoned(pitch, Intonation(delay=2 * FRAME))
    np.testing.assert_array_equal(late[pitch == UNVOICED], pitch[pitch == UNVOICED])
    np.testing.assert_allclose(np.diff(semitones(late)[:9]), np.diff([4, 4, 4, 3, 2, 1, 0, -1, -2]), atol=1e-3)


def test_a_smoothed_pitch_turns_less_sharply() -> None:
    smooth = semitones(intoned(contour(FALLING_AND_RISING), Intonation(smoothing=0.03)))
    assert smooth.max() - smooth.min() < 7
    assert smooth[:8].mean() > smooth[8:10].mean() < smooth[10:].mean()


def test_a_voice_stays_a_voice_and_a_silence_a_silence() -> None:
    low = intoned(contour([-22.0] * 8 + [2.0] * 8), Intonation(range=1.05, register=-2.5))
    assert np.flatnonzero(low > UNVOICED).tolist() == [*range(4, 12), *range(16, 24)]
    assert low[low > UNVOICED].min() >= LEAST_PITCH
    silence = np.full(20, UNVOICED, np.float32)
    np.testing.assert_array_equal(intoned(silence, Intonation(range=0.5)), silence)


@pytest.fixture(scope="module")
def careless() -> CarelessKokoro:
    pytest.importorskip("onnx")
    return CarelessKokoro()


@pytest.fixture
def precise(careless: CarelessKokoro) -> Synthesized:
    careless.articulation = PRECISE
    return careless.speak(WORD, STYLE)


def test_every_sound_and_what_it_may_come_near_are_phonemes(careless: CarelessKokoro) -> None:
    assert all(
        careless._token_ids[sound] != careless._token_ids[other] for sound, others in NEAR.items() for other in others
    )


def test_a_precise_speaker_is_kokoro_itself(precise: Synthesized) -> None:
    np.testing.assert_array_equal(precise.samples, Kokoro().speak(WORD, STYLE).samples)


@pytest.mark.parametrize(
    "articulation",
    [
        Articulation(undershoot=0.9, seed=1),
        Articulation(sounds={"ɤ": ("o", 0.7)}),
        Articulation(intonation=Intonation(range=0.4)),
    ],
)
def test_sounds_change_and_their_times_stay(
    careless: CarelessKokoro, precise: Synthesized, articulation: Articulation
) -> None:
    careless.articulation = articulation
    said, again = careless.speak(WORD, STYLE), careless.speak(WORD, STYLE)
    np.testing.assert_array_equal(said.ends, precise.ends)
    assert np.abs(said.samples - precise.samples).max() > 0.01
    np.testing.assert_array_equal(said.samples, again.samples)


def test_sounds_that_do_not_occur_change_nothing(careless: CarelessKokoro, precise: Synthesized) -> None:
    careless.articulation = Articulation(sounds={"ʂ": ("s", 0.7)})
    np.testing.assert_array_equal(careless.speak(WORD, STYLE).samples, precise.samples)
