"""Search as one types."""

from __future__ import annotations

import pytest

from voice_faq.faq import Faq
from voice_faq.matching.searching import EntrySearch


@pytest.fixture(scope="module")
def search(faq: Faq) -> EntrySearch:
    return EntrySearch(faq)


@pytest.mark.parametrize(
    ("typed", "entry"),
    [
        ("退卡", "refund"),
        ("tuika", "refund"),
        ("TUIK", "refund"),
        ("touzhi", "overdraft"),
        ("touzh", "overdraft"),
        ("打zhe", "discounts"),
        ("优惠", "discounts"),
        ("没网", "network"),
        ("kfdh", "support"),
        ("怎么tuika", "refund"),
        ("怎么tk", "refund"),
        ("zm tk", "refund"),
        ("tuì kǎ", "refund"),
        ("tui4ka3", "refund"),
        ("怎麼退卡", "refund"),
        ("餘額不足", "overdraft"),
        ("ApplePay怎么开通", "how-to-open"),
        ("ＡＰＰＬＥ　ＰＡＹ怎么开通", "how-to-open"),
        ("最少充5块", "fees"),
        ("最少充五块", "fees"),
        ("dianhua", "support"),
    ],
)
def test_characters_pinyin_and_initials_find_an_entry_finished_or_not(
    search: EntrySearch, typed: str, entry: str
) -> None:
    assert search.entries(typed)[0] == entry


@pytest.mark.parametrize("typed", ["", "  ", "？", "啊", "请问一下", "轮船", "zzzz", "🚌"])
def test_what_is_in_no_question_finds_nothing(search: EntrySearch, typed: str) -> None:
    assert search.entries(typed) == []


def test_what_is_only_nearly_there_is_found_where_that_is_wanted(search: EntrySearch) -> None:
    assert search.entries("再说一遍") and search.entries("退卡", nearly=False)[0] == "refund"
    assert search.entries("再说一遍", nearly=False) == search.entries("退咖", nearly=False) == []


def test_every_entry_is_found_by_its_own_question(search: EntrySearch, faq: Faq) -> None:
    assert all(search.entries(entry.question)[0] == entry.id for entry in faq.entries)
