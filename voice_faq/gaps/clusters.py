"""Questions that are alike, together, and where they belong: to an entry that lacks a wording, or to a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from rapidfuzz import fuzz

from voice_faq.authoring.unanswered import UnansweredQuestion
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import sound_key, spelled_parts
from voice_faq.matching import Matcher

MOST: Final = 500  # questions; who has so many gaps mends the largest first
ALIKE: Final = 0.6  # likeness from which on two questions ask the same
NEAR: Final = 0.25  # probability from which on an entry is proposed; what is asked elsewhere seldom has it


@dataclass(frozen=True)
class Gap:
    """Questions that ask the same, and what may be done."""

    questions: tuple[UnansweredQuestion, ...]
    """The oftenest asked first."""
    entry: str | None
    """That probably is meant and lacks such a wording; None where a new one is needed."""
    score: float
    """Probability, 0…1, that the nearest entry is meant."""

    @property
    def times(self) -> int:
        """How often they were asked together."""
        return sum(question.times for question in self.questions)


def clustered(questions: Sequence[UnansweredQuestion], matcher: Matcher) -> list[Gap]:
    """The oftenest asked first, of the MOST oftenest asked.

    Each question joins the cluster whose first one it is most like, or begins one.
    """
    clusters: list[list[UnansweredQuestion]] = []
    firsts: list[_Said] = []
    for question in sorted(questions, key=lambda q: (-q.times, q.text))[:MOST]:
        said = _Said(spelled_parts(sound_key(normalize(question.text))), matcher.evidence(question.text).information)
        likenesses = [_likeness(said, first) for first in firsts]
        best = int(np.argmax(likenesses)) if likenesses else -1
        if best >= 0 and likenesses[best] >= ALIKE:
            clusters[best].append(question)
        else:
            clusters.append([question])
            firsts.append(said)
    return sorted((_gap(cluster, matcher) for cluster in clusters), key=lambda gap: -gap.times)


@dataclass(frozen=True)
class _Said:
    """What of a question is compared."""

    sounds: str
    information: Mapping[str, float]
    """Nats that its words tell."""


def _likeness(one: _Said, other: _Said) -> float:
    """How much two questions ask the same, 0…1: by how they sound, or by the words that tell most."""
    heard = fuzz.ratio(one.sounds, other.sounds) / 100
    shared = sum(nats for word, nats in one.information.items() if word in other.information)
    both = sum({**one.information, **other.information}.values())
    return max(heard, shared / both if both else 0.0)


def _gap(questions: list[UnansweredQuestion], matcher: Matcher) -> Gap:
    times = sum(question.times for question in questions)
    meant = sum(matcher.probabilities(question.text) * (question.times / times) for question in questions)
    best = int(np.argmax(meant))
    score = float(np.asarray(meant)[best])
    return Gap(tuple(questions), matcher.entries[best] if score >= NEAR else None, round(score, 4))
