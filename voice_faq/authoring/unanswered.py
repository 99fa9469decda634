"""Questions that were asked and not answered, from wherever an operator has chosen to keep them.

Nothing here keeps any: whoever does hands the editor an object with these methods. Without one the page says that
nothing is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class UnansweredQuestion:
    """What was heard, and how often."""

    text: str
    times: int


class UnansweredQuestions(Protocol):
    """A list that an operator works off."""

    def questions(self) -> list[UnansweredQuestion]:
        """The oftenest asked first."""

    def forget(self, text: str) -> None:
        """It has been made a wording, or needs none."""
