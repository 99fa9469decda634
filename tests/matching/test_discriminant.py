"""What differs among wordings of one entry tells entries apart less than what does not."""

from __future__ import annotations

import numpy as np
import pytest

from voice_faq.matching.discriminant import MOST_SEEN, Discriminant
from voice_faq.matching.vectors import unit

POLITE, REFUND, OPEN = np.eye(3)


def of(wordings: list[list[np.ndarray]], least_alike: float = 0.0) -> Discriminant:
    """Of entries' wordings; the last entry is out of scope."""
    vectors = unit(np.array([vector for entry in wordings for vector in entry]))
    return Discriminant.of(vectors, np.array([len(entry) for entry in wordings]), least_alike)


def spoken(topic: np.ndarray, politeness: np.ndarray) -> list[np.ndarray]:
    return [topic + amount * POLITE for amount in politeness]


def test_one_wording_each_is_compared_by_its_cosine() -> None:
    first, second = unit(REFUND + POLITE), unit(OPEN)
    question = unit(REFUND + OPEN)
    found = of([[first], [second], []]).alike(question)
    assert found == pytest.approx([first @ question, second @ question, 0.0], abs=1e-6)


def test_how_wordings_of_an_entry_differ_counts_less() -> None:
    usual = np.random.default_rng(1).normal(0, 0.3, 2_000)
    refund, opening = spoken(REFUND, usual + 0.2), spoken(OPEN, usual - 0.2)
    question = unit(0.75 * OPEN + 0.5 * REFUND + POLITE)
    means = unit(np.array([unit(np.array(wordings)).mean(0) for wordings in (refund, opening)]))
    assert (means @ question).argmax() == 0
    assert of([refund, opening, []]).alike(question)[:2].argmax() == 1


def test_few_wordings_turn_little() -> None:
    few, many = (
        np.abs(of([spoken(REFUND, np.linspace(-1, 1, n)), spoken(OPEN, np.linspace(-1, 1, n)), []]).turning - np.eye(3))
        for n in (3, 300)
    )
    assert 0 < few.max() < 0.1 * many.max()


def test_what_all_sentences_have_in_common_tells_nothing() -> None:
    common = np.array([0.0, 0.0, 0.0, 1.0])
    first, second = (0.5 * np.append(topic, 0) + 0.75**0.5 * common for topic in (REFUND, OPEN))
    found = of([[first], [second], []], least_alike=0.75).alike(unit(first))
    assert first @ second == pytest.approx(0.75)
    assert found[0] > 0.9
    assert found[1] < 0.1


def test_what_an_only_entry_means_is_not_taken_for_what_all_sentences_mean() -> None:
    common = np.array([0.0, 0.0, 0.0, 1.0])
    only, reworded, other = (
        0.5 * np.append(unit(topic), 0) + 0.75**0.5 * common for topic in (REFUND, REFUND + 0.5 * POLITE, OPEN)
    )
    alone = of([[only], [other]], least_alike=0.75)
    assert alone.alike(unit(reworded))[0] > 0.7 > 0.1 > alone.alike(unit(other))[0]


def test_wordings_that_do_not_differ_are_no_evidence_of_how_they_do() -> None:
    assert np.array_equal(of([[REFUND] * 3, [OPEN] * 3, []]).turning, np.eye(3))


def test_entries_without_wordings_are_like_nothing() -> None:
    found = of([[REFUND], [], [OPEN], []])
    assert found.alike(REFUND).tolist() == [1, 0, 0, 0]
    assert Discriminant.of(np.zeros((0, 3), np.float32), np.array([0, 0]), 0.0).alike(REFUND).tolist() == [0, 0]


def test_as_many_wordings_as_are_looked_at_show_what_more_do() -> None:
    usual = np.random.default_rng(2).normal(0, 0.3, MOST_SEEN)
    every, second = (of([spoken(REFUND, some), spoken(OPEN, some), []]).turning for some in (usual, usual[::2]))
    assert every == pytest.approx(second, abs=0.1)
    assert not np.allclose(every, np.eye(3), atol=0.3)
