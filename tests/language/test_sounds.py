import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_faq.language.sounds import fold_sound, sound_key, syllables


def test_latin_words_have_the_sounds_that_riders_give_them() -> None:
    assert syllables("退卡app") == ["tui", "ka", "ei", "pi", "pi"]


@pytest.mark.parametrize(
    ("one", "other"), [("公交卡", "公交咖"), ("出站", "粗暂"), ("刷卡", "耍卡"), ("南站", "兰站"), ("手续", "首续")]
)
def test_what_recognisers_confuse_sounds_alike(one: str, other: str) -> None:
    assert sound_key(one) == sound_key(other)


def test_different_words_sound_different() -> None:
    assert sound_key("退卡") != sound_key("开卡")


@given(st.sampled_from(["zhang", "chi", "shuai", "neng", "ren", "hui", "fang", "ying", "a", "er"]))
def test_folding_twice_changes_nothing(syllable: str) -> None:
    assert fold_sound(fold_sound(syllable)) == fold_sound(syllable)
