"""Questions read beside the entries that fit them best: what only shows where both are read together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Final

import numpy as np

from voice_faq.matching.comparison import Said, shipped_comparison
from voice_faq.matching.index import LIKENESSES, Likeness
from voice_faq.matching.question_form import core_of

COMPARED: Final = 5  # entries of a shortlist
FITTING: Final = {"best cosine": 1.0, "best meaning": 1.0, "mean meaning": 1.0, "answer's meaning": 0.5}
"""By what they are chosen."""
REMEMBERED: Final = 100_000  # pieces of the FAQ's texts, some 40 MB

_COLUMN: Final = LIKENESSES.index("comparison")


@dataclass(frozen=True)
class Question:
    """What is compared with an FAQ's entries."""

    pieces: np.ndarray
    """Shape (n, width)."""
    compared: dict[int, float] = field(default_factory=dict)
    """Logits of the entries that it was compared with: it may be heard in several ways, and mean the same."""


class Comparer:
    """Adds to likenesses what a comparison of the texts tells; may be shared by threads."""

    def __init__(self) -> None:
        self._comparison: Final = shipped_comparison()
        self._known: dict[str, np.ndarray] = {}
        self._room = REMEMBERED
        self._keeping = Lock()
        self.name: Final = self._comparison.name

    def questions(self, texts: Sequence[str]) -> list[Question]:
        """Texts to compare with one FAQ; kept nowhere."""
        return [Question(pieces) for pieces in self._comparison.read([core_of(text) for text in texts])]

    def added(
        self,
        likenesses: Sequence[Likeness],
        questions: Sequence[Question],
        wordings: Sequence[str],
        answers: Sequence[str],
    ) -> list[Likeness]:
        """The same with a comparison of each one's question with the entries that fit it best, in logits.

        Of the others it is that of the poorest of these. ``wordings`` and ``answers`` are the FAQ's, by the numbers
        that the likenesses have them by; an answer is empty where it tells nothing.
        """
        fitting = [_fitting(likeness) for likeness in likenesses]
        missing = [
            (question, likeness, row)
            for question, likeness, rows in zip(questions, likenesses, fitting, strict=True)
            for row in rows
            if int(likeness.entries[row]) not in question.compared
        ]
        near = [[wordings[n] for n in likeness.nearest[row].tolist() if n >= 0] for _, likeness, row in missing]
        told = [answers[int(likeness.entries[row])] for _, likeness, row in missing]
        read = self._read({text for texts in (*near, told) for text in texts if text})
        pairs = []
        for (question, likeness, row), texts, answer in zip(missing, near, told, strict=True):
            pieces = [read[text] for text in texts]
            in_answer = [self._comparison.in_answer(read[answer])] if answer else []
            said = Said(pieces[0], np.concatenate([*pieces, *in_answer]), int(likeness.sizes[row]))
            pairs.append((question.pieces, said))
        for (question, likeness, row), logit in zip(missing, self._comparison(pairs).tolist(), strict=True):
            question.compared[int(likeness.entries[row])] = logit
        return [_with(*parts) for parts in zip(likenesses, fitting, questions, strict=True)]

    def _read(self, texts: set[str]) -> dict[str, np.ndarray]:
        """Pieces of texts of the FAQ; each read by itself, so that they are the same in every start to the last bit."""
        made = {text: self._comparison.read([core_of(text)])[0] for text in sorted(texts) if text not in self._known}
        found = {text: made[text] if text in made else self._known[text] for text in texts}
        with self._keeping:
            for text, pieces in made.items():
                if text not in self._known and len(pieces) <= self._room:
                    self._room -= len(pieces)
                    self._known[text] = pieces
        return found


def _fitting(likeness: Likeness) -> list[int]:
    """Rows of the entries that are read beside the question."""
    fitting = sum(likeness.evidence[:-1, LIKENESSES.index(name)] * weight for name, weight in FITTING.items())
    order = np.argsort(-np.asarray(fitting), kind="stable")
    return [row for row in order.tolist() if likeness.sizes[row]][:COMPARED]


def _with(likeness: Likeness, rows: Sequence[int], question: Question) -> Likeness:
    """With the comparisons of the entries in ``rows``."""
    if not rows:
        return likeness
    found = [question.compared[int(likeness.entries[row])] for row in rows]
    evidence = likeness.evidence.copy()
    evidence[:-1, _COLUMN] = min(found)
    evidence[rows, _COLUMN] = found
    return replace(likeness, evidence=evidence)
