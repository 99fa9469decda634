import pytest

from voice_faq.faq import Faq
from voice_faq.language.typed import TypedPinyin


@pytest.fixture(scope="module")
def read(faq: Faq) -> TypedPinyin:
    return TypedPinyin(wording for entry in faq.entries for wording in entry.all_wordings)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("怎么tuika", "怎么退卡"),
        ("zenmetuika", "怎么退卡"),
        ("zen me tui ka", "怎么退卡"),
        ("zěnme tuìkǎ", "怎么退卡"),
        ("tui4ka3 zen3me ban4", "退卡怎么办"),
        ("tk", "退卡"),
        ("tk zm b", "退卡怎么办"),
        ("怎么TK", "怎么退卡"),
        ("Apple Pay zenme kaitong", "apple pay怎么开通"),
        ("kfdh", "客服电话"),
    ],
)
def test_typed_pinyin_and_initials_are_the_characters_that_the_faq_has_for_them(
    read: TypedPinyin, typed: str, meant: str
) -> None:
    assert read(typed) == meant


@pytest.mark.parametrize("text", ["hello", "help me", "thank you", "sim卡", "pos机", "nfc", "iphone se", ""])
def test_other_words_stay(read: TypedPinyin, text: str) -> None:
    assert read(text) == text


def test_a_syllable_that_the_faq_never_has_stays_between_others(read: TypedPinyin) -> None:
    assert read("nuan tuika") == "nuan退卡"


def test_a_row_of_letters_of_any_length_is_read_at_once(read: TypedPinyin) -> None:
    for letters in ("a" * 5000, "xian" * 500, "tk" * 500, "x " * 500):
        assert read(letters)
