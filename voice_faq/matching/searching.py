"""Search as one types: characters, or pinyin in full or by its initials, finished or not."""

from __future__ import annotations

from typing import Final

from rapidfuzz import fuzz

from voice_faq.faq.entries import Faq
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import syllables

LIKE_ENOUGH: Final = 70.0  # of what was typed, 0…100, found in a row in one of the wordings
SAME_CHARACTERS: Final = 10.0  # added where it is there as it was typed


class EntrySearch:
    """Finds entries; build it once, it may be shared by threads."""

    def __init__(self, faq: Faq) -> None:
        self._entries = [(entry.id, [_Spelling(w) for w in entry.all_wordings]) for entry in faq.entries]

    def entries(self, typed: str) -> list[str]:
        """Ids of the entries that ``typed`` may be about, the likeliest first; none for an empty text."""
        text = normalize(typed).replace(" ", "")
        if not text:
            return []
        scored = [(max(s.likeness(text) for s in spellings), entry) for entry, spellings in self._entries]
        found = [(score, entry) for score, entry in scored if score >= LIKE_ENOUGH]
        return [entry for _, entry in sorted(found, key=lambda pair: -pair[0])]


class _Spelling:
    """A wording as it can be typed."""

    def __init__(self, wording: str) -> None:
        self.characters = normalize(wording).replace(" ", "")
        sounds = syllables(self.characters)
        self.pinyin = "".join(sounds)
        self.initials = "".join(sound[0] for sound in sounds)

    def likeness(self, text: str) -> float:
        """0…110."""
        best = _partly(text, self.characters) + SAME_CHARACTERS * (text in self.characters)
        if text.isascii():
            best = max(best, 100.0 * (text in self.initials), _partly(text, self.pinyin))
        return best


def _partly(short: str, long: str) -> float:
    """How much of ``short`` is found in a row in ``long``, 0…100; nothing where ``long`` is the shorter one."""
    return fuzz.partial_ratio(short, long) if len(short) <= len(long) else fuzz.ratio(short, long)
