"""Parts of an utterance: several questions in one, and what a speaker takes back.

Terms as in Levelt, "Monitoring and self-repair in speech" (1983): in 早餐几点，不对，退房几点 the reparandum is
早餐几点, the editing term 不对, the repair 退房几点. Everything here is a way to read a text; whether the parts are
questions of the FAQ is for the matcher to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from voice_faq.language.normalizing import normalize, simplified
from voice_faq.matching.question_form import interrogatives, is_interrogative

LONGEST: Final = 120  # characters; of a longer text nobody takes back half, and its parts are no questions but a story
SHORTEST: Final = 2  # characters of a part
LONGEST_NAME: Final = 6  # characters of a thing beside which another is named
LONGEST_ASKED: Final = 20  # characters of the other and what is asked of both; more is another question

_MARKS: Final = r"[\s，,。．.；;、！!？?…~～—]"
_JOINTS: Final = re.compile("还有|以及|另外|然后|顺便(?:问(?:一)?下)?|再问(?:一)?下|和|跟")
_AND: Final = re.compile("和|跟|与|以及|加(?:上|(?=.*[一总]共))")
_BOTH: Final = re.compile("^(?:都|一共|总共|分别|各)+")
_PAUSES: Final = re.compile(rf"{_MARKS}+")
_OPENING: Final = rf"(?:{_MARKS}|那|那个|嗯|呃|啊|哎|诶|不|不对|错了|听错了|搞错了|弄错了|我|你|您)*"
_ASKING: Final = "(?:想|要)?(?:问|说|指|打听)"
_OF_IT: Final = "(?:的是|的)?"
_NOT: Final = (
    rf"(?:(?:(?:{_ASKING}|要)的)?(?:并|又)?不是(?:{_ASKING})?{_OF_IT}"
    "|(?:没|没有|不|不想|不要)(?:想|要)?(?:问(?!题|了|一下)|说(?![错了话]))(?:的是|过)?)"
)  # fmt: skip
_BUT: Final = (
    rf"(?:而是(?:{_ASKING})?{_OF_IT}|我?{_ASKING}的是|我(?:是)?{_ASKING}"
    rf"|(?<![就还都也可只但要总老算不像若如凡])我?是(?!什么|谁|哪|多|几|否|不是|吗)(?:{_ASKING})?{_OF_IT})"
)  # fmt: skip
_CONTRAST: Final = re.compile(
    rf"^{_OPENING}{_NOT}{_MARKS}*(?P<reparandum>.{{2,}}?){_MARKS}*{_BUT}{_MARKS}*(?P<repair>.{{2,}})$"
)
_CONTRAST_ALONE: Final = re.compile(
    rf"^{_OPENING}{_NOT}(?P<reparandum>.{{2,}}?){_MARKS}+(?!能|可以|可不可以|行吗|行不行|也[能可行]|还[能可行]|怎么办$|咋办)"
    rf"(?:我?(?:想|要)?(?:问|说)?)(?P<repair>.{{3,}})$"
)
_CONTRAST_BEHIND: Final = re.compile(
    rf"^{_OPENING}(?:(?:{_ASKING}|要)的是|是(?:{_ASKING})?{_OF_IT}){_MARKS}*(?P<repair>.{{2,}}?){_MARKS}*"
    rf"而?{_NOT}{_MARKS}*(?P<reparandum>.{{2,}})$"
)
_SURE_TERM: Final = "(?:哦|噢|喔|啊|呃|哎|诶)?(?:不对|我?(?:说|问)?错了|我的意思是)|[哦噢]不是?"
_TERM: Final = rf"(?:{_SURE_TERM}|[哦噢喔啊呃嗯哎诶]?(?:不是|不|算了|等等|等一下|口误|更正一下))"
_TELLING: Final = rf"(?:我?(?:就?是|想|要)*{_ASKING}(?:的是|的|一下)?|应该是|是)?"
_MORE: Final = rf"(?:{_MARKS}*{_TERM})*"
_EDITED: Final = re.compile(
    rf"^(?P<reparandum>.{{2,}}?){_MARKS}+{_TERM}{_MORE}{_MARKS}+{_TELLING}{_MARKS}*(?P<repair>.{{2,}})$"
)
_EDITED_ALOUD: Final = re.compile(
    rf"^(?P<reparandum>.{{2,}}?){_MARKS}*(?:{_SURE_TERM}){_MORE}{_MARKS}*{_TELLING}{_MARKS}*(?P<repair>.{{2,}})$"
)
_DENIED: Final = re.compile(rf"^{_OPENING}{_NOT}(?!{_MARKS})(?P<denied>.{{2,}}?)(?:的事儿?)?{_MARKS}*$")
_DENIED_BEHIND: Final = re.compile(rf"^{_OPENING}(?P<denied>.{{2,}}?){_MARKS}*(?:并|又)?不是{_MARKS}*$")
_DECLINED: Final = re.compile(
    rf"^{_OPENING}(?:不(?![是问说])(?:想|要|打算)?(?:知道|了解)?|别(?:再)?(?:说|问|讲)?|除了)"
    rf"(?P<denied>.{{2,}}?)(?:那个|以外|之外)*{_MARKS}*$"
)
_DECLINED_BEHIND: Final = re.compile(
    rf"^{_OPENING}[跟和与]?(?P<denied>.{{2,}}?)(?:不用说|不要|不对|没(?:有)?关系|无关){_MARKS}*$"
)
_POLAR: Final = re.compile(r"吗|(?<![什怎那这多要])么|是否|[能可]以?不[能可]|有没有|([\u4e00-\u9fff])不\1")
_PLAIN_NOT: Final = re.compile(rf"^{_OPENING}(?:并|又)?不是(?!{_ASKING})")

_ABOUT: Final = "我?(?:是|想|要|就是|只是)*(?:问|说|打听)(?:的是|一下)?"
_NO_AND: Final = re.compile(rf"^(?:不是|不)+{_MARKS}+(?:{_ABOUT})?(?=..)")
_CORRECTED: Final = re.compile(
    rf"^(?:(?:不对|都不是|错了)+{_MARKS}*|(?:不是|不)+(?:{_MARKS}+|(?=我))){_ABOUT}[，,：:\s]*(?=[^的].)"
)


class Repair(NamedTuple):
    """What was said and taken back, and what is meant."""

    reparandum: str
    repair: str
    sure: bool = True
    """False where the second part may go on from the first: 不是会员，能进吗."""


def repairs(text: str) -> Iterator[Repair]:
    """The ways in which a text, as people write it or recognisers print it, may take back its first part.

    不是问早餐，是问退房; 早餐几点，不，退房几点; without marks only words count that hardly mean anything else:
    早餐几点不对退房几点.
    """
    if len(text) > LONGEST:
        return
    text = simplified(text)
    for pattern in (_CONTRAST, _CONTRAST_BEHIND, _EDITED):
        if found := pattern.match(text):
            yield Repair(found["reparandum"], found["repair"])
    if found := _CONTRAST_ALONE.match(text):
        yield Repair(found["reparandum"], found["repair"], sure=False)
    found = _EDITED_ALOUD.match(text)
    if found and is_interrogative(normalize(found["reparandum"])):  # 扣费不对怎么退款 asks one thing
        yield Repair(found["reparandum"], found["repair"])


def behind_no(text: str) -> str:
    """What stands behind a no and a mark: 怎么开卡 of 不是，怎么开卡; all of a text without them."""
    return _NO_AND.sub("", text)


def corrected(text: str) -> str:
    """The question behind a no to all that was offered: 怎么退卡 of 不对，我是问怎么退卡; all of any other text."""
    return _CORRECTED.sub("", text)


class Denial(NamedTuple):
    """What is said not to be asked."""

    denied: str
    asks: bool
    """Whether it may be a question all the same: 不是会员怎么办."""
    polar: bool
    """Whether it hardly is anything but a question: 不是会员可以进吗, 没说要押金吗."""
    weak: bool = False
    """Whether it denies something only where that was offered: 不退卡, 跟退卡没关系."""


def denial(text: str) -> Denial | None:
    """不是问退房, 退房几点不是, 不是退房的事; None for a text that says nothing of the kind."""
    if len(text) > LONGEST:
        return None
    text = simplified(text)
    if found := _DENIED.match(text):
        asks = _PLAIN_NOT.match(text) is not None and is_interrogative(normalize(text))
        return Denial(found["denied"], asks, _POLAR.search(found["denied"]) is not None)
    if found := _DENIED_BEHIND.match(text):
        return Denial(found["denied"], False, False)
    found = _DECLINED.match(text) or _DECLINED_BEHIND.match(text)
    weak = found is not None and not is_interrogative(normalize(text))
    return Denial(found["denied"], False, False, weak=True) if found and weak else None


def joined(text: str) -> Iterator[list[str]]:
    """The ways to part a text at a word that may join two questions: 怎么退卡和有效期多久."""
    for joint in _JOINTS.finditer(normalize(text)):
        yield [joint.string[: joint.start()], joint.string[joint.end() :]]


class Shared(NamedTuple):
    """What is asked of two things at once."""

    first: str
    second: str
    asked: str

    @property
    def questions(self) -> list[str]:
        """It, asked of each."""
        return [self.first + self.asked, self.second + self.asked]


def sharing(text: str, segment: Callable[[str], Iterable[str]]) -> Iterator[Shared]:
    """The ways to ask of two things what is asked of both at once: 门票和缆车票多少钱 is 门票多少钱 and 缆车票多少钱.

    ``segment`` gives a normalised text's words.
    """
    for joint in _AND.finditer(normalize(text)):
        first, second = joint.string[: joint.start()], joint.string[joint.end() :]
        if not SHORTEST <= len(first) <= LONGEST_NAME or len(second) > LONGEST_ASKED or is_interrogative(first):
            continue
        place = 0
        for word in segment(second):
            place += len(word)
            asked = _BOTH.sub("", second[place:])
            if is_interrogative(asked):
                yield Shared(first, second[:place], asked)


def successive(text: str, segment: Callable[[str], Iterable[str]]) -> Iterator[list[str]]:
    """The ways in which a text may be questions one after the other; ``segment`` gives a normalised text's words.

    It is parted at all of its marks or at one of them; where there are none, as in what is heard, between two words,
    so that each part asks.
    """
    parts = [part for part in _PAUSES.split(text) if len(part) >= SHORTEST]
    if len(parts) > 1:
        yield parts
        if len(parts) > 2:
            yield from (["，".join(parts[:place]), "，".join(parts[place:])] for place in range(1, len(parts)))
        return
    plain = normalize(text)
    place = 0
    for word in segment(plain):
        place += len(word)
        first, second = plain[:place], plain[place:]
        if is_interrogative(first) and is_interrogative(second):
            yield [first, second]


def ask_alike(parts: Sequence[str]) -> bool:
    """Whether all parts ask with the same word, which one question hardly says twice: 几点入住，几点退房."""
    asked = [interrogatives(normalize(part)) for part in parts]
    return bool(frozenset.intersection(*asked))
