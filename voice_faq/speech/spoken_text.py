"""Written answers as they are read aloud: numbers, dates, times, money, versions, telephone numbers, units, marks.

Rules are tried in order, each on what the former ones left; what a rule has put into words, no later one touches.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from voice_faq.language.numbers import read_cardinal, read_decimal, read_digits, read_version

MEASURES: Final = "个张台部家次条位天年块元分小种步座趟站只份页件岁瓶人倍者"
"""Words that count: two of them are 两, one of them changes its tone."""
UNITS: Final = {
    "km/h": "公里每小时", "km": "公里", "cm": "厘米", "mm": "毫米", "kg": "公斤", "mg": "毫克", "ml": "毫升",
    "m²": "平方米", "㎡": "平方米", "m": "米", "g": "克", "h": "小时", "min": "分钟", "℃": "摄氏度", "°C": "摄氏度",
    "°": "度", "‰": "", "kW": "千瓦", "W": "瓦", "V": "伏",
}  # fmt: skip
_NUM: Final = r"\d+(?:\.\d+)?"
_TO: Final = r"\s*(?:~|～|—+|－|–|-)\s*"
_TIME: Final = r"(?<!\d)([01]?\d|2[0-4])[:：]([0-5]\d)(?![\d:：])"
_CALL_WORDS: Final = r"(?<=[打拨])|(?<=热线)|(?<=电话)|(?<=号码)|(?<=客服)|(?<=手机号)"
_SMALL_UNITS: Final = "|".join(map(re.escape, sorted(UNITS, key=len, reverse=True)))

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def _date(match: re.Match[str]) -> str:
    year, month, day = match.groups()
    words = f"{read_digits(year)}年{read_cardinal(int(month))}月"
    return words + (f"{read_cardinal(int(day))}日" if day else "")


def _phone(match: re.Match[str]) -> str:
    return "，".join(read_digits(group, one="幺") for group in re.findall(r"\d+", match.group()))


def _clock(hour: str, minute: str, exact: str = "整") -> str:
    words = f"{'两' if int(hour) == 2 else read_cardinal(int(hour))}点"
    if int(minute) == 0:
        return words + exact
    return words + ("零" if int(minute) < 10 else "") + f"{read_cardinal(int(minute))}分"


def _hours(match: re.Match[str]) -> str:
    first_hour, first_minute, last_hour, last_minute = match.groups()
    return f"{_clock(first_hour, first_minute, '')}到{_clock(last_hour, last_minute, '')}"


def _amount(number: str) -> str:
    """Decimal without the zeros at its end, ``5.50`` → 五点五; two of something are 两."""
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return "两" if number == "2" else _decimal(number)


def _decimal(number: str) -> str:
    """As people say amounts: 两千, 两万, but 二百 and 二十."""
    return re.sub(r"^二(?=[千万亿])", "两", read_decimal(number))


def _range(match: re.Match[str]) -> str:
    return f"{_decimal(match.group(1))}到{_amount(match.group(2)) if match.group(3) else _decimal(match.group(2))}"


def _percent_range(match: re.Match[str]) -> str:
    return "到".join(f"百分之{read_decimal(number)}" for number in match.groups())


def _between(word: str) -> Callable[[re.Match[str]], str]:
    """Two numbers with a word between them."""
    return lambda match: word.join(read_decimal(number) for number in match.groups())


def _quantity(match: re.Match[str]) -> str:
    sign, number, unit = match.groups()
    if unit == "‰":
        return f"千分之{read_decimal(number)}"
    below = "" if not sign else "零下" if unit in ("℃", "°C", "°") else "负"
    return f"{below}{_amount(number)}{UNITS[unit]}"


def _model(match: re.Match[str]) -> str:
    return f"{read_cardinal(int(match.group(1)))} {match.group(2)} "


def _plain_number(match: re.Match[str]) -> str:
    number = match.group()
    whole = number.partition(".")[0]
    if "." not in number:
        code = len(number) >= 7 and not number.endswith("0000")
        if code or (len(number) > 1 and number.startswith("0")):
            return read_digits(number, one="幺")
    return _decimal(number) if len(whole) <= 16 else read_digits(whole)


_RULES: Final[tuple[_Rule, ...]] = (
    # Spelling first, so that the rules below see numbers alone.
    (re.compile(r"(?<=\d),(?=\d{3}(?!\d))"), lambda _m: ""),
    (re.compile(r"[Ww]i-[Ff]i"), lambda _m: "WiFi"),
    (re.compile(r"https?://"), lambda _m: ""),
    (re.compile(r"(?<=[A-Za-z])\.(?=[A-Za-z])"), lambda _m: "点"),
    # Dates and times.
    (re.compile(r"(?<!\d)((?:19|20)\d\d)\.(\d{1,2})\.(\d{1,2})(?![\d.])"), _date),
    (re.compile(r"(\d{4})[-/年](\d{1,2})[-/月](\d{1,2})日?"), _date),
    (re.compile(r"(\d{4})年(\d{1,2})月()"), _date),
    (re.compile(r"(\d{4})(?=年)"), lambda m: read_digits(m.group(1))),
    (re.compile(rf"{_TIME}{_TO}{_TIME}"), _hours),
    (re.compile(_TIME), lambda m: _clock(*m.groups())),
    (re.compile(rf"(?<=[一二三四五六日天]){_TO}(?=周|星期|礼拜)"), lambda _m: "到"),
    # Codes, digit by digit.
    (re.compile(r"(?<!\d)\d{3,4}(?:-\d{3,8})+(?!\d)"), _phone),
    (re.compile(rf"(?:{_CALL_WORDS})[：:]?\s*\d{{3,}}(?!\d|\.\d|[{MEASURES}])"), lambda m: "，" + _phone(m)),
    (re.compile(r"(?<=[A-Za-z])\d{3,}(?![\d.])"), lambda m: read_digits(m.group(), one="幺")),
    (re.compile(r"(?<!\d)\d{3,4}(?=路(?!口|段|程)|室|房)"), lambda m: read_digits(m.group(), one="幺")),
    (re.compile(r"(?:\d+\.){2,}\d+"), lambda m: read_version(m.group())),
    # Amounts.
    (re.compile(rf"({_NUM})\s*[%％]?{_TO}({_NUM})\s*[%％]"), _percent_range),
    (re.compile(rf"({_NUM}){_TO}({_NUM})(?=([{MEASURES}])?)"), _range),
    (re.compile(rf"({_NUM})\s*[%％]"), lambda m: f"百分之{read_decimal(m.group(1))}"),
    (re.compile(rf"[¥￥]\s*({_NUM})"), lambda m: f"{_amount(m.group(1))}元"),
    (re.compile(rf"({_NUM})\s*(?=元|块)"), lambda m: _amount(m.group(1))),
    (re.compile(r"(?<!\d)([1-9])([1-9])(?=折)"), lambda m: read_digits(m.group(1) + m.group(2))),
    (re.compile(rf"(?:(?<![\w])([-−]))?({_NUM})\s*({_SMALL_UNITS})(?![A-Za-z])"), _quantity),
    (re.compile(r"(\d+)/(\d+)"), lambda m: f"{read_cardinal(int(m.group(2)))}分之{read_cardinal(int(m.group(1)))}"),
    (re.compile(r"(?<=[元块次张个人]) ?/ ?(?=[\u4e00-\u9fff])"), lambda _m: "每"),
    (re.compile(rf"({_NUM})\s*[×xX*]\s*({_NUM})"), _between("乘")),
    (re.compile(rf"({_NUM})\s*\+\s*({_NUM})"), _between("加")),
    (re.compile(r"(\d+)[:：](\d+)"), _between("比")),
    (re.compile(r"(?<![\d.])(\d+)([A-Za-z])(?![A-Za-z])"), _model),
    (re.compile(rf"(?<![\d.第])2(?=[{MEASURES}千万亿])"), lambda _m: "两"),
    (re.compile(rf"(?<![\w])[-−](?={_NUM})"), lambda _m: "负"),
    (re.compile(_NUM), _plain_number),
    # A bracket is heard as a pause.
    (re.compile(r"(?<=\w)\s*[（(【\[]|[）)】\]]\s*(?=\w)"), lambda _m: "，"),
    (re.compile(r"[（(【\[]|[）)】\]]"), lambda _m: ""),
)  # fmt: skip


def to_spoken(text: str) -> str:
    """``首次最少5元，拨打010-96066`` → ``首次最少五元，拨打零幺零，九六零六六``."""
    for pattern, read in _RULES:
        text = pattern.sub(read, text)
    return text
