"""Learns from the FAQ's own wordings how far evidence can be trusted, while the answers load.

The FAQ is split in a few ways. In each, every entry lacks some of its wordings, so that none is poorer than another
for what is held out; some entries are missing whole, and their wordings are the near misses that riders will ask;
and questions of no FAQ join in: everyday ones, wordings cut off, and words in a row, as noise is heard. Many are
damaged as a recogniser would damage them.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, NamedTuple

import numpy as np

from voice_faq.language.dictionary import Dictionary
from voice_faq.language.mishearing import LEAST_FREQUENCY, Mishearing
from voice_faq.matching.answers import Answers
from voice_faq.matching.combination import Combination, fit_ranking, fit_scope, ranking_inputs, scope_inputs
from voice_faq.matching.comparing import Comparer
from voice_faq.matching.evidence import EvidenceReader, TextEvidence
from voice_faq.matching.index import Likeness, WordingIndex
from voice_faq.matching.meaning import SentenceMeaning
from voice_faq.matching.prior import Prior
from voice_faq.matching.question_form import core_question
from voice_faq.matching.respelling import Respelling, spoken_words

FOLDS: Final = 5
MOST_ENTRIES: Final = 300  # of an FAQ, that are learned from
EXAMPLES: Final = 600  # held-out wordings at the most
TIMES_ASKED: Final = 2  # each of them, heard in another way, so that less hangs on what is drawn
DAMAGE: Final = (0.0, 0.0, 0.0, 0.0, 0.1, 0.25)  # character error rates, drawn evenly
# For each held-out wording, how many of the questions that no entry answers:
NEAR_MISSES: Final = 0.24
OTHER_TALK: Final = 0.25
BABBLE: Final = 0.05
CUT_OFF: Final = 0.05
NEAR_WEIGHT: Final = 0.5  # of a near miss among examples, of which more are drawn so that less is left to chance
NEAR_SHARE: Final = 1 / 3  # of what riders ask, counted so where it is decided how sure an answer must be
TOGETHER: Final = 256  # held-out wordings that are compared at a time
BABBLE_WORDS: Final = (1, 6)
BABBLE_FREQUENCY: Final = 1_000  # of its words in jieba's dictionary, at least
MOST_KEPT: Final = 0.6  # of a cut-off wording's information
HARDER: Final = 3.0  # times as much is wrong by examples as by fresh questions; 8.6 in the FAQ that is shipped
KINDS_OF_NEAR_MISSES: Final = 300  # from so many on, an FAQ's own say more than what was learned over others
ENOUGH_EXAMPLES: Final = 50  # count as much as all that was learned over other FAQs
LEAST_ANSWER_FROM: Final = 0.5  # below it an answer is likelier wrong than right


@cache
def _mishearing(dictionary: Dictionary) -> Mishearing:
    return Mishearing(dictionary.common_words(LEAST_FREQUENCY))


@cache
def _babble_words(dictionary: Dictionary) -> list[str]:
    return sorted(dictionary.common_words(BABBLE_FREQUENCY))


@dataclass(frozen=True)
class Example:
    """A question of which it is known what it means."""

    likeness: Likeness
    place: int | None
    """Of the entry that is meant in ``likeness``; None for none of them."""
    near: bool = False
    """Whether it asks for an entry that the FAQ was without."""
    listed: bool = False
    """Whether it is a near miss that the FAQ itself says it does not answer."""
    begun: int | None = None
    """Where the entry is of whose wording it is the beginning: who is cut off is answered rightly by it."""


class _Question(NamedTuple):
    heard: str
    text: str
    """As it was asked."""
    entry: int
    begun: int | None = None
    """The entry of whose wording it is the beginning."""


class Examples:
    """Questions about an FAQ, and about what it leaves out, drawn from its own wordings."""

    def __init__(
        self,
        read: EvidenceReader,
        wordings: Sequence[tuple[str, int]],
        none: int,
        meaning: SentenceMeaning,
        answers: Answers,
        comparer: Comparer,
        near_misses: Collection[str] = (),
    ) -> None:
        """``wordings`` with their entries' numbers, rising; ``none`` is the number of those out of scope.

        ``answers`` of all entries; ``near_misses``: those out of scope that speak of what the FAQ does.
        """
        self._near_misses = frozenset(near_misses)
        self._answers = answers
        self._comparer = comparer
        self._meaning = meaning
        self._read = read
        self._wordings = wordings
        self._none = none
        self._segment = lru_cache(EvidenceReader.REMEMBERED)(read.segment)
        self._dictionary = read.segment.dictionary
        self._mishear = _mishearing(self._dictionary)

    def drawn(self) -> Iterator[Example]:
        """Examples out of all splits, about EXAMPLES with an entry."""
        rng = random.Random(1)
        few = copy(self)
        few._wordings = self._few_entries(rng)
        held, missing = few._folds(rng)
        evidence = [self._read(text) for text, _ in few._wordings]
        share = min(1.0, EXAMPLES / max(1, sum(entry < self._none for _, entry in few._wordings)))
        for fold in range(FOLDS):
            out = [place == fold for place in held]
            left_out = frozenset(entry for entry, place in missing.items() if place == fold)
            yield from few.of_split(out, left_out, evidence, rng, share)

    def held_out(self) -> Iterator[tuple[str, int, Likeness]]:
        """(wording, entry, how well the entries fit it without it) for every wording of entries that have two."""
        held, _ = self._folds(random.Random(1))
        evidence = [self._read(text) for text, _ in self._wordings]
        vectors = self._meaning.wordings(text for text, _ in self._wordings)
        for fold in range(FOLDS):
            kept = [i for i, place in enumerate(held) if place != fold]
            index = self._index_of(kept, evidence, [self._wordings[i][1] for i in kept], range(self._none))
            out = [i for i, (_, entry) in enumerate(self._wordings) if held[i] == fold and entry < self._none]
            for first in range(0, len(out), TOGETHER):
                some = out[first : first + TOGETHER]
                found = [index.likeness(evidence[i], index.meant(vectors[i])) for i in some]
                compared = self._compared(found, [self._wordings[i][0] for i in some], kept, range(self._none))
                for i, likeness in zip(some, compared, strict=True):
                    yield *self._wordings[i], likeness

    def _index_of(
        self, kept: Sequence[int], evidence: Sequence[TextEvidence], labels: list[int], entries: Sequence[int]
    ) -> WordingIndex:
        """Of the wordings with the numbers ``kept``; ``labels`` are places in ``entries``, or the one after them."""
        vectors = self._meaning.wordings(self._wordings[i][0] for i in kept)
        there, answers = [evidence[i] for i in kept], self._answers.of(entries)
        return WordingIndex(there, labels, len(entries), vectors, self._meaning.least_alike, answers)

    def _compared(
        self, likenesses: Sequence[Likeness], asked: Sequence[str], kept: Sequence[int], entries: Sequence[int]
    ) -> list[Likeness]:
        """With the comparison of ``asked`` and the entries; for ``kept`` and ``entries`` see ``_index_of``."""
        questions = self._comparer.questions(asked)
        wordings, answers = [self._wordings[i][0] for i in kept], [self._answers.texts[entry] for entry in entries]
        return self._comparer.added(likenesses, questions, wordings, answers)

    def _few_entries(self, rng: random.Random) -> Sequence[tuple[str, int]]:
        """The wordings of MOST_ENTRIES at the most: more teach nothing new."""
        if self._none <= MOST_ENTRIES:
            return self._wordings
        chosen = {*rng.sample(range(self._none), MOST_ENTRIES), self._none}
        return [wording for wording in self._wordings if wording[1] in chosen]

    def _folds(self, rng: random.Random) -> tuple[list[int], dict[int, int]]:
        """(fold in which each wording is held out, -1 for never; fold in which each entry is missing)."""
        of_entry: dict[int, list[int]] = defaultdict(list)
        for number, (_, entry) in enumerate(self._wordings):
            of_entry[entry].append(number)
        entries = [entry for entry in of_entry if entry != self._none]
        missing = {entry: place % FOLDS for place, entry in enumerate(rng.sample(entries, len(entries)))}
        held = [-1] * len(self._wordings)
        for numbers in of_entry.values():
            if len(numbers) > 1:
                for place, number in enumerate(rng.sample(numbers, len(numbers))):
                    held[number] = place % FOLDS
        return held, missing if len(entries) > 1 else {}

    def of_split(
        self,
        held: Sequence[bool],
        missing: frozenset[int],
        evidence: Sequence[TextEvidence],
        rng: random.Random,
        share: float = 1.0,
    ) -> Iterator[Example]:
        """Questions to an FAQ that lacks the wordings ``held`` and the entries ``missing``.

        ``evidence`` is that of all wordings, in their order; ``share`` of those that are held out are asked, 0…1.
        """
        wordings = self._wordings
        there = sorted({entry for _, entry in wordings} - missing - {self._none})
        numbers = {entry: number for number, entry in enumerate((*there, self._none))}
        kept = [i for i, (_, entry) in enumerate(wordings) if not held[i] and entry in numbers]
        index = self._index_of(kept, evidence, [numbers[wordings[i][1]] for i in kept], there)

        asked = [question for _ in range(TIMES_ASKED) for question in self._asked(held, missing, rng, share)]
        known = (wordings[i][0] for i in kept if wordings[i][1] < self._none)
        respelled = Respelling(spoken_words(known, self._segment))
        read = [respelled(core_question(question.heard)) for question in asked]
        # To a slow network what is misheard means nearly what the text does, whose vector is known already.
        vectors = self._meaning.wordings(read if self._meaning.hears else [question.text for question in asked])
        found = [
            index.likeness(self._read(question.heard), index.meant(vector))
            for question, vector in zip(asked, vectors, strict=True)
        ]
        for question, likeness in zip(asked, self._compared(found, read, kept, there), strict=True):
            places = {entry: place for place, entry in enumerate(likeness.entries[:-1].tolist())}
            if question.entry in numbers and question.entry != self._none:
                # An entry that is not even on the shortlist can teach nothing about weights.
                if (place := places.get(numbers[question.entry])) is not None:
                    yield Example(likeness, place)
                continue
            begun = None if question.begun is None else places.get(numbers[question.begun])
            near, listed = question.entry in missing, question.text in self._near_misses
            yield Example(likeness, None, near, listed, begun)

    def _asked(
        self, held: Sequence[bool], missing: frozenset[int], rng: random.Random, share: float
    ) -> Iterator[_Question]:
        """A split's questions."""

        def misheard(text: str, entry: int, begun: int | None = None) -> Iterator[_Question]:
            if heard := self._mishear(text, rng.choice(DAMAGE), rng):
                yield _Question(heard, text, entry, begun)

        out = [(text, entry) for (text, entry), left_out in zip(self._wordings, held, strict=True) if left_out]
        near = [wording for wording in self._wordings if wording[1] in missing]
        foreign = [wording for wording in out if wording[1] == self._none]
        for text, entry in out:
            if entry == self._none or entry in missing or rng.random() >= share:
                continue
            yield from misheard(text, entry)
            for likely, questions in ((NEAR_MISSES, near), (OTHER_TALK, foreign)):
                if questions and rng.random() < likely:
                    yield from misheard(*rng.choice(questions))
            if rng.random() < BABBLE:
                babble = rng.choices(_babble_words(self._dictionary), k=rng.randint(*BABBLE_WORDS))
                yield from misheard("".join(babble), self._none)
            if rng.random() < CUT_OFF and (start := self._cut_off(text)):
                yield from misheard(start, self._none, begun=entry)

    def _cut_off(self, text: str) -> str:
        """The first words, with MOST_KEPT of the information at the most; empty where that leaves less than two."""
        words = self._read.segment(text)
        nats = [self._read.segment.information(word) for word in words]
        kept = 0
        while kept < len(words) and sum(nats[: kept + 1]) <= MOST_KEPT * sum(nats):
            kept += 1
        return "".join(words[:kept]) if kept > 1 else ""


def fit(
    examples: Sequence[Example], accepted_wrong: float, prior: Prior, entries: int, near_misses: int
) -> tuple[Combination, float]:
    """(combination, probability from which on to answer); ``accepted_wrong`` is a share of all questions, 0…1.

    ``entries`` that the FAQ has; ``near_misses``: questions that it says it does not answer. Without them nobody knows
    how much like its own questions those will be that it cannot answer: then its own wordings may make it more careful
    than other FAQs have to be, never less. An entry left out is a kind of near miss too, as each of these is: few of
    both say little of what tells a near miss, and what was learned over other FAQs counts for more.
    """
    answer_from = prior.answer_from(accepted_wrong)
    meant = sum(e.place is not None for e in examples) // TIMES_ASKED
    if not meant:
        return prior.combination, round(max(LEAST_ANSWER_FROM, answer_from), 4)
    fitted = fit_weights(examples, prior, 1 + KINDS_OF_NEAR_MISSES / (entries + near_misses))
    own = _answer_from(surest_first(fitted, examples, near_misses / (entries + near_misses)), accepted_wrong * HARDER)
    known = meant if own > answer_from else min(meant, near_misses)
    answer_from += (own - answer_from) * known / (known + ENOUGH_EXAMPLES)
    return fitted, round(max(LEAST_ANSWER_FROM, answer_from), 4)


def fit_weights(examples: Sequence[Example], prior: Prior, caution: float = 1.0) -> Combination:
    """The likeliest weights, where TIMES_ASKED examples count as one; at least one of the examples means an entry.

    ``caution``: as how many times itself the prior counts where it is decided whether any entry is meant.
    """
    of_entries = [(ranking_inputs(e.likeness), e.place) for e in examples if e.place is not None]
    inputs, places = [rows for rows, _ in of_entries], [place for _, place in of_entries]
    ranking = fit_ranking(inputs, places, prior.combination.ranking, TIMES_ASKED * prior.ranking_precision)
    ranked = Combination(ranking, prior.combination.scope)
    rows = np.stack([scope_inputs(e.likeness, ranked.shares(e.likeness)) for e in examples])
    meant = np.array([float(e.place is not None) for e in examples])
    counts = np.array([NEAR_WEIGHT if e.near else 1.0 for e in examples])
    precision = TIMES_ASKED * caution * prior.scope_precision
    return Combination(ranking, fit_scope(rows, meant, counts, prior.combination.scope, precision))


def surest_first(
    combination: Combination, examples: Sequence[Example], listed_share: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(probability of each example's best entry, falling; whether that entry is wrong; its share), shapes (n,).

    Shares of all questions sum to 1; those of near misses to NEAR_SHARE, where there are any. ``listed_share`` of
    these, 0…1, are as those that the FAQ lists, the others as those for a missing entry; at 0 the listed ones count
    as other talk.
    """
    found = [combination.probabilities(e.likeness) for e in examples]
    best = np.array([p.max() for p in found])
    wrong = np.array([p.argmax() not in (e.place, e.begun) for p, e in zip(found, examples, strict=True)])
    near = np.array([e.near for e in examples])
    listed = np.array([e.listed and listed_share > 0 for e in examples])
    missing_share = 1 - listed_share if listed.any() else 1.0
    share = np.zeros(len(examples))
    for kind, of_all in (
        (near, NEAR_SHARE * missing_share),
        (listed, NEAR_SHARE * (1 - missing_share)),
        (~near & ~listed, 1 - NEAR_SHARE),
    ):
        share[kind] = of_all / max(1, kind.sum())
    order = np.argsort(-best, kind="stable")
    return best[order], wrong[order], share[order] / share.sum()


def _answer_from(surest: tuple[np.ndarray, np.ndarray, np.ndarray], accepted_wrong: float) -> float:
    """The lowest probability of an example's best entry from which on no more than the accepted share is wrong.

    The mean of what is known, which hangs on a few examples, and of what the probabilities foretell.
    """
    best, wrong, share = surest
    allowed = np.cumsum(share * (1 - best + wrong) / 2) <= accepted_wrong
    return float(best[allowed].min()) if allowed.any() else 1.0
