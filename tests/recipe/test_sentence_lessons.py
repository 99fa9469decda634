"""Step ``sentence-lessons``: what is taught reads as the product does, and knows more of what it was taught."""

from __future__ import annotations

import random
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from recipe import matching_prior  # noqa: E402
from recipe.matching_prior import Source, read_source  # noqa: E402
from recipe.sentence_lessons import Pupil, Teacher, loss_of, teach, write_taught  # noqa: E402

from voice_faq.matching.question_form import core_of  # noqa: E402
from voice_faq.matching.sentence_network import NETWORK, SentenceNetwork  # noqa: E402

LESSONS = Path(matching_prior.__file__).parent / matching_prior.LESSONS
TABLES = [LESSONS / "admissions.tsv", LESSONS / "archives.tsv"]
TEXTS = ["怎么退卡", "公交卡到期了怎么重新办", "退", "手机丢了apple pay里的卡还在哪", "请问一下怎么退卡呀"]
CONTENT = (resources.files("voice_faq.matching") / NETWORK).read_bytes()


@pytest.fixture(scope="module")
def fields() -> list[Source]:
    return [read_source(table) for table in TABLES]


def test_a_pupil_reads_as_the_network_does() -> None:
    network = SentenceNetwork(CONTENT)
    assert Pupil(network)(TEXTS).detach().numpy() == pytest.approx(network([core_of(text) for text in TEXTS]), abs=1e-4)


def test_a_lesson_asks_what_is_not_known_beside_it(fields: list[Source]) -> None:
    for seed in range(5):
        (lesson,) = Teacher(fields, random.Random(seed)).lessons()
        entries = sum(len(field.topics) for field in fields)
        assert sorted(set(lesson.entries)) == list(range(entries)) and lesson.entries == sorted(lesson.entries)
        assert {*lesson.meant} == {*range(entries + 1)}
        assert not {*lesson.known} & {*lesson.asked}
        near = {text for field in fields for text in field.near}
        written = near | {text for field in fields for topic in field.topics for text in topic.texts}
        asked = [(text, entry) for text, entry in zip(lesson.asked, lesson.meant, strict=True) if text in written]
        assert len(asked) < len(lesson.asked)  # the others are misheard
        assert all((text in near) == (entry == entries) for text, entry in asked)


def test_what_was_taught_is_read_by_the_product_and_remembered(fields: list[Source], tmp_path: Path) -> None:
    network = SentenceNetwork(CONTENT)
    write_taught(network, TABLES, tmp_path / "taught.npz", epochs=8, pupils=1)
    taught = SentenceNetwork(CONTENT, (tmp_path / "taught.npz").read_bytes())
    assert taught.name != network.name
    assert np.linalg.norm(taught(TEXTS), axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-5)
    (lesson,) = Teacher(fields, random.Random(1)).lessons()
    before, after = Pupil(network), Pupil(taught)
    losses = []
    for pupil in (before, after):
        torch.manual_seed(1)  # the same is left out
        with torch.no_grad():
            losses.append(loss_of(lesson, pupil, before))
    assert losses[1] < 0.9 * losses[0]


def test_a_seed_teaches_the_same(fields: list[Source]) -> None:
    one, again = (teach(SentenceNetwork(CONTENT), fields[:1], epochs=1, seed=3) for _ in range(2))
    assert all(one[name] == pytest.approx(again[name], abs=1e-6) for name in one)
    assert any(not np.array_equal(one[name], SentenceNetwork(CONTENT).layers[name]) for name in one)
