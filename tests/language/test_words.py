"""Words of a text."""

import pytest

from voice_faq.language.words import Segmenter


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("怎么办卡", "怎么 办 卡"),
        ("咋办证", "咋 办证"),
        ("卡丢了怎么办", "卡 丢 了 怎么办"),
        ("怎么办", "怎么办"),
    ],
)
def test_how_to_get_something_is_told_from_what_to_do_now(text: str, words: str) -> None:
    assert Segmenter()(text) == words.split()


def test_what_an_faq_has_as_a_word_is_never_cut_apart() -> None:
    assert Segmenter(["怎么办卡"])("怎么办卡") == ["怎么办卡"]
