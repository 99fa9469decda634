"""Step ``comparison-lessons``: what is taught compares as the product does, and learns what it is taught."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from recipe import matching_prior  # noqa: E402
from recipe.comparison_lessons import BESIDE, Pupil, Teacher, loss_of, write_comparison  # noqa: E402
from recipe.matching_prior import Source, read_source  # noqa: E402
from recipe.sentence_network import archived  # noqa: E402

from voice_faq.matching.comparison import Comparison, Said  # noqa: E402
from voice_faq.matching.index import NEAREST  # noqa: E402
from voice_faq.matching.question_form import core_of  # noqa: E402
from voice_faq.matching.sentence_network import shipped_network  # noqa: E402

LESSONS = Path(matching_prior.__file__).parent / matching_prior.LESSONS
TABLES = [LESSONS / "admissions.tsv", LESSONS / "archives.tsv"]


@pytest.fixture(scope="module")
def fields() -> list[Source]:
    return [read_source(table) for table in TABLES]


def test_a_pupil_compares_as_the_network_does(fields: list[Source]) -> None:
    torch.manual_seed(1)
    pupil = Pupil(shipped_network()).eval()
    pairs = Teacher(shipped_network(), random.Random(1)).lesson(fields[0]).pairs[:100]
    exact = {name: values.detach().numpy() for name, values in pupil.layers.items()}
    comparison = Comparison(archived(exact), shipped_network())
    comparison.layers.update(exact)  # not in 8 bits
    compared = []
    for pair in pairs:
        question, *wordings = comparison.read([core_of(text) for text in (pair.question, *pair.nearest)])
        answer = comparison.read([core_of(pair.entry.answer)] if pair.entry.answer else [])
        everything = np.concatenate([*wordings, *map(comparison.in_answer, answer)])
        compared.append((question, Said(wordings[0], everything, len(pair.entry.texts))))
    with torch.no_grad():
        assert comparison(compared) == pytest.approx(pupil(pairs).numpy(), abs=1e-4)


def test_a_lesson_asks_what_is_not_known_beside_it(fields: list[Source]) -> None:
    for seed in range(5):
        lesson = Teacher(shipped_network(), random.Random(seed)).lesson(fields[0])
        assert len(lesson.pairs) == BESIDE * len(lesson.meant)
        known = {text for pair in lesson.pairs for text in pair.entry.texts}
        assert not known & {pair.question for pair in lesson.pairs}
        assert all(1 <= len(pair.nearest) <= NEAREST for pair in lesson.pairs)
        owners = {text: topic.answer for topic in fields[0].topics for text in topic.texts}
        for number, meant in enumerate(lesson.meant):
            beside = lesson.pairs[BESIDE * number : BESIDE * (number + 1)]
            assert len({pair.entry.texts[0] for pair in beside}) == BESIDE
            question = beside[0].question
            if question in fields[0].near:
                assert meant == BESIDE
            elif question in owners and meant < BESIDE:
                assert owners[beside[meant].entry.texts[0]] == owners[question]
        assert {*lesson.meant} == {*range(BESIDE + 1)}


def test_what_was_taught_is_compared_by_the_product(fields: list[Source], tmp_path: Path) -> None:
    write_comparison(shipped_network(), TABLES, tmp_path / "taught.npz", epochs=60)
    comparison = Comparison((tmp_path / "taught.npz").read_bytes(), shipped_network())
    torch.manual_seed(0)
    untaught, taught = Pupil(shipped_network()).eval(), Pupil(shipped_network()).eval()
    taught.load_state_dict({f"layers.{name}": torch.from_numpy(np.array(v)) for name, v in comparison.layers.items()})
    lesson = Teacher(shipped_network(), random.Random(1)).lesson(fields[0])
    with torch.no_grad():
        assert loss_of(lesson, taught) < loss_of(lesson, untaught) - 0.1
