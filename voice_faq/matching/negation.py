"""What a speaker says not to intend: 退卡 in 我没有要退卡."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import Final

from voice_faq.matching.question_form import is_interrogative

# What is not intended follows one of the first, or one of the second and then one of the third. 不能, 没有 and 不
# alone are no such words: 不能退卡吗 asks for a refund.
_UNWANTED: Final = re.compile("别[跟给帮让替我说讲提问再]*|不想|没想|没要")
_DENIED: Final = frozenset("不 没 没有 不是".split())
_INTENDED: Final = frozenset("要 想 想要 想着 说 问 打算 准备 愿意 愿 必要 需要 是 去 再".split())
# Whoever asks whether, 不用身份证吗 and 不是说要退吗, asks for what is needed, or said.
_NEEDLESS: Final = frozenset("不要 不用 不必 无需 无须 用不着 犯不着 甭".split())
_ANOTHER: Final = "不是"
_NEED: Final = "需要"  # 不 需要 is two words
_SAID: Final = frozenset("说 是".split())
_FREE: Final = "钱"  # 多高以下不要钱
_MOVING: Final = "上下进出过走爬回起"
# What is not to be done stands behind these: 别给我退票; all that is not to be told behind those: 不用告诉我去哪里.
_TO_WHOM: Final = frozenset("给 帮 帮忙 替 跟".split())
_TELLING: Final = frozenset("告诉 说 讲 谈 提 介绍 知道 了解 听 教 解释 念 提醒".split())
# Nor is what one says not to ask, whatever it asks: 我没问要不要押金, 我不是来问押金的.
_ASKING: Final = frozenset("问 打听 咨询".split())
_NOT_ASKED: Final = "不问"
_COMING: Final = frozenset("来 要 想 是 在".split())
_DID_NOT: Final = frozenset("没 没有".split())
_SPEAKER: Final = frozenset("我 我们 俺 咱".split())
_BUT: Final = frozenset("是 而是 就 就是 只 想 能 可以 那 那么".split()) | _ASKING
_EVER: Final = "过"
MOST_TOLD: Final = 6  # words; of more some are another question
MOST_BESIDE: Final = 3
_INSTEAD: Final = frozenset("就 只 而是 了".split())
_ANEW: Final = frozenset("了 能 可以 想 要 就 还 也 行".split())  # what is wanted instead, 报纸 不想 订 了 能 退钱 吗
_WHOM: Final = frozenset("我 我们 咱 咱们 俺 他 她 它 他们 你 您 家 的".split())
_BEFORE_DEED: Final = _TO_WHOM | _WHOM | _TELLING
# 没问清楚怎么退卡 asks it now, and 没问我 tells of others.
_UNTOLD: Final = frozenset("到 清 清楚 明白 出来 完 着 好".split()) | _WHOM
_DISPOSED: Final = "把"  # stands before what something is done to, and that before the verb: 别把卡退了
_TELLS_NOTHING: Final = frozenset("掉 走 啊 呀 吧 的 给 怎么 咋 如何 为什么 为啥".split()) | _WHOM
_DONE: Final = "了"  # 我不要了 and 我不用了 tell nothing that is not to be done


def negated_words(words: Sequence[str], *, whether: bool = False) -> list[int]:
    """Places of the words that the speaker does not intend: 我 没有 要 退卡 → 3.

    ``whether`` that is the question: then nothing is said to be needless, 不用 身份证 吗.
    """
    places: list[int] = []
    for start, word in enumerate(words):
        if (asked := _not_asked(words, start)) is not None:
            places += asked
            continue
        if start and (word[1:].startswith(words[start - 1]) or (word == "不" and words[start - 1][-1] in _MOVING)):
            continue  # 要 不要 升级 asks, and 上 不 去 is what one cannot
        place = start + 1
        while place < len(words) and words[place] in _INTENDED:
            place += 1
        another = word == _ANOTHER and place == len(words) - 1  # 不是 退卡, not 不是 北京 的 号码 怎么 开
        needless = word in _NEEDLESS or (word == "不" and words[start + 1 : start + 2] == [_NEED])
        denied = another or (word in _DENIED and place > start + 1)
        if _UNWANTED.fullmatch(word) or (needless and not whether):
            places += _done_to(words, place)
        elif denied and not (whether and (word == _ANOTHER or needless or words[start + 1] in _SAID)):
            told_of = place < len(words) and words[place] in _TELLING
            places += _done_to(words, place) if told_of else [place]  # 没给我退票 is a complaint
    return [place for place in places if place < len(words) and words[place] not in (_DONE, _FREE)]


def _not_asked(words: Sequence[str], start: int) -> list[int] | None:
    """Where from ``start`` on it tells what the speaker says not to ask; None where that is not said.

    Who did not ask is the speaker, 我没问; a matter that nobody asked yet, 还有件事没问, is asked next.
    """
    place = start + 1
    if words[start] in _DENIED:
        while place < len(words) and words[place] in _COMING:
            place += 1
        if place == len(words) or words[place] not in _ASKING:
            return None
        if words[start] in _DID_NOT and not _SPEAKER.intersection(words[max(0, start - 2) : start]):
            return []
        place += 1
    elif words[start] != _NOT_ASKED:
        return None
    ever = words[place : place + 1] == [_EVER]
    place += ever
    if place == len(words) or words[place] in _UNTOLD or (ever and is_interrogative(words[place])):
        return []
    asked = [place, *takewhile(lambda i: words[i] not in _BUT, range(place + 1, len(words)))]
    return _telling(words, asked) if len(asked) <= MOST_TOLD else [place]


def beside_negated(words: Sequence[str], places: Iterable[int]) -> set[int]:
    """Places of words that only go on from the negated ones at ``places``: 到 手表 上 of 不想 加 到 手表 上."""
    beside = set()
    for place in places:
        for i in range(place + 1, min(len(words), place + 1 + MOST_BESIDE)):
            anew = words[i] in _ANEW or is_interrogative(words[i])
            if i == place + 1 or not anew:
                beside.add(i)
            if anew:
                break
    return beside


def _done_to(words: Sequence[str], place: int) -> list[int]:
    """Where from ``place`` on it says what is done: behind whom it is for, all of 把 卡 退 了, all that is told."""
    start = place
    while place < len(words) and words[place] in _BEFORE_DEED:
        place += 1
    if _TELLING.intersection(words[start:place]):
        told = list(takewhile(lambda i: words[i] not in _INSTEAD, range(place, len(words))))
        if len(told) <= MOST_TOLD:
            return _telling(words, told)
    disposed = next((i for i in (place, place + 1) if words[i : i + 1] == [_DISPOSED]), None)
    if disposed is None:
        return [place]
    rest = takewhile(lambda i: words[i] != _DONE and not is_interrogative(words[i]), range(disposed + 1, len(words)))
    return _telling(words, rest)


def _telling(words: Sequence[str], places: Iterable[int]) -> list[int]:
    """Those of ``places`` whose words tell something."""
    return [place for place in places if words[place] not in _TELLS_NOTHING]
