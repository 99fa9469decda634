"""Written answers as they are read aloud: numbers, dates, money, versions, telephone numbers, units."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from voice_faq.language.numbers import read_cardinal, read_decimal, read_digits, read_version

_NUM: Final = r"\d+(?:\.\d+)?"
MEASURES: Final = "个张台部家次条位天年块元分小种步座趟站只份页件岁瓶人倍者"
"""Words that count: two of them are 两, one of them changes its tone."""
_CALL_WORDS: Final = r"(?<=[打拨])|(?<=热线)|(?<=电话)|(?<=号码)|(?<=客服)"

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def _date(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    words = f"{read_digits(year)}年{read_cardinal(int(month))}月"
    return words + (f"{read_cardinal(int(day))}日" if day else "")


def _phone(match: re.Match[str]) -> str:
    return "，".join(read_digits(group, one="幺") for group in re.findall(r"\d+", match.group()))


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match.group(1)), int(match.group(2))
    words = f"{'两' if hour == 2 else read_cardinal(hour)}点"
    if minute == 0:
        return words + "整"
    return words + ("零" if minute < 10 else "") + f"{read_cardinal(minute)}分"


def _money(match: re.Match[str]) -> str:
    return f"{_amount(match.group(1))}元"


def _amount(number: str) -> str:
    """Decimal without the zeros at its end: ``5.50`` → 五点五."""
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return "两" if number == "2" else read_decimal(number)


def _range(match: re.Match[str]) -> str:
    return f"{read_decimal(match.group(1))}到{read_decimal(match.group(2))}"


def _with_letter(match: re.Match[str]) -> str:
    return f"{read_cardinal(int(match.group(1)))} {match.group(2)} "


def _plain_number(match: re.Match[str]) -> str:
    number = match.group()
    whole = number.partition(".")[0]
    if "." not in number and ((len(number) > 1 and number.startswith("0")) or len(number) >= 7):
        return read_digits(number, one="幺")
    return read_decimal(number) if len(whole) <= 16 else read_digits(whole)


_RULES: Final[tuple[_Rule, ...]] = (
    (re.compile(r"(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?"), _date),
    (re.compile(r"(\d{4})年(\d{1,2})月()"), _date),
    (re.compile(r"(\d{4})(?=年)"), lambda m: read_digits(m.group(1))),
    (re.compile(r"(?<!\d)\d{3,4}(?:-\d{3,8})+(?!\d)"), _phone),
    (re.compile(rf"(?:{_CALL_WORDS})[：:]?\s*\d{{3,}}(?!\d|\.\d|[{MEASURES}])"), lambda m: "，" + _phone(m)),
    (re.compile(r"(?<!\d)([01]?\d|2[0-4])[:：]([0-5]\d)(?![\d:：])"), _clock),
    (re.compile(r"\d+(?:\.\d+){2,}"), lambda m: read_version(m.group())),
    (re.compile(rf"({_NUM})\s*[%％]"), lambda m: f"百分之{read_decimal(m.group(1))}"),
    (re.compile(rf"[¥￥]\s*({_NUM})"), _money),
    (re.compile(rf"({_NUM})\s*(?:元|块钱)"), _money),
    (re.compile(rf"({_NUM})\s*(?:~|～|—|－|-)\s*({_NUM})"), _range),
    (re.compile(r"(\d+)/(\d+)"), lambda m: f"{read_cardinal(int(m.group(2)))}分之{read_cardinal(int(m.group(1)))}"),
    (re.compile(r"(\d+)([A-Za-z])(?![A-Za-z])"), _with_letter),
    (re.compile(rf"(?<![\d.])2(?=[{MEASURES}])"), lambda _m: "两"),
    (re.compile(_NUM), _plain_number),
)


def to_spoken(text: str) -> str:
    """``首次最少5元，拨打010-96066`` → ``首次最少五元，拨打零幺零，九六零六六``."""
    for pattern, read in _RULES:
        text = pattern.sub(read, text)
    return text
