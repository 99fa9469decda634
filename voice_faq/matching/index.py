"""All wordings of the FAQ by what they are made of, and how well each entry fits a text.

Features lie in an inverted index, so that a question touches only the wordings that share something with it;
edit distances are taken for the entries that fit best by features. Ten thousand entries take no other path than
fifteen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from rapidfuzz import fuzz, process

from voice_faq.language.sounds import spelled_parts
from voice_faq.matching.answers import AnswerIndex, Answers
from voice_faq.matching.discriminant import Discriminant
from voice_faq.matching.evidence import LITTLE, TextEvidence
from voice_faq.matching.posting_lists import PostingLists, numbered, ranges
from voice_faq.matching.vectors import products

KIND_WEIGHTS: Final = {"w": 1.0, "p": 0.8, "s": 0.5, "t": 0.7, "c": 0.5}
"""Words, pairs of syllables, syllables, syllables with their tones, pairs of characters."""
LEAST_TELLING: Final = 0.36  # nats that a feature counts which all entries use alike
NEIGHBOURS: Final = 3  # wordings of an entry whose mean likeness counts beside the best one's
SHORTLIST: Final = 40  # entries that are looked at closely
MOST_PLACES: Final = 8_192  # in posting lists, by which these are chosen; the rarest features' come first
RARE: Final = 0.002  # share of wordings from which on it counts that an entry uses a feature
WORDING_LIKENESSES: Final = (
    "best cosine", "mean cosine", "best edit", "mean edit", "usual features", "covered information",
    "told information", "best meaning", "mean meaning", "direction",
)  # fmt: skip
LIKENESSES: Final = (*WORDING_LIKENESSES, "answer's words", "answer's meaning", "comparison")
NEGATED_SHARE: Final = 2 / 3  # of what the most telling word tells, from which on a negated one is what is meant
NEAREST: Final = 2  # wordings of an entry that are read beside a question


@dataclass(frozen=True)
class Likeness:
    """What speaks for each entry of a shortlist."""

    entries: np.ndarray
    """(n,) numbers of entries; the last is that of the questions out of scope."""
    evidence: np.ndarray
    """(n, len(LIKENESSES)), columns as there; 0 and up, 0 for an entry without wordings.

    The comparison alone may be less than 0; it is 0 until a ``Comparer`` adds it, and for what is out of scope.
    """
    sizes: np.ndarray
    """(n,) how many wordings each has."""
    unknown: float
    """Share of the text's features, by weight, that no wording has; 0…1."""
    foreign: float
    """Information of the text's words that no wording of an entry has, nats."""
    named: float
    """Of it what is in words of two syllables or more: other things, while what is misheard falls apart."""
    negated: np.ndarray
    """(n,) whether the text negates a word that the entry speaks of without negating it."""
    information: float
    """Of the text's words, nats."""
    nearest: np.ndarray
    """(n, NEAREST) numbers of the wordings that mean most nearly what the text does, -1 for none."""


@dataclass(frozen=True)
class Meant:
    """What a text means, to an index."""

    vector: np.ndarray
    """A unit one, shape (dimensions,)."""
    alike: np.ndarray
    """(entries + 1,) how alike what each entry's wordings mean together is, 0…1; the last is out of scope."""


class WordingIndex:
    """Wordings with the numbers of their entries; the highest number is out of scope and may have none."""

    def __init__(
        self,
        evidence: Iterable[TextEvidence],
        labels: list[int],
        entries: int,
        vectors: np.ndarray,
        least_alike: float,
        answers: Answers | None = None,
        everyday: int = 0,
        frames: Collection[str] = (),
    ) -> None:
        """``labels``: the entry of each wording, rising from 0; ``entries``, kept as ``none``, is out of scope.

        ``evidence`` is gone through once, as all of it together would be large. ``vectors``, unit ones of shape
        (wordings, dimensions): what the wordings mean; those of no common meaning have a cosine of ``least_alike``.
        ``answers`` of the entries; without them they are no evidence. So many of the last wordings are ``everyday``
        questions. They do not count for a text that tells nothing but what some entry does in words of their
        ``frames``: 怎么预约 asks for no haircut.
        """
        self.none = entries
        self._labels = np.array(labels)
        self._sizes = np.bincount(self._labels, minlength=entries + 1)
        self._starts = np.cumsum(self._sizes) - self._sizes
        self._everyday = everyday
        self._least_alike = least_alike
        self._vectors = vectors
        self._discriminant = Discriminant.of(vectors, self._sizes, least_alike)
        self._index_features(evidence)
        self._in_frames = np.zeros(len(self._columns), bool)
        self._in_frames[self._known(frames)] = True
        self._answers = AnswerIndex(answers or Answers.none(vectors), entries)

    def _index_features(self, evidence: Iterable[TextEvidence]) -> None:
        """Number the features, list their users, and weigh them."""
        self._columns: dict[str, int] = {}
        spelled: list[str] = []
        found: list[np.ndarray] = []
        salient: dict[str, float] = {}
        self._negated: set[tuple[str, int]] = set()
        self._least_told = np.full(self.none + 1, np.inf)
        parts: list[np.ndarray] = []
        for item, entry in zip(evidence, self._labels.tolist(), strict=True):
            self._negated.update((word, entry) for word in item.negated)
            self._least_told[entry] = min(self._least_told[entry], item.told)
            spelled.append(spelled_parts(item.sounds))
            found.append(numbered(item.features, self._columns))
            parts.append(item.told_parts)
            salient |= item.features
        self._spelled = np.array(spelled, object)
        columns = np.concatenate(found)
        wordings = np.repeat(np.arange(len(found), dtype=np.int32), [len(row) for row in found])
        self._using = PostingLists(columns, wordings, len(self._columns))
        # What of its wording's information each place of a posting list tells.
        self._told_parts = np.concatenate(parts)[np.lexsort((wordings, columns))]
        self._usual = PostingLists(columns, self._labels[wordings], len(self._columns))
        # How much a feature tells about the entry: the mutual information, were all entries asked for alike.
        shares = self._usual.counts / self._sizes[self._usual.numbers]
        shares /= np.bincount(self._usual.features, shares)[self._usual.features]
        told = np.bincount(self._usual.features, shares * np.log(shares), len(self._columns))
        kinds = np.array([KIND_WEIGHTS[feature[0]] for feature in self._columns])
        most = float(np.log(self.none + 1))
        saliences = np.array([salient[feature] for feature in self._columns])
        self._weights = (kinds * saliences * (LEAST_TELLING + most + told)) ** 2
        self._unknown = {kind: (weight * most) ** 2 for kind, weight in KIND_WEIGHTS.items()}
        shared = self._weights[self._using.features]
        lengths = np.sqrt(np.bincount(self._using.numbers, shared, len(found)))
        # What each place of a posting list adds to its wording's cosine, and to its entry's usualness.
        self._cosine_parts = shared / lengths[self._using.numbers]
        self._usual_parts = self._usualness(np.arange(len(self._usual.counts)), self._usual.counts)

    def meant(self, vector: np.ndarray) -> Meant:
        """``vector``, a unit one of shape (dimensions,), is what a text means, or all that may have been heard."""
        return Meant(vector, self._discriminant.alike(vector))

    def likeness(self, evidence: TextEvidence, meant: Meant) -> Likeness:
        """How well entries fit a text, and what it means."""
        columns = self._known(evidence.features)
        unknown = sum(self._unknown[f[0]] * v * v for f, v in evidence.features.items() if f not in self._columns)
        square = max(float(self._weights[columns].sum()) + unknown, 1e-9)
        # Lists of common features are long and tell little: they are looked up for the chosen entries alone.
        columns = columns[np.argsort(self._using.lengths(columns), kind="stable")]
        few = np.searchsorted(np.cumsum(self._using.lengths(columns)), MOST_PLACES)
        rare, common = columns[: few + 1], columns[few + 1 :]
        users = self._using.of(rare)
        numbers = self._using.numbers[users]
        cosines = np.bincount(numbers, self._cosine_parts[users], len(self._labels))
        told = np.bincount(numbers, self._told_parts[users], len(self._labels))
        places = self._usual.of(rare)
        usual = np.bincount(self._usual.numbers[places], self._usual_parts[places], self.none + 1)
        answered = self._answers.answered(evidence)
        rough = usual[:-1] / square + meant.alike[:-1] + answered[:-1]
        # Few wordings share anything with a text; those of one entry follow each other.
        touched = np.zeros(len(self._labels), bool)
        touched[numbers] = True
        sharing = touched[: self._starts[-1]].nonzero()[0]
        if len(sharing):
            labels = self._labels[sharing]
            firsts = np.flatnonzero(np.diff(labels, prepend=-1))
            rough[labels[firsts]] += np.maximum.reduceat(cosines[sharing], firsts) / square**0.5
        nearest = np.argpartition(-rough, SHORTLIST)[:SHORTLIST] if self.none > SHORTLIST else np.arange(self.none)
        chosen = np.append(nearest, self.none)
        covered, foreign, named = self._covered(evidence.information, chosen)
        sizes = self._counted(evidence, chosen)
        wordings = ranges(self._starts[chosen], sizes)
        cosines, told, usual = cosines[wordings], told[wordings], usual[chosen]
        if len(common):
            rows, users = self._using.among(common, wordings)
            cosines += np.bincount(rows, self._cosine_parts[users], len(wordings))
            told += np.bincount(rows, self._told_parts[users], len(wordings))
            rows, places = self._usual.among(common, chosen)
            usual += np.bincount(rows, self._usual_parts[places], len(chosen))
        alike = self._alike(self._vectors[wordings], meant.vector)
        best, mean = _best_and_mean([cosines / square**0.5, self._edits(evidence, wordings), told, alike], sizes)
        answers = [answered[chosen], self._alike(self._answers.vectors[chosen], meant.vector)]
        kinds = [best[0], mean[0], best[1], mean[1], usual / square, covered, best[2], best[3], mean[3]]
        kinds += [meant.alike[chosen], *answers, np.zeros(len(chosen))]
        negated = self._negates(evidence, chosen)
        nearest = _nearest(wordings, alike, sizes)
        strange = (unknown / square, foreign, named)
        return Likeness(chosen, np.stack(kinds, 1), sizes, *strange, negated, evidence.told, nearest)

    def _alike(self, vectors: np.ndarray, vector: np.ndarray) -> np.ndarray:
        """Likeness of what is meant, 0…1, for each of ``vectors``, shape (…, dimensions)."""
        cosines = products(vectors, vector)
        return np.asarray(np.clip((cosines - self._least_alike) / (1 - self._least_alike), 0, 1))

    def _known(self, features: Iterable[str]) -> np.ndarray:
        """Columns of the features that some wording has, rising."""
        return np.array(sorted(self._columns[f] for f in features if f in self._columns), np.int64)

    def _usualness(self, places: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """How usual the features at ``places`` are in their entries, by weight and on a log scale; all shapes (n,)."""
        shares = counts / self._sizes[self._usual.numbers[places]]
        return np.asarray(self._weights[self._usual.features[places]] * np.log1p(shares / RARE))

    def nearest(self, evidence: TextEvidence, entry: int) -> int:
        """The number of the entry's wording that sounds most like the text; -1 where none counts."""
        wordings = np.arange(self._counted(evidence, np.array([entry]))[0]) + self._starts[entry]
        return int(wordings[self._edits(evidence, wordings).argmax()]) if len(wordings) else -1

    def longer(self, evidence: TextEvidence) -> list[int]:
        """Numbers of the wordings that begin with all the sounds of a text and go on; those out of scope as well."""
        start = spelled_parts(evidence.sounds)
        # Behind the wordings that sound the same, and before those that begin in another way.
        first, last = np.searchsorted(self._sorted, (start, start + "\U0010ffff"), side="right").tolist()
        return [int(number) for number in self._by_sound[first:last]]

    @cached_property
    def _by_sound(self) -> np.ndarray:
        """Numbers of the wordings by their sounds."""
        return np.argsort(self._spelled, kind="stable")

    @cached_property
    def _sorted(self) -> np.ndarray:
        return np.asarray(self._spelled[self._by_sound])

    def shares(self, evidence: TextEvidence, *, parts: bool = False) -> np.ndarray | None:
        """How much of the talk with all the text's words is each entry's; shape (entries,), sum 1, None without any.

        Wordings of an entry count together as one, and each the more the less it says beside these words. With
        ``parts`` those with some of the words count too, by how much of the text they tell.
        """
        columns = self._known(evidence.information)
        if not len(columns) or (len(columns) < len(evidence.information) and not parts):
            return None
        places = self._using.of(columns)
        numbers = self._using.numbers[places]
        if parts:
            nats = {self._columns[word]: n for word, n in evidence.information.items() if word in self._columns}
            parts_told = np.repeat([nats[column] for column in columns.tolist()], self._using.lengths(columns))
            has = np.bincount(numbers, parts_told, len(self._labels)) / max(evidence.told, 1e-9)
        else:
            has = np.bincount(numbers, minlength=len(self._labels)) == len(columns)
        told = np.bincount(numbers, self._told_parts[places], len(self._labels))
        amounts = np.bincount(self._labels, (has * told) ** 2, self.none + 1)[:-1] / np.maximum(self._sizes[:-1], 1)
        return np.asarray(amounts / amounts.sum()) if amounts.any() else None

    def known(self, evidence: TextEvidence) -> float:
        """The share, 0…1, of what a text that is in the index tells in words of two syllables or more of any entry's.

        Shorter words are too easily another word of the same sound (个 and 歌).
        """
        told = sum(nats for word, nats in _named(evidence).items() if self.use(word))
        return told / max(evidence.told, 1e-9)

    def least_told(self, entry: int) -> float:
        """Information of the entry's shortest wording, nats."""
        return float(self._least_told[entry])

    def use(self, word: str) -> float:
        """The share of the entries, 0…1, that have a word of some wording."""
        users = self._usual.of(np.array([self._columns[word]]))
        return float(np.count_nonzero(self._usual.numbers[users] < self.none)) / self.none

    def _negates(self, evidence: TextEvidence, entries: np.ndarray) -> np.ndarray:
        """Shape of ``entries``: whether a text negates what each speaks of and never negates.

        That is a word that tells about as much as any other that both have: who does not want to waste money, 不想花,
        asks about fees all the same.
        """
        negated, most = np.zeros(len(entries)), np.zeros(len(entries))
        for word, nats in evidence.information.items() if evidence.negated else ():
            if word in evidence.negated:
                for place in self._speaking(word, evidence.negated[word], entries):
                    if (word, int(entries[place])) not in self._negated:
                        negated[place] = max(negated[place], nats)
            elif word not in evidence.beside_negated:
                having = self._having(word, entries)
                most[having] = np.maximum(most[having], nats)
        return (negated > 0) & (negated >= NEGATED_SHARE * most)

    def _speaking(self, word: str, pairs: Sequence[str], entries: np.ndarray) -> list[int]:
        """Which of ``entries`` have a word, or all of its pairs of characters, as in a longer one: 能开发票吗."""
        written = [set(self._having(pair, entries).tolist()) for pair in pairs]
        return sorted({*self._having(word, entries).tolist(), *(set.intersection(*written) if written else ())})

    def _having(self, feature: str, entries: np.ndarray) -> np.ndarray:
        """Which of ``entries`` have a feature, as indices into them."""
        column = self._columns.get(feature)
        return np.zeros(0, int) if column is None else self._usual.having(column, entries)

    def _covered(self, information: dict[str, float], entries: np.ndarray) -> tuple[np.ndarray, float, float]:
        """(share of the words' information in words that each entry has too, nats in words that none has, named ones).

        Shape of ``entries``, 0…1.
        """
        told = np.zeros(len(entries))
        foreign = named = 0.0
        for word, nats in information.items():
            told[self._having(word, entries)] += nats
            if not self._of_entries(self._columns.get(word)):
                foreign += nats
                named += nats if " " in word else 0.0
        return told / max(sum(information.values()), 1e-9), foreign, named

    def _of_entries(self, column: int | None) -> bool:
        """Whether some entry has a word of a wording, None for those of none."""
        return column is not None and self._usual.first(column) != self.none

    def _counted(self, evidence: TextEvidence, entries: np.ndarray) -> np.ndarray:
        """How many wordings of each of ``entries`` count for a text: all but the everyday ones, and often these."""
        everyday = 0 if self.names_things(evidence) else self._everyday
        return np.asarray(self._sizes[entries] - everyday * (entries == self.none))

    def names_things(self, evidence: TextEvidence) -> bool:
        """Whether a text tells something in words that no entry has, or that not just anything is asked about in."""
        told = {word for word, nats in evidence.information.items() if nats > LITTLE} - evidence.asking
        columns = [self._columns.get(word) for word in told]
        return any(not self._of_entries(column) or not self._in_frames[column] for column in columns)

    def _edits(self, evidence: TextEvidence, wordings: np.ndarray) -> np.ndarray:
        """Shape of ``wordings``: likeness of the sounds, 0…1."""
        if not len(wordings):
            return np.zeros(0)
        heard = [spelled_parts(evidence.sounds)]
        return np.asarray(process.cdist(heard, self._spelled[wordings].tolist(), scorer=fuzz.ratio)[0] / 100)


def _best_and_mean(likeness: Sequence[np.ndarray], sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(the best, the mean of the few best) of each row, shapes (kinds, rows).

    ``likeness``, kinds of shape (n,), 0…1, has rows of ``sizes`` one after the other. A row of fewer has the mean of
    all it has, an empty one 0.
    """
    falling = np.zeros((len(likeness), sizes.sum() + 1))
    # Rows lie apart from each other, so that one sort sorts them all.
    apart = np.repeat(np.arange(len(sizes)), sizes) * 2.0
    falling[:, :-1] = apart - np.sort(apart - np.stack(likeness))
    starts = np.cumsum(sizes) - sizes
    few = falling[:, [np.where(place < sizes, starts + place, -1) for place in range(NEIGHBOURS)]]
    return few[:, 0], few.sum(1) / np.clip(sizes, 1, NEIGHBOURS)


def _nearest(numbers: np.ndarray, alike: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The NEAREST of ``numbers``, shape (n,), of each row that are most ``alike``; rows as in ``_best_and_mean``."""
    apart = np.repeat(np.arange(len(sizes)), sizes) * 2.0
    order = np.append(numbers[np.argsort(apart - alike, kind="stable")], -1)
    starts = np.cumsum(sizes) - sizes
    return np.asarray(np.stack([order[np.where(place < sizes, starts + place, -1)] for place in range(NEAREST)], 1))


def _named(evidence: TextEvidence) -> dict[str, float]:
    """Words of two syllables or more, with their information."""
    return {word: nats for word, nats in evidence.information.items() if " " in word}
