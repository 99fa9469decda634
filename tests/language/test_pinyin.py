import re

from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from voice_faq.language.pinyin import SYLLABLES, cut_syllables, without_tones


def test_the_syllables_are_those_of_all_common_characters() -> None:
    common = [bytes((row, cell)).decode("gb2312") for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFA)]
    sounds = {sound for character in common for sound in lazy_pinyin(character)}
    assert sounds - SYLLABLES <= {"m", "n", "ng", "hm", "hng"}
    assert len(SYLLABLES - sounds) < 35  # those of rare characters and of second readings


def test_letters_are_cut_into_syllables() -> None:
    assert cut_syllables("zenmetuika")[0] == ("zen", "me", "tui", "ka")
    assert set(cut_syllables("xian")) == {("xian",), ("xi", "an")}
    assert cut_syllables("tk") == cut_syllables("apple") == ()


@given(st.lists(st.sampled_from(sorted(SYLLABLES)), min_size=1, max_size=4))
def test_every_pinyin_can_be_read(sounds: list[str]) -> None:
    ways = cut_syllables("".join(sounds))
    assert ways and len(ways[0]) <= len(sounds)


def test_tones_go_and_names_with_numbers_stay() -> None:
    assert without_tones("zěnme tuìkǎ") == "zenme tuika"
    assert without_tones("zen3me5 tui4 ka3") == "zenme tui ka"
    assert without_tones("tui4ka3 zen3me ban4") == "tuika zenme ban"
    assert without_tones("lǜ sè") == "lv se"
    for name in ("iphone5", "se2", "series 3", "ios13.4", "v2"):
        assert without_tones(name) == name


@given(st.lists(st.sampled_from(["a", "tui", "ka", "x", "1", "5", "6", " ", ".", "卡"]), max_size=8).map("".join))
def test_tones_are_those_of_two_syllables_or_more_that_end_a_word(text: str) -> None:
    run = re.compile(r"(?<![a-z0-9])[a-z]+[1-5](?:\s*[a-z]+[1-5]?)*\s*[a-z]+[1-5](?![a-z0-9.])")

    def toneless(found: re.Match[str]) -> str:
        return re.sub("[1-5]", "", found[0]) if all(map(cut_syllables, re.findall("[a-z]+", found[0]))) else found[0]

    assert without_tones(text) == run.sub(toneless, text)
