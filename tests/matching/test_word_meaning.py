"""What words mean, by the table that comes with voice-faq."""

from __future__ import annotations

from importlib import resources

import numpy as np
import pytest

from voice_faq.faq import Faq
from voice_faq.matching import Matcher
from voice_faq.matching.explaining import explain
from voice_faq.matching.word_meaning import TABLE, WordMeaning, shipped_table

from .paraphrases import PARAPHRASES, told_apart


@pytest.fixture(scope="module")
def meaning() -> WordMeaning:
    return WordMeaning()


@pytest.mark.parametrize(
    ("asked", "same", "other"),
    PARAPHRASES,
)
def test_other_words_for_the_same_are_nearer_than_another_question(
    meaning: WordMeaning, asked: str, same: str, other: str
) -> None:
    assert told_apart(meaning.wordings([asked, same, other]))


def test_vectors_are_of_one_length_and_nothing_known_is_none(meaning: WordMeaning) -> None:
    vectors = meaning.wordings(["怎么退卡", "请问一下怎么退卡呀", "xyz", ""])
    assert vectors.shape == (4, shipped_table().dimensions) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors[:2], axis=1) == pytest.approx(np.ones(2), abs=1e-5)
    assert vectors[0] == pytest.approx(vectors[1])  # polite words mean nothing
    assert not vectors[2:].any()
    assert meaning.wordings([]).shape == (0, shipped_table().dimensions)


def test_a_word_that_the_table_lacks_means_what_its_characters_do(meaning: WordMeaning) -> None:
    table = shipped_table()
    assert table.of("退卡") is None  # a word of this project's field
    characters = [table.of(character) for character in "退卡"]
    assert all(character is not None for character in characters)
    assert meaning.question("退卡") @ meaning.question("退") > 0.5


def test_the_table_stays_small() -> None:
    assert len((resources.files("voice_faq.matching") / TABLE).read_bytes()) < 4 * 2**20


def test_explain_tells_what_words_mean(faq: Faq, matcher: Matcher) -> None:
    support = explain(matcher, "不要这张卡了怎么办").support[0]
    assert 0 < support.likenesses["best meaning"] <= 1
    assert "意思最近一句" in support.told
