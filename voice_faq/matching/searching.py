"""Search as one types: characters, or pinyin in full or by its initials, finished or not."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Final

from rapidfuzz import fuzz

from voice_faq.faq.entries import Faq
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import syllables
from voice_faq.language.typed import TypedPinyin
from voice_faq.matching.question_form import asks_something

LIKE_ENOUGH: Final = 70.0  # 0…100
LESS_LIKE: Final = 12.0  # than the best entry; what is further behind is not shown
FOUND: Final = 88.0  # likeness of a wording that has what was typed in a row, the more the more of it that is
MISTYPED: Final = 15.0  # taken off where pinyin is only nearly there
_CHARACTERS: Final = re.compile("[\u4e00-\u9fff]+")


class EntrySearch:
    """Finds entries; build it once, it may be shared by threads."""

    def __init__(self, faq: Faq) -> None:
        self._read = TypedPinyin(wording for entry in faq.entries for wording in entry.all_wordings)
        self._entries = [(entry.id, [_Spelling(w) for w in entry.all_wordings]) for entry in faq.entries]

    def entries(self, typed: str, *, nearly: bool = True) -> list[str]:
        """Ids of the entries that ``typed`` may be about, the likeliest first; none for a text that asks nothing.

        ``nearly``: not only those that have it in a row.
        """
        text = normalize(typed).replace(" ", "")
        if not asks_something(text):
            return []
        # As it was typed first, and where pinyin or initials are mixed with characters, as characters: 怎么tk.
        texts = {text, self._read(typed).replace(" ", "")}
        scored = [
            (max(s.likeness(text) for s in spellings for text in texts), entry) for entry, spellings in self._entries
        ]
        enough = LIKE_ENOUGH if nearly else FOUND
        least = max(enough, max(score for score, _ in scored) - LESS_LIKE)
        return [entry for score, entry in sorted(scored, key=lambda pair: -pair[0]) if score >= least]


class _Spelling:
    """A wording as it can be typed."""

    def __init__(self, wording: str) -> None:
        self.characters = normalize(wording).replace(" ", "")
        sounds = syllables(self.characters)
        self.pinyin = "".join(sounds)
        self.initials = "".join(sound[0] for sound in sounds)
        self._starts = [0, *accumulate(map(len, sounds))]

    def likeness(self, text: str) -> float:
        """0…100."""
        if text in self.characters:
            return _found(text, self.characters)
        if text.isascii():
            if any(self.pinyin.startswith(text, start) for start in self._starts):
                return _found(text, self.pinyin)
            if text in self.initials:
                return _found(text, self.initials)
            return _partly(text, self.pinyin) - MISTYPED
        if any(c.isascii() and c.isalpha() for c in text):  # 打zhe, on the way to 打折
            return _partly(_CHARACTERS.sub(lambda run: "".join(syllables(run[0])), text), self.pinyin)
        return _partly(text, self.characters)


def _found(short: str, long: str) -> float:
    return FOUND + (100 - FOUND) * len(short) / len(long)


def _partly(short: str, long: str) -> float:
    """How much of ``short`` is found in a row in ``long``, 0…100; less where ``long`` is the shorter one."""
    return fuzz.partial_ratio(short, long) if len(short) <= len(long) else fuzz.ratio(short, long)
