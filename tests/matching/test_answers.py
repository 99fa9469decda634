"""What answers say leads questions to entries that have few wordings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from voice_faq.evaluation import read_labelled
from voice_faq.faq import Faq, load_faq
from voice_faq.matching import Matcher
from voice_faq.matching.answers import Answers
from voice_faq.matching.evidence import EvidenceReader
from voice_faq.matching.index import LIKENESSES, SHORTLIST
from voice_faq.matching.own_meaning import OwnMeaning
from voice_faq.settings import Settings

from ..conftest import DATA
from ..fields import faq_of

QUESTIONS = ["怎么加入会员", "订单多久送到", "可以开发票吗", "货坏了怎么办"]
ANSWERS = [
    "在应用里注册，每年九十八元，生日有礼券。",
    "市区两天，偏远地区五天，快递员会先打电话。",
    "收货后在订单页申请，发到邮箱。",
    "七天内拍照给客服，免费换新。",
]


def bare(faq: Faq, answers: Sequence[str]) -> Faq:
    """Its questions alone, with these answers."""
    entries = [
        e.model_copy(update={"wordings": [], "answer": answer}) for e, answer in zip(faq.entries, answers, strict=True)
    ]
    return faq.model_copy(update={"entries": entries, "out_of_scope": []})


def shop(answers: Sequence[str]) -> Faq:
    return bare(faq_of({f"entry{i}": [question] for i, question in enumerate(QUESTIONS)}), answers)


def first(matcher: Matcher, text: str) -> str:
    return matcher.entries[int(matcher.probabilities(text).argmax())]


@pytest.mark.parametrize(
    ("answers", "table"), [(Settings().answers, "dev-questions.tsv"), (DATA / "library", "library/questions.tsv")]
)
def test_with_questions_alone_answers_lead_more_people_right(answers: Path, table: str) -> None:
    faq = load_faq(answers)
    asked = [q for q in read_labelled(DATA / table, [e.id for e in faq.entries]) if q.expected != "-"]

    def right(answers: Sequence[str]) -> float:
        matcher = Matcher(bare(faq, answers), 0.02)
        return sum(first(matcher, q.question) == q.expected for q in asked) / len(asked)

    assert right([e.answer for e in faq.entries]) > right(["。"] * len(faq.entries))


def test_a_word_that_only_an_answer_has_leads_to_its_entry() -> None:
    matcher = Matcher(shop(ANSWERS), 0.02)
    assert [first(matcher, q) for q in ("过生日有什么", "偏远地区要几天", "能发到邮箱吗")] == [
        "entry0",
        "entry1",
        "entry2",
    ]
    column = LIKENESSES.index("answer's words")
    assert matcher.likeness("偏远地区要几天").evidence[1, column] > 0


def test_answers_that_all_say_the_same_lead_nowhere() -> None:
    same, none = Matcher(shop([ANSWERS[0]] * 4), 0.02), Matcher(shop(["。"] * 4), 0.02)
    for text in ("过生日有什么", "怎么加入会员", "坏了能换吗"):
        evidence = same.likeness(text).evidence
        assert not evidence[:, LIKENESSES.index("answer's words")].any()
        assert np.ptp(evidence[:-1, LIKENESSES.index("answer's meaning")]) < 1e-6
        assert same.probabilities(text) == pytest.approx(none.probabilities(text), abs=1e-6)


def test_answers_are_those_of_the_entries_that_are_there() -> None:
    answers = Answers.read(ANSWERS, EvidenceReader([]), OwnMeaning())
    some = answers.of([2, 0])
    assert some.words == (answers.words[2], answers.words[0])
    assert np.array_equal(some.vectors, answers.vectors[[2, 0]])
    assert not Answers.read(["。"], EvidenceReader([]), OwnMeaning()).vectors.any()


def test_another_answer_is_learned(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("kept")
    before = Matcher(shop(ANSWERS), 0.02, cache=folder)
    again = Matcher(shop(ANSWERS), 0.02, cache=folder)
    assert np.array_equal(before.probabilities("过生日有什么"), again.probabilities("过生日有什么"))
    edited = Matcher(shop([ANSWERS[1], ANSWERS[0], *ANSWERS[2:]]), 0.02, cache=folder)
    assert first(edited, "过生日有什么") == "entry1"


def test_an_answer_brings_its_entry_among_the_many_that_are_looked_at_closely() -> None:
    questions = [f"第{i}件事怎么办" for i in range(SHORTLIST + 20)]
    faq = faq_of({f"entry{i}": [question] for i, question in enumerate(questions)})
    answers = ["请到一楼办理。"] * len(questions)
    answers[SHORTLIST + 10] = "请到三楼找长颈鹿办理。"
    matcher = Matcher(bare(faq, answers), 0.02)
    assert first(matcher, "长颈鹿在哪里") == f"entry{SHORTLIST + 10}"
