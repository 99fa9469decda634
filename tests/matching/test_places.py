"""Questions about other places than that of the FAQ."""

import pytest

from voice_faq.language.hypothesis import Hypothesis
from voice_faq.matching import Answer, Clarify, Matcher
from voice_faq.matching.decision import Rule
from voice_faq.matching.places import PlaceReader

from .entries import told

MOUNTAIN = PlaceReader(
    told(
        [["哪里可以寄存行李"], ["景区里能抽烟吗"], ["怎么从高铁站过来"], *[["随便问问"]] * 20],
        ["游客中心有柜子。", "不能。", "坐景区大巴。", *["好。"] * 20],
    ),
    "青云山常见问题",
)


@pytest.mark.parametrize(
    "text",
    [
        "高铁站有行李寄存吗",
        "请问博物馆几点关门",
        "别的景区有行李寄存吗",
        "隔壁的酒店能带狗吗",
        "医院里面能抽烟吗",
        "隔壁陵园几点开门",
        "寺里能烧纸吗",
        "药店中午休息吗",
        "苏州缆车多少钱",
        "日本有行李寄存吗",
    ],
)
def test_ask_what_no_entry_tells(text: str) -> None:
    assert MOUNTAIN.strange_to(text, 0)


@pytest.mark.parametrize(
    "text",
    [
        "游客中心能寄存行李吗",  # the entry's own words
        "行李能寄存吗",
        "在火车站丢了行李怎么办",
        "医院开的证明要交吗",
        "小学生有优惠吗",
        "餐厅的位置怎么订",
        "北京卡能用吗",
        "上海人有优惠吗",
        "银行卡能用吗",
        "到高铁站要多久",
        "去火车站有班车吗",
    ],
)
def test_others_are_about_this_place(text: str) -> None:
    assert not MOUNTAIN.strange_to(text, 0)


def test_another_entry_that_names_it_is_no_answer() -> None:
    assert MOUNTAIN.strange_to("高铁站能抽烟吗", 1)
    assert not MOUNTAIN.strange_to("高铁站几点有车", 2)


def test_an_entry_that_speaks_of_other_places_serves_them() -> None:
    entry = PlaceReader(told([["别的景区的票能用吗"]], ["其他景区的票不能用。"]), "常见问题")
    assert not entry.strange_to("别的景区能用吗", 0)


def test_a_place_is_this_one_where_the_title_or_many_entries_name_it() -> None:
    entries = told([["几点开门"], ["图书馆能带水吗"]])
    assert not PlaceReader(entries, "常见问题").strange_to("图书馆几点开门", 0)
    assert PlaceReader(entries, "常见问题").strange_to("博物馆几点开门", 0)
    assert not PlaceReader(entries, "市博物馆常见问题").strange_to("博物馆几点开门", 0)


@pytest.mark.parametrize(
    ("text", "entry"),
    [("博物馆几点开门", "opening-hours"), ("别的图书馆有空座位吗", "seats"), ("电影院能打印吗", "printing")],
)
def test_are_offered_at_the_most(library: Matcher, text: str, entry: str) -> None:
    decision = library.match([Hypothesis(text, 1.0)])
    assert isinstance(decision, Clarify) and decision.candidates[0].entry == entry
    assert library.judged(text).rules == (Rule.ELSEWHERE,)


def test_so_is_the_card_of_another_town(matcher: Matcher) -> None:
    decision = matcher.match([Hypothesis("长安通支持透支吗", 1.0)])
    assert isinstance(decision, Clarify) and decision.candidates[0].entry == "overdraft"
    assert isinstance(matcher.match([Hypothesis("深圳能用吗", 1.0)]), Answer)
