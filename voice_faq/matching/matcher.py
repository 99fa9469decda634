"""Finds the entry that a question means, over all hypotheses and all wordings, and decides by risk."""

from __future__ import annotations

from typing import Final

import numpy as np

from voice_faq.faq.entries import Faq
from voice_faq.language.hypothesis import LEAST_UNDERSTOOD, Hypothesis, understood
from voice_faq.language.normalizing import normalize
from voice_faq.matching.decision import Answer, Candidate, Clarify, Decision, Reject, RejectReason
from voice_faq.matching.everyday import everyday_questions
from voice_faq.matching.evidence import EvidenceReader
from voice_faq.matching.fitting import fit
from voice_faq.matching.index import WordingIndex

SHOWN_CANDIDATES: Final = 3
CHOICE_FROM: Final = 0.5  # probability that one of the candidates is meant, from which on they are offered
CHOICE_SHARE: Final = 0.2  # of the best candidate's probability, from which on another one is offered beside it


class Matcher:
    """An index of the FAQ; build it once, ``match`` is read-only and may be shared by threads."""

    def __init__(self, faq: Faq, wrong_answers: float) -> None:
        """``wrong_answers``: the share of questions, 0…1, that may be answered wrongly."""
        self._entries = [entry.id for entry in faq.entries]
        wordings = [(w, i) for i, entry in enumerate(faq.entries) for w in entry.all_wordings]
        everyday = everyday_questions([wording for wording, _ in wordings])
        wordings += [(w, len(self._entries)) for w in (*faq.out_of_scope, *everyday)]
        self._read = EvidenceReader(faq.synonyms)
        labels = [entry for _, entry in wordings]
        self._index = WordingIndex([self._read(wording) for wording, _ in wordings], labels, len(self._entries))
        self._combination, self.answer_from = fit(self._index, self._read, wordings, wrong_answers)

    def match(self, hypotheses: list[Hypothesis]) -> Decision:
        """Decide on an n-best list, best first; an empty one, or one without words, is rejected.

        Scores are probabilities; they are lowered where it is likelier than not that the list as a whole is wrong.
        """
        spoken = [h for h in hypotheses if normalize(h.text)]
        if not spoken:
            return Reject(RejectReason.NOTHING_HEARD)
        sureness = understood(spoken)
        total = max(LEAST_UNDERSTOOD, sureness)
        scores = np.zeros(len(self._entries))
        for hypothesis in spoken:
            scores += self.probabilities(hypothesis.text) * (hypothesis.confidence / total)
        order = np.argsort(-scores, kind="stable")[:SHOWN_CANDIDATES]
        candidates = tuple(Candidate(self._entries[i], round(float(scores[i]), 4)) for i in order)
        return self._decide(candidates, sureness)

    def probabilities(self, text: str) -> np.ndarray:
        """Of each entry to be what ``text`` means, shape (entries,); what they leave of 1 is for none of them."""
        likeness = self._index.likeness(self._read(text))
        result = np.zeros(len(self._entries))
        result[likeness.entries[:-1]] = self._combination.probabilities(likeness)[:-1]
        return result

    def _decide(self, candidates: tuple[Candidate, ...], sureness: float) -> Decision:
        best = candidates[0]
        if best.score >= self.answer_from:
            return Answer(best.entry, best.score, candidates)
        if sum(c.score for c in candidates) >= CHOICE_FROM:
            near = tuple(c for c in candidates if c.score >= CHOICE_SHARE * best.score)
            return Clarify(near if len(near) > 1 else candidates[:2])
        clear = sureness >= LEAST_UNDERSTOOD
        return Reject(RejectReason.OUT_OF_SCOPE if clear else RejectReason.NOT_UNDERSTOOD, candidates)
