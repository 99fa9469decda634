"""What a recogniser may make of a text: an error channel, so that matching can be fitted and tested on damage.

A part of the characters is replaced by others of the same sound, or of a similar one, left out, or joined by a
stray one, as the errors of small Mandarin models are. Similar sounds share their final and the place or manner of
their initial, or the other way round.
"""

from __future__ import annotations

import itertools
import random
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import numpy as np
from pypinyin import lazy_pinyin
from rapidfuzz.distance import Levenshtein

from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import split_syllable, syllables

LEFT_OUT: Final = 0.2  # share of damaged syllables
JOINED: Final = 0.1  # a stray syllable stands before
SAME_SOUND: Final = 0.4  # of those that are replaced; the others are replaced by a similar sound
LEAST_FREQUENCY: Final = 200  # of a character in jieba's dictionary
MOST_CHARACTERS: Final = 6  # of one sound
TEMPERATURE: Final = 0.2  # of the choice among similar sounds; distances are about 0 to 2

# Initials of a group are half as far from each other as others are.
_GROUPS: Final = tuple(
    frozenset(group.split())
    for group in (
        "b p m f", "d t n l", "g k h f", "j q x", "zh ch sh r z c s", "z j zh", "c q ch", "s x sh", "n l r", "y w",
    )
)  # fmt: skip
_CHARACTER: Final = re.compile("[\u4e00-\u9fff]")
_PIECE: Final = re.compile(r"[a-z]+|[\u4e00-\u9fff]")


class Mishearing:
    """Damages texts; the same generator gives the same damage."""

    def __init__(self, frequencies: Mapping[str, int]) -> None:
        """``frequencies`` of words in a corpus; those of one character are what may be heard, the frequent ones."""
        written: dict[str, list[tuple[int, str]]] = defaultdict(list)
        frequent = [c for c, n in frequencies.items() if _CHARACTER.fullmatch(c) and n >= LEAST_FREQUENCY]
        for character, sound in zip(frequent, lazy_pinyin(frequent), strict=True):
            written[sound].append((frequencies[character], character))
        self._written = {
            sound: [c for _, c in sorted(found, reverse=True)[:MOST_CHARACTERS]] for sound, found in written.items()
        }
        self._sounds = sorted(self._written)
        self._likely = dict(zip(self._sounds, _cumulated_likeness(self._sounds), strict=True))

    def __call__(self, text: str, rate: float, rng: random.Random) -> str:
        """``text`` with about ``rate`` (0…1) of its characters wrong; Latin words fall apart into syllables."""
        heard: list[str] = []
        for piece in _PIECE.findall(normalize(text)):
            if rng.random() >= rate:
                heard.append(piece)
            else:
                for sound in syllables(piece):
                    heard += self._damaged(sound, piece, rng)
        return "".join(heard)

    def same_sound(self, word: str, rng: random.Random) -> str:
        """Another spelling of a Chinese word with the same sounds; a Latin word stays."""
        return word if word.isascii() else "".join(self._character(s, rng) for s in syllables(word)) or word

    def _damaged(self, sound: str, piece: str, rng: random.Random) -> list[str]:
        draw = rng.random()
        if draw < LEFT_OUT:
            return []
        if draw < LEFT_OUT + JOINED:
            return [self._character(rng.choice(self._sounds), rng), self._character(sound, rng) or piece]
        if rng.random() >= SAME_SOUND and sound in self._likely:
            sound = rng.choices(self._sounds, cum_weights=self._likely[sound])[0]
        return [self._character(sound, rng) or piece]

    def _character(self, sound: str, rng: random.Random) -> str:
        return rng.choice(self._written[sound]) if sound in self._written else ""


def _cumulated_likeness(sounds: list[str]) -> list[list[float]]:
    """For each of ``sounds``, how likely it is taken for each other one, cumulated over them."""
    parts = [split_syllable(sound) for sound in sounds]
    initials = sorted({initial for initial, _ in parts})
    finals = sorted({final for _, final in parts})
    between_initials = np.array([[_initial_distance(a, b) for b in initials] for a in initials])
    between_finals = np.array([[Levenshtein.normalized_distance(a, b) for b in finals] for a in finals])
    initial = np.array([initials.index(i) for i, _ in parts])
    final = np.array([finals.index(f) for _, f in parts])
    distances = between_initials[np.ix_(initial, initial)] + between_finals[np.ix_(final, final)]
    likeness = np.exp(-distances / TEMPERATURE)
    np.fill_diagonal(likeness, 0.0)
    return [list(itertools.accumulate(row)) for row in likeness.tolist()]


def _initial_distance(a: str, b: str) -> float:
    if a == b:
        return 0.0
    return 0.5 if any({a, b} <= group for group in _GROUPS) else 1.0
