"""Sentences that Open-Gram is mixed with: what people read aloud, everyday sentences, reviews.

Open-Gram knows newspapers and the web of its time. How people talk to each other, and the wording of an encyclopedia,
it knows less well; texts of a few hundred thousand words say enough of both to be worth a share of the model.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Callable, Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Final

from voice_faq.recognition.graph.general_ngrams import END
from voice_faq.recognition.graph.language_model import FaqModel

from .corpus import held_out, kept_for_development, table_rows
from .texts import review_clauses

LONGEST_WORD: Final = 4  # characters
UNKNOWN: Final = -18.0  # nats, of a character that the vocabulary does not have
SENTENCES_SHARE: Final = 0.15  # of what is said
REVIEWS_SHARE: Final = 0.05
REVIEWS: Final = 60_000  # clauses; more say nothing new

_CLAUSE: Final = re.compile(r"[\u4e00-\u9fff]+")

Cut = Callable[[str], list[str]]


def read_sentences(corpus: Path) -> Iterator[str]:
    """Sentences of a corpus that people or synthesisers read, without those that are kept for development."""
    rows = [
        row for table in sorted(corpus.glob("human*.tsv")) for row in table_rows(table) if row["kind"] == "sentence"
    ]
    developed = {row["transcript"] for row in rows if kept_for_development(row)}
    yield from sorted({row["transcript"] for row in rows} - developed)
    spoken = [row["text"] for table in sorted(corpus.glob("synthetic*.tsv")) for row in table_rows(table)
              if row["kind"] == "general"]  # fmt: skip
    yield from sorted({text for text in spoken if not held_out(text)})


def everyday_sentences() -> Iterator[str]:
    """Sentences of every level of Chinese as a foreign language (PyPI: hsk-sentences-audio, CC-BY-SA 4.0)."""
    content = (resources.files("hsk_sentences_audio") / "data/sentences.json").read_text(encoding="utf-8")
    for sentence in json.loads(content):
        yield sentence["chinese"]


def general_texts(corpus: Path) -> list[tuple[float, list[str]]]:
    """What to mix in, each with its share: sentences of the corpus and everyday ones, and customers' reviews."""
    reviews = random.Random(5).sample(sorted(set(review_clauses())), REVIEWS)
    return [(SENTENCES_SHARE, clauses([*read_sentences(corpus), *everyday_sentences()])), (REVIEWS_SHARE, reviews)]


def clauses(sentences: Iterable[str]) -> list[str]:
    """Runs of characters between punctuation, digits and Latin letters."""
    return [clause for sentence in sentences for clause in _CLAUSE.findall(sentence)]


def likeliest_words(vocabulary: dict[str, float]) -> Cut:
    """Cuts text into the words of ``vocabulary`` that are likeliest together; unknown characters stand alone."""
    logs = {word: math.log(probability) for word, probability in vocabulary.items() if word != END}

    def cut(text: str) -> list[str]:
        best: list[tuple[float, int]] = [(0.0, 0)]
        for end in range(1, len(text) + 1):
            ways = []
            for length in range(1, min(LONGEST_WORD, end) + 1):
                cost = logs.get(text[end - length : end], UNKNOWN if length == 1 else -math.inf)
                ways.append((best[end - length][0] + cost, length))
            best.append(max(ways))
        words, end = [], len(text)
        while end:
            words.append(text[end - best[end][1] : end])
            end -= best[end][1]
        return words[::-1]

    return cut


def counted(texts: list[str], vocabulary: dict[str, float]) -> FaqModel:
    """Counts of ``texts``; those with characters that the vocabulary does not have are left out."""
    cut, counts = likeliest_words(vocabulary), FaqModel()
    for text in texts:
        words = cut(text)
        if words and vocabulary.keys() >= set(words):
            counts.add(words)
    return counts
