import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice_faq.language.numbers import LARGEST, read_cardinal, read_decimal, read_digits, read_version

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")}
PLACES = {"十": 10, "百": 100, "千": 1000}
MYRIADS = {"万": 10**4, "亿": 10**8}


def value_of(words: str) -> int:
    """An independent reading of Chinese numerals back into a number."""
    if "万亿" in words:
        left, _, right = words.partition("万亿")
        return value_of(left) * 10**12 + (value_of(right) if right else 0)
    for mark in ("亿", "万"):
        if mark in words:
            left, _, right = words.partition(mark)
            return value_of(left) * MYRIADS[mark] + (value_of(right) if right else 0)
    total, digit = 0, 0
    for character in words:
        if character in DIGITS:
            digit = DIGITS[character]
        else:
            total += (digit or 1) * PLACES[character]
            digit = 0
    return total + digit


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "零"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (105, "一百零五"),
        (110, "一百一十"),
        (275, "二百七十五"),
        (1005, "一千零五"),
        (10_005, "一万零五"),
        (100_000, "十万"),
        (20_300_045, "二千零三十万零四十五"),
    ],
)
def test_amounts_are_read_as_people_read_them(number: int, words: str) -> None:
    assert read_cardinal(number) == words


@given(st.integers(0, LARGEST))
def test_an_amount_can_be_read_back(number: int) -> None:
    assert value_of(read_cardinal(number)) == number


def test_a_negative_amount_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        read_cardinal(-1)


def test_digits_versions_and_decimals() -> None:
    assert read_digits("010", one="幺") == "零幺零"
    assert read_version("4.2.0.2") == "四点二点零点二"
    assert read_decimal("13.4") == "十三点四"
    assert read_decimal("0.05") == "零点零五"
