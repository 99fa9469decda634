"""Why a question went where it went, and which wordings of an FAQ get in each other's way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from voice_faq.faq.entries import Faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import sound_key
from voice_faq.matching.decision import Decision
from voice_faq.matching.evidence import core_question
from voice_faq.matching.index import LIKENESSES, MEANINGS
from voice_faq.matching.matcher import Matcher

LIKENESS_NAMES: Final = {
    **dict(
        zip(
            LIKENESSES,
            "最像一句 最像几句 读音最近一句 读音最近几句 常用词音 覆盖的信息 说出的信息".split(),
            strict=True,
        )
    ),
    **dict(zip(MEANINGS, ("意思最近一句", "意思最近几句"), strict=True)),
}
ENOUGH_WORDINGS: Final = 30  # of an entry; with fewer it is heard less well


@dataclass(frozen=True)
class Support:
    """What speaks for one entry."""

    entry: str
    probability: float
    nearest: str
    """The entry's wording that is most like the question."""
    likenesses: dict[str, float]
    """By the names of ``LIKENESSES``, and of ``MEANINGS`` where it counts."""

    @property
    def told(self) -> str:
        """One sentence for people."""
        figures = "，".join(f"{LIKENESS_NAMES[name]} {value:.2f}" for name, value in self.likenesses.items())
        return f"{self.entry}：概率 {self.probability:.3f}，最像“{self.nearest}”；{figures}"


@dataclass(frozen=True)
class Explanation:
    """How a text was read and decided."""

    core: str
    """What is left of the text without polite words."""
    words: dict[str, float]
    """Words as they sound, with their information in nats."""
    decision: Decision
    answer_from: float
    """The probability from which on an answer is given."""
    support: list[Support]
    """The likeliest entries, best first."""


def explain(matcher: Matcher, text: str, *, entries: int = 3, expected: str | None = None) -> Explanation:
    """Everything that counted for ``text``; ``expected`` is explained too where it is not among the likeliest."""
    evidence = matcher.read(text)
    probabilities = matcher.probabilities(text)
    likeness = matcher.likeness(text)
    rows = {matcher.entries[entry]: row for entry, row in zip(likeness.entries[:-1], likeness.evidence, strict=False)}
    ranked = sorted(rows, key=lambda entry: -probabilities[matcher.entries.index(entry)])
    best = ranked[:entries] + [entry for entry in ranked[entries:] if entry == expected]
    return Explanation(
        core_question(normalize(text)),
        {feature.removeprefix("w:"): nats for feature, nats in evidence.information.items()},
        matcher.match([Hypothesis(text, 1.0)]),
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
    )


def content_notes(faq: Faq, matcher: Matcher) -> Iterator[str]:
    """Sentences for the operator: entries that lack wordings, and wordings that lead elsewhere."""
    for entry in faq.entries:
        note = too_few_wordings(entry.id, len(entry.all_wordings))
        if note is not None:
            yield note
    owners: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for entry in faq.entries:
        for wording in entry.all_wordings:
            owners[sound_of_wording(wording)].setdefault(entry.id, wording)
    for found in owners.values():
        if len(found) > 1:
            yield sounds_alike(found)
    for wording, owner, probabilities in matcher.held_out():
        note = leads_elsewhere(matcher, wording, owner, probabilities)
        if note is not None:
            yield note


def too_few_wordings(entry: str, wordings: int) -> str | None:
    """A sentence for an entry with so few wordings, the question among them, that it is heard less well."""
    if wordings >= ENOUGH_WORDINGS:
        return None
    return f"{entry} 只有 {wordings} 种问法，写到 {ENOUGH_WORDINGS} 种会听得更准。"


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
    return f"“{wording}”（{owner}）更像 {other} 的问法。请改写，或者给 {owner} 多写几种这样的问法。"
