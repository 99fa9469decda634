"""Step ``word-meaning``: a table of words out of a network that reads sentences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from voice_faq.matching.word_meaning import WordMeaning, WordTable

pytest.importorskip("torch")
from recipe.word_meaning import Table, encoded, packed

TOPICS = (("退票", "退款", "退"), ("停车", "车位", "车"), ("发票", "收据", "票"))
WORDS = [word for topic in TOPICS for word in topic] + ["怎么", "在哪里", "可以"]
SENTENCES = [f"{how}{word}" for topic in TOPICS for word in topic for how in ("怎么", "在哪里", "可以", "")]


class Topical:
    """Sentences point where their topic does, and single words all the same way but for a little."""

    name = "topical 1"

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += len(texts)
        vectors = np.random.default_rng(3).normal(size=(len(texts), 384)).astype(np.float32) * 0.02
        for vector, text in zip(vectors, texts, strict=True):
            vector[10] += 1
            for place, topic in enumerate(TOPICS):
                vector[place] += any(word in text for word in topic) * (0.2 if text in WORDS else 1.0)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def test_words_learn_their_places_from_sentences() -> None:
    network = Topical()
    texts = SENTENCES * 40
    table = Table(WORDS, network(WORDS), network(texts))
    before = table.vectors.detach().numpy().copy()
    table.learn(texts)

    def told_apart(vectors: np.ndarray) -> float:
        """How much nearer sentences of a topic are to each other than to others."""
        meaning = WordMeaning(table=WordTable(packed(WORDS, vectors)))
        found = meaning.wordings(["退票在哪里", "怎么退款", "停车在哪里", "怎么找车位"])
        return float(found[0] @ found[1] + found[2] @ found[3] - found[0] @ found[2] - found[1] @ found[3])

    assert told_apart(table.vectors.detach().numpy()) > told_apart(before)
    assert told_apart(table.vectors.detach().numpy()) > 1


def test_a_table_is_read_as_it_was_packed() -> None:
    vectors = np.random.default_rng(1).normal(size=(len(WORDS), 8)).astype(np.float32)
    table = WordTable(packed(WORDS, vectors))
    assert table.dimensions == 8 and table.of("没有的词") is None
    for word, vector in zip(WORDS, vectors, strict=True):
        found = table.of(word)
        assert found is not None and found == pytest.approx(vector, abs=float(np.abs(vector).max()) / 120)


def test_the_networks_vectors_are_made_once(tmp_path: Path) -> None:
    network = Topical()
    first = encoded(WORDS, network, tmp_path / "kept.npz")
    again = encoded(WORDS, network, tmp_path / "kept.npz")
    assert network.asked == len(WORDS) and np.array_equal(again, first.astype(np.float16))
    encoded(SENTENCES, network, tmp_path / "kept.npz")
    assert network.asked == len(WORDS) + len(SENTENCES)
