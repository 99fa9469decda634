"""What each entry says, for the rules that look for words in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Final

from voice_faq.language.normalizing import normalize


class EntryTexts:
    """Normalised when they are first asked for, as of most entries they never are; may be shared by threads."""

    def __init__(
        self, wordings: Sequence[Sequence[str]], answers: Sequence[str], synonyms: Sequence[Sequence[str]] = ()
    ) -> None:
        """``wordings`` and answer of each entry; what has a word says its ``synonyms`` too."""
        groups = [[normalize(word) for word in group] for group in synonyms]
        self.wordings: Final = cache(lambda entry: tuple(map(normalize, wordings[entry])))
        """Of an entry, by its number."""
        self.asked: Final = cache(lambda entry: with_synonyms("\n".join(self.wordings(entry)), groups))
        """All of them in one text, with synonyms."""
        self.told: Final = cache(
            lambda entry: with_synonyms(f"{self.asked(entry)}\n{normalize(answers[entry])}", groups)
        )
        """The same, and the answer."""
        self._entries = len(answers)

    def share_with(self, words: str) -> float:
        """Of all entries, 0…1, those that tell such words."""
        return sum(words in self.told(entry) for entry in range(self._entries)) / max(1, self._entries)


def with_synonyms(told: str, groups: Collection[Collection[str]]) -> str:
    """A text and, below it, all words of the ``groups`` of synonyms that it has a word of."""
    others = (word for group in groups if any(word in told for word in group) for word in group)
    return "\n".join([told, *others])
