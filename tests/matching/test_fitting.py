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
from voice_faq.matching.answers import Answers
from voice_faq.matching.comparing import Comparer
from voice_faq.matching.everyday import everyday_questions
from voice_faq.matching.evidence import EvidenceReader
from voice_faq.matching.fitting import LEAST_ANSWER_FROM, Example, Examples, fit, surest_first
from voice_faq.matching.index import LIKENESSES, Likeness, WordingIndex
from voice_faq.matching.own_meaning import OwnMeaning
from voice_faq.matching.prior import shipped_prior
from voice_faq.settings import Settings

from ..conftest import DATA
from ..fields import faq_of

LIBRARY = DATA / "library"
WORDINGS = ["怎么退卡", "退卡去哪里办", "有效期到哪天", "卡几年过期", "明天下雨吗"]
MEANING = OwnMeaning()


@pytest.fixture(scope="module")
def read() -> EvidenceReader:
    return EvidenceReader([])


@pytest.fixture(scope="module")
def index(read: EvidenceReader) -> WordingIndex:
    return indexed(read, WORDINGS, [0, 0, 1, 1, 2], entries=2)


def indexed(read: EvidenceReader, wordings: list[str], labels: list[int], *, entries: int) -> WordingIndex:
    return WordingIndex(map(read, wordings), labels, entries, MEANING.wordings(wordings), MEANING.least_alike)


def likeness_of(index: WordingIndex, read: EvidenceReader, text: str) -> Likeness:
    return index.likeness(read(text), index.meant(MEANING.question(text)))


def column(likeness: Likeness, name: str) -> list[float]:
    return [float(x) for x in likeness.evidence[np.argsort(likeness.entries), LIKENESSES.index(name)]]


def test_a_wording_is_like_itself(index: WordingIndex, read: EvidenceReader) -> None:
    itself, other = likeness_of(index, read, "怎么退卡"), likeness_of(index, read, "卡怎么退")
    assert column(itself, "best cosine")[0] == pytest.approx(1)
    assert column(itself, "best edit")[0] == pytest.approx(1)
    assert 0 < column(other, "best cosine")[0] < 0.95
    assert column(itself, "told information")[0] == pytest.approx(1)


def test_a_large_faq_is_searched_by_what_is_rare_and_weighed_by_all(
    matcher: Matcher, faq: Faq, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [entry.all_wordings[-1] for entry in faq.entries]
    exact = [matcher.likeness(text) for text in asked]
    monkeypatch.setattr("voice_faq.matching.index.SHORTLIST", 3)
    monkeypatch.setattr("voice_faq.matching.index.MOST_PLACES", 100)
    for number, (text, whole) in enumerate(zip(asked, exact, strict=True)):
        found = matcher.likeness(text)
        assert len(found.entries) == 4 and number in found.entries
        there = [whole.entries.tolist().index(entry) for entry in found.entries]
        # Which entries are compared hangs on how many are looked at; the last column is theirs.
        assert found.evidence[:, :-1] == pytest.approx(whole.evidence[there, :-1]), text
        assert (found.negated == whole.negated[there]).all()


def test_how_much_was_written_takes_nothing_from_what_a_question_is_like(read: EvidenceReader) -> None:
    few = likeness_of(indexed(read, ["怎么退卡", "有效期到哪天"], [0, 1], entries=2), read, "退卡怎么退")
    more = ["怎么退卡", "怎么退卡", "怎么退卡", "有效期到哪天"]
    many = likeness_of(indexed(read, more, [0, 0, 0, 1], entries=2), read, "退卡怎么退")
    assert many.sizes[np.argsort(many.entries)].tolist() == [3, 1, 0]
    for name in LIKENESSES:
        assert column(many, name) == pytest.approx(column(few, name)), name


def test_words_that_no_wording_has_are_unknown_and_cover_nothing(index: WordingIndex, read: EvidenceReader) -> None:
    assert likeness_of(index, read, "怎么退卡").unknown == 0
    foreign = likeness_of(index, read, "蓝鲸")
    assert foreign.unknown == pytest.approx(1)
    assert column(foreign, "covered information") == [0, 0, 0]
    half = column(likeness_of(index, read, "蓝鲸怎么退卡"), "covered information")[0]
    assert 0.2 < half < 0.9


def test_what_is_negated_is_known_unless_the_entry_speaks_so_too(read: EvidenceReader) -> None:
    wordings = ["怎么退卡", "我不想退卡", "有效期到哪天"]
    index = indexed(read, wordings, [0, 1, 2], entries=3)

    def negated(text: str) -> list[bool]:
        likeness = likeness_of(index, read, text)
        return [bool(x) for x in likeness.negated[np.argsort(likeness.entries)]]

    assert negated("不想退卡") == [True, False, False, False]
    assert negated("不能退卡吗") == negated("怎么退卡") == [False] * 4
    # Whether something is needed is asked by its negation, too.
    assert (
        negated("要不要退卡")
        == negated("需不需要退卡")
        == negated("是不是不用退卡")
        == negated("不用退卡吗")
        == [False] * 4
    )
    assert negated("我不用退卡") == negated("不想退卡行吗") == [True, False, False, False]


def test_an_faq_without_questions_out_of_scope_can_be_indexed(read: EvidenceReader) -> None:
    bare = likeness_of(indexed(read, WORDINGS[:4], [0, 0, 1, 1], entries=2), read, "退卡")
    assert bare.entries[-1] == 2 and not bare.evidence[-1].any()


def made_up_examples(count: int) -> list[Example]:
    """Only "best edit" tells the right one of three entries; with an even number none is meant, and nothing fits."""
    rng = np.random.default_rng(1)
    examples = []
    for number in range(count):
        evidence = rng.random((4, len(LIKENESSES))) / 2
        place = int(rng.integers(3)) if number % 2 else None
        if place is not None:
            evidence[place, LIKENESSES.index("best edit")] += 0.5
        likeness = Likeness(
            np.arange(4), evidence, np.full(4, 3), 0.0, 0.0, 0.0, np.zeros(4, bool), 20.0, np.full((4, 2), -1)
        )
        examples.append(Example(likeness, place))
    return examples


def test_own_wordings_move_the_weights_as_far_as_they_are_evidence() -> None:
    shipped = shipped_prior(OwnMeaning.prior)
    prior = shipped.combination
    assert (
        fit([], 0.02, shipped, 3, 0)[0].ranking is prior.ranking
        and fit([], 0.02, shipped, 3, 0)[0].scope is prior.scope
    )
    assert fit([], 0.02, shipped, 3, 0)[1] == max(LEAST_ANSWER_FROM, shipped.answer_from(0.02))
    examples = made_up_examples(800)
    moved = [
        float(np.abs(fit(examples[:n], 0.02, shipped, 3, 0)[0].ranking - prior.ranking).sum()) for n in (4, 40, 800)
    ]
    assert 0 < moved[0] < moved[1] < moved[2]
    fitted = fit(examples, 0.02, shipped, 3, 1000)[0]
    meant = [e for e in examples if e.place is not None]
    right = np.mean([fitted.shares(e.likeness).argmax() == e.place for e in meant])
    assert right > 0.9 and right > np.mean([prior.shares(e.likeness).argmax() == e.place for e in meant])
    sure = [float(fitted.probabilities(e.likeness).sum()) for e in examples]
    assert all(0 <= p <= 1 + 1e-9 for p in sure)
    assert np.mean(sure[1::2]) > np.mean(sure[::2]) + 0.3


def test_few_kinds_of_near_misses_say_little_of_what_tells_one() -> None:
    shipped, examples = shipped_prior(OwnMeaning.prior), made_up_examples(400)
    weights = [fit(examples, 0.02, shipped, entries, near)[0] for entries, near in ((4, 0), (60, 0), (60, 600))]
    moved = [float(np.abs(fitted.scope - shipped.combination.scope).sum()) for fitted in weights]
    assert 0 < moved[0] < moved[1] < moved[2]


def test_no_examples_however_easy_lower_what_an_answer_needs_below_an_even_chance() -> None:
    easy = [e for e in made_up_examples(400) if e.place is not None]
    for accepted in (0.02, 0.1, 0.5):
        assert fit(easy, accepted, shipped_prior(OwnMeaning.prior), 3, 0)[1] >= LEAST_ANSWER_FROM >= 0.5


def test_only_near_misses_that_the_operator_lists_make_answers_easier_than_other_faqs_taught() -> None:
    shipped = shipped_prior(OwnMeaning.prior)
    easy = [e for e in made_up_examples(400) if e.place is not None]
    before = shipped.answer_from(0.02)
    few, many = (fit(easy, 0.02, shipped, 3, near_misses)[1] for near_misses in (10, 300))
    assert fit(easy, 0.02, shipped, 3, 0)[1] == pytest.approx(before)
    assert before > few > many
    hard = made_up_examples(400)
    for example in hard:
        example.likeness.evidence[:] = 0.5
    assert fit(hard, 1e-4, shipped, 3, 0)[1] > shipped.answer_from(1e-4)


def test_near_misses_count_as_the_share_of_questions_that_they_will_be() -> None:
    """They are few among the examples, and it is they that are answered wrongly."""
    shipped = shipped_prior(OwnMeaning.prior)
    none = made_up_examples(400)
    near = [replace(e, near=e.place is None and number % 20 == 0) for number, e in enumerate(none)]
    _, wrong, share = surest_first(shipped.combination, near)
    assert share.sum() == pytest.approx(1) and len(share) == len(wrong) == len(near)
    assert sum(sorted(share)[-20:]) == pytest.approx(1 / 3)
    _, _, even = surest_first(shipped.combination, none)
    assert even.min() == even.max() == pytest.approx(1 / len(none))
    for example in near:
        if example.near:
            example.likeness.evidence[0, LIKENESSES.index("best edit")] += 0.5
    assert fit(near, 0.02, shipped, 3, 300)[1] > fit(none, 0.02, shipped, 3, 300)[1]


def test_near_misses_that_the_faq_lists_count_beside_missing_entries_by_how_many_kinds_there_are() -> None:
    shipped, none = shipped_prior(OwnMeaning.prior), made_up_examples(400)
    both = [
        replace(e, near=e.place is None and number % 20 == 0, listed=e.place is None and number % 20 == 2)
        for number, e in enumerate(none)
    ]
    _, _, share = surest_first(shipped.combination, both, listed_share=0.9)
    kinds = sorted(set(share.round(9).tolist()))
    assert kinds == pytest.approx([1 / 3 * 0.1 / 20, 2 / 3 / 360, 1 / 3 * 0.9 / 20])
    missing_alone = [replace(e, listed=False) for e in both]
    assert len(set(surest_first(shipped.combination, missing_alone, listed_share=0.9)[2].round(9))) == 2


def test_who_is_cut_off_is_answered_rightly_by_what_was_begun() -> None:
    combination = shipped_prior(OwnMeaning.prior).combination
    (example,) = [e for e in made_up_examples(2) if e.place is None]
    best = int(combination.probabilities(example.likeness).argmax())
    begun = [replace(example, begun=place) for place in (best, best + 1, None)]
    assert [bool(surest_first(combination, [e])[1][0]) for e in begun] == [False, True, True]


def test_questions_for_an_entry_that_is_missing_are_near_misses(faq: Faq, read: EvidenceReader) -> None:
    wordings = [(text, number) for number, entry in enumerate(faq.entries) for text in entry.all_wordings]
    wordings += [(text, len(faq.entries)) for text in faq.out_of_scope]
    answers = Answers.read([entry.answer for entry in faq.entries], read, MEANING)
    listed = faq.out_of_scope[:100]
    drawn = list(Examples(read, wordings, len(faq.entries), MEANING, answers, Comparer(), listed).drawn())
    near = [e for e in drawn if e.near]
    meant = sum(e.place is not None for e in drawn)
    assert all(e.place is None for e in near)
    assert 0.15 < len(near) / meant < 0.3 and any(e.place is None and not e.near for e in drawn)
    assert any(e.listed for e in drawn) and not any(e.listed and (e.near or e.place is not None) for e in drawn)
    assert any(e.begun is not None for e in drawn) and all(e.place is None for e in drawn if e.begun is not None)


def test_held_out_wordings_leave_every_entry_as_many_and_one_at_least(faq: Faq, matcher: Matcher) -> None:
    held = list(matcher.held_out())
    assert len(held) == sum(len(entry.all_wordings) for entry in faq.entries)
    owners = {entry.id: set(entry.all_wordings) for entry in faq.entries}
    assert all(wording in owners[entry] for wording, entry, _ in held)
    # Known by heart they would all be sure.
    right = [p.argmax() == matcher.entries.index(entry) for _, entry, p in held]
    assert 0.7 < np.mean(right) < 1


def test_everyday_questions_leave_out_what_the_faq_speaks_of() -> None:
    questions = everyday_questions(["手机丢了怎么办", "护照可以办卡吗"], [])
    assert len(questions) > 200 and questions == everyday_questions(["手机丢了怎么办", "护照可以办卡吗"], [])
    assert not any("护照" in question for question in questions)


def test_nor_are_there_any_about_what_is_called_so_here() -> None:
    assert any("会员卡" in question for question in everyday_questions(["怎么办读者证"], []))
    assert not any("会员卡" in q for q in everyday_questions(["怎么办读者证"], [], [["读者证", "会员卡"]]))


def test_everyday_questions_count_only_where_something_else_is_named(settings: Settings) -> None:
    faq = faq_of(
        {
            "booking": ["维修要不要提前预约", "能在手机上约维修吗"],
            "price": ["换屏幕多少钱"],
            "hours": ["周末营业吗"],
            "data": ["修手机会不会丢资料"],
            "loaner": ["有没有备用机"],
        }
    )
    matcher = Matcher(faq, settings.wrong_answers)
    known, foreign = (matcher.probabilities(text).max() for text in ("怎么预约", "理发怎么预约"))
    assert foreign < matcher.answer_from <= known


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
    assert result.top_1 >= 0.94
    assert result.refused >= 0.9
    assert result.wrong <= 0.045
