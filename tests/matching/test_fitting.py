"""What matching learns from an FAQ's own wordings."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from voice_faq.dialogue.assistant import Assistant
from voice_faq.evaluation import LabelledQuestion, Measurement, measure, misheard, read_labelled
from voice_faq.faq import Faq, load_faq
from voice_faq.language.hypothesis import Hypothesis
from voice_faq.language.mishearing import LEAST_FREQUENCY, Mishearing
from voice_faq.language.normalizing import normalize
from voice_faq.language.words import Segmenter, common_words
from voice_faq.matching import Answer, Matcher
from voice_faq.matching.combination import Combination
from voice_faq.matching.everyday import everyday_questions
from voice_faq.matching.evidence import EvidenceReader
from voice_faq.matching.index import LIKENESSES, Likeness, WordingIndex
from voice_faq.settings import Settings

from ..conftest import DATA

LIBRARY = DATA / "library"
WORDINGS = ["怎么退卡", "退卡去哪里办", "有效期到哪天", "卡几年过期", "明天下雨吗"]


@pytest.fixture(scope="module")
def read() -> EvidenceReader:
    return EvidenceReader([])


@pytest.fixture(scope="module")
def index(read: EvidenceReader) -> WordingIndex:
    return WordingIndex([read(w) for w in WORDINGS], [0, 0, 1, 1, 2], entries=2)


def column(likeness: Likeness, name: str) -> list[float]:
    return [float(x) for x in likeness.evidence[np.argsort(likeness.entries), LIKENESSES.index(name)]]


def test_a_wording_is_like_itself_unless_it_is_left_out(index: WordingIndex, read: EvidenceReader) -> None:
    kept, left_out = index.likeness(read("怎么退卡")), index.likeness(read("怎么退卡"), without=0)
    assert column(kept, "best cosine")[0] == pytest.approx(1)
    assert column(kept, "best edit")[0] == pytest.approx(1)
    assert 0 < column(left_out, "best cosine")[0] < 0.8
    assert column(left_out, "usual features")[0] < column(kept, "usual features")[0]
    assert column(left_out, "best cosine")[1:] == column(kept, "best cosine")[1:]


def test_words_that_no_wording_has_are_unknown_and_cover_nothing(index: WordingIndex, read: EvidenceReader) -> None:
    assert index.likeness(read("怎么退卡")).unknown == 0
    foreign = index.likeness(read("蓝鲸"))
    assert foreign.unknown == pytest.approx(1)
    assert column(foreign, "covered information") == [0, 0, 0]
    half = column(index.likeness(read("蓝鲸怎么退卡")), "covered information")[0]
    assert 0.2 < half < 0.9


def test_an_faq_without_questions_out_of_scope_can_be_indexed(read: EvidenceReader) -> None:
    bare = WordingIndex([read(w) for w in WORDINGS[:4]], [0, 0, 1, 1], entries=2).likeness(read("退卡"))
    assert bare.entries[-1] == 2 and not bare.evidence[-1].any()


def test_the_combination_learns_which_evidence_counts() -> None:
    rng = np.random.default_rng(1)
    examples, places = [], []
    for _ in range(300):
        evidence = rng.random((4, len(LIKENESSES)))
        places.append(int(rng.integers(3)))
        evidence[places[-1], 2] += 1  # only "best edit" tells the right entry
        examples.append(Likeness(np.arange(4), evidence, 0.0))
    combination = Combination.fit(examples, np.array(places))
    shares = np.array([combination.probabilities(example) for example in examples])
    assert shares.sum(1) == pytest.approx(np.ones(300))
    assert (shares.argmax(1) == places).mean() > 0.9
    assert combination.weights[2] > 3 * np.abs(np.delete(combination.weights[: len(LIKENESSES)], 2)).max()


def test_everyday_questions_leave_out_what_the_faq_speaks_of() -> None:
    questions = everyday_questions(["手机丢了怎么办", "护照可以办卡吗"])
    assert len(questions) > 200 and questions == everyday_questions(["手机丢了怎么办", "护照可以办卡吗"])
    assert not any("护照" in question for question in questions)


def test_a_stricter_operator_gets_fewer_answers(faq: Faq, matcher: Matcher) -> None:
    strict = Matcher(faq, 0.001)
    assert strict.answer_from > matcher.answer_from
    questions = [q.question for q in dev_questions(faq)]

    def answered(m: Matcher) -> int:
        return sum(isinstance(m.match([Hypothesis(q, 1.0)]), Answer) for q in questions)

    assert answered(strict) < answered(matcher)


def dev_questions(faq: Faq) -> list[LabelledQuestion]:
    return read_labelled(DATA / "dev-questions.tsv", [e.id for e in faq.entries])


def measured(
    faq: Faq, matcher: Matcher, questions: list[LabelledQuestion], damage: Callable[[str], str] = str
) -> Measurement:
    damaged = [replace(q, question=damage(q.question)) for q in questions]
    return measure(damaged, Assistant(faq, matcher, None, longest_question_s=60).ask_text)


def test_development_questions_as_text(faq: Faq, matcher: Matcher) -> None:
    result = measured(faq, matcher, dev_questions(faq))
    assert result.top_1 >= 0.95
    assert result.refused >= 0.92
    assert result.wrong <= 0.03


def test_a_quarter_of_the_characters_wrong(faq: Faq, matcher: Matcher) -> None:
    result = measured(faq, matcher, misheard(dev_questions(faq) * 3, 0.25))
    assert result.top_1 >= 0.85
    assert result.wrong <= 0.04


def test_every_third_word_replaced_by_one_that_sounds_the_same(faq: Faq, matcher: Matcher) -> None:
    cut = Segmenter()
    mishear, rng = Mishearing(common_words(LEAST_FREQUENCY)), random.Random(3)

    def damage(text: str) -> str:
        words = cut(normalize(text))
        return "".join(mishear.same_sound(word, rng) if i % 3 == 2 else word for i, word in enumerate(words))

    questions = dev_questions(faq)
    assert sum(damage(q.question) != normalize(q.question) for q in questions) > 0.8 * len(questions)
    fallen = measured(faq, matcher, questions).top_1 - measured(faq, matcher, questions, damage).top_1
    assert fallen < 0.03


def test_an_faq_of_another_field(settings: Settings) -> None:
    library = load_faq(LIBRARY)
    questions = read_labelled(Path(LIBRARY / "questions.tsv"), [e.id for e in library.entries])
    result = measured(library, Matcher(library, settings.wrong_answers), questions)
    assert result.top_1 >= 0.95
    assert result.refused >= 0.92
    assert result.wrong <= 0.03
