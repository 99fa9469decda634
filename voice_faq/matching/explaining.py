"""Why a question went where it went, and which wordings of an FAQ get in each other's way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from voice_faq.faq.entries import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import sound_key
from voice_faq.matching.decision import Answer, Decision, Rule
from voice_faq.matching.index import LIKENESSES
from voice_faq.matching.matcher import Matcher
from voice_faq.matching.question_form import core_question

LIKENESS_NAMES: Final = dict(
    zip(
        LIKENESSES,
        "最像一句 最像几句 读音最近一句 读音最近几句 常用词音 覆盖的信息 说出的信息 意思最近一句 意思最近几句 "
        "意思合起来 答案里的词 答案的意思 逐字对照".split(),
        strict=True,
    )
)
RULES_TOLD: Final = {
    Rule.VERBATIM: "和写下的一句问法一字不差，概率就按那一句定",
    Rule.TOPIC: "只说了话题，没说要问什么，所以按各条目谈到它的多少来分，只给选择",
    Rule.TOPICLESS: "没说是什么事，几个条目的问法里都有这样的词，所以只给选择，一半按各条目用到它们的多少来分",
    Rule.TELLS_LESS: "说的比最像的条目里最短的问法还少，概率最多刚够回答；要是连什么事也没说，就更低",
    Rule.PART: "只是最像的那句问法的一部分，少了条件，问的可能是别的事，概率降低",
    Rule.CUT_OFF: "和别的条目一句问法的开头一样，还没说到要问什么，只给选择",
    Rule.NEGATED: "说的是不要做这件事，概率降低",
    Rule.DENIED: "说的是不做这件事，或者没出这种事，不是在问，概率降低",
    Rule.DONE: "只说了一件事（办过了、没有办、嫌哪里不好），没有问什么，所以不直接回答，只给选择；"
    "常有人这样问，就给它加一句这样的问法",
    Rule.MISHAP: "说的是丢了或者坏了，最像的条目没有一句问法说到这种事，概率降低；该由它回答，就给它加一句这样的问法",
    Rule.MISSING: "说的是没带、忘了、找不到或者过期了，最像的条目没有一句问法说到这种事，所以不直接回答，只给选择；"
    "该由它回答，就给它加一句这样的问法",
    Rule.ERRAND: "要办的、要问的（退款、发票、招聘等），最像的条目问法和答案里都没有提到，所以不直接回答，只给选择；"
    "该由它回答，就在答案里提一句，或者加一句这样的问法",
    Rule.KIND: "说的是同类的另一样（比如午餐），最像的条目讲的是另一样（比如早餐），所以不直接回答，只给选择",
    Rule.ELSEWHERE: "问的是别的地方，最像的条目问法和答案里都没有提到，所以不直接回答，只给选择；"
    "该由它回答，就在答案里提一句那个地方",
    Rule.HALF: "一句话问了两样东西，最像的条目只讲到其中一样，所以不直接回答，只给选择；"
    "两样都该由它回答，就在答案里都提到",
    Rule.TWO_QUESTIONS: "一句话问了两件事或者三件事，都列出来让人选",
    Rule.REPAIRED: "前一半收回了（不是……是……，或者说到一半改口），只按后一半匹配",
}
CONFUSED_SHOWN: Final = 3  # entries, the worst; more lines than five in all are not read
CONFUSED_FROM: Final = 0.2  # of an entry's wordings that lead elsewhere; fewer are no reason to write more
MERGED_WORDS: Final = 6  # at most, that are told together; synonyms are no longer
MISPLACED_SHOWN: Final = 2  # wordings
MISPLACED_BELOW: Final = 0.001  # probability of its own entry; what is lower may have been written in the wrong place


@dataclass(frozen=True)
class Support:
    """What speaks for one entry."""

    entry: str
    probability: float
    nearest: str
    """The entry's wording that is most like the question."""
    likenesses: dict[str, float]
    """By the names of ``LIKENESSES``."""

    @property
    def told(self) -> str:
        """One sentence for people."""
        figures = "，".join(f"{LIKENESS_NAMES[name]} {value:.2f}" for name, value in self.likenesses.items())
        return f"{self.entry}：概率 {self.probability:.3f}，最像“{self.nearest}”\n    依据：{figures}"


@dataclass(frozen=True)
class Explanation:
    """How a text was read and decided."""

    core: str
    """What is left of the text without polite words."""
    words: dict[str, float]
    """Words as they are written, with their information in nats; those that are one word to matching are one."""
    rules: tuple[Rule, ...]
    """What decided beside the weighed evidence; none as a rule."""
    decision: Decision
    answer_from: float
    """The probability from which on an answer is given."""
    support: list[Support]
    """The likeliest entries, best first."""
    out_of_scope: str | None
    """What is most like the text of all that counts as out of scope."""

    @property
    def out_of_scope_told(self) -> str | None:
        """A sentence for people where that may be why nothing is answered."""
        if isinstance(self.decision, Answer) or self.out_of_scope is None:
            return None
        return (
            f"不回答的话（out_of_scope 和机器自带的日常问题）里，读音最像的是“{self.out_of_scope}”；像它们，概率就低。"
        )

    @property
    def rules_told(self) -> list[str]:
        """A sentence for people for each rule."""
        return [f"另有规则：{RULES_TOLD[rule]}。" for rule in self.rules]


def explain(matcher: Matcher, text: str, *, entries: int = 3, expected: str | None = None) -> Explanation:
    """Everything that counted for ``text``; ``expected`` is explained too where it is not among the likeliest."""
    said, text = text, matcher.without_reparandum(text)
    judged = matcher.judged(text)
    probabilities = judged.probabilities
    likeness = matcher.likeness(text)
    rows = {matcher.entries[entry]: row for entry, row in zip(likeness.entries[:-1], likeness.evidence, strict=False)}
    ranked = sorted(rows, key=lambda entry: -probabilities[matcher.entries.index(entry)])
    repaired = [Rule.REPAIRED] if text != said else []
    several = [Rule.TWO_QUESTIONS] if matcher.questions_in(text) else []
    best = ranked[:entries] + [entry for entry in ranked[entries:] if entry == expected]
    return Explanation(
        core_question(normalize(text)),
        _words(matcher, text),
        (*repaired, *judged.rules, *several),
        matcher.match([Hypothesis(said, 1.0)]),
        matcher.answer_from,
        [
            Support(
                entry,
                float(probabilities[matcher.entries.index(entry)]),
                matcher.nearest_wording(text, entry),
                dict(zip(LIKENESS_NAMES, rows[entry].tolist(), strict=False)),
            )
            for entry in best
        ],
        matcher.nearest_out_of_scope(text),
    )


def _words(matcher: Matcher, text: str) -> dict[str, float]:
    """``Explanation.words``: as short as they can be where each tells what it tells within the text."""
    plain = core_question(normalize(text))
    known = matcher.evidence(text).information
    places, end = [], 0
    for word in matcher.read.segment(plain):
        start = plain.index(word, end)
        end = start + len(word)
        places.append((start, end))
    ways: list[list[str] | None] = [[]]  # to cut what ends with a word, into as many pieces as can be
    for last in range(len(places)):
        found = []
        for first in range(max(0, last + 1 - MERGED_WORDS), last + 1):
            piece = plain[places[first][0] : places[last][1]]
            way = ways[first]
            if way is not None and matcher.evidence(piece).information.keys() <= known.keys():
                found.append([*way, piece])
        ways.append(max(found, key=len, default=None))
    pieces = ways[-1] if ways[-1] is not None else [plain]
    return {piece: sum(known.get(word, 0.0) for word in matcher.evidence(piece).information) for piece in pieces}


def content_notes(faq: Faq, matcher: Matcher) -> Iterator[str]:
    """A few sentences for the operator: wordings that sound alike, and entries that others are taken for."""
    owners: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for entry in faq.entries:
        for wording in entry.all_wordings:
            owners[sound_of_wording(wording)].setdefault(entry.id, wording)
    for found in owners.values():
        if len(found) > 1:
            yield sounds_alike(found)
    held = list(matcher.held_out())
    yield from (confusion.told for confusion in confusions(matcher, held)[:CONFUSED_SHOWN])
    yield from list(_misplaced(matcher, held))[:MISPLACED_SHOWN]


@dataclass(frozen=True)
class Confusion:
    """An entry some of whose wordings would lead elsewhere, were they not written there."""

    entry: str
    wordings: int
    """That were held out."""
    elsewhere: list[tuple[str, str]]
    """(wording, entry that it leads to), the surest first."""

    @property
    def share(self) -> float:
        """Of its wordings, 0…1; two are added that do not, so that few wordings prove little."""
        return len(self.elsewhere) / (self.wordings + 2)

    @property
    def told(self) -> str:
        """A sentence for people."""
        ((other, _),) = Counter(other for _, other in self.elsewhere).most_common(1)
        example = next(wording for wording, led_to in self.elsewhere if led_to == other)
        return (
            f"{self.entry} 连问题在内的 {self.wordings} 种问法里，"
            f"有 {len(self.elsewhere)} 种要不是写下了就会被当成别的条目，例如“{example}”会被当成 {other}。"
            f"给 {self.entry} 多写几种这样的问法，收获最大。"
        )


def confusions(matcher: Matcher, held: Sequence[tuple[str, str, np.ndarray]]) -> list[Confusion]:
    """The entries that would gain most from more wordings, the worst first; ``held`` as ``Matcher.held_out`` has it."""
    wordings = Counter(owner for _, owner, _ in held)
    elsewhere: dict[str, list[tuple[float, str, str]]] = defaultdict(list)
    for wording, owner, probabilities in held:
        other = matcher.entries[int(probabilities.argmax())]
        if other != owner:
            elsewhere[owner].append((float(probabilities.max()), wording, other))
    found = [
        Confusion(entry, wordings[entry], [(wording, other) for _, wording, other in sorted(led, reverse=True)])
        for entry, led in elsewhere.items()
    ]
    return sorted((c for c in found if c.share >= CONFUSED_FROM), key=lambda c: -c.share)


def _misplaced(matcher: Matcher, held: Sequence[tuple[str, str, np.ndarray]]) -> Iterator[str]:
    """A sentence for each wording that would be answered by another entry and hardly fits its own; the worst first."""
    for wording, owner, probabilities in sorted(held, key=lambda h: float(h[2][matcher.entries.index(h[1])])):
        other = matcher.entries[int(probabilities.argmax())]
        if probabilities[matcher.entries.index(owner)] >= MISPLACED_BELOW:
            return
        if probabilities.max() >= matcher.answer_from:
            yield _led_elsewhere(wording, owner, other)


def sound_of_wording(wording: str) -> tuple[str, ...]:
    """What wordings that sound alike have in common."""
    return sound_key(core_question(normalize(wording)))


def sounds_alike(wordings: Mapping[str, str]) -> str:
    """A sentence for one wording each of several entries, by entry, that cannot be told apart by ear."""
    told = "、".join(f"“{wording}”（{entry}）" for entry, wording in wordings.items())
    return f"听起来一样，却属于不同的条目：{told}。请改写其中一个。"


def leads_elsewhere(matcher: Matcher, wording: str, owner: str, probabilities: np.ndarray) -> str | None:
    """A sentence where a wording of ``owner`` would be answered by another entry, were it not written there."""
    best = int(probabilities.argmax())
    other = matcher.entries[best]
    if other == owner or probabilities[best] < matcher.answer_from:
        return None
    return _led_elsewhere(wording, owner, other)


def _led_elsewhere(wording: str, owner: str, other: str) -> str:
    return f"“{wording}”（{owner}）更像 {other} 的问法。请改写，或者给 {owner} 多写几种这样的问法。"
