"""The form of a question: the words that make it one, and what it asks without the polite words around it."""

from __future__ import annotations

import re
from typing import Final

from voice_faq.language.normalizing import normalize

_POLITE: Final = re.compile(
    r"^(?:(?:你|您)好|请问(?:一下)?|(?:麻烦)?问(?:一)?下|我?想(?:要)?(?:问|咨询|知道|了解)(?:一下)?|麻烦(?:您|你)?(?:问一下)?|"
    r"不好意思|师傅|同志|那个|那么?(?![张种样边里儿天次些时年位条台部家])|哎|喂|嗯|帮我(?:看看|查查|查一下|看一下)|告诉我(?:一下)?|"
    "(?:大爷|大妈|大哥|大姐|叔叔|阿姨|姑娘|小伙子|美女|帅哥)[啊呀]?(?=[您你我俺请帮]))+"
)
_REPEATED: Final = re.compile(r"([\u4e00-\u9fff]{2,20})\1+")  # 怎么怎么退卡, 退卡要多久退卡要多久
_PARTICLES: Final = re.compile(r"(?:[吗呢吧啊呀嘛哦噢啦哈]|(?<![什怎那这多要])么|谢谢(?:你|您)?)+$")
_INTERROGATIVE: Final = re.compile(
    r"[怎咋哪谁啥吗么]|(?<![那这好十])几|什么|如何|何[年月日时处]|多少|多[久长大远]|为何|是否|有没有|([\u4e00-\u9fff])不\1"
)
_WHETHER: Final = re.compile(r"[吗么吧]$|是否|([\u4e00-\u9fff])不\1")


def is_interrogative(normalized: str) -> bool:
    """Whether a text has a word, or an A-not-A, that makes it a question by its form; 退卡流程 asks without one."""
    return _INTERROGATIVE.search(normalized) is not None


def asks_whether(normalized: str) -> bool:
    """Whether a text asks for yes or no by its form: 不用身份证吗."""
    return _WHETHER.search(normalized) is not None


def interrogatives(normalized: str) -> frozenset[str]:
    """The words, or their first characters, that make a text a question by its form: 几 of 几点退房."""
    return frozenset(found.group() for found in _INTERROGATIVE.finditer(normalized))


def asks_something(normalized: str) -> bool:
    """Whether a text is more than polite words and particles, such as 啊 or 请问一下."""
    return bool(_without_manners(normalized))


def core_question(normalized: str) -> str:
    """Without the polite words around it and said once: ``请问一下怎么怎么退卡呀`` → ``怎么退卡``.

    Never empty for a non-empty text.
    """
    return _REPEATED.sub(r"\1", _without_manners(normalized) or normalized)


def core_of(text: str) -> str:
    """``core_question`` of a text as people write it or recognisers print it."""
    return core_question(normalize(text))


def _without_manners(normalized: str) -> str:
    return _PARTICLES.sub("", _POLITE.sub("", normalized))
