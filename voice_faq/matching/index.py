"""All wordings of the FAQ by what they are made of, and how well each entry fits a text.

Features lie in an inverted index, so that a question touches only the wordings that share something with it;
edit distances are taken for the entries that fit best by features. Ten thousand entries take no other path than
fifteen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from rapidfuzz import fuzz, process

from voice_faq.language.sounds import spelled_parts
from voice_faq.matching.evidence import TextEvidence

KIND_WEIGHTS: Final = {"w": 1.0, "p": 0.8, "s": 0.5, "c": 0.5}  # words, pairs of syllables, syllables, characters
LEAST_TELLING: Final = 0.36  # nats that a feature counts which all entries use alike
NEIGHBOURS: Final = 3  # wordings of an entry whose mean likeness counts beside the best one's
SHORTLIST: Final = 40  # entries that are looked at closely
RARE: Final = 0.002  # share of wordings from which on it counts that an entry uses a feature
LIKENESSES: Final = ("best cosine", "mean cosine", "best edit", "mean edit", "usual features", "covered information")


@dataclass(frozen=True)
class Likeness:
    """What speaks for each entry of a shortlist."""

    entries: np.ndarray
    """(n,) numbers of entries; the last is that of the questions out of scope."""
    evidence: np.ndarray
    """(n, 6), columns as in LIKENESSES, each 0 and up."""
    unknown: float
    """Share of the text's features, by weight, that no wording has; 0…1."""


class WordingIndex:
    """Wordings with the numbers of their entries; the highest number is out of scope and may have none."""

    def __init__(self, evidence: list[TextEvidence], labels: list[int], entries: int) -> None:
        """``labels``: the entry of each wording, rising from 0; ``entries``, kept as ``none``, is out of scope."""
        self.none = entries
        self._labels = np.array(labels)
        self._spelled = [spelled_parts(e.sounds) for e in evidence]
        self._sizes = np.bincount(self._labels, minlength=entries + 1)
        self._starts = np.cumsum(self._sizes) - self._sizes
        # Wordings of an entry in a row; empty places point behind the last wording, where likeness is 0.
        places = np.arange(max(1, self._sizes.max()), dtype=np.int32)
        filled = places < self._sizes[:, None]
        self._wordings = np.where(filled, self._starts[:, None] + places, len(labels)).astype(np.int32)
        self._index_features(evidence)

    def _index_features(self, evidence: list[TextEvidence]) -> None:
        """Posting lists of (wording, weight), and of (entry, how usual the feature is there)."""
        found: dict[str, list[int]] = defaultdict(list)
        for number, item in enumerate(evidence):
            for feature in sorted(item.features):
                found[feature].append(number)
        most = LEAST_TELLING + float(np.log(self.none + 1))
        self._unknown = {kind: weight * float(np.log(self.none + 1)) for kind, weight in KIND_WEIGHTS.items()}
        lengths = np.zeros(len(evidence))
        self._weights: dict[str, float] = {}
        self._using: dict[str, np.ndarray] = {}
        self._usual: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for feature, users in found.items():
            wordings = np.array(users, np.int32)
            entries, counts = np.unique(self._labels[wordings], return_counts=True)
            shares = counts / self._sizes[entries]
            shares = shares / shares.sum()
            # How much it tells about the entry: the mutual information, were all entries asked for alike.
            weight = KIND_WEIGHTS[feature[0]] * (most + float((shares * np.log(shares)).sum()))
            self._weights[feature] = weight
            self._using[feature] = wordings
            self._usual[feature] = entries, counts
            lengths[wordings] += weight**2
        self._lengths = np.sqrt(np.maximum(lengths, 1e-9))

    def likeness(self, evidence: TextEvidence, without: int | None = None) -> Likeness:
        """How well entries fit; ``without`` leaves one wording out, as if the FAQ did not have it."""
        weights = {f: self._weights[f] for f in sorted(evidence.features) if f in self._weights}
        unknown = sum(self._unknown[f[0]] ** 2 for f in evidence.features if f not in weights)
        square = sum(w**2 for w in weights.values()) + unknown
        cosines = self._cosines(weights) / max(square, 1e-9) ** 0.5
        usual = self._usualness(weights, without) / max(square, 1e-9)
        if without is not None:
            cosines[without] = 0.0
        best = np.maximum.reduceat(cosines[:-1], self._starts[:-1])
        chosen = np.append(np.argsort(-(best + usual[:-1]), kind="stable")[:SHORTLIST], self.none)
        edits = self._edits(evidence, chosen, without)
        covered = self._covered(evidence.information, without)
        columns = [
            *_best_and_mean(cosines[self._wordings[chosen]]),
            *_best_and_mean(edits),
            usual[chosen],
            covered[chosen],
        ]
        return Likeness(chosen, np.stack(columns, 1), unknown / max(square, 1e-9))

    def _cosines(self, weights: dict[str, float]) -> np.ndarray:
        """Shape (wordings + 1,), not yet divided by the question's length; the last is 0."""
        result = np.zeros(len(self._labels) + 1)
        for feature, weight in weights.items():
            result[self._using[feature]] += weight**2
        result[:-1] /= self._lengths
        return result

    def _usualness(self, weights: dict[str, float], without: int | None) -> np.ndarray:
        """Shape (entries + 1,): how usual the features are in each entry, by weight and on a log scale."""
        result = np.zeros(self.none + 1)
        for feature, weight in weights.items():
            entries, counts = self._usual[feature]
            if without is not None and without in self._using[feature]:
                counts = counts - (entries == self._labels[without])
            result[entries] += weight**2 * np.log1p(counts / self._sizes[entries] / RARE)
        return result

    def nearest(self, evidence: TextEvidence, entry: int) -> int:
        """The number of the entry's wording that sounds most like the text."""
        likeness = self._edits(evidence, np.array([entry]), None)[0]
        return int(self._wordings[entry, likeness.argmax()])

    def shares(self, evidence: TextEvidence) -> np.ndarray | None:
        """Of the wordings that have all the text's words, each entry's share; shape (entries,), None without any."""
        together: np.ndarray | None = None
        for feature in evidence.information:
            users = self._using.get(feature, np.zeros(0, np.int32))
            together = users if together is None else np.intersect1d(together, users)
        if together is None or not len(together):
            return None
        return np.bincount(self._labels[together], minlength=self.none + 1)[:-1] / len(together)

    def covered(self, evidence: TextEvidence, entry: int) -> float:
        """The share of the text's information that is in words of the entry, 0…1."""
        return float(self._covered(evidence.information, None)[entry])

    def _covered(self, information: dict[str, float], without: int | None) -> np.ndarray:
        """Shape (entries + 1,): the share of the words' information that is in words which the entry has too, 0…1."""
        result = np.zeros(self.none + 1)
        for feature, nats in information.items():
            if feature in self._usual:
                entries, counts = self._usual[feature]
                if without is not None and without in self._using[feature]:
                    entries = entries[(counts > 1) | (entries != self._labels[without])]
                result[entries] += nats
        return result / max(sum(information.values()), 1e-9)

    def _edits(self, evidence: TextEvidence, chosen: np.ndarray, without: int | None) -> np.ndarray:
        """Shape (chosen entries, wordings of an entry): likeness of the sounds, 0…1."""
        wordings = self._wordings[chosen]
        there = wordings < len(self._labels)
        choices = [self._spelled[number] for number in wordings[there]]
        result = np.zeros(wordings.shape)
        if choices:
            result[there] = process.cdist([spelled_parts(evidence.sounds)], choices, scorer=fuzz.ratio)[0] / 100
        if without is not None:
            result[wordings == without] = 0.0
        return result


def _best_and_mean(likeness: np.ndarray) -> Iterable[np.ndarray]:
    """Of the few best in each row."""
    few = min(NEIGHBOURS, likeness.shape[1])
    best = -np.partition(-likeness, few - 1, 1)[:, :few]
    return best.max(1), best.mean(1)
