"""What is not asked but said: 我不抽烟 and 孩子没走丢 deny, 我已经退票了 tells what is done, 拖鞋太小了 complains.

Whoever stands beside a kiosk says such things, and so does who answers back. Complaints are said as well, 水管爆了 and
机器不出票, and want help: they are none of these. Forms are few and the same in every field, so that they are told by
patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import numpy as np

from voice_faq.matching.entry_texts import EntryTexts
from voice_faq.matching.question_form import core_question, is_interrogative

_WHO: Final = r"(?:我|俺|咱)们?(?:家|(?:家)?(?:老公|老婆|老伴|爱人|妈|爸|孩子|儿子|女儿|爷爷|奶奶))?"
_WHEN: Final = "(?:从来|根本|其实|真的|今天|现在|这次|暂时|反正|一般|平时|[又也都可就])*"
# What somebody does not do, but for what one cannot or knows not how to do, what ails, and what is no longer so.
_NOT_DONE: Final = re.compile(
    rf"^(?!.*不行$)(?:[^想要我俺咱说示叫让告诉对给跟都]{{1,4}}(?=[我俺咱]))?{_WHO}{_WHEN}"
    r"(?P<said>不(?![会能知懂明清认记敢舍舒同满方太是在够小了到上见行对好想要用让给得管论但仅光只断识确相接服习信足超]"
    r"|[配出通制供醒呼动说睡干]|放(?!鞭|烟)|停(?!车)|过(?![夜来去]))[\u4e00-\u9fff])[^了]{0,3}$"
)
_NOT_HAPPENED: Final = re.compile(
    "^.{0,12}(?<!过)(?P<said>没有?(?:走?丢|坏|漏|受伤|过期|摔|裂|碎|忘|断|堵|生病|迟到|出?问题|毛病|进过?水|泡|淋|掉|鼓包|黑屏"
    "|死机|冒烟|发烧|[被让].{0,2}[偷抢骗咬撞刮蹭划]|[撞刮蹭划]))(?:过|呢|啊|水|雨|[水地坑].?[里上]|[卡票证书包手机钱]{1,2})?$"
)
# 谁说我要退卡了 asks nothing; but 谁要是丢了 does, and 谁说不能退了.
_WHO_WANTS: Final = re.compile("^(?P<said>谁(?:说[我俺咱]们?[要想]|[要想](?![是把被])))[^不没]{1,8}了$")
_DONE: Final = re.compile(
    r"(?P<by_now>已经(?![一二两三四五六七八九十百半几等])[^了]{1,2})[^了]{0,4}了$|(?P<done>[\u4e00-\u9fff][好完到过成])[^了]{0,3}了$"
    rf"|^{_WHO}{_WHEN}(?P<before>[^了过]{{1,2}}过)[^了]{{0,4}}了?$"
)
# What somebody has not done; but who lacks or misses something, or never did it, may want help.
_UNDONE: Final = re.compile(
    rf"^{_WHO}{_WHEN}(?P<said>没(?!有?[带收找到拿领看听懂明学用见办电网信水钱地时人空满成好反显出来动通交吃])[\u4e00-\u9fff])"
    "[^了过]{0,4}$"
)
# Shorter, and less sure: 票退了 and 电池刚换过, of verbs that hardly ever tell of a mishap; and complaints.
_TOLD: Final = re.compile(
    r"^[^了]{1,5}(?P<done>[退买付还寄存带换收取领订约办交贴修卖走停穿拿吃做][好完掉]?了)$|^[^了]{1,5}(?P<once>[\u4e00-\u9fff]过)$"
    r"|^.{0,4}刚(?P<just>[^了]{1,2}过).{0,3}$|(?P<past>(?![坐错超经])[\u4e00-\u9fff]过(?:了|[^了过]{1,4}了$))|(?P<complained>太)[^了]{1,3}了$"
)
# What somebody tells of oneself, shortly: longer stories, and what ends in 吧, want an answer.
_OF_ONESELF: Final = re.compile(
    r"^(?:昨天|前天|上次|上回|上个?[周月]|去年|早上|刚才|平时)?(?:我|俺|咱)(?!.*还是)[^吧]{1,11}(?P<ends>[^了过的]{2}[了过的]?)$"
    r"|(?:昨天|前天|上次|上回|早上|刚才)[^了]{1,8}?(?P<ago>[^了]了)$"
    rf"|^.{{0,6}}(?<![把被让]){_WHO}[^了]{{1,12}}?(?P<did>[^了]了)$"
)
# Who knows, praises, never did or gives a name wants nothing, whatever ails.
_CONTENT: Final = re.compile(
    r"^我?(?:早就|就|都)?(?P<known>知道|听说|晓得|记得)(?!.*真的假的)|^我(?P<never>从来?没有?[^了]{1,6}过)$|^我(?P<name>叫|姓)(?!不|[他她你]|[车人]|外卖|快递)"
    "|(?:[真挺很蛮够]|非常|特别)(?P<praised>好|长|大|快|方便|便宜|划算|不错|满意|棒|舒服|干净|漂亮|结实)[^了]{0,3}$"
    "|(?P<better>比.{1,6}(?:便宜|方便|快|好|省事|干净|舒服)(?:多了?|了))$|(?P<long>用了?[^了]{1,3}年)了$"
)
# Whoever does not want something, 老卡我不想动它, wants nothing else where nothing else is wanted.
_DECLINED: Final = re.compile(
    "^[^想要]{0,5}(?P<declined>不想|不打算|没打算|没想(?!到)|不愿|用不着|犯不着|没必要)[^了要帮给请让教替能得可]{1,3}$"
)
# What is added to a statement: 手机没坏好好的呢, 我不退卡你别弄错了.
_ADDED: Final = re.compile("(?<=..)(?:你?(?:可?别|不要)[弄搞听记办]错了?|都?好好的|都?好着|你?放心)$")
_WANTED: Final = re.compile("[要想帮给请需求让教替能得问]|查(?!过)|麻烦|可以|打算|准备|希望|告诉|介绍|(?<=..)[不没]$")
_AILS: Final = re.compile(
    "[不未没丢坏错漏裂碎摔掉偷忘误断堵脏臭晚迟慢痛疼病晕伤欠扣落爆吵满少多逾超湿冻封锁废磁烧罚骗假捡]|停(?!好|车)|卡[住死壳]|遇到|过[站头]|用[完光尽没]|关(?!注|于)|失|过期|到期|故障|问题|异常"
)
_HARMLESS: Final = re.compile("已经给|给[我你他]们?了$|给.{1,5}[打发寄交回]过|停在")  # which wants and ails nothing


class DenialReader:
    """Which entries a text denies to be asked for."""

    def __init__(self, texts: EntryTexts) -> None:
        self._texts = texts

    def strange_among(self, text: str, entries: Sequence[int] | np.ndarray) -> np.ndarray:
        """Of ``entries``, as booleans, those of which no wording denies what the normalised ``text`` does."""
        said = _denied(text)
        if said is None:
            return np.zeros(len(entries), bool)
        return np.array([not self._serves(int(entry), said) for entry in entries], bool)

    def _serves(self, entry: int, said: str) -> bool:
        """Whether a wording says so, but for one that asks whether it is so: 没过期吧, not 不吃早餐能退钱吗."""
        saying = _saying(said, self._texts.wordings(entry))
        return any(not core_question(wording).endswith(said) or not _wants(wording) for wording in saying)


class DoneReader:
    """Which entries are asked for by telling that something is done, or what is amiss."""

    def __init__(self, texts: EntryTexts) -> None:
        self._texts = texts

    def strange_to(self, text: str, entry: int) -> bool:
        """Whether the normalised ``text`` tells that something is done or amiss, and no wording of ``entry`` does."""
        said = _told(text)
        return said is not None and all(map(_wants, _saying(said, self._texts.wordings(entry))))


def _told(text: str) -> str | None:
    """What it tells that is done or amiss, 退了; None where it asks or wants something."""
    if _wants(text):
        return None
    told = _plain(text)
    if declined := _DECLINED.search(told):
        return declined["declined"]
    forms = [_CONTENT, _UNDONE, *([] if _AILS.search(_HARMLESS.sub("", told)) else (_DONE, _TOLD, _OF_ONESELF))]
    found = next((found for form in forms if (found := form.search(told))), None)
    return None if found is None else next(said for said in found.groups() if said)


def _wants(text: str) -> bool:
    """Whether it asks, asks to be told that it is so, 我的卡能用吧, or wants something."""
    return (
        is_interrogative(text)
        or text.endswith("吧")
        or _WANTED.search(_HARMLESS.sub("", _DECLINED.sub("", _plain(text)))) is not None
    )


def _plain(text: str) -> str:
    """What it says without the manners before it and what is only added behind."""
    return _ADDED.sub("", core_question(text))


def _saying(said: str, wordings: Iterable[str]) -> Iterator[str]:
    """Those of ``wordings`` that have ``said``; the 不退 of 退不退 is none."""
    pattern = re.compile(f"(?<!{said[-1]}){said}" if said[0] in "不没" else said)
    return filter(pattern.search, wordings)


def _denied(text: str) -> str | None:
    """What it says that somebody does not do, or that has not happened, 不抽 or 没丢; None where nothing is denied."""
    told = _plain(text)
    if found := _WHO_WANTS.search(told):
        return found["said"]
    if is_interrogative(text):
        return None
    found = None if _WANTED.search(told) else _NOT_DONE.search(told)
    found = found or _NOT_HAPPENED.search(told)
    return found["said"] if found else None
