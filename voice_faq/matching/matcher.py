"""Decides on what was heard: over all hypotheses, over the parts of an utterance, by risk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from voice_faq.language.hypothesis import LEAST_UNDERSTOOD, Hypothesis, understood
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import syllables
from voice_faq.matching.decision import Answer, Candidate, Clarify, Decision, Reject, RejectReason, Rule
from voice_faq.matching.evidence import PREDICATE_INFORMATION
from voice_faq.matching.judging import FRAGMENT_MEANT, UNASKED, Judge
from voice_faq.matching.parts import LONGEST, ask_alike, joined, repairs, sharing, successive
from voice_faq.matching.question_form import asks_something, core_of, is_interrogative

SHOWN_CANDIDATES: Final = 3
CHOICE_FROM: Final = 0.5  # probability that one of those that would be offered is meant, from which on they are
CHOICE_SHARE: Final = 0.15  # of the best candidate's probability, from which on another one is offered beside it
ASKED_TOO: Final = 0.6  # probability from which on a question is asked beside one that is answered
GOING_ON: Final = 0.9  # the same of a question that does not say what it is about, and may go on from the other
EXPECTED_SHARE: Final = 0.8  # of utterances after a choice was offered that are about one of the choices
_UNWANTED: Final = frozenset({Rule.NEGATED, Rule.DENIED})  # however much it was expected
_HELD_BACK: Final = frozenset({Rule.CUT_OFF, Rule.TOPICLESS, Rule.MISHAP}) | _UNWANTED


class Matcher(Judge):
    """Finds the entry that an n-best list means; read-only, may be shared by threads."""

    def match(self, hypotheses: list[Hypothesis], *, expected: Sequence[str] = ()) -> Decision:
        """Decide on an n-best list, best first; an empty one, or one without words, is rejected.

        Scores are probabilities; they are lowered where it is likelier than not that the list as a whole is wrong.
        ``expected`` are entries that have just been offered as a choice: they are likelier beforehand.
        """
        spoken = self._meant([h for h in hypotheses if normalize(h.text)])
        if not spoken:
            return Reject(RejectReason.NOTHING_HEARD)
        sureness = understood(spoken)
        total = max(LEAST_UNDERSTOOD, sureness)
        scores = np.zeros(len(self.entries))
        # Of the best alone: each takes a network's time, and the others' would help no more.
        plain = self._typed(spoken[0].text)
        asked = self.asked(plain)
        judged = [self.judged(hypothesis.text, asked) for hypothesis in spoken]
        for hypothesis, judgement in zip(spoken, judged, strict=True):
            probabilities = judgement.probabilities
            if expected and not _UNWANTED.intersection(judgement.rules):
                probabilities = self._with_expected(probabilities, expected)
            scores += probabilities * (hypothesis.confidence / total)
        scores = scores.round(4)
        best = int(scores.argmax())
        # An answer because it was expected, or otherwise heard, is none where a rule holds it back.
        lifted = scores[best] >= self.answer_from > judged[0].probabilities[best]
        if lifted and (_HELD_BACK.intersection(judged[0].rules) or self.withheld_by(plain, best)):
            scores[best] = UNASKED * self.answer_from
        order = np.argsort(-scores, kind="stable")[:SHOWN_CANDIDATES]
        candidates = tuple(Candidate(self.entries[i], float(scores[i])) for i in order)
        if not asks_something(normalize(spoken[0].text)):
            return Reject(RejectReason.NOT_UNDERSTOOD, candidates)
        clear = sureness >= LEAST_UNDERSTOOD
        if clear and (both := self.questions_in(spoken[0].text)):
            return Clarify(tuple(both))
        named = Rule.TOPIC in judged[0].rules and self._names(spoken[0].text)
        return self._decide(candidates, clear, CHOICE_FROM * (FRAGMENT_MEANT if named else 1))

    def _meant(self, hypotheses: list[Hypothesis]) -> list[Hypothesis]:
        """What is left of those that take something back, and of all that sound like one: 部队 was 不对."""
        left: dict[tuple[str, ...], str] = {}
        for text in (hypothesis.text for hypothesis in hypotheses):
            if (repair := self.without_reparandum(text)) != text:
                left.setdefault(_sounds(text), repair)
        if not left:
            return hypotheses
        return [replace(h, text=left.get(_sounds(h.text), h.text)) for h in hypotheses]

    def without_reparandum(self, text: str) -> str:
        """What is left of a text that takes back its first part, 不是问早餐，是问退房; all of it where it does not.

        One of the parts must be something that the FAQ knows, and they must not be the same.
        """
        if self._verbatim.get(core_of(text)) is not None:
            return text
        for reparandum, repair, sure in repairs(text):
            taken_back, meant = self.probabilities(reparandum), self.probabilities(repair)
            known = [found.sum() >= CHOICE_FROM for found in (taken_back, meant)]
            the_same = all(known) and taken_back.argmax() == meant.argmax()
            if (known[1] or (known[0] and sure)) and not the_same:
                return repair
        return text

    def questions_in(self, text: str) -> list[Candidate]:
        """The entries of a text that asks two or three things, 怎么退卡和怎么充值; empty where it asks one.

        Each part must be a question or a topic by itself, which another entry answers: 公交和地铁 asks one thing, and
        the 还有 of 卡里还有钱，接着刷行吗 joins no two questions. Where no word joins them one must be sure, and the
        others likely questions by their form; or all ask with the same word; or all are sure. Where the same is asked
        of two things, 门票和缆车票多少钱, each must be sure.
        """
        if len(text) > LONGEST:
            return []
        segment = self.read.segment
        both = [shared.questions for shared in sharing(text, segment)]
        if both and self._ask_the_same(both[0]):
            return []
        for parts in joined(text):
            if found := self._asked_in(parts, CHOICE_FROM):
                return found
        for parts in both:
            if found := self._asked_in(parts, self.answer_from):
                return found
        # 押金怎么退发票怎么开 may be parted in several places, and is where its parts are surest.
        several = [self._asked_in_succession(parts) for parts in successive(text, segment)]
        return max(several, key=lambda found: (len(found), min((c.score for c in found), default=0.0)), default=[])

    def _asked_in_succession(self, parts: Sequence[str]) -> list[Candidate]:
        if ask_alike(parts):
            return self._asked_in(parts, CHOICE_FROM)
        if not all(is_interrogative(normalize(part)) for part in parts):
            return self._asked_in(parts, self.answer_from)
        if not all(self._says_something(part) for part in parts):
            return self._asked_in(parts, max(self.answer_from, GOING_ON))
        found = self._asked_in(parts, ASKED_TOO)
        return found if any(candidate.score >= self.answer_from for candidate in found) else []

    def _ask_the_same(self, questions: Iterable[str]) -> bool:
        """Whether one entry answers all of them."""
        found = [self.probabilities(question) for question in questions]
        return (
            len({int(each.argmax()) for each in found}) == 1 and min(each.max() for each in found) >= self.answer_from
        )

    def _says_something(self, text: str) -> bool:
        """Whether a question tells what it is about; 多久能拿 goes on from what was asked before."""
        evidence = self.evidence(text)
        told = (nats for word, nats in evidence.information.items() if word not in evidence.asking)
        return max(told, default=0.0) >= PREDICATE_INFORMATION

    def _asked_in(self, parts: Iterable[str], least: float) -> list[Candidate]:
        """The entries of parts that are all questions, of a probability of ``least`` and up; empty for any others."""
        found: dict[str, Candidate] = {}
        for part in filter(asks_something, map(normalize, parts)):
            judgement = self.judged(part)
            probabilities = judgement.probabilities
            best = int(probabilities.argmax())
            asks = is_interrogative(part) or self.is_fragment(part, self.evidence(part))
            if not asks or probabilities[best] < least or Rule.TOPICLESS in judgement.rules:
                return []  # 还能用吗 goes on from what stands before it
            entry = self.entries[best]
            found.setdefault(entry, Candidate(entry, round(float(probabilities[best]), 4)))
        return list(found.values())[:SHOWN_CANDIDATES] if len(found) > 1 else []

    def knows(self, text: str) -> bool:
        """Whether some entry is likelier than not to be what ``text`` means."""
        return float(self.probabilities(text).sum()) >= CHOICE_FROM

    def likely(self, text: str) -> list[str]:
        """The few entries that ``text`` may speak of, if it is about the FAQ at all, the likeliest first."""
        probabilities = self.probabilities(text)
        order = np.argsort(-probabilities, kind="stable")[:SHOWN_CANDIDATES]
        least = CHOICE_SHARE * probabilities[order[0]]
        return [self.entries[i] for i in order if probabilities[i] >= max(least, np.finfo(float).tiny)]

    def _names(self, text: str) -> bool:
        """Whether a wording of an entry has ``text`` in it: a topic of many, 地铁, is offered where it is said most."""
        topic, none = core_of(text), len(self.entries)
        return len(topic) > 1 and any(topic in wording for wording, entry in self._wordings if entry < none)

    def _with_expected(self, probabilities: np.ndarray, expected: Sequence[str]) -> np.ndarray:
        """Bayes' rule with another prior."""
        likelier = EXPECTED_SHARE / len(expected) * len(self.entries)
        weighed = probabilities * [max(1.0, likelier) if entry in expected else 1.0 for entry in self.entries]
        return np.asarray(weighed / (weighed.sum() + 1 - probabilities.sum()))

    def _decide(self, candidates: tuple[Candidate, ...], clear: bool, offered_from: float) -> Decision:
        best = candidates[0]
        if best.score >= self.answer_from:
            return Answer(best.entry, best.score, candidates)
        offered = tuple(c for c in candidates if c.score >= CHOICE_SHARE * best.score)
        if sum(c.score for c in offered) >= offered_from:
            return Clarify(offered)
        return Reject(RejectReason.OUT_OF_SCOPE if clear else RejectReason.NOT_UNDERSTOOD, candidates)


def _sounds(text: str) -> tuple[str, ...]:
    return tuple(syllables(normalize(text)))
