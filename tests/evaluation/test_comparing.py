"""Figures of two models side by side."""

from __future__ import annotations

import pytest

from voice_faq.dialogue.turn import Turn
from voice_faq.evaluation import LabelledQuestion, Measurement, measure
from voice_faq.evaluation.comparing import compare


def measured(answered: int, of: int) -> Measurement:
    """So many of the questions are answered rightly, the rest are refused."""
    questions = [LabelledQuestion(str(number), "refund") for number in range(of)]

    def ask(question: str) -> Turn:
        right = int(question) < answered
        return Turn(question, question, (), "answer" if right else "reject", "refund" if right else None, 1.0, (), "")

    return measure(questions, ask)


def test_a_share_has_the_interval_that_wilson_gives() -> None:
    share = compare({"one": measured(8, 10)}).shares["one"]["answered_right"]
    assert (share.value, share.low, share.high) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)


def test_a_difference_is_certain_only_where_the_same_questions_show_it() -> None:
    few = compare({"one": measured(8, 10), "two": measured(9, 10)}).differences["two"]["answered_right"]
    assert few.value == pytest.approx(0.1) and not few.certain
    many = compare({"one": measured(100, 200), "two": measured(120, 200)}).differences["two"]["answered_right"]
    assert many.low > 0.05 and many.high < 0.15 and many.certain


def test_what_nobody_asked_is_not_known() -> None:
    refused = compare({"one": measured(1, 2)}).shares["one"]["refused"]
    assert (refused.low, refused.high) == (0, 1)
