from hypothesis import given
from hypothesis import strategies as st

from voice_faq.language.normalizing import join_words, normalize


def test_all_ways_to_write_a_question_become_one() -> None:
    assert normalize("刷 Apple Pay，要5元吗？") == "刷apple pay要五元吗"
    assert normalize("ＩＯＳ１３．４") == "ios十三点四"
    assert normalize("2040年12月31日") == "二零四零年十二月三十一日"
    assert normalize("打010-96066") == normalize("打零幺零九六零六六") == "打零一零九六零六六"
    assert normalize("400-666-8800") == "四零零六六六八八零零"
    assert normalize("100-200元") == "一百二百元"


def test_recognisers_spaces_between_chinese_words_go_and_latin_words_stay_apart() -> None:
    assert join_words(" 怎么 退卡 apple pay 呢 ") == "怎么退卡apple pay呢"


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once


@given(st.text(alphabet="，。！？、 \t\n;:'\"()《》…"))
def test_punctuation_alone_is_no_question(text: str) -> None:
    assert normalize(text) == ""
