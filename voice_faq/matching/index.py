"""All wordings of the FAQ by what they are made of, and how well each entry fits a text.

Features lie in an inverted index, so that a question touches only the wordings that share something with it;
edit distances are taken for the entries that fit best by features. Ten thousand entries take no other path than
fifteen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from rapidfuzz import fuzz, process

from voice_faq.language.sounds import spelled_parts
from voice_faq.matching.evidence import TextEvidence

KIND_WEIGHTS: Final = {"w": 1.0, "p": 0.8, "s": 0.5, "t": 0.7, "c": 0.5}
"""Words, pairs of syllables, syllables, syllables with their tones, pairs of characters."""
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


class PostingLists:
    """For each feature the numbers that have it, and how often; all lists lie in one array."""

    def __init__(self, features: np.ndarray, numbers: np.ndarray, count: int) -> None:
        """Pairs of (feature, number), shape (n,) each, in any order and repeated where it counts more than once."""
        width = int(numbers.max(initial=0)) + 1
        pairs, self.counts = np.unique(features.astype(np.int64) * width + numbers, return_counts=True)
        self.features, self.numbers = (pairs // width).astype(np.int32), (pairs % width).astype(np.int32)
        # Feature n's list ends where that of n + 1 begins.
        self._ends = np.searchsorted(self.features, np.arange(-1, count), side="right")

    def of(self, features: np.ndarray) -> np.ndarray:
        """Places in the arrays where these features' lists lie."""
        starts = self._ends[features]
        lengths = self._ends[features + 1] - starts
        return np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())


class WordingIndex:
    """Wordings with the numbers of their entries; the highest number is out of scope and may have none."""

    def __init__(self, evidence: Iterable[TextEvidence], labels: list[int], entries: int) -> None:
        """``labels``: the entry of each wording, rising from 0; ``entries``, kept as ``none``, is out of scope.

        ``evidence`` is gone through once, as all of it together would be large.
        """
        self.none = entries
        self._labels = np.array(labels)
        self._sizes = np.bincount(self._labels, minlength=entries + 1)
        self._starts = np.cumsum(self._sizes) - self._sizes
        # Wordings of an entry in a row; empty places point behind the last wording, where likeness is 0.
        places = np.arange(max(1, self._sizes.max()), dtype=np.int32)
        filled = places < self._sizes[:, None]
        self._wordings = np.where(filled, self._starts[:, None] + places, len(labels)).astype(np.int32)
        self._index_features(evidence)

    def _index_features(self, evidence: Iterable[TextEvidence]) -> None:
        """Number the features, list their users, and weigh them."""
        self._columns: dict[str, int] = {}
        spelled: list[str] = []
        found: list[np.ndarray] = []
        for item in evidence:
            spelled.append(spelled_parts(item.sounds))
            row = [self._columns.setdefault(feature, len(self._columns)) for feature in sorted(item.features)]
            found.append(np.array(row, np.int32))
        self._spelled = np.array(spelled, object)
        self._features = found
        columns = np.concatenate(found)
        wordings = np.repeat(np.arange(len(found), dtype=np.int32), [len(row) for row in found])
        self._using = PostingLists(columns, wordings, len(self._columns))
        self._usual = PostingLists(columns, self._labels[wordings], len(self._columns))
        # How much a feature tells about the entry: the mutual information, were all entries asked for alike.
        shares = self._usual.counts / self._sizes[self._usual.numbers]
        shares /= np.bincount(self._usual.features, shares)[self._usual.features]
        told = np.bincount(self._usual.features, shares * np.log(shares), len(self._columns))
        kinds = np.array([KIND_WEIGHTS[feature[0]] for feature in self._columns])
        most = float(np.log(self.none + 1))
        self._weights = (kinds * (LEAST_TELLING + most + told)) ** 2
        self._unknown = {kind: (weight * most) ** 2 for kind, weight in KIND_WEIGHTS.items()}
        shared = self._weights[self._using.features]
        lengths = np.sqrt(np.bincount(self._using.numbers, shared, len(found)))
        # What each place of a posting list adds to its wording's cosine, and to its entry's usualness.
        self._cosine_parts = shared / lengths[self._using.numbers]
        self._usual_parts = self._usualness(np.arange(len(self._usual.counts)), self._usual.counts)

    def likeness(self, evidence: TextEvidence, without: int | None = None) -> Likeness:
        """How well entries fit; ``without`` leaves one wording out, as if the FAQ did not have it."""
        columns = self._known(evidence.features)
        unknown = sum(self._unknown[f[0]] for f in evidence.features if f not in self._columns)
        square = max(float(self._weights[columns].sum()) + unknown, 1e-9)
        users = self._using.of(columns)
        # The place behind the last wording is for rows of entries that have fewer, and stays 0.
        shared = np.bincount(self._using.numbers[users], self._cosine_parts[users], len(self._labels) + 1)
        cosines = shared / square**0.5
        places = self._usual.of(columns)
        parts = self._usual_parts[places]
        if without is not None:
            cosines[without] = 0.0
            own, counts = self._own(places, without)
            parts[own] = self._usualness(places[own], counts)
        usual = np.bincount(self._usual.numbers[places], parts, self.none + 1) / square
        rough = np.maximum.reduceat(cosines[:-1], self._starts[:-1]) + usual[:-1]
        nearest = np.argpartition(-rough, SHORTLIST)[:SHORTLIST] if self.none > SHORTLIST else np.arange(self.none)
        chosen = np.append(nearest, self.none)
        edits = self._edits(evidence, chosen, without)
        covered = self._covered(evidence.information, without)
        kinds = [
            *_best_and_mean(cosines[self._wordings[chosen]]),
            *_best_and_mean(edits),
            usual[chosen],
            covered[chosen],
        ]
        return Likeness(chosen, np.stack(kinds, 1), unknown / square)

    def _known(self, features: Iterable[str]) -> np.ndarray:
        """Columns of the features that some wording has, rising."""
        return np.array(sorted(self._columns[f] for f in features if f in self._columns), np.int64)

    def _usualness(self, places: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """How usual the features at ``places`` are in their entries, by weight and on a log scale; all shapes (n,)."""
        shares = counts / self._sizes[self._usual.numbers[places]]
        return np.asarray(self._weights[self._usual.features[places]] * np.log1p(shares / RARE))

    def _own(self, places: np.ndarray, without: int) -> tuple[np.ndarray, np.ndarray]:
        """Which of ``places`` are those of the entry of ``without``, and their counts without that wording."""
        own = np.flatnonzero(self._usual.numbers[places] == self._labels[without])
        left_out = np.isin(self._usual.features[places[own]], self._features[without])
        return own, self._usual.counts[places[own]] - left_out

    def nearest(self, evidence: TextEvidence, entry: int) -> int:
        """The number of the entry's wording that sounds most like the text."""
        likeness = self._edits(evidence, np.array([entry]), None)[0]
        return int(self._wordings[entry, likeness.argmax()])

    def shares(self, evidence: TextEvidence) -> np.ndarray | None:
        """Of the wordings that have all the text's words, each entry's share; shape (entries,), None without any."""
        columns = self._known(evidence.information)
        if not len(columns) or len(columns) < len(evidence.information):
            return None
        users = np.bincount(self._using.numbers[self._using.of(columns)], minlength=len(self._labels))
        together = np.flatnonzero(users == len(columns))
        if not len(together):
            return None
        return np.asarray(np.bincount(self._labels[together], minlength=self.none + 1)[:-1] / len(together))

    def covered(self, evidence: TextEvidence, entry: int) -> float:
        """The share of the text's information that is in words of the entry, 0…1."""
        return float(self._covered(evidence.information, None)[entry])

    def _covered(self, information: dict[str, float], without: int | None) -> np.ndarray:
        """Shape (entries + 1,): the share of the words' information that is in words which the entry has too, 0…1."""
        columns = self._known(information)
        nats = np.zeros(len(self._columns))
        for word, amount in information.items():
            if word in self._columns:
                nats[self._columns[word]] = amount
        places = self._usual.of(columns)
        told = nats[self._usual.features[places]]
        if without is not None:
            own, counts = self._own(places, without)
            told[own] *= counts > 0
        return np.bincount(self._usual.numbers[places], told, self.none + 1) / max(sum(information.values()), 1e-9)

    def _edits(self, evidence: TextEvidence, chosen: np.ndarray, without: int | None) -> np.ndarray:
        """Shape (chosen entries, wordings of an entry): likeness of the sounds, 0…1."""
        wordings = self._wordings[chosen]
        there = wordings < len(self._labels)
        choices = self._spelled[wordings[there]].tolist()
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
