"""What matching may decide, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RejectReason(StrEnum):
    """Why a question gets no answer."""

    NOTHING_HEARD = "nothing heard"
    """No words were recognised, or the text has none."""
    NOT_UNDERSTOOD = "not understood"
    """Words were recognised, but it is likelier than not that they are wrong, or they ask nothing (啊)."""
    OUT_OF_SCOPE = "out of scope"
    """The question is none of the FAQ's."""


class Rule(StrEnum):
    """What made a text's probabilities beside the weighed evidence."""

    VERBATIM = "verbatim"
    """It is a wording of one entry, or a question out of scope, to the letter."""
    TOPIC = "topic"
    """It names a topic and asks nothing about it (退卡)."""
    TOPICLESS = "topicless"
    """It asks about nothing (还能用吗) in words that the wordings of several entries have."""
    TELLS_LESS = "tells less"
    """It tells less than the shortest wording of the entry that fits best."""
    PART = "part"
    """It is a part of the longer question that is nearest, and asks something else (余额多少 … 才能上公交)."""
    CUT_OFF = "cut off"
    """Another entry's wording begins so and goes on to what it asks (已经开通的京津冀互联互通卡 … 怎么退卡)."""
    NEGATED = "negated"
    """The speaker negates what the entry that fits best is about (不想退卡)."""
    DENIED = "denied"
    """It asks nothing and says what is not done or has not happened (我不抽烟, 孩子没走丢)."""
    DONE = "done"
    """It asks nothing and tells what is done (我已经退票了) or amiss (拖鞋太小了): its entry is offered at the most."""
    MISHAP = "mishap"
    """It tells of a loss or damage (医保卡丢了) that no wording of the entry that fits best speaks of."""
    MISSING = "missing"
    """It tells what is forgotten, not found or run out (没带毛巾), and that entry says nothing of it: as above."""
    ERRAND = "errand"
    """It wants something (电费能退吗) that the entry that fits best says nothing of: it is offered at the most."""
    KIND = "kind"
    """It names a thing (午餐) that excludes the one that the entry that fits best is about (早餐): as above."""
    ELSEWHERE = "elsewhere"
    """It asks about another place (高铁站有行李寄存吗), of which that entry says nothing: as above."""
    HALF = "half"
    """It asks the same of two things (水票和押金都能退吗), one of which is not the entry's that fits best: as above."""
    TWO_QUESTIONS = "two questions"
    """It asks two or three things, which are all offered."""
    REPAIRED = "repaired"
    """Its first part is taken back, 不是问早餐，是问退房: the rest is what counts."""


@dataclass(frozen=True)
class Candidate:
    """An entry and how well the question fits it."""

    entry: str
    score: float
    """0…1."""


@dataclass(frozen=True)
class Answer:
    """The question is this entry's."""

    entry: str
    score: float
    candidates: tuple[Candidate, ...]
    """The best few entries, best first; the first is ``entry``."""


@dataclass(frozen=True)
class Clarify:
    """One entry fits, not well enough to be answered at once, or up to three about as well; the rider is asked."""

    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class Reject:
    """No entry fits well enough."""

    reason: RejectReason
    candidates: tuple[Candidate, ...] = ()


Decision = Answer | Clarify | Reject
