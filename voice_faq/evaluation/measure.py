"""Counts right and wrong turns on labelled questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from voice_faq.dialogue.turn import Turn
from voice_faq.errors import InputError

OUT_OF_SCOPE: Final = "-"


@dataclass(frozen=True)
class LabelledQuestion:
    """One line of a table: a text or a recording, and the entry that answers it."""

    question: str
    expected: str
    """Entry id, or ``-`` when none does."""


@dataclass(frozen=True)
class Measurement:
    """Shares of all questions of their kind, 0…1; 0 where there are none."""

    in_scope: int
    out_of_scope: int
    top_1: float
    """In scope: the best candidate is right, whatever was decided."""
    answered_right: float
    """In scope: answered, and rightly."""
    asked_back: float
    """In scope: a choice was offered that holds the right entry."""
    wrong: float
    """Of all: answered wrongly, or answered though out of scope."""
    refused: float
    """Out of scope: rejected or asked back."""
    misses: tuple[tuple[LabelledQuestion, Turn], ...]
    """In scope without the right answer, out of scope with one."""

    def as_json(self) -> dict[str, Any]:
        """Plain data; the misses as question, expectation and what was decided."""
        figures = {name: value for name, value in self.__dict__.items() if name != "misses"}
        return {
            **{name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()},
            "misses": [
                {
                    "question": labelled.question,
                    "expected": labelled.expected,
                    "transcript": turn.transcript,
                    "decision": turn.decision,
                    "entry": turn.candidates[0].entry if turn.candidates else None,
                    "score": turn.score,
                }
                for labelled, turn in self.misses
            ],
        }


def read_labelled(table: Path, entries: Iterable[str]) -> list[LabelledQuestion]:
    """Read a TSV of question and expected entry; a first line ``question<TAB>expected`` is a header.

    Raises InputError that names the line.
    """
    known = {OUT_OF_SCOPE, *entries}
    try:
        lines = table.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"{table}：读不了（{error.strerror}）。请检查路径。") from None
    except UnicodeDecodeError:
        raise InputError(f"{table}：不是 UTF-8 文本。请另存为 UTF-8。") from None
    questions = []
    for number, line in enumerate(lines, 1):
        if not line.strip() or (number == 1 and line.split("\t")[:2] == ["question", "expected"]):
            continue
        question, _, expected = line.partition("\t")
        expected = expected.split("\t")[0].strip()
        if expected not in known:
            raise InputError(
                f"{table}:{number}：“{expected}”不是条目代号。每行写：问题、制表符、条目代号；答不了的问题写 -。"
            )
        questions.append(LabelledQuestion(question.strip(), expected))
    if not questions:
        raise InputError(f"{table}：里面没有问题。每行写：问题、制表符、条目代号。")
    return questions


def measure(questions: list[LabelledQuestion], ask: Callable[[str], Turn]) -> Measurement:
    """Ask every question and count."""
    turns = [(q, ask(q.question)) for q in questions]
    inside = [(q, t) for q, t in turns if q.expected != OUT_OF_SCOPE]
    outside = [(q, t) for q, t in turns if q.expected == OUT_OF_SCOPE]
    wrong = sum(t.decision == "answer" and t.entry != q.expected for q, t in turns)
    return Measurement(
        in_scope=len(inside),
        out_of_scope=len(outside),
        top_1=_share(sum(bool(t.candidates) and t.candidates[0].entry == q.expected for q, t in inside), inside),
        answered_right=_share(sum(t.entry == q.expected for q, t in inside), inside),
        asked_back=_share(
            sum(t.decision == "clarify" and q.expected in {c.entry for c in t.candidates} for q, t in inside), inside
        ),
        wrong=_share(wrong, turns),
        refused=_share(sum(t.decision != "answer" for _, t in outside), outside),
        misses=tuple((q, t) for q, t in turns if (t.entry or OUT_OF_SCOPE) != q.expected),
    )


def _share(count: int, of: list[Any]) -> float:
    return count / len(of) if of else 0.0
