import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_faq.language.normalizing import join_words, normalize
from voice_faq.language.sounds import syllables


def test_all_ways_to_write_a_question_become_one() -> None:
    assert normalize("刷 Apple Pay，要5元吗？") == "刷apple pay要五元吗"
    assert normalize("ＩＯＳ１３．４") == "ios十三点四"
    assert normalize("2040年12月31日") == "二零四零年十二月三十一日"
    assert normalize("打010-96066") == normalize("打零幺零九六零六六") == "打零一零九六零六六"
    assert normalize("400-666-8800") == "四零零六六六八八零零"
    assert normalize("100-200元") == "一百二百元"
    assert normalize("妳在二〇二〇年") == "你在二零二零年"


@pytest.mark.parametrize(
    ("written", "same"),
    [
        (
            ["ApplePay", "Ａｐｐｌｅ Ｐａｙ", "APPLE PAY", "applepay", "Apple-Pay", "app le pay", "Apple  Pay"],
            "apple pay",
        ),
        (["Wi-Fi", "WiFi", "wi fi", "ＷＩＦＩ"], "wifi"),
        (["iPhone XS", "iPhoneXS", "i Phone xs"], "iphone xs"),
        (["退卡怎麼辦", "退卡怎么办"], "退卡怎么办"),
        (["手機裡餘額還剩兩塊錢", "手机里余额还剩2块钱"], "手机里余额还剩两块钱"),
        (["5号线", "五号线", "５號線"], "五号线"),
        (["2号", "二号"], "二号"),
        (["2个月", "两个月"], "两个月"),
        (["第2个", "第二个"], "第二个"),
        (["8:30", "８：３０", "8点30", "八点三十分", "八点三十", "8点半"], "八点半"),
        (["8:15", "八点一刻", "8点15分"], "八点十五分"),
        (["8:35", "八点三十五分"], "八点三十五分"),
        (["3.5块", "三点五块"], "三点五块"),
        (["0.05%", "百分之零点零五"], "百分之零点零五"),
        (["5.30%"], "百分之五点三零"),
        (["50%", "百分之五十"], "百分之五十"),
        (["1,000元", "1000元", "¥1000"], "一千元"),
        (["tuì kǎ", "tui4 ka3", "TUI KA"], "tui ka"),
    ],
)
def test_the_same_in_every_writing(written: list[str], same: str) -> None:
    assert [normalize(text) for text in written] == [same] * len(written)


@given(st.text(alphabet=[chr(c) for c in range(0x4E00, 0x9FFF)]))
def test_traditional_characters_change_once(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@pytest.mark.parametrize("name", ["apple", "pay", "hello", "app", "ios", "pos", "nfc", "bmacwx"])
def test_latin_words_are_no_pinyin(name: str) -> None:
    assert normalize(name) == name
    assert syllables(name) != [name]


def test_recognisers_spaces_between_chinese_words_go_and_latin_words_stay_apart() -> None:
    assert join_words(" 怎么 退卡 apple pay 呢 ") == "怎么退卡apple pay呢"


@given(st.text() | st.text(alphabet="幺一五零a 1"))
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once


@given(st.text(alphabet=st.characters(exclude_categories=()) | st.sampled_from("1.,:%-幺年退a\ud800")))
def test_no_text_is_too_strange(text: str) -> None:
    once = normalize(text)
    assert normalize(once) == once


@pytest.mark.parametrize("text", ["1." + "1" * 5_000, "1" * 5_000, "\ud800退卡\udfff"])
def test_what_python_makes_no_number_or_character_of_is_read(text: str) -> None:
    assert normalize(text)


@given(st.text(alphabet="，。！？、 \t\n;:'\"()《》…"))
def test_punctuation_alone_is_no_question(text: str) -> None:
    assert normalize(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        "iphone5 transportation application",
        *(
            part * 4_000 + end
            for part in ("a", "ai", "a1", "a1b ", "applepay", "1", "1.", "010-123", " ", "吗")
            for end in ("", "x", "%")
        ),
        *("a1" + part * 4_000 for part in ("a", "a ", " ", "a5.")),
    ],
)
def test_nothing_that_a_rider_types_takes_long(text: str) -> None:
    started = time.process_time()
    normalize(text)
    assert time.process_time() - started < 0.5
