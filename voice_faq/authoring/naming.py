"""Ids of entries, made from how their questions sound: 怎么退卡 → ``zenme-tuika``."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Final

from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import syllables
from voice_faq.language.words import Segmenter
from voice_faq.matching.question_form import core_question

LONGEST_ID: Final = 32  # characters


@cache
def _segmenter() -> Segmenter:
    return Segmenter()


def plain_id(name: str) -> str:
    """An id of another program's name: lower-case letters, digits and single hyphens; empty where none is left."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


class Namer:
    """Names one entry after another, no two alike."""

    def __init__(self, taken: Collection[str] = ()) -> None:
        self._taken = set(taken)

    def __call__(self, question: str) -> str:
        """An id that no entry has yet."""
        plain = core_question(normalize(question))
        words = ["".join(syllables(w)) if not w.isascii() else w for w in _segmenter()(plain)]
        name = ""
        for word in (w.replace("ü", "v") for w in words):
            if name and len(name) + 1 + len(word) > LONGEST_ID:
                break
            name = f"{name}-{word}" if name else word[:LONGEST_ID]
        return self.unlike(name or "entry")

    def unlike(self, name: str) -> str:
        """``name``, with a number where it is taken."""
        unique, number = name, 2
        while unique in self._taken:
            unique, number = f"{name}-{number}", number + 1
        self._taken.add(unique)
        return unique
