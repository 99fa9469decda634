"""What each entry says, for the rules that look for words in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

from voice_faq.language.normalizing import normalize


class EntryTexts:
    """Normalised when they are first asked for, as of most entries they never are; may be shared by threads."""

    def __init__(self, wordings: Sequence[Sequence[str]], answers: Sequence[str]) -> None:
        """Of each entry."""
        self._written = [[*of_entry, answer] for of_entry, answer in zip(wordings, answers, strict=True)]
        self.wordings: Final = cache(lambda entry: tuple(map(normalize, self._written[entry][:-1])))
        """Of an entry, by its number."""
        self.asked: Final = cache(lambda entry: "\n".join(self.wordings(entry)))
        """All of them in one text."""
        self.told: Final = cache(lambda entry: f"{self.asked(entry)}\n{normalize(self._written[entry][-1])}")
        """The same and the answer."""

    def share_with(self, words: str) -> float:
        """Of all entries, 0…1, those that have ``words`` as they are written."""
        return sum(any(words in text for text in texts) for texts in self._written) / max(1, len(self._written))
