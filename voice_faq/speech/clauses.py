"""Clauses: what is recorded, spoken and captioned in one piece."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from voice_faq.audio.recording import Recording, resampled

_MARKS: Final = "。！？；：，!?;:,\n"
_CLOSING: Final = "”’」』）)"
# A mark between digits or Latin letters belongs to a number, a time or a version.
_CLAUSE: Final = re.compile(rf"(?:[^{_MARKS}]|(?<=[0-9A-Za-z])[:,](?=[0-9A-Za-z]))+[{_MARKS}\s{_CLOSING}]*|[{_MARKS}]+")
_SENTENCE_END: Final = re.compile(r"[。！？!?\n]")


@dataclass(frozen=True)
class SpokenClause:
    """A clause as it is heard."""

    text: str
    """With its punctuation, as captions show it."""
    recording: Recording
    file: Path | None = None
    """The voice pack's own; None where the clause was made live."""

    @property
    def recorded(self) -> bool:
        """Whether it was taken from a voice pack."""
        return self.file is not None


def joined(clauses: Iterable[SpokenClause]) -> Recording | None:
    """All clauses as one recording, at the rate of the first; None where there are none."""
    heard = [clause.recording for clause in clauses]
    if not heard:
        return None
    rate = heard[0].rate
    return Recording(np.concatenate([resampled(recording, rate).samples for recording in heard]), rate)


def split_clauses(text: str) -> list[str]:
    """``text`` cut after its punctuation, which stays with the clause: 先刷卡，再进站。 → 先刷卡， 再进站。

    Pieces without a letter, a digit or a character go with the clause before; a text of nothing else has no clause.
    """
    clauses: list[str] = []
    for piece in _CLAUSE.findall(text):
        if any(c.isalnum() for c in piece):
            clauses.append(piece)
        elif clauses:
            clauses[-1] += piece
    return [clause.strip() for clause in clauses]


def split_sentences(text: str) -> list[list[str]]:
    """The clauses of ``text``, sentence by sentence."""
    sentences: list[list[str]] = [[]]
    for clause in split_clauses(text):
        sentences[-1].append(clause)
        if ends_sentence(clause):
            sentences.append([])
    return [sentence for sentence in sentences if sentence]


def ends_sentence(clause: str) -> bool:
    """Whether a new sentence begins after it."""
    return bool(_SENTENCE_END.search(clause))


def words_of(clause: str) -> str:
    """The clause without the punctuation at its end."""
    return clause.rstrip(_MARKS + _CLOSING + " 　")
