"""The simulated error channel."""

from __future__ import annotations

import random

import pytest
from rapidfuzz.distance import Levenshtein

from voice_faq.evaluation import read_labelled
from voice_faq.language.mishearing import LEAST_FREQUENCY, Mishearing
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import split_syllable, syllables
from voice_faq.language.words import common_words

from ..conftest import DATA


@pytest.fixture(scope="module")
def mishear() -> Mishearing:
    return Mishearing(common_words(LEAST_FREQUENCY))


def texts() -> list[str]:
    entries = {line.split("\t")[1] for line in (DATA / "dev-questions.tsv").read_text(encoding="utf-8").splitlines()}
    return [normalize(q.question) for q in read_labelled(DATA / "dev-questions.tsv", entries)]


@pytest.mark.parametrize("rate", [0.1, 0.25, 0.4])
def test_the_rate_is_about_the_share_of_wrong_characters(mishear: Mishearing, rate: float) -> None:
    rng = random.Random(1)
    wrong = sum(Levenshtein.distance(text, mishear(text, rate, rng)) for text in texts())
    assert wrong / sum(map(len, texts())) == pytest.approx(rate, rel=0.25)


def test_without_errors_the_text_stays_and_the_same_seed_gives_the_same_errors(mishear: Mishearing) -> None:
    assert mishear("刷 Apple Pay，要5元吗？", 0.0, random.Random(1)) == "刷applepay要五元吗"
    assert mishear("怎么退卡", 0.5, random.Random(4)) == mishear("怎么退卡", 0.5, random.Random(4))


def test_what_is_heard_instead_sounds_alike(mishear: Mishearing) -> None:
    rng = random.Random(1)
    heard = [syllables(mishear("卡", 1.0, rng)) for _ in range(300)]
    replaced = [split_syllable(sounds[0]) for sounds in heard if len(sounds) == 1]
    assert len(replaced) > 150
    assert sum(initial == "k" or final == "a" for initial, final in replaced) / len(replaced) > 0.8
    assert len(set(replaced)) > 5
