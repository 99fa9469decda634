"""What a text offers to matching: words, sounds and characters, with the FAQ's synonyms made one."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import fold_sound, sound_key, syllables
from voice_faq.language.tones import toned_pinyin
from voice_faq.language.words import Segmenter

_POLITE: Final = re.compile(
    r"^(?:(?:你|您)好|请问(?:一下)?|(?:麻烦)?问(?:一)?下|我?想(?:要)?(?:问|咨询|知道|了解)(?:一下)?|麻烦(?:您|你)?(?:问一下)?|"
    r"不好意思|师傅|同志|那个|那么?(?![张种样边里儿天次些时年位条台部家])|哎|喂|嗯|帮我(?:看看|查查|查一下|看一下)|告诉我(?:一下)?)+"
)
_PARTICLES: Final = re.compile(r"(?:[吗呢吧啊呀嘛哦噢啦哈]|谢谢(?:你|您)?)+$")


_Sounds = tuple[str, ...]


@dataclass(frozen=True)
class TextEvidence:
    """One text as matching sees it."""

    sounds: _Sounds
    """Folded syllables, synonyms replaced by the sounds of their group's first word."""
    features: frozenset[str]
    """Words (as they sound), syllables, pairs of syllables and pairs of characters."""
    information: dict[str, float]
    """Of its words as features: nats, by how rare each is in the language; 怎么 says little, 话费 much."""


class EvidenceReader:
    """Turns texts into evidence; holds the segmenter and the synonyms."""

    def __init__(self, synonyms: list[list[str]]) -> None:
        groups = [[normalize(word) for word in group] for group in synonyms]
        self.segment = Segmenter(word for group in groups for word in group)
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

    def __call__(self, text: str) -> TextEvidence:
        """Evidence of a text as people write or recognisers print it."""
        plain = core_question(normalize(text))
        if self._written is not None:
            plain = self._written.sub(lambda m: self._spelled.get(m.group(), m.group()), plain)
        sounds = self._with_heard_synonyms(sound_key(plain))
        words = self.segment(plain)
        heard = [(" ".join(fold_sound(s) for s in syllables(word)), word) for word in words]
        tones = (f"t:{syllable}" for word in words for syllable in toned_pinyin(word))
        information = {f"w:{sound}": self.segment.information(word) for sound, word in heard}
        return TextEvidence(sounds, frozenset((*information, *_features(plain, sounds), *tones)), information)

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


def _features(plain: str, sounds: _Sounds) -> Iterator[str]:
    for first, second in itertools.pairwise(("^", *sounds, "$")):
        yield f"p:{first} {second}"
    for sound in sounds:
        yield f"s:{sound}"
    for first, second in itertools.pairwise(f"^{plain}$"):
        yield f"c:{first}{second}"


def asks_something(normalized: str) -> bool:
    """Whether a text is more than polite words and particles, such as 啊 or 请问一下."""
    return bool(_without_manners(normalized))


def core_question(normalized: str) -> str:
    """Without the polite words around it: ``请问一下怎么退卡呀`` → ``怎么退卡``; never empty for a non-empty text."""
    return _without_manners(normalized) or normalized


def _without_manners(normalized: str) -> str:
    return _PARTICLES.sub("", _POLITE.sub("", normalized))
