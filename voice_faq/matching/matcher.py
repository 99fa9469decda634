"""Finds the entry that a question means, over all hypotheses and all wordings, and decides by risk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from voice_faq.faq.entries import Faq
from voice_faq.language.hypothesis import LEAST_UNDERSTOOD, Hypothesis, understood
from voice_faq.language.normalizing import normalize
from voice_faq.matching.decision import Answer, Candidate, Clarify, Decision, Reject, RejectReason
from voice_faq.matching.everyday import everyday_questions
from voice_faq.matching.evidence import EvidenceReader, TextEvidence, asks_something
from voice_faq.matching.fitting import fit
from voice_faq.matching.index import WordingIndex

SHOWN_CANDIDATES: Final = 3
CHOICE_FROM: Final = 0.5  # probability that one of the candidates is meant, from which on they are offered
CHOICE_SHARE: Final = 0.2  # of the best candidate's probability, from which on another one is offered beside it
FRAGMENT_WORDS: Final = 1  # so few say no more than what the wordings with them are about
EXPECTED_SHARE: Final = 0.8  # of utterances after a choice was offered that are about one of the choices


class Matcher:
    """An index of the FAQ; build it once, ``match`` is read-only and may be shared by threads."""

    def __init__(self, faq: Faq, wrong_answers: float) -> None:
        """``wrong_answers``: the share of questions, 0…1, that may be answered wrongly."""
        self.entries = [entry.id for entry in faq.entries]
        """Their ids, in the FAQ's order."""
        wordings = [(w, i) for i, entry in enumerate(faq.entries) for w in entry.all_wordings]
        everyday = everyday_questions([wording for wording, _ in wordings])
        wordings += [(w, len(self.entries)) for w in (*faq.out_of_scope, *everyday)]
        self.read = EvidenceReader(faq.synonyms)
        self._wordings = wordings
        labels = [entry for _, entry in wordings]
        self.index = WordingIndex((self.read(wording) for wording, _ in wordings), labels, len(self.entries))
        self._combination, self.answer_from = fit(self.index, self.read, wordings, wrong_answers)

    def match(self, hypotheses: list[Hypothesis], *, expected: Sequence[str] = ()) -> Decision:
        """Decide on an n-best list, best first; an empty one, or one without words, is rejected.

        Scores are probabilities; they are lowered where it is likelier than not that the list as a whole is wrong.
        ``expected`` are entries that have just been offered as a choice: they are likelier beforehand.
        """
        spoken = [h for h in hypotheses if normalize(h.text)]
        if not spoken:
            return Reject(RejectReason.NOTHING_HEARD)
        sureness = understood(spoken)
        total = max(LEAST_UNDERSTOOD, sureness)
        scores = np.zeros(len(self.entries))
        for hypothesis in spoken:
            probabilities = self.probabilities(hypothesis.text)
            if expected:
                probabilities = self._with_expected(probabilities, expected)
            scores += probabilities * (hypothesis.confidence / total)
        order = np.argsort(-scores, kind="stable")[:SHOWN_CANDIDATES]
        candidates = tuple(Candidate(self.entries[i], round(float(scores[i]), 4)) for i in order)
        clear = sureness >= LEAST_UNDERSTOOD and asks_something(normalize(spoken[0].text))
        return self._decide(candidates, clear)

    def probabilities(self, text: str) -> np.ndarray:
        """Of each entry to be what ``text`` means, shape (entries,); what they leave of 1 is for none of them."""
        return self._probabilities(self.read(text))

    def held_out(self) -> Iterator[tuple[str, str, np.ndarray]]:
        """(wording, its entry, probabilities of all entries as if the FAQ did not have it) for every wording."""
        for number, (wording, entry) in enumerate(self._wordings):
            if entry < len(self.entries):
                yield wording, self.entries[entry], self._probabilities(self.read(wording), without=number)

    def nearest_wording(self, text: str, entry: str) -> str:
        """The entry's wording that is most like ``text``."""
        return self._wordings[self.index.nearest(self.read(text), self.entries.index(entry))][0]

    def _probabilities(self, evidence: TextEvidence, without: int | None = None) -> np.ndarray:
        likeness = self.index.likeness(evidence, without)
        result = np.zeros(len(self.entries))
        result[likeness.entries[:-1]] = self._combination.probabilities(likeness)[:-1]
        if len(evidence.information) <= FRAGMENT_WORDS:
            shares = self.index.shares(evidence)
            if shares is not None:
                result = np.minimum(result.sum() * shares, 1.0)
        return result

    def covered(self, text: str, entry: str) -> float:
        """The share of what ``text`` says, 0…1 by information, that wordings of the entry say too."""
        return self.index.covered(self.read(text), self.entries.index(entry))

    def _with_expected(self, probabilities: np.ndarray, expected: Sequence[str]) -> np.ndarray:
        """Bayes' rule with another prior."""
        likelier = EXPECTED_SHARE / len(expected) * len(self.entries)
        weighed = probabilities * [max(1.0, likelier) if entry in expected else 1.0 for entry in self.entries]
        return np.asarray(weighed / (weighed.sum() + 1 - probabilities.sum()))

    def _decide(self, candidates: tuple[Candidate, ...], clear: bool) -> Decision:
        best = candidates[0]
        if best.score >= self.answer_from:
            return Answer(best.entry, best.score, candidates)
        if sum(c.score for c in candidates) >= CHOICE_FROM:
            near = tuple(c for c in candidates if c.score >= CHOICE_SHARE * best.score)
            return Clarify(near if len(near) > 1 else candidates[:2])
        return Reject(RejectReason.OUT_OF_SCOPE if clear else RejectReason.NOT_UNDERSTOOD, candidates)
