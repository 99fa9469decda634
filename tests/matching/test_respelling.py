"""Misheard words as the FAQ spells them."""

from __future__ import annotations

import pytest

from voice_faq.faq import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.language.words import Segmenter
from voice_faq.matching import Matcher
from voice_faq.matching.respelling import Respelling, spoken_words

WORDINGS = ["注销账户要多久", "公交卡怎么退", "押金什么时候退", "住宿登记在哪里"]


@pytest.fixture(scope="module")
def respelled() -> Respelling:
    return Respelling(spoken_words(WORDINGS, Segmenter()))


@pytest.mark.parametrize(
    ("heard", "spelled"),
    [
        ("怎么住校", "怎么注销"),
        ("亚金能退吗", "押金能退吗"),
        ("公教卡丢了", "公交卡丢了"),
        ("注销亚金", "注销押金"),
        ("Apple 住校", "apple注销"),
        ("今天下雨吗", "今天下雨吗"),
        ("住宿", "住宿"),
        ("", ""),
    ],
)
def test_words_that_sound_like_the_faqs_are_spelled_as_it_does(respelled: Respelling, heard: str, spelled: str) -> None:
    assert respelled(heard) == spelled


def test_what_the_faq_has_itself_stays() -> None:
    both = Respelling(spoken_words(["怎么注销", "住校生怎么办卡", "住校要什么"], Segmenter()))
    assert both("住校怎么注销") == "住校怎么注销"


def test_so_does_what_a_large_faq_has_at_its_end() -> None:
    many = [f"怎么注销{place}" for place in ("户头", "账号")] * 3_000
    assert Respelling(spoken_words([*many, "住校要什么"], Segmenter()))("住校要什么") == "住校要什么"


def test_a_misheard_question_means_what_was_asked(faq: Faq, matcher: Matcher) -> None:
    said, heard = (matcher.match([Hypothesis(text, 1.0)]) for text in ("卡里的余额会退给我吗", "卡里的鱼额会退给我吗"))
    assert said.candidates and heard.candidates
    assert heard.candidates[0].entry == said.candidates[0].entry
    assert heard.candidates[0].score > said.candidates[0].score - 0.1
