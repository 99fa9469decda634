"""What befell a thing, and which entries speak of it."""

import pytest

from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Clarify, Matcher
from voice_faq.matching.decision import Rule
from voice_faq.matching.mishaps import MishapReader, MissingReader

from .entries import told

SERVES = {
    "丢": ["卡丢了怎么办", "怎么挂失"],
    "坏": ["手机坏了怎么办", "刷不了，不能用了"],
    "过期": ["卡的有效期多长"],
    "忘": ["忘记密码怎么办", "没带卡怎么办"],
    "none": ["信息缺失怎么补填", "卡失效了吗", "能不能用", "字太小看不见", "表带有什么颜色"],
}


@pytest.mark.parametrize(
    ("mishap", "served"),
    [
        ("医保卡丢了", "丢"),
        ("手牌找不到怎么办", "丢"),
        ("屏幕碎了", "坏"),
        ("证件过期了", "过期"),
        ("忘记账号了", "忘"),
    ],
)
def test_only_who_speaks_of_a_mishap_serves_it(mishap: str, served: str) -> None:
    wordings = [[wording] for wordings in SERVES.values() for wording in wordings]
    befell, missing = MishapReader(told(wordings)), MissingReader(told(wordings))
    strange = befell.strange_among(mishap, list(range(len(wordings)))).tolist()
    strange = [either or missing.strange_to(mishap, entry) for entry, either in enumerate(strange)]
    serving = {wording for (wording,), is_strange in zip(wordings, strange, strict=True) if not is_strange}
    assert set(SERVES[served]) <= serving
    assert not serving & {"能不能用", "字太小看不见", "表带有什么颜色"}
    if served == "丢":
        assert serving == set(SERVES["丢"])


@pytest.mark.parametrize(
    "text", ["年卡多久过期", "年卡什么时候到期", "年卡会过期吗", "旧衣柜要丢掉", "我怕车被偷", "都快看不见了"]
)
def test_questions_of_validity_and_fears_tell_of_none(text: str) -> None:
    entry = told([["在哪里"]])
    assert not MishapReader(entry).strange_among(text, [0]).any() and not MissingReader(entry).strange_to(text, 0)


def test_synonyms_speak_of_them_too() -> None:
    reported = told([["卡报失怎么弄"]], synonyms=[["挂失", "报失"]])
    assert not MishapReader(reported).strange_among("卡丢了怎么办", [0]).any()
    assert not MissingReader(told([["怎么改口令"]], synonyms=[["密码", "口令"]])).strange_to("忘记密码了", 0)


@pytest.mark.parametrize(("text", "entry"), [("自习室找不到", "seats"), ("找不到自习室", "seats")])
def test_what_is_only_missing_is_offered(library: Matcher, text: str, entry: str) -> None:
    decision = library.match([Hypothesis(text, 1.0)])
    assert isinstance(decision, Clarify) and decision.candidates[0].entry == entry
    assert library.judged(text).rules == (Rule.MISSING,)
