"""Step ``matching-prior``: what a new FAQ's matching starts with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from recipe import matching_prior
from recipe.matching_prior import learn_prior, read_source, sampled_examples

from voice_faq.faq import load_faq
from voice_faq.matching.index import LIKENESSES
from voice_faq.matching.joined_meaning import JoinedMeaning
from voice_faq.matching.meaning import DIMENSIONS, Meaning
from voice_faq.matching.own_meaning import OwnMeaning
from voice_faq.matching.prior import shipped_prior
from voice_faq.settings import Settings

from ..conftest import DATA


class Hashes:
    """Vectors that say nothing."""

    name = "hashes 1"

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        seeds = (int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") for text in texts)
        vectors = np.array([np.random.default_rng(seed).normal(size=DIMENSIONS) for seed in seeds], np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize("with_network", [False, True])
def test_a_prior_is_learned_that_fits_where_the_shipped_one_does(with_network: bool, tmp_path: Path) -> None:
    entries = load_faq(Settings().answers).entries
    tables = []
    for part in range(2):
        rows = [f"{entry.id}\t{text}" for entry in entries[part::2] for text in entry.all_wordings]
        tables.append(tmp_path / f"{part}.tsv")
        tables[-1].write_text("\n".join(["entry\tquestion", *rows]) + "\n", encoding="utf-8")
    meaning = JoinedMeaning(Meaning(Hashes()), OwnMeaning()) if with_network else OwnMeaning()
    learn_prior([*tables, DATA / "library"], tmp_path / "prior.json", 2, meaning)
    learned, shipped = json.loads((tmp_path / "prior.json").read_text()), shipped_prior(meaning.prior)
    assert np.shape(learned["ranking"]) == shipped.combination.ranking.shape
    assert learned["ranking"][LIKENESSES.index("answer's words")] > 0
    assert np.shape(learned["scope"]) == shipped.combination.scope.shape
    assert sorted(learned["thresholds"], reverse=True) == learned["thresholds"]


RECIPE = Path(matching_prior.__file__).parent
FIELDS = sorted((RECIPE / matching_prior.FIELDS).glob("*.tsv"))
LESSONS = sorted((RECIPE / matching_prior.LESSONS).glob("*.tsv"))


@pytest.mark.parametrize("field", FIELDS + LESSONS, ids=lambda field: field.stem)
def test_the_fields_have_answers_wordings_and_what_no_entry_answers(field: Path) -> None:
    source = read_source(field)
    texts = [text for topic in source.topics for text in topic.texts] + source.near
    assert len(source.topics) == 20 and all(topic.answer and len(topic.texts) >= 9 for topic in source.topics)
    assert len(source.near) == 50 and len(set(texts)) == len(texts)


def test_what_no_entry_answers_is_asked_as_a_near_miss() -> None:
    source = read_source(FIELDS[0])
    examples = list(sampled_examples(source, 2, 1, OwnMeaning()))
    bare = list(sampled_examples(matching_prior.Source(source.topics, []), 2, 1, OwnMeaning()))
    near, entries_alone = (sum(example.near for example in drawn) for drawn in (examples, bare))
    assert near > 0 and entries_alone > 0
    assert all(example.place is None for example in examples if example.near)
