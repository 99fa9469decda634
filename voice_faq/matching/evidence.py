"""What a text offers to matching: words, sounds and characters, with the FAQ's synonyms made one."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import numpy as np

from voice_faq.language.dictionary import Dictionary
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import sound_key
from voice_faq.language.tones import toned_pinyin
from voice_faq.language.words import Segmenter

_POLITE: Final = re.compile(
    r"^(?:(?:你|您)好|请问(?:一下)?|(?:麻烦)?问(?:一)?下|我?想(?:要)?(?:问|咨询|知道|了解)(?:一下)?|麻烦(?:您|你)?(?:问一下)?|"
    r"不好意思|师傅|同志|那个|那么?(?![张种样边里儿天次些时年位条台部家])|哎|喂|嗯|帮我(?:看看|查查|查一下|看一下)|告诉我(?:一下)?)+"
)
_REPEATED: Final = re.compile(r"([\u4e00-\u9fff]{2,20})\1+")  # 怎么怎么退卡, 退卡要多久退卡要多久
_PARTICLES: Final = re.compile(r"(?:[吗呢吧啊呀嘛哦噢啦哈]|(?<![什怎那这多要])么|谢谢(?:你|您)?)+$")


_Sounds = tuple[str, ...]
LITTLE: Final = 4.0  # nats; a word that tells no more is one of the language's commonest
MUCH: Final = 12.0
PREDICATE_INFORMATION: Final = 8.5  # nats; what says less does not even tell what is done: 用 and 开, not 退 and 借
LEAST_SALIENCE: Final = 0.2
_INTERROGATIVE: Final = re.compile(
    r"[怎咋哪谁啥吗么]|(?<![那这好十])几|什么|如何|多少|多[久长大远]|为何|是否|有没有|([\u4e00-\u9fff])不\1"
)
# What is not intended follows one of the first, or one of the second and then one of the third. 不能, 没有 and 不
# alone are no such words: 不能退卡吗 asks for a refund.
_UNWANTED: Final = frozenset("别 不想 不打算 不想要 没想 没要".split())
# Whoever asks whether, 不用身份证吗, asks for what is needed.
_NEEDLESS: Final = frozenset("不要 不用 不必 不需要 无需".split())
_WHETHER: Final = re.compile(r"[吗么]$|是否|([\u4e00-\u9fff])不\1")
_DENIED: Final = frozenset("不 没 没有 不是 并不 并不是 并没有 没说".split())
_FOR_WHOM: Final = frozenset("给 帮 替 给我 帮我".split())
_WHOM: Final = frozenset("我 我们 咱 咱们 他 她 俺".split())
_DISPOSED: Final = "把"  # stands before what something is done to, and that before the verb: 别把卡退了
_BESIDE_VERB: Final = frozenset("了 掉 走 啊 呀 吧 的 给".split())
_MOVING: Final = "上下进出过走爬回起"
_ANOTHER: Final = frozenset("不是 并不是 又不是".split())
_INTENDED: Final = frozenset("要 想 想要 说 打算 准备 需要 是 去 再".split())


@dataclass(frozen=True)
class TextEvidence:
    """One text as matching sees it."""

    sounds: _Sounds
    """Folded syllables, synonyms replaced by the sounds of their group's first word."""
    features: dict[str, float]
    """Words (as they sound), syllables, pairs of syllables and pairs of characters, with their salience.

    Salience is 0.2 for what the commonest words are made of (的), 1 for what rare ones are (余额).
    """
    information: dict[str, float]
    """Of its words as features: nats, by how rare each is in the language; 怎么 says little, 话费 much."""
    negated: frozenset[str] = frozenset()
    """Those of its words that the speaker does not intend: 退卡 in 我没有要退卡."""
    asking: frozenset[str] = frozenset()
    """Those of its words that make it a question: 怎么."""

    @cached_property
    def told(self) -> float:
        """Information of all its words together, nats."""
        return sum(self.information.values())

    @cached_property
    def told_parts(self) -> np.ndarray:
        """Of what it tells, each of its ``features``' part, in their order; 0 for all but words, sum 1."""
        nats = np.array([self.information.get(feature, 0.0) for feature in self.features])
        return nats / max(self.told, 1e-9)


class EvidenceReader:
    """Turns texts into evidence; holds the segmenter and the synonyms."""

    REMEMBERED: Final = 8_192  # texts; wordings are read several times while an FAQ is learned

    def __init__(self, synonyms: list[list[str]], dictionary: Dictionary | None = None) -> None:
        groups = [[normalize(word) for word in group] for group in synonyms]
        self.segment = Segmenter((word for group in groups for word in group), dictionary)
        self._spelled = {word: group[0] for group in groups for word in group[1:]}
        longest_first = sorted(self._spelled, key=len, reverse=True)
        heads = {group[0] for group in groups}
        # Heads stand in the pattern too, so that a synonym inside a head does not cut it.
        names = sorted({*longest_first, *heads}, key=len, reverse=True)
        self._written = re.compile("|".join(map(re.escape, names))) if names else None
        # By their first syllable, the longest first.
        self._heard: dict[str, list[tuple[_Sounds, _Sounds]]] = {}
        heard = {(sound_key(word), sound_key(group[0])) for group in groups for word in group}
        for key, head in sorted(heard, key=lambda pair: (-len(pair[0]), pair)):
            if len(key) > 1:
                self._heard.setdefault(key[0], []).append((key, head))
        self._remembered = lru_cache(self.REMEMBERED)(self._read)

    def __call__(self, text: str) -> TextEvidence:
        """Evidence of a text as people write or recognisers print it."""
        return self._remembered(text)

    def _read(self, text: str) -> TextEvidence:
        normalized = normalize(text)
        plain = core_question(normalized)
        if self._written is not None:
            plain = self._written.sub(lambda m: self._spelled.get(m.group(), m.group()), plain)
        words = self.segment(plain)
        heard = [sound_key(word) for word in words]
        sounds = self._with_heard_synonyms(tuple(sound for word in heard for sound in word))
        features = [f"w:{' '.join(word)}" for word in heard]
        nats = [self.segment.information(word) for word in words]
        negated = frozenset(features[i] for i in negated_words(words, whether=_WHETHER.search(normalized) is not None))
        salient = self._salient(plain, sounds, words, heard, nats)
        asking = frozenset(feature for feature, word in zip(features, words, strict=True) if is_interrogative(word))
        return TextEvidence(sounds, salient, dict(zip(features, nats, strict=True)), negated, asking)

    def _salient(
        self, plain: str, sounds: _Sounds, words: list[str], heard: list[_Sounds], nats: list[float]
    ) -> dict[str, float]:
        """Features with their salience, which is that of the words that they are parts of."""
        features: dict[str, float] = {}
        of_sound: dict[str, float] = {}
        of_character: dict[str, float] = {}
        for word, said, told in zip(words, heard, nats, strict=True):
            value = salience(told)
            features[f"w:{' '.join(said)}"] = value
            for syllable in toned_pinyin(word):
                features[f"t:{syllable}"] = value
            for parts, found in ((said, of_sound), (word, of_character)):
                for part in parts:
                    found[part] = max(value, found.get(part, 0.0))
        for sound in sounds:
            of_sound.setdefault(sound, 1.0)  # of a synonym's head, that was heard as something else
            features[f"s:{sound}"] = of_sound[sound]
        features |= _pairs("p", ("^", *sounds, "$"), of_sound)
        return features | _pairs("c", tuple(f"^{plain}$"), of_character)

    def _with_heard_synonyms(self, sounds: _Sounds) -> _Sounds:
        """A synonym that was heard in other characters is found by its sound."""
        result: list[str] = []
        position = 0
        while position < len(sounds):
            for key, head in self._heard.get(sounds[position], ()):
                if sounds[position : position + len(key)] == key:
                    result += head
                    position += len(key)
                    break
            else:
                result.append(sounds[position])
                position += 1
        return tuple(result)


def salience(nats: float) -> float:
    """What a word of so much information counts, LEAST_SALIENCE to 1."""
    return min(1.0, max(LEAST_SALIENCE, (nats - LITTLE) / (MUCH - LITTLE)))


def _pairs(kind: str, parts: tuple[str, ...], salient: dict[str, float]) -> dict[str, float]:
    """Features of neighbours; a pair is as salient as its parts on the average, an edge as what stands there."""
    pairs = {}
    for first, second in itertools.pairwise(parts):
        found = [salient[part] for part in (first, second) if part in salient]
        pairs[f"{kind}:{first} {second}"] = sum(found) / max(1, len(found))
    return pairs


def negated_words(words: list[str], *, whether: bool = False) -> list[int]:
    """Places of the words that the speaker does not intend: 我 没有 要 退卡 → 3.

    ``whether`` that is the question: then nothing is said to be needless, 不用 身份证 吗.
    """
    places: list[int] = []
    for start, word in enumerate(words):
        if start and (word[1:].startswith(words[start - 1]) or (word == "不" and words[start - 1][-1] in _MOVING)):
            continue  # 要 不要 升级 asks, and 上 不 去 is what one cannot
        place = start + 1
        while place < len(words) and words[place] in _INTENDED:
            place += 1
        found = _done_to(words, place) if word in _UNWANTED | _NEEDLESS else [place]  # 没给我退票 is a complaint
        another = word in _ANOTHER and place == len(words) - 1  # 不是 退卡, not 不是 北京 的 号码 怎么 开
        unwanted = word in _UNWANTED or (not whether and (another or word in _NEEDLESS))
        if unwanted or (word in _DENIED and place > start + 1):
            places += (place for place in found if place < len(words))
    return places


def _done_to(words: list[str], place: int) -> list[int]:
    """Where from ``place`` on it says what is done: behind whom it is for, or all of 把 卡 退 了."""
    if _DISPOSED in words[place:]:
        first = words.index(_DISPOSED, place) + 1
        return [i for i in range(first, len(words)) if words[i] not in _BESIDE_VERB | _WHOM]
    start = place
    while place < len(words) and (words[place] in _FOR_WHOM or (place > start and words[place] in _WHOM)):
        place += 1
    return [place]


def is_interrogative(normalized: str) -> bool:
    """Whether a text has a word, or an A-not-A, that makes it a question by its form; 退卡流程 asks without one."""
    return _INTERROGATIVE.search(normalized) is not None


def interrogatives(normalized: str) -> frozenset[str]:
    """The words, or their first characters, that make a text a question by its form: 几 of 几点退房."""
    return frozenset(found.group() for found in _INTERROGATIVE.finditer(normalized))


def asks_something(normalized: str) -> bool:
    """Whether a text is more than polite words and particles, such as 啊 or 请问一下."""
    return bool(_without_manners(normalized))


def core_question(normalized: str) -> str:
    """Without the polite words around it and said once: ``请问一下怎么怎么退卡呀`` → ``怎么退卡``.

    Never empty for a non-empty text.
    """
    return _REPEATED.sub(r"\1", _without_manners(normalized) or normalized)


def core_of(text: str) -> str:
    """``core_question`` of a text as people write it or recognisers print it."""
    return core_question(normalize(text))


def _without_manners(normalized: str) -> str:
    return _PARTICLES.sub("", _POLITE.sub("", normalized))
