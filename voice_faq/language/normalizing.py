"""One spelling for all ways to write the same question."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any, Final

from voice_faq.language.latin import respaced
from voice_faq.language.numbers import DIGITS, read_cardinal, read_decimal, read_digits, read_version
from voice_faq.language.pinyin import without_tones

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)*")
_TELEPHONE: Final = re.compile(r"(?<!\d)(?:0\d{2,3}|[48]00)(?:-\d{3,8})+(?!\d)")
_YAO: Final = re.compile(rf"幺(?=[{DIGITS}幺])|(?<=[{DIGITS}幺])幺")
_YEAR: Final = re.compile(r"\d{4}(?=年)")
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_TIME: Final = re.compile(r"(?<![\d:])(\d{1,2}):([0-5]\d)(?![\d:])")
_CLOCK: Final = re.compile(rf"(?<=点)(三十分?|[一三]刻钟?)(?![{DIGITS}块元])")
_SAID: Final = {"三十": "半", "三十分": "半", "一刻": "十五分", "三刻": "四十五分"}
_PERCENT: Final = re.compile(r"(?<!\d)(\d++(?:\.\d++)?)%")
_PRICE: Final = re.compile(r"¥(\d+(?:\.\d+)?)")
# Of things one counts 两, while 二 numbers lines, floors and days.
_TWO: Final = re.compile(
    r"(?<![第\d.:-])2(?=[个张次块部台种条位家份件辆站人遍套只本斤天元年]|分钟|小时|星期|公里|点(?!\d))"
)
_VARIANTS: Final = str.maketrans("〇妳", "零你")
_DIGIT: Final = re.compile(r"\d")
_LATIN: Final = re.compile("[a-zà-ǿ]")
_NOT_WORDS: Final = re.compile(r"[^\u4e00-\u9fffa-z]+")
_SPACE_BESIDE_CHINESE: Final = re.compile(r"(?<=[\u4e00-\u9fff])\s+|\s+(?=[\u4e00-\u9fff])")

LONGEST_READ_NUMBER: Final = 4  # digits; longer ones are telephone or card numbers and read digit by digit


def join_words(text: str) -> str:
    """A recogniser's spaced words as running text: ``怎么 退卡 apple pay`` → ``怎么退卡apple pay``."""
    return _SPACE_BESIDE_CHINESE.sub("", text.strip())


def normalize(text: str) -> str:
    """Lower-case Chinese characters and Latin words, numbers as they are read, nothing else.

    Latin words stay apart by one space: ``刷 Apple Pay，要5元吗？`` → ``刷apple pay要五元吗``. Telephone numbers are
    read digit by digit, and 幺 among digits is 一. Traditional characters become simplified ones, known Latin words
    are written as usual, ``ApplePay`` → ``apple pay``, and typed pinyin loses its tones. 8:30 is 八点半, 八点一刻 is
    八点十五分.
    """
    text = simplified(unicodedata.normalize("NFKC", text).lower())
    if _LATIN.search(text):
        text = without_tones(text)
    if _DIGIT.search(text):
        text = _read_numbers(text)
    text = _YAO.sub("一", join_words(_NOT_WORDS.sub(" ", text)))
    text = _CLOCK.sub(lambda m: _SAID[m.group().removesuffix("钟")], text)
    return respaced(text) if _LATIN.search(text) else text


def _read_numbers(text: str) -> str:
    text = _PRICE.sub(r"\1元", _PERCENT.sub(r"百分之\1", _THOUSANDS.sub("", text)))
    text = _TWO.sub("两", _TIME.sub(_read_time, text))
    text = _TELEPHONE.sub(lambda m: read_digits(m.group().replace("-", "")), text)
    text = _YEAR.sub(lambda m: read_digits(m.group()), text)
    return _NUMBER.sub(lambda m: _read_number(m.group()), text)


def simplified(text: str) -> str:
    """Simplified characters for traditional ones; all else stays."""
    text = text.translate(_VARIANTS)
    try:
        text.encode("gb2312")  # has no traditional characters to speak of
    except UnicodeEncodeError:
        readable = text.encode("utf-8", "replace").decode()  # without halves of characters, which are no text
        return str(_simplifier().convert(readable))
    return text


@cache
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def _read_time(time: re.Match[str]) -> str:
    hours, minutes = int(time[1]), int(time[2])
    return f"{hours}点{minutes}分" if minutes else f"{hours}点"


def _read_number(number: str) -> str:
    if "." in number:
        return read_decimal(number) if number.count(".") == 1 else read_version(number)
    if len(number) > LONGEST_READ_NUMBER or (len(number) > 1 and number.startswith("0")):
        return read_digits(number)
    return read_cardinal(int(number))
