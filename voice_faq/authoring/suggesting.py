"""Wordings that an entry may lack: its own ones said with other words, or asked as other entries are asked.

Both are learned from the whole FAQ: which synonyms stand beside which words, and which beginnings and ends people
exchange for one another (…在哪里, …怎么走). Nothing is added unless a person takes it.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, pairwise, permutations, takewhile
from typing import Any, Final

from voice_faq.faq.entries import wording_key
from voice_faq.language.normalizing import normalize
from voice_faq.language.words import Segmenter

MOST: Final = 12
MOST_TRIED: Final = 400  # candidates of one entry
LEAST_ENTRIES: Final = 2  # that use a frame before it is taken for one
LONGEST: Final = 24  # characters
LONGEST_PART: Final = 6  # characters before or after what is asked about
MOST_COMPARED: Final = 40  # wordings of an entry
LEAST_SHARED: Final = 2  # characters that two wordings share, so that the rest is a way of asking
START: Final = "start"
END: Final = "end"
_MARKS: Final = re.compile(r"[\s，。？！?,.!]+")
USUAL_STARTS: Final = (
    ("怎么", "如何", "怎样", "该怎么"), ("能不能", "可不可以", "能否"), ("哪里有", "哪儿有", "什么地方有"),
    ("为什么", "为啥"),
)  # fmt: skip
USUAL_ENDS: Final = (
    ("在哪里", "在哪儿", "在什么地方", "怎么走", "在哪"),
    ("多少钱", "要多少钱", "怎么收费"),
    ("怎么办", "该怎么办", "怎么处理"),
    ("是什么时候", "是几点", "什么时间"),
)  # fmt: skip

Rank = Callable[[Sequence[str], Sequence[str]], list[float]]
"""Of (candidates, wordings that the entry has): how near each candidate comes in meaning, 0…1."""


class Suggester:
    """Learns how an FAQ asks; build it once for a state of the FAQ."""

    def __init__(self, entries: Sequence[Mapping[str, Any]], synonyms: Sequence[Sequence[str]]) -> None:
        self._cut = Segmenter(normalize(word) for group in synonyms for word in group)
        self._group_of: dict[str, int] = {}
        self._groups = [list(group) for group in synonyms]
        for number, group in enumerate(synonyms):
            self._group_of.update(dict.fromkeys(map(normalize, group), number))
        self._taken = {wording_key(w) for entry in entries for w in _all(entry)}
        self._common: Counter[str] = Counter()
        self._neighbours: set[tuple[str, str]] = set()
        users: dict[tuple[str, str, str], set[int]] = {}
        for number, entry in enumerate(entries):
            for wording in _all(entry):
                words = self._cut(normalize(wording))
                self._common.update(set(words))
                for one, other in pairwise(["", *words, ""]):
                    self._neighbours |= {(one, self._kind(other)), (self._kind(one), other)}
            for ways, (one, other) in _ways(_all(entry)):
                users.setdefault((ways, one, other), set()).add(number)
        self._ways: dict[str, dict[str, dict[str, float]]] = {START: {}, END: {}}
        for ways, usual in ((START, USUAL_STARTS), (END, USUAL_ENDS)):
            for group in usual:
                for one, other in permutations(group, 2):
                    self._ways[ways].setdefault(one, {})[other] = 1.0
        for (ways, one, other), who in users.items():
            if len(who) >= LEAST_ENTRIES:
                self._ways[ways].setdefault(one, {})[other] = math.log1p(len(who))

    def __call__(
        self, entry: Mapping[str, Any], fits: Callable[[str], bool] = lambda wording: True, rank: Rank | None = None
    ) -> list[str]:
        """At most ``MOST``, the likeliest first; ``fits`` says whether one would not lead to another entry."""
        have = _all(entry)
        keys = {wording_key(w) for w in have}
        scored: dict[str, float] = {}
        for candidate, score in islice(self._candidates(have), MOST_TRIED):
            key = wording_key(candidate)
            if key and key not in keys and key not in self._taken and len(candidate) <= LONGEST:
                scored[candidate] = max(score, scored.get(candidate, -math.inf))
        if rank is not None and scored:
            names = list(scored)
            scored = {n: scored[n] + 2 * meaning for n, meaning in zip(names, rank(names, have), strict=True)}
        chosen: list[str] = []
        for candidate in sorted(scored, key=lambda c: -scored[c]):
            if not any(sorted(candidate) == sorted(other) for other in chosen) and fits(candidate):
                chosen.append(candidate)
                if len(chosen) == MOST:
                    break
        return chosen

    def _candidates(self, have: Sequence[str]) -> Iterator[tuple[str, float]]:
        """(text, score): the question's and the first wordings' score most, and usual words."""
        for number, wording in enumerate(have):
            yield from ((text, score + 1 / (1 + number)) for text, score in self._with_synonyms(wording))
            yield from ((text, score + 1 / (1 + number)) for text, score in self._asked_otherwise(wording))

    def _asked_otherwise(self, wording: str) -> Iterator[tuple[str, float]]:
        plain = _MARKS.sub("", wording)
        for length in range(min(LONGEST_PART, len(plain) - LEAST_SHARED), 0, -1):
            for other, score in self._ways[START].get(plain[:length], {}).items():
                yield other + plain[length:], score
            for other, score in self._ways[END].get(plain[-length:], {}).items():
                yield plain[:-length] + other, score

    def _with_synonyms(self, wording: str) -> Iterator[tuple[str, float]]:
        words = ["", *self._cut(normalize(wording)), ""]
        for before, word, after in zip(words, words[1:], words[2:], strict=False):
            place = wording.lower().find(word)
            group = self._group_of.get(word)
            if group is None or place < 0:
                continue
            for other in self._groups[group]:
                new = normalize(other)
                # Synonyms are not used alike: 怎么 stands before a verb, 怎么办 at the end.
                seen = (self._kind(before), new) in self._neighbours and (new, self._kind(after)) in self._neighbours
                if new != word and (seen or (not self._common[new] and len(new) == len(word))):
                    yield (
                        wording[:place] + other + wording[place + len(word) :],
                        1 + 0.2 * math.log1p(self._common[new]),
                    )

    def _kind(self, word: str) -> str:
        """One name for all words of a group."""
        group = self._group_of.get(word)
        return word if group is None else f"#{group}"


def _ways(wordings: Sequence[str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Ways of asking that two wordings of one entry exchange: (START or END, (one, other))."""
    plain = [_MARKS.sub("", w) for w in wordings[:MOST_COMPARED]]
    for one, other in permutations(plain, 2):
        same = _shared(one, other)
        if same and max(len(one), len(other)) - same <= LONGEST_PART:
            yield END, (one[same:], other[same:])
        same = _shared(one[::-1], other[::-1])
        if same and max(len(one), len(other)) - same <= LONGEST_PART:
            yield START, (one[:-same], other[:-same])


def _shared(one: str, other: str) -> int:
    """Characters that both begin with, where that is enough and something follows in both; else 0."""
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return same if LEAST_SHARED <= same < min(len(one), len(other)) else 0


def _all(entry: Mapping[str, Any]) -> list[str]:
    return [w for w in (str(entry.get("question") or ""), *map(str, entry.get("wordings") or [])) if w]
