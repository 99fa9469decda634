"""A second FAQ of another field."""

from pathlib import Path

import pytest

from voice_faq.faq import Faq, load_faq
from voice_faq.matching import Matcher

from ..conftest import DATA


@pytest.fixture(scope="session")
def library_faq() -> Faq:
    return load_faq(DATA / "library")


@pytest.fixture(scope="session")
def library(library_faq: Faq, cache: Path) -> Matcher:
    return Matcher(library_faq, 0.02, cache=cache)
