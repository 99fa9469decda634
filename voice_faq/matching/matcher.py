"""Finds the entry that a question means, over all hypotheses and all wordings.

Three kinds of evidence are weighed together for each entry: the likest wording by weighted words and
sounds (cosine of TF-IDF vectors), the same by edit distance of the sounds (rapidfuzz), and a linear
classifier over the same features that has learned from all wordings of all entries what tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from rapidfuzz import fuzz, process

from voice_faq.faq.entries import Faq
from voice_faq.language.hypothesis import LEAST_UNDERSTOOD, Hypothesis, understood
from voice_faq.language.normalizing import normalize
from voice_faq.matching.classifier import LinearClassifier
from voice_faq.matching.decision import Answer, Candidate, Clarify, Decision, Reject, RejectReason
from voice_faq.matching.evidence import EvidenceReader, TextEvidence
from voice_faq.settings import Settings

SHOWN_CANDIDATES: Final = 3
NEIGHBOURS: Final = 3  # wordings of an entry whose likeness counts
COSINE_WEIGHT: Final = 0.3
EDIT_WEIGHT: Final = 0.2
CLASSIFIER_WEIGHT: Final = 0.5
FEATURE_WEIGHTS: Final = {"w": 1.0, "p": 0.8, "s": 0.5}


@dataclass(frozen=True)
class Thresholds:
    """Scores, 0…1, between the three decisions."""

    answer: float
    """An answer is given from this score on."""
    clarify: float
    """A choice is offered from this score on."""
    margin: float
    """The best entry leads the second by at least this much, or a choice is offered."""

    @classmethod
    def of(cls, settings: Settings) -> Thresholds:
        """The operator's thresholds."""
        return cls(settings.answer_score, settings.clarify_score, settings.answer_margin)


class Matcher:
    """An index of the FAQ; build it once, ``match`` is read-only and may be shared by threads."""

    def __init__(self, faq: Faq, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._read = EvidenceReader(faq.synonyms)
        self._entries = [entry.id for entry in faq.entries]
        labelled = [(w, i) for i, entry in enumerate(faq.entries) for w in entry.all_wordings]
        labelled += [(w, len(self._entries)) for w in faq.out_of_scope]
        evidence = [self._read(wording) for wording, _ in labelled]
        self._labels = np.array([label for _, label in labelled])
        self._sounds = [" ".join(e.sounds) for e in evidence]
        self._index_features(evidence)
        self._vectors = np.stack([self._vector(e) for e in evidence])
        self._classifier = LinearClassifier.fit(self._vectors, self._labels, len(self._entries) + 1)

    def _index_features(self, evidence: list[TextEvidence]) -> None:
        """Number the features and weigh them by how few entries use them."""
        users: dict[str, set[int]] = {}
        for item, label in zip(evidence, self._labels, strict=True):
            for feature in item.features:
                users.setdefault(feature, set()).add(int(label))
        classes = len(self._entries) + 1
        self._columns = {feature: column for column, feature in enumerate(sorted(users))}
        self._weights = np.zeros(len(users) + 1, np.float32)
        for feature, column in self._columns.items():
            rarity = np.log((classes + 1) / (len(users[feature]) + 0.5))
            self._weights[column] = FEATURE_WEIGHTS[feature[0]] * rarity
        self._unknown_weight = float(np.log((classes + 1) / 1.5))

    def _vector(self, evidence: TextEvidence) -> np.ndarray:
        """Unit vector of a text; what no wording has takes its share of the length in the last place."""
        vector = np.zeros(len(self._weights), np.float32)
        unknown = 0.0
        for feature in evidence.features:
            column = self._columns.get(feature)
            if column is None:
                unknown += (FEATURE_WEIGHTS[feature[0]] * self._unknown_weight) ** 2
            else:
                vector[column] = self._weights[column]
        vector[-1] = np.sqrt(unknown)
        vector /= max(float(np.linalg.norm(vector)), 1e-9)
        vector[-1] = 0.0
        return vector

    def match(self, hypotheses: list[Hypothesis]) -> Decision:
        """Decide on an n-best list, best first; an empty one, or one without words, is rejected.

        Scores are lowered where it is likelier than not that the list as a whole is wrong.
        """
        spoken = [h for h in hypotheses if normalize(h.text)]
        if not spoken:
            return Reject(RejectReason.NOTHING_HEARD)
        sureness = understood(spoken)
        total = max(LEAST_UNDERSTOOD, sureness)
        scores = np.zeros(len(self._entries))
        for hypothesis in spoken:
            scores += self.scores(hypothesis.text) * (hypothesis.confidence / total)
        order = np.argsort(-scores, kind="stable")[:SHOWN_CANDIDATES]
        candidates = tuple(Candidate(self._entries[i], round(float(scores[i]), 4)) for i in order)
        return self._decide(candidates, sureness)

    def scores(self, text: str) -> np.ndarray:
        """Score of each entry for one text, shape (entries,), 0…1."""
        evidence = self._read(text)
        vector = self._vector(evidence)
        cosines = self._vectors @ vector
        edits = process.cdist([" ".join(evidence.sounds)], self._sounds, scorer=fuzz.ratio)[0] / 100
        probabilities = self._classifier.probabilities(vector)[:-1]
        count = len(self._entries)
        combined = COSINE_WEIGHT * self._by_entry(cosines, count) + EDIT_WEIGHT * self._by_entry(edits, count)
        return np.asarray(combined + CLASSIFIER_WEIGHT * probabilities)

    def _by_entry(self, likeness: np.ndarray, count: int) -> np.ndarray:
        """Each entry's likest wordings: the best one and the mean of the best few, half and half."""
        result = np.zeros(count)
        for label in range(count):
            best = np.sort(likeness[self._labels == label])[-NEIGHBOURS:]
            result[label] = (best[-1] + best.mean()) / 2
        return result

    def _decide(self, candidates: tuple[Candidate, ...], sureness: float) -> Decision:
        best = candidates[0]
        limits = self._thresholds
        if best.score < limits.clarify:
            clear = sureness >= LEAST_UNDERSTOOD
            return Reject(RejectReason.OUT_OF_SCOPE if clear else RejectReason.NOT_UNDERSTOOD, candidates)
        lead = best.score - candidates[1].score if len(candidates) > 1 else 1.0
        if best.score >= limits.answer and lead >= limits.margin:
            return Answer(best.entry, best.score, candidates)
        near = tuple(c for c in candidates if c.score >= best.score / 2)
        return Clarify(near if len(near) > 1 else candidates[:2])
