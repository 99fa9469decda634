"""Numbers as Mandarin speakers read them."""

from __future__ import annotations

from typing import Final

DIGITS: Final = "零一二三四五六七八九"
_PLACES: Final = ("", "十", "百", "千")
_MYRIADS: Final = ("", "万", "亿", "万亿")
LARGEST: Final = 10**16 - 1


def read_digits(digits: str, *, one: str = "一") -> str:
    """Digit by digit: ``2040`` → 二零四零; ``one="幺"`` for telephone numbers."""
    return "".join(one if d == "1" else DIGITS[int(d)] for d in digits)


def read_cardinal(number: int) -> str:
    """As an amount: 275 → 二百七十五, 12 → 十二, 10005 → 一万零五.

    Numbers above ``LARGEST`` are read digit by digit. Raises ValueError for negative ones.
    """
    if number < 0:
        raise ValueError(f"cannot read the negative number {number}")
    if number > LARGEST:
        return read_digits(str(number))
    if number == 0:
        return DIGITS[0]
    groups: list[int] = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if group == 0:
            continue
        if words and (group < 1000 or groups[place + 1] == 0):
            words += DIGITS[0]
        words += _read_group(group) + _MYRIADS[place]
    return words.removeprefix("一") if words.startswith("一十") else words


def _read_group(group: int) -> str:
    """A number of up to four digits, without a leading zero word."""
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit == 0:
            gap = bool(words)
            continue
        words += (DIGITS[0] if gap else "") + DIGITS[digit] + _PLACES[place]
        gap = False
    return words


def read_decimal(number: str) -> str:
    """With 点: ``13.4`` → 十三点四, ``0.05`` → 零点零五."""
    whole, _, fraction = number.partition(".")
    words = _read_whole(whole)
    return f"{words}点{read_digits(fraction)}" if fraction else words


def read_version(version: str) -> str:
    """A dotted version: ``4.2.0.2`` → 四点二点零点二, ``13.4.1`` → 十三点四点一."""
    return "点".join(map(_read_whole, version.split(".")))


def _read_whole(digits: str) -> str:
    """As an amount; as many digits as no amount has, and Python makes no number of, one by one."""
    return read_cardinal(int(digits)) if len(digits) <= len(str(LARGEST)) else read_digits(digits)
