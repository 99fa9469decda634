"""A small grammar of what people say to a machine, compared by its sounds.

Phrases are written line by line: words follow one another, ``/`` stands between alternatives, ``?`` behind what may be
left out: ``再/重新 说/讲 一遍/一次`` holds four phrases. An utterance has a meaning where phrases and the small words
around them cover all of it, 嗯 麻烦你 再讲一次 好吗 谢谢; one word more and it is a question like any other.

What was heard goes by its sounds, in longer phrases by those that accents merge. What was typed is what it says: 推出
is not 退出, and only a phrase of some length may have a wrong character of the same sound.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final, Generic, TypeVar

from rapidfuzz.distance import Levenshtein

from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import fold_sound, split_syllable, syllables

LONGEST: Final = 24  # syllables; whoever says more asks something
LONGEST_NEAR: Final = 12  # syllables of an utterance in which one may be misheard
SHORTEST_NEAR: Final = 4  # syllables of a phrase in which one may be misheard
SHORTEST_FOLDED: Final = 3  # syllables of a phrase that may be said with an accent; 好热 is not 好了
SHORTEST_TYPED: Final = 4  # syllables of a phrase that may be typed with other characters; 推出 is not 退出
_PARTICLES: Final = ("le", "ne")  # 没事了 ends something, 那美食呢 asks about another thing
_ASKS: Final = re.compile("[什啥谁哪几怎咋何吗]")
_CHINESE: Final = re.compile("[\u4e00-\u9fff]+")

Sounds = tuple[str, ...]
Meaning = TypeVar("Meaning", bound=StrEnum)

FILLERS: Final = """
    嗯/恩/唔/啊/呃/额/哎/唉/诶/欸/哦/噢/喔/喂/哟/嘿/呀/吧/呢/嘛/啦/哈/了/喽/咯/嘞/哒/咳/咳咳/啧/呵/阿嚏
    那/那么/那个/这个/就是/就是说/然后/其实/反正/那就/就/也/还是/都/再/又/还/刚才/刚刚/那是/这是/这/真的
    请/请你/请您/麻烦你/麻烦您/先/快/赶紧/马上/现在/给我/帮我/替我/跟我/对我/为我
    我/我们/咱/你/您/你看/您看/你听/你听我说
"""
"""Sounds and words that change nothing of what is said beside them."""
FRAMES: Final = """
    能/能不能/能否/可以/可不可以/可否/麻烦/劳驾/拜托
    想/要/希望/让/想要/选/选择/想问/要问/想听/要听
    请问/不好意思/对不起/抱歉
    师傅/小姐/先生/姑娘/服务员/大爷/大妈/大哥/大姐/叔叔/阿姨/小伙子/美女/帅哥
    吗/么/好吗/好不好/行吗/行不行/行不/可以吗/可不可以/成吗/成不成/好么/一下/一点/帮忙
    说/讲/念/读/播/说话/讲话/语速/速度/声音/音量 得/的?
    把 声音/音量/语速/速度? 调/开/放/弄/说?
    想/要? 问/咨询/请教/打听/了解 一下/下?
    有/问/想问/有个 个/一个? 问题
"""
"""How one asks for something politely; nothing is asked for by them alone."""


def expanded(grammar: str) -> Iterator[tuple[str, ...]]:
    """The words of all phrases of a grammar."""
    for line in grammar.strip().splitlines():
        steps = [[*word.rstrip("?").split("/"), *([""] if word.endswith("?") else [])] for word in line.split()]
        for words in itertools.product(*steps):
            yield tuple(filter(None, words))


@dataclass(frozen=True)
class _Piece(Generic[Meaning]):
    """What a run of syllables may be."""

    meaning: Meaning | None = None
    """None for small words."""
    framing: bool = False
    told: bool = False
    """No frame may stand around it."""
    short: bool = False
    """A phrase of one syllable: 行, 牛."""


@dataclass(frozen=True)
class Reading(Generic[Meaning]):
    """Pieces that cover an utterance, or the end of one."""

    cost: tuple[int, int, int] = (0, 0, 0)
    """(misheard pieces, syllables outside phrases, pieces)"""
    meanings: tuple[Meaning, ...] = ()
    """Of the phrases in order; none where it is small words alone."""
    framed: bool = False
    """Something is asked for."""
    told: bool = False
    """There is a phrase that is not asked for."""
    short: bool = False
    """There is a phrase of one syllable, which may be part of a word: 行 of 行李."""
    unlike: bool = False
    """There is a piece whose sounds are not quite those that were heard."""


class Phrasebook(Generic[Meaning]):
    """Phrases with their meanings; build it once, it may be shared by threads."""

    def __init__(self, phrases: Mapping[Meaning, str], told: str) -> None:
        """``phrases``: a grammar for each meaning; a phrase with two meanings has the first.

        ``told``: a grammar of those that no frame may stand around.
        """
        self._pieces: dict[Sounds, list[_Piece[Meaning]]] = {}
        self._typed: dict[Sounds, list[_Piece[Meaning]]] = {}
        """By what is written, and by the sounds without an accent."""
        self._asking: set[Sounds] = set()
        """Phrases that ask something, beside which a misheard word is one that is asked about."""
        plain = {_phrase(words).key for words in expanded(told)}
        for meaning, grammar in phrases.items():
            kinds = {kind: [_Piece(meaning, False, *kind)] for kind in itertools.product((False, True), repeat=2)}
            for words in expanded(grammar):
                phrase = _phrase(words)
                key = phrase.key
                pieces = kinds[key in plain, len(key) == 1]
                self._pieces.setdefault(key, pieces)
                self._typed.setdefault(phrase.written, pieces)
                self._typed.setdefault(phrase.sounds, pieces)
                if _ASKS.search("".join(words)):
                    self._asking.add(key)
        for grammar, piece in ((FILLERS, _Piece[Meaning]()), (FRAMES, _Piece[Meaning](framing=True))):
            small = [_phrase(words) for words in expanded(grammar)]
            for key in {phrase.key for phrase in small}:
                self._pieces[key] = [*self._pieces.get(key, ()), piece]
            for key in {key for phrase in small for key in (phrase.written, phrase.sounds)}:
                self._typed[key] = [*self._typed.get(key, ()), piece]
        self._longest = max(map(len, self._pieces))

    def readings(self, text: str, *, typed: bool = False, near: bool = False) -> list[Reading[Meaning]]:
        """The ways to understand ``text``, the likeliest first; none where something else is said too.

        ``typed`` takes it as it is written. ``near`` takes longer phrases with a sound that was misheard, where the
        sounds as they are say nothing.
        """
        normalized = normalize(text)
        said = _syllables_of(normalized)
        if not 0 < len(said) <= LONGEST:
            return []
        if typed:
            shortest = SHORTEST_TYPED if _CHINESE.fullmatch(normalized) else min(2, len(said))
            return self._covered(said, lambda part: self._as_typed(part, shortest))
        found = self._covered(said, self._as_heard)
        if not found and len(said) == 1:
            found = self._alone(said.sounds[0])
        if not found and near and len(said) <= LONGEST_NEAR:
            found = self._covered(said, self._as_misheard)
        return found

    def _as_typed(self, part: _Syllables, shortest: int) -> list[_Match[Meaning]]:
        """Of ``shortest`` syllables on also by the sounds: all of pinyin, long phrases with a wrong character."""
        found = self._typed.get(part.written, [])
        if not found and len(part) >= shortest:
            found = self._typed.get(part.sounds, [])
        return [_Match(piece) for piece in found]

    def _as_heard(self, part: _Syllables) -> list[_Match[Meaning]]:
        unlike = len(part) >= SHORTEST_FOLDED and part.sounds not in self._typed
        found = self._typed.get(part.written) or self._pieces.get(part.key, [])
        return [_Match(piece, unlike=unlike) for piece in found]

    def _as_misheard(self, part: _Syllables) -> list[_Match[Meaning]]:
        found = self._as_heard(part)
        return found or [_Match(piece, misheard=1, unlike=True) for piece in self._misheard(part.key)]

    def _covered(
        self, said: _Syllables, matches: Callable[[_Syllables], list[_Match[Meaning]]]
    ) -> list[Reading[Meaning]]:
        """The ways to cover all of ``said`` with pieces."""
        readings: list[list[Reading[Meaning]]] = [[] for _ in said.sounds] + [[Reading()]]
        for start in range(len(said) - 1, -1, -1):
            found: dict[tuple[object, ...], Reading[Meaning]] = {}
            for end in range(start + 1, min(len(said), start + self._longest) + 1):
                if not readings[end]:
                    continue
                for match, rest in itertools.product(matches(said.part(start, end)), readings[end]):
                    reading = _before(match, end - start, rest)
                    kind = (reading.framed, reading.told, reading.short, reading.unlike, frozenset(reading.meanings))
                    if reading.cost[0] > 1 or (reading.framed and reading.told) or (reading.short and reading.unlike):
                        continue
                    if kind not in found or reading.cost < found[kind].cost:
                        found[kind] = reading
            readings[start] = list(found.values())
        return sorted(readings[0], key=lambda reading: reading.cost)

    def _alone(self, sound: str) -> list[Reading[Meaning]]:
        """A single syllable needs no other to sound like a word."""
        pieces = self._single.get(sound, ())
        return [_before(_Match(piece), 1, Reading()) for piece in pieces if piece.meaning is not None]

    @cached_property
    def _single(self) -> dict[str, list[_Piece[Meaning]]]:
        """Pieces of one syllable by their sound."""
        single: dict[str, list[_Piece[Meaning]]] = {}
        for key, pieces in self._pieces.items():
            if len(key) == 1:
                single.setdefault(_syllables_of(key[0]).sounds[0], []).extend(pieces)
        return single

    def _misheard(self, key: Sounds) -> list[_Piece[Meaning]]:
        """Phrases that differ in one syllable, which sounds alike but for one part."""
        if len(key) < SHORTEST_NEAR:
            return []
        for place, heard in enumerate(key):
            for said in self._near.get((*key[:place], "", *key[place + 1 :]), ()):
                if _alike(said, heard):
                    return self._pieces[(*key[:place], said, *key[place + 1 :])]
        return []

    @cached_property
    def _near(self) -> dict[Sounds, list[str]]:
        """By the sounds of a phrase with one left open, what may stand there."""
        near: dict[Sounds, list[str]] = {}
        for key, pieces in self._pieces.items():
            if len(key) >= SHORTEST_NEAR and pieces[0].meaning is not None and key not in self._asking:
                for place, sound in enumerate(key):
                    near.setdefault((*key[:place], "", *key[place + 1 :]), []).append(sound)
        return near


@dataclass(frozen=True)
class _Match(Generic[Meaning]):
    """A piece that a run of syllables is."""

    piece: _Piece[Meaning]
    misheard: int = 0
    """Syllables of it."""
    unlike: bool = False


@dataclass(slots=True)
class _Syllables:
    """Of an utterance or a phrase, each once in every tuple."""

    sounds: Sounds
    """Toneless pinyin."""
    written: Sounds
    folded: Sounds
    """Toneless pinyin in which what accents merge is one."""

    def __len__(self) -> int:
        return len(self.sounds)

    def part(self, start: int, end: int) -> _Syllables:
        """Those from ``start`` to before ``end``."""
        return _Syllables(self.sounds[start:end], self.written[start:end], self.folded[start:end])

    @property
    def key(self) -> Sounds:
        """A single syllable sounds like too many words, so it is looked up as it is written."""
        if len(self.sounds) == 1:
            return self.written
        return self.folded if len(self.sounds) >= SHORTEST_FOLDED else self.sounds


def _syllables_of(normalized: str) -> _Syllables:
    sounds = tuple(syllables(normalized))
    written = tuple(normalized) if len(normalized) == len(sounds) else (normalized,) * len(sounds)
    return _Syllables(sounds, written, tuple(map(_folded, sounds)))


def _phrase(words: tuple[str, ...]) -> _Syllables:
    parts = [_word(word) for word in words]
    return _Syllables(
        tuple([sound for part in parts for sound in part.sounds]),
        tuple([sign for part in parts for sign in part.written]),
        tuple([sound for part in parts for sound in part.folded]),
    )


@lru_cache(maxsize=4_096)
def _word(word: str) -> _Syllables:
    return _syllables_of(normalize(word))


def _folded(sound: str) -> str:
    return sound if sound in _PARTICLES else fold_sound(sound)


def _alike(a: str, b: str) -> bool:
    """Whether two syllables rhyme, or differ in one letter behind the same initial."""
    if a in _PARTICLES and b in _PARTICLES:
        return False
    (initial, final), (other_initial, other_final) = split_syllable(a), split_syllable(b)
    return final == other_final or (initial == other_initial and Levenshtein.distance(final, other_final) <= 1)


def _before(match: _Match[Meaning], length: int, rest: Reading[Meaning]) -> Reading[Meaning]:
    """``rest`` with a piece of ``length`` syllables before it."""
    piece = match.piece
    errors, outside, pieces = rest.cost
    unlike = rest.unlike or match.unlike
    if piece.meaning is None:
        return Reading(
            (errors, outside + length, pieces + 1), rest.meanings, rest.framed or piece.framing, rest.told, rest.short,
            unlike,
        )  # fmt: skip
    return Reading(
        (errors + match.misheard, outside, pieces + 1), (piece.meaning, *rest.meanings), rest.framed,
        rest.told or piece.told, rest.short or piece.short, unlike,
    )  # fmt: skip
