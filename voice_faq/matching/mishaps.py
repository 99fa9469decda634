"""What befalls a thing: whoever says 医保卡丢了 does not ask how the card is used, though little else fits as well.

Mishaps are few and the same in every field, so that they are told by a list, where evidence weighs 丢 as any word.
What is lost or broken is hardly what an entry is about that never speaks of it. What is only missing for now, 没带毛巾,
餐厅找不到, 年卡过期了, often is: whether there are towels, where the restaurant is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from voice_faq.matching.entry_texts import EntryTexts


class _Mishap(NamedTuple):
    told: re.Pattern[str]
    served: re.Pattern[str]
    """What an entry says that serves whoever it befell."""


def _mishap(told: str, served: str) -> _Mishap:
    return _Mishap(re.compile(told), re.compile(served))


_LOST: Final = "丢|[遗挂]失|失窃|偷|被盗|(?<!看)不见|找不|没了|[补重]办|补[卡领]"
_MISHAPS: Final = (
    _mishap("丢(?!掉|哪|大件)|遗失|失窃|[被让给].?偷|偷走|被盗|(?<!看)不见了|弄没了|找不[着到]了", _LOST),
    _mishap(
        "坏|碎了|裂|摔|进水|黑屏|死机|开不了机",
        "[坏碎裂损摔水修换]|黑屏|死机|开不了|故障|失灵|(?<!能)不能用|没法用|售后",
    ),
)
_MISSING: Final = (
    _mishap("找不[着到](?!了)", _LOST),
    _mishap(
        "(?<!会)(?<!多久)(?<!几年)(?<!时候)(?:过期|到期|失效|逾期)(?![吗么])",
        "期|失效|时效|[多很]久|多长|[续换补重]办|几年",
    ),
    _mishap("忘|没带", "忘|[没未不]带|补|密码|找回|重置"),
)
_FEARED: Final = re.compile("怕[^，,。]{0,6}")


class MishapReader:
    """Which mishaps a question tells of, and which the wordings of an entry speak of."""

    def __init__(self, texts: EntryTexts) -> None:
        self._texts = texts

    def strange_among(self, text: str, entries: Sequence[int] | np.ndarray) -> np.ndarray:
        """Of ``entries``, as booleans, those that say nothing of a loss or damage that normalised ``text`` tells."""
        served = _served(_MISHAPS, text)
        if not served:
            return np.zeros(len(entries), bool)
        return np.array([not all(of.search(self._texts.asked(int(entry))) for of in served) for entry in entries], bool)


class MissingReader:
    """Which entries speak of what is missing for now."""

    def __init__(self, texts: EntryTexts) -> None:
        self._texts = texts

    def strange_to(self, text: str, entry: int) -> bool:
        """Whether ``entry`` says nothing of what the normalised ``text`` tells is forgotten, not found, or run out."""
        return any(not of.search(self._texts.asked(entry)) for of in _served(_MISSING, text))


def _served(mishaps: Sequence[_Mishap], text: str) -> list[re.Pattern[str]]:
    happened = _FEARED.sub("", text)
    return [mishap.served for mishap in mishaps if mishap.told.search(happened)]
