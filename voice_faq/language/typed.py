"""Typed pinyin and initials as the characters that an FAQ has for them: 怎么tuika, zm tk → 怎么退卡."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, product
from typing import Final

from voice_faq.language.latin import ABBREVIATIONS, WORDS
from voice_faq.language.normalizing import join_words, normalize
from voice_faq.language.pinyin import FIRST_LETTERS, cut_syllables
from voice_faq.language.sounds import syllables

LONGEST_PIECE: Final = 5  # characters that are looked up together
MOST_WORDINGS: Final = 5_000  # from which characters and words are taken; the rest of a larger FAQ adds hardly any
MOST_TYPED: Final = 24  # syllables and initials in a row
MOST_WAYS: Final = 16  # of reading one row of letters
# Costs of a piece; the cheapest reading wins, and of these the one whose pieces stand beside more others.
KNOWN: Final = 1.0
INITIALS: Final = 1.5
UNKNOWN: Final = 2.0  # a syllable that the FAQ never has; it stays as it is
VARIETY: Final = 0.02  # for each nat of a piece's variety
MANY_WORDINGS: Final = 100  # in so many almost any few initials are found somewhere
SURE_VARIETY: Final = 2  # of neighbours, that initials must stand for there

_LATIN: Final = re.compile(r"[a-z]+(?: [a-z]+)*")
_LATIN_WORD: Final = re.compile("[a-z]+")
_CHARACTERS: Final = re.compile("[\u4e00-\u9fff]+")


@dataclass(frozen=True)
class _Reading:
    """How the end of a row of letters may be read."""

    cost: float = 0.0
    written: tuple[str, ...] = ()
    known: bool = False
    """Whether the FAQ has any of it."""


class TypedPinyin:
    """Reads pinyin with an FAQ's vocabulary; cheap to build, the vocabulary is read when pinyin is first typed."""

    def __init__(self, wordings: Iterable[str]) -> None:
        self._wordings = list(islice(wordings, MOST_WORDINGS))

    def __call__(self, text: str) -> str:
        """``text`` normalised, its pinyin and initials replaced by characters as far as the FAQ has them.

        Latin words that the FAQ has, or that are known as such, stay.
        """
        return _LATIN.sub(lambda run: self._row(run.group()), normalize(text))

    @cached_property
    def _vocabulary(self) -> _Vocabulary:
        return _Vocabulary(self._wordings)

    def _row(self, row: str) -> str:
        """Latin words one after another; those that stay part the others."""
        result: list[str] = []
        typed: list[str] = []
        for word in row.split():
            if word in WORDS or word in ABBREVIATIONS or word in self._vocabulary.latin:
                result += [*self._read(typed), word]
                typed = []
            else:
                typed.append(word)
        return join_words(" ".join([*result, *self._read(typed)]))

    def _read(self, words: list[str]) -> tuple[str, ...]:
        """The cheapest reading of words that are pinyin or initials, or the words where the FAQ has none of it."""
        ways = [[*cut_syllables(word), *_initials(word)] for word in words]
        if not all(ways):
            return tuple(words)
        readings = [
            self._cheapest([sign for way in chosen for sign in way]) for chosen in islice(product(*ways), MOST_WAYS)
        ]
        best = min((r for r in readings if r is not None and r.known), key=lambda r: r.cost, default=None)
        return tuple(words) if best is None else best.written

    def _cheapest(self, signs: list[str]) -> _Reading | None:
        """The cheapest reading of syllables and initials; None where there is none."""
        if len(signs) > MOST_TYPED:
            return None
        best: list[_Reading | None] = [*[None] * len(signs), _Reading()]
        for start in range(len(signs) - 1, -1, -1):
            for end in range(start + 1, min(len(signs), start + LONGEST_PIECE) + 1):
                rest = best[end]
                piece = self._piece(tuple(signs[start:end]))
                known = best[start]
                if rest is None or piece is None or (known is not None and known.cost <= piece.cost + rest.cost):
                    continue
                cost, written = piece.cost + rest.cost, (*piece.written, *rest.written)
                best[start] = _Reading(cost, written, piece.known or rest.known)
        return best[0]

    def _piece(self, signs: tuple[str, ...]) -> _Reading | None:
        found = self._vocabulary.written.get(signs)
        initials = signs[0].isupper()
        if found is None:
            return _Reading(UNKNOWN, signs) if len(signs) == 1 and not initials else None
        characters, variety = found
        cost = INITIALS if initials else KNOWN
        return _Reading(cost - VARIETY * math.log(variety), (characters,), known=True)


class _Vocabulary:
    """The pieces of an FAQ's wordings by their sounds and by their initials.

    What is a word is told by its neighbours: 退卡 has many on both sides, the 通卡 of 互通卡 has one (Feng et al.,
    "Accessor Variety Criteria for Chinese Word Extraction", 2004).
    """

    def __init__(self, wordings: list[str]) -> None:
        neighbours: dict[tuple[str, ...], dict[str, tuple[set[str], set[str]]]] = {}
        self.latin: set[str] = set()
        """The FAQ's own Latin words."""
        for number, wording in enumerate(map(normalize, wordings)):
            self.latin.update(_LATIN_WORD.findall(wording))
            for run in _CHARACTERS.findall(wording):
                for signs, start, end in _pieces(run):
                    before, after = neighbours.setdefault(signs, {}).setdefault(run[start:end], (set(), set()))
                    before.add(run[start - 1] if start else f"start {number}")
                    after.add(run[end] if end < len(run) else f"end {number}")
        least = SURE_VARIETY if len(wordings) >= MANY_WORDINGS else 1
        self.written: dict[tuple[str, ...], tuple[str, int]] = {}
        """Syllables, or initials in capital letters, to (the characters that mostly stand for them, their variety)."""
        for signs, spellings in neighbours.items():
            varieties = ((min(len(before), len(after)), spelling) for spelling, (before, after) in spellings.items())
            variety, characters = max(varieties)
            if variety >= least or not signs[0].isupper():
                self.written[signs] = (characters, variety)


def _pieces(run: str) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """(syllables or initials, start, end) of each few characters in a row."""
    sounds = tuple(syllables(run))
    initials = tuple(sound[0].upper() for sound in sounds)
    if len(sounds) != len(run):
        return
    for start in range(len(run)):
        for end in range(start + 1, min(len(run), start + LONGEST_PIECE) + 1):
            yield sounds[start:end], start, end
            if end - start > 1:
                yield initials[start:end], start, end


def _initials(word: str) -> Iterator[tuple[str, ...]]:
    if FIRST_LETTERS.issuperset(word):
        yield tuple(word.upper())
