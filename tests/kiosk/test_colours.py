"""The operator's colour, in theory."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_faq.kiosk.colours import BACKGROUNDS, CONTRAST, contrast, operator_style, readable

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@given(COLOURS, st.sampled_from(sorted(BACKGROUNDS.values())))
def test_any_colour_can_be_read_on_any_background(colour: str, background: str) -> None:
    assert contrast(readable(colour, background), background) >= CONTRAST


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert readable("#003a70", "#ffffff") == "#003a70"


@given(COLOURS)
def test_the_style_sheet_has_readable_pairs_for_both_themes(colour: str) -> None:
    accents, written = re.findall(r"light-dark\((#\w+), (#\w+)\)", operator_style(colour))
    assert all(contrast(*pair) >= CONTRAST for pair in zip(accents, written, strict=True))
