"""还能用吗 asks about what was spoken of before, and several entries are asked so."""

import pytest

from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Answer, Clarify, Matcher, Reject
from voice_faq.matching.decision import Rule


def asked(matcher: Matcher, question: str) -> Answer | Clarify | Reject:
    return matcher.match([Hypothesis(question, 1.0)])


@pytest.mark.parametrize(
    "text", ["还能用吗", "能不能用", "还可以用吗", "还不能用", "能用不", "我能用吗", "可以用吗", "能用吗"]
)
def test_is_offered_with_what_the_evidence_speaks_for_first(matcher: Matcher, text: str) -> None:
    decision = asked(matcher, text)
    assert isinstance(decision, Clarify) and decision.candidates[0].entry == "coverage"
    assert matcher.judged(text).rules in [(Rule.TOPICLESS,), (Rule.TOPIC,)]


@pytest.mark.parametrize("text", ["能不能用", "能用不", "我能用吗", "怎么开", "还能不能开"])
def test_in_another_faq_it_is_not_answered_either(library: Matcher, text: str) -> None:
    assert isinstance(asked(library, text), Clarify)
    assert library.judged(text).rules == (Rule.TOPICLESS,)


@pytest.mark.parametrize(
    ("text", "entry"),
    [("现在可以开吗", "opening-hours"), ("今天开到什么时候", "opening-hours"), ("借几天", "how-long")],
)
def test_is_answered_where_one_entry_is_asked_so_or_it_says_what_is_done(
    library: Matcher, text: str, entry: str
) -> None:
    decision = asked(library, text)
    assert isinstance(decision, Answer) and decision.entry == entry


def test_a_wording_of_common_words_alone_is_answered_to_the_letter(matcher: Matcher) -> None:
    decision = asked(matcher, "怎么开")
    assert isinstance(decision, Answer) and decision.entry == "how-to-open"
