"""Counts right and wrong turns on labelled questions."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from voice_faq.audio.recording import recording_in
from voice_faq.dialogue.turn import Turn
from voice_faq.errors import InputError, Mistake, reason
from voice_faq.language.mishearing import LEAST_FREQUENCY, Mishearing
from voice_faq.language.words import common_words

OUT_OF_SCOPE: Final = "-"
MISTAKES_SHOWN: Final = 20


@dataclass(frozen=True)
class LabelledQuestion:
    """One line of a table: a text or a recording, and the entry that answers it."""

    question: str
    expected: str
    """Entry id, or ``-`` when none does."""


@dataclass(frozen=True)
class Ranking:
    """How well scores tell right from wrong, whichever threshold is chosen."""

    scores: np.ndarray
    """(n,) of each question's best candidate."""
    right: np.ndarray
    """(n,) whether that candidate is the expected entry; never so out of scope."""

    @property
    def auc(self) -> float:
        """Probability that a right candidate scores above a wrong one; 1 where there is only one kind."""
        right, wrong = self.scores[self.right], self.scores[~self.right]
        if not len(right) or not len(wrong):
            return 1.0
        above = right[:, None] - wrong
        return float(((above > 0) + 0.5 * (above == 0)).mean())

    @property
    def curve(self) -> list[tuple[float, float]]:
        """(share answered of all questions, share wrong of those answered) from the strictest threshold on."""
        order = np.argsort(-self.scores, kind="stable")
        wrong = np.cumsum(~self.right[order])
        answered = np.arange(1, len(order) + 1)
        return [(float(a) / len(order), float(w) / float(a)) for a, w in zip(answered, wrong, strict=True)]


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
    coverage: float
    """Of all: answered at all."""
    turns: tuple[tuple[LabelledQuestion, Turn], ...]

    @property
    def misses(self) -> list[tuple[LabelledQuestion, Turn]]:
        """In scope without the right answer, out of scope with one; the surest come first."""
        missed = [(q, t) for q, t in self.turns if (t.entry or OUT_OF_SCOPE) != q.expected]
        return sorted(missed, key=lambda pair: (pair[1].decision != "answer", -pair[1].score))

    @property
    def ranking(self) -> Ranking:
        """Scores of the best candidates."""
        best = [(t.candidates[0] if t.candidates else None, q.expected) for q, t in self.turns]
        return Ranking(
            np.array([candidate.score if candidate else 0.0 for candidate, _ in best]),
            np.array([candidate is not None and candidate.entry == expected for candidate, expected in best]),
        )

    @property
    def confusion(self) -> Counter[tuple[str, str]]:
        """(expected, what became of it): an entry that answered, or the decision's name."""
        return Counter((q.expected, t.entry or t.decision) for q, t in self.turns)

    @property
    def hits(self) -> dict[str, np.ndarray]:
        """By the names of the shares, (n,) 1 for each question of its kind that counts, else 0, in their order."""
        return _hits(self.turns)

    @property
    def latencies(self) -> list[float]:
        """Milliseconds of recognising and matching each question."""
        return [t.timings.recognize + t.timings.match for _, t in self.turns]

    def as_json(self) -> dict[str, Any]:
        """Plain data; the misses as question, expectation and what was decided."""
        figures = {name: value for name, value in self.__dict__.items() if name != "turns"}
        return {
            **{name: round(value, 4) if isinstance(value, float) else value for name, value in figures.items()},
            "auc": round(self.ranking.auc, 4),
            "latency_ms": {f"p{p}": round(float(np.percentile(self.latencies, p)), 1) for p in (50, 95)},
            "confusion": [
                {"expected": expected, "became": became, "count": count}
                for (expected, became), count in sorted(self.confusion.items())
            ],
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

    Raises InputError that names the first MISTAKES_SHOWN bad lines: an unknown entry, no question, a recording that is
    not there. A table of another kind has nothing else.
    """
    known = {OUT_OF_SCOPE, *entries}
    try:
        lines = table.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise InputError(f"{table}：读不了（{reason(error)}）。请检查路径。") from None
    except UnicodeDecodeError:
        raise InputError(f"{table}：不是 UTF-8 文本。请另存为 UTF-8。") from None
    questions: list[LabelledQuestion] = []
    mistakes: list[Mistake] = []
    rows = [[cell.strip() for cell in line.split("\t")] for line in lines if "\t" in line]
    if rows and sum(row[0] in known and row[1] not in known for row in rows) > len(rows) / 2:
        raise InputError(f"{table}：两列写反了。每行先写问题，再写制表符和条目代号。")
    for number, line in enumerate(lines, 1):
        if not line.strip() or (number == 1 and line.split("\t")[:2] == ["question", "expected"]):
            continue
        question, tab, expected = line.partition("\t")
        expected = expected.split("\t")[0].strip()
        recording = recording_in(question.strip(), table.parent)
        if not question.strip():
            mistakes.append(Mistake(table, number, "这一行没有问题。每行写：问题、制表符、条目代号。"))
        if not tab:
            message = "这一行没有制表符（Tab）。请在问题和条目代号之间写一个制表符，不要写空格或者逗号。"
            mistakes.append(Mistake(table, number, message))
        elif not expected:
            mistakes.append(Mistake(table, number, "这一行没有写条目代号。请写在制表符后面；答不了的问题写 -。"))
        elif expected not in known:
            message = f"“{expected}”不是条目代号。每行写：问题、制表符、条目代号；答不了的问题写 -。"
            mistakes.append(Mistake(table, number, message))
        if recording is not None and not recording.is_file():
            mistakes.append(Mistake(table, number, f"没有这个录音：{recording}。请检查路径。"))
        questions.append(LabelledQuestion(question.strip(), expected))
    if mistakes:
        listed = "\n".join(map(str, mistakes[:MISTAKES_SHOWN]))
        more = f"\n还有 {len(mistakes) - MISTAKES_SHOWN} 处。" if len(mistakes) > MISTAKES_SHOWN else ""
        raise InputError(f"表格有 {len(mistakes)} 处需要修改：\n{listed}{more}")
    if not questions:
        raise InputError(f"{table}：里面没有问题。每行写：问题、制表符、条目代号。")
    return questions


def misheard(questions: list[LabelledQuestion], rate: float, seed: int = 1) -> list[LabelledQuestion]:
    """The texts with about ``rate`` (0…1) of their characters wrong, as a recogniser would have it."""
    mishear, rng = Mishearing(common_words(LEAST_FREQUENCY)), random.Random(seed)
    return [replace(q, question=mishear(q.question, rate, rng)) for q in questions]


def measure(questions: list[LabelledQuestion], ask: Callable[[str], Turn]) -> Measurement:
    """Ask every question and count."""
    turns = tuple((q, ask(q.question)) for q in questions)
    hits = _hits(turns)
    return Measurement(
        in_scope=len(hits["top_1"]),
        out_of_scope=len(hits["refused"]),
        turns=turns,
        **{name: float(counted.mean()) if len(counted) else 0.0 for name, counted in hits.items()},
    )


def _hits(turns: Sequence[tuple[LabelledQuestion, Turn]]) -> dict[str, np.ndarray]:
    """By the names of Measurement's shares, (n,) 1 for each question of its kind that counts, else 0."""
    inside = [(q, t) for q, t in turns if q.expected != OUT_OF_SCOPE]
    outside = [t for q, t in turns if q.expected == OUT_OF_SCOPE]
    counted = {
        "top_1": [bool(t.candidates) and t.candidates[0].entry == q.expected for q, t in inside],
        "answered_right": [t.entry == q.expected for q, t in inside],
        "asked_back": [t.decision == "clarify" and q.expected in {c.entry for c in t.candidates} for q, t in inside],
        "wrong": [t.decision == "answer" and t.entry != q.expected for q, t in turns],
        "refused": [t.decision != "answer" for t in outside],
        "coverage": [t.decision == "answer" for _, t in turns],
    }
    return {name: np.array(values, float) for name, values in counted.items()}


def rank(questions: list[tuple[str, str]], best_entry: Callable[[str], tuple[str, float]]) -> Ranking:
    """The same for anything else that names a text's likeliest entry; ``questions``: (text, expected)."""
    found = [(*best_entry(text), expected) for text, expected in questions]
    return Ranking(np.array([score for _, score, _ in found]), np.array([entry == e for entry, _, e in found]))
