"""A few words say which of the offered questions is meant, or go on from the last one."""

from __future__ import annotations

import pytest

from voice_faq.dialogue.assistant import Assistant
from voice_faq.dialogue.following import is_ellipsis, named_choice
from voice_faq.dialogue.replies import asks_for_people
from voice_faq.faq import Faq, load_faq
from voice_faq.matching import Matcher
from voice_faq.settings import Settings

from ..conftest import DATA
from ..fields import faq_of

HOTEL = {
    "breakfast": ["早餐几点开始"],
    "breakfast-price": ["早餐要另外付钱吗"],
    "check-out": ["退房是几点", "最晚几点退房"],
    "parking": ["停车怎么收费", "停车位够不够", "车停哪里"],
    "pets": ["可以带宠物吗", "带狗行不行", "猫让不让进"],
    "deposit": ["押金要交多少"],
    "deposit-refund": ["押金什么时候退"],
    "invoice": ["怎么开发票", "能开专票吗"],
}


@pytest.fixture(scope="module")
def hotel(settings: Settings) -> tuple[Faq, Matcher]:
    faq = faq_of(HOTEL)
    return faq, Matcher(faq, settings.wrong_answers)


@pytest.fixture
def asker(hotel: tuple[Faq, Matcher]) -> Assistant:
    return Assistant(*hotel, None, longest_question_s=60)


@pytest.mark.parametrize(
    ("topic", "words", "entry"),
    [
        ("早餐", "几点", "breakfast"),
        ("早餐", "我问几点", "breakfast"),
        ("早餐", "要付钱的那个", "breakfast-price"),
        ("押金", "多少", "deposit"),
        ("押金", "什么时候退的那个", "deposit-refund"),
        ("押金", "退押金", "deposit-refund"),
    ],
)
def test_a_choice_is_named_by_a_few_of_its_words(asker: Assistant, topic: str, words: str, entry: str) -> None:
    assert asker.ask_text(topic).decision == "clarify"
    assert asker.ask_text(words).entry == entry


@pytest.mark.parametrize("words", ["早餐", "在哪", "这个", "那个", "钥匙丢了", "停车位够不够用"])
def test_what_names_no_choice_or_two_chooses_none(hotel: tuple[Faq, Matcher], words: str) -> None:
    faq, matcher = hotel
    assert named_choice(matcher, faq, words, ["breakfast", "breakfast-price"]) is None


@pytest.mark.parametrize(
    ("question", "words", "entry"),
    [
        ("可以带宠物吗", "那猫呢", "pets"),
        ("押金要交多少", "什么时候退", "deposit-refund"),
        ("怎么开发票", "那停车呢", "parking"),
        ("可以带宠物吗", "那鹦鹉呢", None),
        ("怎么开发票", "为什么", None),
        ("怎么开发票", "那孩子呢", None),
    ],
)
def test_a_few_words_go_on_in_any_field(asker: Assistant, question: str, words: str, entry: str | None) -> None:
    assert asker.ask_text(question).decision == "answer"
    turn = asker.ask_text(words)
    found = turn.entry or (turn.candidates[0].entry if turn.decision == "clarify" else None)
    assert found == entry


@pytest.mark.parametrize("said", ["第二个", "不对，第二个", "那第二个呢", "另一个", "还有一个呢"])
def test_another_choice_is_taken_after_the_first_was_answered(asker: Assistant, said: str) -> None:
    offered = asker.ask_text("早餐").candidates
    assert asker.ask_text("第一个").entry == offered[0].entry
    assert asker.ask_text(said).entry == offered[1].entry


def test_of_three_choices_the_other_two_are_offered_again(faq: Faq, matcher: Matcher) -> None:
    asker = Assistant(faq, matcher, None, longest_question_s=60)
    offered = [candidate.entry for candidate in asker.ask_text("怎么退卡？有效期多久？需要网络吗？").candidates]
    asker.ask_text("第二个")
    assert [candidate.entry for candidate in asker.ask_text("另外的").candidates] == [offered[0], offered[2]]


def test_the_other_choice_and_back(asker: Assistant) -> None:
    first, second = (candidate.entry for candidate in asker.ask_text("早餐").candidates)
    said = ("第一个", "另一个", "另一个", "第二个")
    assert [asker.ask_text(text).entry for text in said] == [first, second, first, second]


def test_of_one_choice_there_is_no_other(asker: Assistant) -> None:
    assert len(asker.ask_text("退房").candidates) == 1
    assert asker.ask_text("是").entry == "check-out"
    turn = asker.ask_text("另一个")
    assert (turn.decision, turn.command) == ("reject", None)


@pytest.mark.parametrize(
    ("question", "words", "entry"), [("怎么开通", "那退呢", "refund"), ("怎么退卡", "那开通呢", "how-to-open")]
)
def test_the_same_is_asked_about_something_else(
    faq: Faq, matcher: Matcher, question: str, words: str, entry: str
) -> None:
    asker = Assistant(faq, matcher, None, longest_question_s=60)
    assert asker.ask_text(question).entry is not None
    assert asker.ask_text(words).entry == entry


def test_a_choice_is_over_when_something_else_was_asked(asker: Assistant) -> None:
    for question in ("怎么开发票", "健身房有教练吗"):
        asker.ask_text("早餐")
        asker.ask_text(question)
        assert asker.ask_text("第一个").entry is None, question
    asker.ask_text("早餐")
    asker.ask_text("咿呀")  # which may be a choice that was misheard
    assert asker.ask_text("第一个").entry is not None


@pytest.mark.parametrize(
    "said",
    [
        *"转人工 我要找人工客服 我要投诉 找个服务员来 前台电话是多少 救命啊 快叫救护车".split(),
        *"头晕喘不上气 胸口疼得厉害 流血了 老太太不见了怎么办 我女儿走丢了 有人晕过去了".split(),
    ],
)
def test_who_asks_for_somebody_hears_the_hotline_at_once(settings: Settings, said: str) -> None:
    faq = load_faq(DATA / "library")
    entries = [entry for entry in faq.entries if "电话" not in entry.question]
    faq = faq.model_copy(update={"entries": entries})
    assistant = Assistant(faq, Matcher(faq, settings.wrong_answers), None, longest_question_s=60)
    turn = assistant.ask_text(said)
    assert turn.decision == "reject" and faq.hotline in turn.answer


@pytest.mark.parametrize("said", ["手机掉水里了", "孩子的卡不见了"])
def test_what_befalls_a_thing_is_no_emergency(said: str) -> None:
    assert not asks_for_people(said)
    assert asks_for_people("有人掉水里了") and asks_for_people("掉河里了")


@pytest.mark.parametrize("said", ["别给我转人工", "不要人工客服", "不用找工作人员", "不用打客服电话"])
def test_who_wants_nobody_is_sent_to_nobody(said: str) -> None:
    assert not asks_for_people(said)
    assert asks_for_people("不要机器人，转人工") and asks_for_people("我不想等了找个人来")


UNRELATED = (
    "厕所在哪 几点了 孩子丢了 门坏了 怎么走 你几岁 去哪儿吃 坐几路车 我的包呢 那孩子呢 银行卡怎么销户 天气呢".split()
)


def test_what_has_nothing_to_do_with_the_last_answer_is_not_answered_by_it(faq: Faq, matcher: Matcher) -> None:
    assistant = Assistant(faq, matcher, None, longest_question_s=60)
    taken = []
    for question in ("手机坏了怎么退卡", "公交打折吗", "怎么退卡", "有效期多久", "没网能刷吗", "怎么退卡和要押金吗"):
        for words in [*UNRELATED, *faq.out_of_scope[::12]]:
            assistant.forget()
            alone = assistant.ask_text(words).entry
            assistant.forget()
            assistant.ask_text(question)
            if assistant.ask_text(words).entry != alone:
                taken.append((question, words))
    assert len(taken) <= 8, taken


@pytest.mark.parametrize(
    ("topic", "words", "entry"),
    [
        ("早餐", "不是，几点", "breakfast"),
        ("早餐", "不是，我问要付钱吗", "breakfast-price"),
        ("早餐", "不是，怎么开发票", "invoice"),
        ("早餐几点开始", "不是，押金要交多少", "deposit"),
    ],
)
def test_a_no_with_more_behind_it_is_about_that(asker: Assistant, topic: str, words: str, entry: str) -> None:
    asker.ask_text(topic)
    assert asker.ask_text(words).entry == entry


def test_words_that_hardly_stand_for_themselves_are_told() -> None:
    assert all(map(is_ellipsis, ("那手表呢", "手表呢", "那么手表")))
    assert not any(map(is_ellipsis, ("那个怎么办", "怎么退卡")))
