"""What an operator is told: why a question went where it went, and what the FAQ would gain most from."""

from __future__ import annotations

import pytest

from voice_faq.faq import Faq
from voice_faq.faq.notes import faq_notes
from voice_faq.matching import Matcher
from voice_faq.matching.explaining import confusions, content_notes, explain

from ..fields import faq_of


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("退卡", "只说了话题"),
        ("怎么退卡", "一字不差"),
        ("不想退卡", "不要做这件事"),
        ("怎么退卡和有效期多久", "问了两件事"),
        ("我知道", "最短的问法还少"),
    ],
)
def test_a_rule_that_decided_is_told(matcher: Matcher, text: str, told: str) -> None:
    assert [told in rule for rule in explain(matcher, text).rules_told] == [True]


def test_where_evidence_alone_decided_no_rule_is_told(matcher: Matcher) -> None:
    assert explain(matcher, "不想用公交卡了怎么退").rules_told == []


def test_the_shipped_answers_get_few_notes(faq: Faq, matcher: Matcher) -> None:
    notes = list(content_notes(faq, matcher))
    assert len(notes) <= 5
    assert len(notes) == len(set(notes))


def test_the_worst_confused_entry_is_noted_first_with_what_it_is_taken_for() -> None:
    field = {
        "cancel": ["怎么退票", "退票去哪里", "不想坐了能退吗", "买错票怎么退", "退票扣多少钱", "票可以退吗"],
        # Half of these ask for a refund.
        "change": ["怎么改签", "改签去哪里", "改签要钱吗", "退票在哪个窗口", "退票退多少钱", "买的票怎么退"],
        "luggage": [
            "行李寄存在哪里",
            "寄存行李多少钱",
            "行李箱放哪里",
            "包可以寄存吗",
            "寄存处在哪",
            "行李存一天多少钱",
        ],
    }
    faq = faq_of(field)
    matcher = Matcher(faq, 0.02)
    worst = confusions(matcher, list(matcher.held_out()))[0]
    assert worst.entry == "change" and worst.wordings == 6
    assert {other for _, other in worst.elsewhere} == {"cancel"}
    first = next(note for note in content_notes(faq, matcher) if "收获最大" in note)
    assert first.startswith("change 连问题在内的 6 种问法里，有") and "会被当成 cancel。" in first


def test_what_is_missing_from_an_faq_just_begun_is_said_in_two_lines() -> None:
    field = {f"entry-{number}": [f"第{number}号窗口办什么"] for number in range(30)}
    notes = list(faq_notes(faq_of(field)))
    advice = [note for note in notes if "wordings" in note or "out_of_scope" in note]
    assert len(advice) == 2
    assert "30 个条目" in advice[0] and "不到 12 种" in advice[0] and advice[0].count("entry-") == 3
    assert "0 句" in advice[1]


def test_typed_pinyin_is_explained_as_what_it_stands_for(matcher: Matcher) -> None:
    typed, written = explain(matcher, "怎么tuika").support[0], explain(matcher, "怎么退卡").support[0]
    assert typed.entry == written.entry == "refund"
    assert (typed.nearest, typed.likenesses) == (written.nearest, written.likenesses)


def test_what_is_out_of_scope_is_told_where_nothing_is_answered(matcher: Matcher) -> None:
    refused, answered = explain(matcher, "理发怎么预约"), explain(matcher, "怎么退卡")
    assert refused.out_of_scope_told is not None and "预约" in refused.out_of_scope_told
    assert answered.out_of_scope_told is None
