"""The small network that reads a question beside what an entry says."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from voice_faq.faq import Faq
from voice_faq.matching import Matcher
from voice_faq.matching.comparing import COMPARED, Comparer
from voice_faq.matching.comparison import MOST_PIECES, Comparison, Said, shipped_comparison
from voice_faq.matching.index import LIKENESSES

COLUMN = LIKENESSES.index("comparison")


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return shipped_comparison()


def said(comparison: Comparison, wording: str, answer: str = "") -> Said:
    (pieces,) = comparison.read([wording])
    told = [comparison.in_answer(text) for text in comparison.read([answer] if answer else [])]
    return Said(pieces, np.concatenate([pieces, *told]), 1)


@pytest.mark.parametrize(
    ("asked", "wording", "answer", "near"),
    [
        ("寄存行李多少钱", "行李寄存怎么收费", "小件一天十元，大件一天二十元。", "寄存的行李丢了谁赔"),
        ("图书馆周末几点关门", "周末开到几点", "周六周日早九点开门，下午五点闭馆。", "周末能带孩子来吗"),
        ("孩子多高要买票", "儿童票怎么算", "身高一米二以下免票，一米二到一米五半价。", "孩子走丢了怎么办"),
        ("押金什么时候退给我", "押金多久能退", "退租以后七个工作日退到原来的账户。", "押金能不能少交一点"),
    ],
)
def test_what_an_entry_answers_goes_with_it_better_than_a_near_miss(
    comparison: Comparison, asked: str, wording: str, answer: str, near: str
) -> None:
    entry = said(comparison, wording, answer)
    fits, misses = comparison([(pieces, entry) for pieces in comparison.read([asked, near])])
    assert fits > misses


def test_a_comparison_is_the_same_in_any_company(comparison: Comparison) -> None:
    texts = [f"{place}{'真的' * (number % 9)}怎么走" for number, place in enumerate(["车站", "apple店", "冀"] * 60)]
    read = comparison.read(texts)
    assert all(
        a == pytest.approx(b, abs=1e-4) for a, b in zip(read, (comparison.read([t])[0] for t in texts), strict=True)
    )
    pairs = [(pieces, said(comparison, text, "出门左转。" * (number % 5))) for number, (pieces, text) in enumerate(
        zip(read, reversed(texts), strict=True))]  # fmt: skip
    together = comparison(pairs)
    with ThreadPoolExecutor(4) as pool:
        alone = list(pool.map(lambda pair: float(comparison([pair])[0]), pairs))
    assert alone == pytest.approx(together.tolist(), abs=1e-3)
    assert comparison.read([]) == [] and comparison([]).shape == (0,)


def test_texts_of_nothing_and_of_much_are_read(comparison: Comparison) -> None:
    nothing, much = comparison.read(["", "退卡" * 500])
    assert len(nothing) >= 1 and len(much) == MOST_PIECES
    assert np.isfinite(comparison([(nothing, Said(much, much, 1)), (much, Said(nothing, nothing, 9))])).all()


def test_the_entries_that_fit_best_are_compared_and_the_others_as_poor_as_the_poorest(
    matcher: Matcher, faq: Faq
) -> None:
    for entry in faq.entries:
        likeness = matcher.likeness(entry.question)
        found = likeness.evidence[:-1, COLUMN]
        assert faq.entries[likeness.entries[found.argmax()]].id == entry.id
        assert len(np.unique(found)) <= COMPARED and np.count_nonzero(found == found.min()) > len(found) - COMPARED
        assert likeness.evidence[-1, COLUMN] == 0


def test_an_faqs_texts_are_read_once_and_a_question_is_kept_nowhere(
    matcher: Matcher, faq: Faq, monkeypatch: pytest.MonkeyPatch
) -> None:
    comparer, asked = Comparer(), []

    def reading(self: Comparison, texts: list[str]) -> list[np.ndarray]:
        asked.extend(texts)
        return read(self, texts)

    read = Comparison.read
    likeness = matcher.likeness(faq.entries[0].question)
    monkeypatch.setattr(Comparison, "read", reading)
    wordings = [wording for entry in faq.entries for wording in entry.all_wordings]
    answers = [entry.answer for entry in faq.entries]
    for _ in range(2):
        comparer.added([likeness], comparer.questions(["我姓什么"]), wordings, answers)
    assert asked.count("我姓什么") == 2 and len({*asked}) == len(asked) - 1 > COMPARED
    assert "我姓什么" not in comparer._known


def test_an_faq_without_wordings_or_answers_is_no_reason_to_fail(matcher: Matcher, faq: Faq) -> None:
    likeness, comparer = matcher.likeness(faq.entries[0].question), Comparer()
    wordings = [wording for entry in faq.entries for wording in entry.all_wordings]
    (mute,) = comparer.added([likeness], comparer.questions(["怎么退卡"]), wordings, [""] * len(faq.entries))
    assert np.isfinite(mute.evidence[:, COLUMN]).all() and mute.evidence[:, COLUMN].any()
    empty = replace(likeness, sizes=np.zeros_like(likeness.sizes))
    (same,) = comparer.added([empty], comparer.questions(["怎么退卡"]), wordings, [""] * len(faq.entries))
    assert np.array_equal(same.evidence, likeness.evidence)


def test_no_more_of_an_faq_is_remembered_than_there_is_room_for(
    matcher: Matcher, faq: Faq, monkeypatch: pytest.MonkeyPatch
) -> None:
    wordings = [wording for entry in faq.entries for wording in entry.all_wordings]
    answers = [entry.answer for entry in faq.entries]
    likenesses = [matcher.likeness(entry.question) for entry in faq.entries]
    whole = Comparer().added(likenesses, Comparer().questions(["怎么退卡"] * len(likenesses)), wordings, answers)
    monkeypatch.setattr("voice_faq.matching.comparing.REMEMBERED", 60)
    comparer = Comparer()
    for likeness, expected in zip(likenesses, whole, strict=True):
        (found,) = comparer.added([likeness], comparer.questions(["怎么退卡"]), wordings, answers)
        assert found.evidence == pytest.approx(expected.evidence, abs=1e-4)
        assert sum(map(len, comparer._known.values())) <= 60
    assert comparer._known
