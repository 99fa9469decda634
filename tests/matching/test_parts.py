"""What a speaker takes back is not answered, and of several questions none is lost."""

from __future__ import annotations

import itertools
import random
import time

import pytest

from voice_faq.faq import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.language.normalizing import normalize
from voice_faq.matching import Answer, Clarify, Matcher
from voice_faq.matching.parts import LONGEST, denial, repairs
from voice_faq.settings import Settings

from ..conftest import DATA
from ..fields import faq_of

REPAIRED = (
    "不是问{0}，是问{1}", "不是{0}，是{1}", "我问的不是{0}，是{1}", "我不是问{0}我是问{1}", "不是{0}而是{1}",
    "没问{0}我问{1}", "我问的是{1}不是{0}", "{0}，不对，{1}", "{0}，不，{1}", "{0}说错了{1}", "{0}，哦不是，{1}",
    "{0}不对不对我想问{1}", "{0}，算了，{1}", "不是問{0}，是問{1}", "不是{0}，{1}", "我没问{0}，我问{1}",
    "{0}，口误，{1}", "{0}，更正一下，{1}",
)  # fmt: skip
ALOUD = "{0}{1}"  # as it is heard, without marks
SEVERAL = (ALOUD, "{0}，{1}", "{0}？{1}？", "{0}还有{1}", "{0}，顺便问一下{1}", "你好，{0}，{1}")
PAIRS = 6  # of each FAQ for each way to say them


def pairs(faq: Faq) -> list[tuple[str, str, str, str]]:
    """(entry, its question, another, its question)"""
    entries = [(entry.id, entry.asked) for entry in faq.entries if "，" not in entry.asked]
    chosen = random.Random(1).sample(list(itertools.permutations(entries, 2)), PAIRS)
    return [(*first, *second) for first, second in chosen]


@pytest.mark.parametrize("said", REPAIRED)
def test_what_is_taken_back_is_not_answered(
    faq: Faq, matcher: Matcher, library_faq: Faq, library: Matcher, said: str
) -> None:
    for questions, of in ((faq, matcher), (library_faq, library)):
        for first, reparandum, second, repair in pairs(questions):
            text = said.format(reparandum, repair)
            decision = of.match([Hypothesis(text, 1.0)])
            assert [c.entry for c in decision.candidates][:1] == [second], text
            assert not isinstance(decision, Answer) or decision.entry != first, text


@pytest.mark.parametrize("said", SEVERAL)
def test_of_two_questions_both_are_offered(
    faq: Faq, matcher: Matcher, library_faq: Faq, library: Matcher, said: str
) -> None:
    offered = asked = 0
    for questions, of in ((faq, matcher), (library_faq, library)):
        for first, one, second, another in pairs(questions):
            text = said.format(one, another)
            decision = of.match([Hypothesis(normalize(text) if said is ALOUD else text, 1.0)])
            asked += 1
            offered += isinstance(decision, Clarify) and {first, second} <= {c.entry for c in decision.candidates}
    assert offered >= 0.8 * asked


@pytest.mark.parametrize("text", ["几点入住，几点退房", "几点入住几点退房"])
def test_halves_that_ask_alike_are_two_questions(settings: Settings, text: str) -> None:
    faq = faq_of(
        {
            "check-in": ["几点可以办入住", "最早几点能入住"],
            "check-out": ["几点之前要退房", "退房时间是几点", "最晚几点退房", "几点退房"],
            "parking": ["停车怎么收费"],
            "breakfast": ["早餐在哪吃"],
            "deposit": ["押金要交多少"],
            "invoice": ["怎么开发票"],
            "pets": ["可以带宠物吗"],
        }
    )
    decision = Matcher(faq, settings.wrong_answers).match([Hypothesis(text, 1.0)])
    assert isinstance(decision, Clarify)
    assert {candidate.entry for candidate in decision.candidates} == {"check-in", "check-out"}


def test_beside_a_sure_question_a_likely_one_counts(library: Matcher) -> None:
    assert library.probabilities("图书怎么延").max() < library.answer_from
    for text in ("打印多少钱，图书怎么延", "图书怎么延打印多少钱"):
        decision = library.match([Hypothesis(text, 1.0)])
        assert isinstance(decision, Clarify) and {c.entry for c in decision.candidates} == {"renew", "printing"}


def test_what_goes_on_from_a_question_is_none_of_its_own(library: Matcher) -> None:
    assert library.questions_in("借书证怎么办，多久能拿") == []


def test_three_questions_are_offered_of_more_the_first_three(matcher: Matcher) -> None:
    assert len(matcher.questions_in("怎么退卡？有效期多久？需要网络吗？")) == 3
    assert len(matcher.questions_in("怎么退卡？有效期多久？需要网络吗？能透支吗？")) == 3


@pytest.mark.parametrize(
    "text",
    [
        "不是北京的号码能开通吗", "是不是退了卡就没了", "扣费不对怎么退款", "显示卡号不对怎么办", "为什么不是全额退款",
        "退卡是不是要等30天",
        "怎么更正一下退卡的名字", "怎么退卡再说一遍好吗", "怎么退卡，再说一遍，谢谢",
        "不是北京的号码，能开通吗", "要是不对怎么办", "我的手机不是最新的可以开通吗",
    ],
)  # fmt: skip
def test_one_question_with_a_not_in_it_is_read_whole(matcher: Matcher, text: str) -> None:
    assert matcher.without_reparandum(text) == text


def test_a_wording_that_is_written_so_is_read_whole(faq: Faq, settings: Settings) -> None:
    wording = "不是苹果手机，是安卓手机怎么办"
    entries = [
        e.model_copy(update={"wordings": [*e.wordings, wording]}) if e.id == "refund" else e for e in faq.entries
    ]
    matcher = Matcher(faq.model_copy(update={"entries": entries}), settings.wrong_answers)
    decision = matcher.match([Hypothesis(wording, 1.0)])
    assert isinstance(decision, Answer) and decision.entry == "refund"


def test_questions_of_all_kinds_are_one_question(matcher: Matcher, library: Matcher) -> None:
    """Written by people who knew nothing of this: none asks two things."""
    for file, of in ((DATA / "dev-questions.tsv", matcher), (DATA / "library/questions.tsv", library)):
        texts = [line.split("\t")[0] for line in file.read_text(encoding="utf-8").splitlines()[1:]]
        assert [text for text in texts if of.without_reparandum(text) != text] == []
        assert [text for text in texts if of.questions_in(text)] == []


@pytest.mark.parametrize(
    ("text", "denied", "asks", "polar"),
    [
        ("不是问退卡", "退卡", False, False),
        ("我没问怎么退卡", "怎么退卡", False, False),
        ("怎么退卡不是", "怎么退卡", False, False),
        ("退卡不是", "退卡", False, False),
        ("那不是退卡的事", "退卡", False, False),
        ("不是退卡", "退卡", False, False),
        ("不是会员怎么办", "会员怎么办", True, False),
        ("不是会员可以进吗", "会员可以进吗", True, True),
        ("没说要押金吗", "要押金吗", False, True),
    ],
)
def test_a_denial_names_what_is_denied(text: str, denied: str, asks: bool, polar: bool) -> None:
    assert denial(text) == (denied, asks, polar, False)


@pytest.mark.parametrize("text", ["不退卡", "不要退卡", "别说退卡", "除了退卡那个", "跟退卡没关系", "退卡不用说"])
def test_a_weak_denial_names_it_too(text: str) -> None:
    assert denial(text) == ("退卡", False, False, True)


@pytest.mark.parametrize(
    "text",
    [
        "怎么退卡",
        "不是",
        "不是的",
        "是不是退卡",
        "不问了",
        "没问题的话怎么退卡",
        "没说错，怎么退卡",
        "不问一下能退吗",
        "不是，怎么退卡",
    ],
)
def test_what_denies_nothing_is_no_denial(text: str) -> None:
    assert denial(text) is None


def test_no_text_takes_long_to_part() -> None:
    parts = (
        "不是",
        "不对",
        "我问的",
        "是",
        "，",
        "那个",
        "不",
        "错了",
        "不是问",
        "而是",
        "哦不",
        "的是",
        "等等，",
        "没问",
    )
    started = time.process_time()
    for first, second in itertools.product(parts, repeat=2):
        text = (first + second) * LONGEST
        list(repairs(text[:LONGEST]))
        denial(text[:LONGEST])
        assert not list(repairs(text)) and denial(text) is None
    assert time.process_time() - started < 20
