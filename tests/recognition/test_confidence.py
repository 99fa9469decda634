from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_faq.errors import ModelError
from voice_faq.recognition.confidence import (
    CALIBRATION_FILE,
    Calibration,
    likelihood_per_syllable,
    read_calibration,
)

CURVE = Calibration(midpoint=-8.0, slope=2.0)


def test_the_likelihood_is_shared_out_over_syllables() -> None:
    assert likelihood_per_syllable("怎么退卡", -20.0) == -5.0
    assert likelihood_per_syllable("刷apple pay", -25.0) == -5.0
    assert likelihood_per_syllable("", -3.0) == 0.0


@given(st.floats(-1e6, 1e6))
def test_a_confidence_is_a_probability_and_grows_with_the_likelihood(likelihood: float) -> None:
    assert 0.0 <= CURVE.confidence(likelihood) <= CURVE.confidence(likelihood + 1.0) <= 1.0


def test_the_midpoint_is_where_it_turns() -> None:
    assert CURVE.confidence(-8.0) == 0.5
    assert CURVE.confidence(-5.0) > 0.99
    assert CURVE.confidence(-11.0) < 0.01


def test_a_calibration_survives_its_file_and_a_model_without_one_is_trusted(tmp_path: Path) -> None:
    assert read_calibration(tmp_path) is None
    CURVE.write(tmp_path)
    assert read_calibration(tmp_path) == CURVE


def test_a_broken_calibration_is_named(tmp_path: Path) -> None:
    (tmp_path / CALIBRATION_FILE).write_text('{"midpoint": "x"}')
    with pytest.raises(ModelError, match=CALIBRATION_FILE):
        read_calibration(tmp_path)
