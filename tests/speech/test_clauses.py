import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_faq.audio.recording import Recording
from voice_faq.speech.clauses import SpokenClause, joined, split_clauses, split_sentences, words_of


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("先刷卡，再进站。", ["先刷卡，", "再进站。"]),
        ("您是想问：一，怎么退卡？", ["您是想问：", "一，", "怎么退卡？"]),
        ("7:05开门，iOS 13.4可以。", ["7:05开门，", "iOS 13.4可以。"]),
        ("他说：“不行！”然后走了", ["他说：", "“不行！”", "然后走了"]),
        ("好", ["好"]),
        ("……", []),
        ("", []),
        ("第一行\n第二行", ["第一行", "第二行"]),
        ("，好。", ["好。"]),
    ],
)
def test_clauses_end_after_their_punctuation(text: str, clauses: list[str]) -> None:
    assert split_clauses(text) == clauses


@given(st.text(alphabet="一二三abc0，。：！ \n”7"))
def test_no_word_is_lost(text: str) -> None:
    def kept(s: str) -> str:
        return "".join(c for c in s if c.isalnum())

    clauses = split_clauses(text)
    assert kept("".join(clauses)) == kept(text)
    assert all(any(c.isalnum() for c in clause) for clause in clauses)
    assert [clause for sentence in split_sentences(text) for clause in sentence] == clauses


def test_sentences_and_words() -> None:
    assert split_sentences("先刷卡，再进站。好。") == [["先刷卡，", "再进站。"], ["好。"]]
    assert words_of("怎么退卡？") == words_of("怎么退卡；") == "怎么退卡"


def test_clauses_of_different_rates_become_one_recording() -> None:
    parts = [SpokenClause("", Recording(np.full(rate, 1000, np.int16), rate)) for rate in (16_000, 24_000)]
    whole = joined(parts)
    assert whole is not None and whole.rate == 16_000 and whole.seconds == pytest.approx(2, abs=0.01)
    assert joined([]) is None
