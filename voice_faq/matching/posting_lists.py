"""An inverted index: which numbers have a feature, in arrays for all features together."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np


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
        return ranges(self._ends[features], self.lengths(features))

    def lengths(self, features: np.ndarray) -> np.ndarray:
        """Of these features' lists, shape (n,)."""
        return np.asarray(self._ends[features + 1] - self._ends[features])

    def first(self, feature: int) -> int:
        """The lowest number that has it."""
        return int(self.numbers[self._ends[feature]])

    def having(self, feature: int, numbers: np.ndarray) -> np.ndarray:
        """Which of ``numbers`` have the feature, as indices into them."""
        own = self.numbers[self._ends[feature] : self._ends[feature + 1]]
        # Of another type NumPy would copy the whole list first.
        places = own.searchsorted(numbers.astype(own.dtype))
        return np.asarray((own[np.minimum(places, len(own) - 1)] == numbers).nonzero()[0])

    def among(self, features: np.ndarray, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where ``numbers`` have one of the features: (indices into them, places in the arrays), shapes (n,)."""
        starts, places, theirs = self._by_number
        lengths = starts[numbers + 1] - starts[numbers]
        wanted = np.zeros(len(self._ends), bool)
        wanted[features] = True
        all_theirs = ranges(starts[numbers], lengths)
        found = wanted[theirs[all_theirs]].nonzero()[0]
        return np.arange(len(numbers)).repeat(lengths)[found], places[all_theirs[found]]

    @cached_property
    def _by_number(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(where each number's begin in what follows, the places in the arrays by their numbers, the features there).

        Made when it is first asked for: only large FAQs need it.
        """
        width = int(self.numbers.max(initial=0)) + 1
        starts = np.concatenate([[0], np.cumsum(np.bincount(self.numbers, minlength=width))])
        places = np.argsort(self.numbers, kind="stable").astype(np.int32)
        return starts, places, self.features[places]


def numbered(features: Iterable[str], columns: dict[str, int]) -> np.ndarray:
    """The columns of ``features``; one that has none yet gets the next."""
    return np.array([columns.setdefault(feature, len(columns)) for feature in features], np.int32)


def ranges(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The numbers from each start on, as many as its length, one range after the other."""
    return np.asarray(np.repeat(starts - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum()))
