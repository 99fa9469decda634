"""What a text offers to matching: words, sounds and characters, with the FAQ's synonyms made one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Final

import numpy as np

from voice_faq.language.dictionary import Dictionary
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import sound_key
from voice_faq.language.tones import toned_pinyin
from voice_faq.language.words import Segmenter
from voice_faq.matching.negation import beside_negated, negated_words
from voice_faq.matching.question_form import asks_whether, core_question, is_interrogative

_Sounds = tuple[str, ...]
LITTLE: Final = 4.0  # nats; a word that tells no more is one of the language's commonest
MUCH: Final = 12.0
PREDICATE_INFORMATION: Final = 8.5  # nats; what says less does not even tell what is done: 用 and 开, not 退 and 借
LEAST_SALIENCE: Final = 0.2


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
    negated: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Those of its words that the speaker does not intend, 退卡 in 我没有要退卡, with their pairs of characters."""
    beside_negated: frozenset[str] = frozenset()
    """Those that stand behind them, as what is not done is not done to something: 人工 in 别给我转人工."""
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
        negated = negated_words(words, whether=asks_whether(normalized))
        salient = self._salient(plain, sounds, words, heard, nats)
        asking = frozenset(feature for feature, word in zip(features, words, strict=True) if is_interrogative(word))
        unwanted = {features[i]: tuple(_pairs("c", tuple(words[i]), {})) for i in negated}
        beside = frozenset(features[i] for i in beside_negated(words, negated))
        return TextEvidence(sounds, salient, dict(zip(features, nats, strict=True)), unwanted, beside, asking)

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
