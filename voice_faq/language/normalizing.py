"""One spelling for all ways to write the same question."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from voice_faq.language.numbers import DIGITS, read_cardinal, read_digits, read_version

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)*")
_TELEPHONE: Final = re.compile(r"(?<!\d)(?:0\d{2,3}|[48]00)(?:-\d{3,8})+(?!\d)")
_YAO: Final = re.compile(rf"幺(?=[{DIGITS}幺])|(?<=[{DIGITS}])幺")
_YEAR: Final = re.compile(r"\d{4}(?=年)")
_NOT_WORDS: Final = re.compile(r"[^\u4e00-\u9fffa-z]+")
_SPACE_BESIDE_CHINESE: Final = re.compile(r"(?<=[\u4e00-\u9fff])\s+|\s+(?=[\u4e00-\u9fff])")

LONGEST_READ_NUMBER: Final = 4  # digits; longer ones are telephone or card numbers and read digit by digit


def join_words(text: str) -> str:
    """A recogniser's spaced words as running text: ``怎么 退卡 apple pay`` → ``怎么退卡apple pay``."""
    return _SPACE_BESIDE_CHINESE.sub("", text.strip())


def normalize(text: str) -> str:
    """Lower-case Chinese characters and Latin words, numbers as they are read, nothing else.

    Latin words stay apart by one space: ``刷 Apple Pay，要5元吗？`` → ``刷apple pay要五元吗``. Telephone numbers are
    read digit by digit, and 幺 among digits is 一.
    """
    text = unicodedata.normalize("NFKC", text).lower()
    text = _TELEPHONE.sub(lambda m: read_digits(m.group().replace("-", "")), text)
    text = _YEAR.sub(lambda m: read_digits(m.group()), text)
    text = _NUMBER.sub(lambda m: _read_number(m.group()), text)
    return _YAO.sub("一", join_words(_NOT_WORDS.sub(" ", text)))


def _read_number(number: str) -> str:
    if "." in number:
        return read_version(number)
    if len(number) > LONGEST_READ_NUMBER or (len(number) > 1 and number.startswith("0")):
        return read_digits(number)
    return read_cardinal(int(number))
