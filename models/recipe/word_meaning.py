"""Step ``word-meaning``: a network's sense of words in a small table, for ``voice_faq.matching.word_meaning``.

The network's vectors of single words, reduced to the directions in which sentences differ most, are a beginning. Then
they are moved until the means of a sentence's words are as far from each other as the network's vectors of the
sentences (Tulkens and van Dongen, "Model2Vec" and "Tokenlearn", 2024, go the same way).
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch.nn import functional

from voice_faq.files import write_whole
from voice_faq.language.dictionary import Dictionary
from voice_faq.language.words import Segmenter
from voice_faq.matching.meaning import BATCH, SentenceEncoder
from voice_faq.matching.question_form import core_of

from .corpus import kept_for_development, table_rows
from .texts import corpus_sentences, news_clauses, review_clauses

WORDS: Final = 40_000  # the commonest of jieba's dictionary
LONGEST_WORD: Final = 4  # characters
CHARACTERS_OF: Final = 80_000  # words, whose characters stand in for words that the table lacks
DIMENSIONS: Final = 64
REVIEWS: Final = 6_000
NEWS: Final = 1_500
READ_SHARE: Final = 0.35  # of the sentences that people read
EPOCHS: Final = 3  # more fit these sentences alone
TOGETHER: Final = 256  # sentences whose distances are compared
DISTANCES: Final = 4.0  # weight of the error of their cosines beside that of their directions
HELD: Final = 1.0  # weight of a word's way from where it began, as a share of what words differ
RATE: Final = 0.04  # of what words differ, a step


def vocabulary(dictionary: Dictionary) -> list[str]:
    """Words, the commonest first, and then the characters that are none of them."""
    frequencies = dictionary.common_words(1)
    words = [word for word in frequencies if len(word) <= LONGEST_WORD and all("\u4e00" <= c <= "\u9fff" for c in word)]
    words.sort(key=lambda word: (-frequencies[word], word))
    characters = sorted({character for word in words[:CHARACTERS_OF] for character in word})
    return list(dict.fromkeys((*words[:WORDS], *characters)))


def sentences(corpus: Path) -> list[str]:
    """Clauses of reviews and news, and sentences that a corpus folder's people read, none by those of development."""
    rng = random.Random(4)
    found = rng.sample(list(dict.fromkeys(review_clauses())), REVIEWS)
    found += rng.sample(list(dict.fromkeys(news_clauses())), NEWS)
    found += corpus_sentences(corpus, "general")
    found += [text for text in sentences_of_people(corpus) if rng.random() < READ_SHARE]
    return list(dict.fromkeys(core_of(text) for text in found))


def sentences_of_people(corpus: Path) -> Iterator[str]:
    """What people of a corpus folder read who are trained on."""
    for table in sorted(corpus.glob("human*.tsv")):
        for row in table_rows(table):
            if row["kind"] == "sentence" and not kept_for_development(row):
                yield row["transcript"]


def encoded(texts: Sequence[str], encode: SentenceEncoder, kept: Path) -> np.ndarray:
    """The network's vectors, shape (texts, m); those of an earlier run with the same texts lie in ``kept``."""
    if kept.is_file():
        with np.load(kept) as archive:
            if archive["texts"].tolist() == list(texts):
                return np.asarray(archive["vectors"], np.float32)
    parts = [encode(texts[start : start + BATCH]).astype(np.float16) for start in range(0, len(texts), BATCH)]
    vectors = np.concatenate(parts)
    np.savez(kept, texts=np.array(texts), vectors=vectors)
    return vectors.astype(np.float32)


class Table:
    """Vectors that are being learned."""

    def __init__(self, words: Sequence[str], of_words: np.ndarray, of_sentences: np.ndarray) -> None:
        """``of_words`` (words, m) and ``of_sentences`` (sentences, m) are the network's."""
        centred = of_sentences - of_sentences.mean(0)
        _, directions = np.linalg.eigh(centred.T @ centred)
        main = directions[:, ::-1][:, :DIMENSIONS].copy()
        self._numbers = {word: number for number, word in enumerate(words)}
        self._segment = Segmenter()
        self._start = torch.from_numpy((of_words - of_words.mean(0)) @ main)
        self._wanted = functional.normalize(torch.from_numpy(centred), dim=1)
        self._directions = functional.normalize(torch.from_numpy(centred @ main), dim=1)
        self.vectors = torch.nn.Parameter(self._start.clone())

    def learn(self, texts: Sequence[str]) -> None:
        """``texts`` are the sentences."""
        bags = [self._bag(text) for text in texts]
        known = [number for number, (words, _) in enumerate(bags) if len(words)]
        optimizer = torch.optim.Adam([self.vectors], lr=RATE * float(self._start.std()))
        rng = random.Random(1)
        for _ in range(EPOCHS):
            rng.shuffle(known)
            for start in range(0, len(known), TOGETHER):
                some = known[start : start + TOGETHER]
                optimizer.zero_grad()
                self._error(some, [bags[number] for number in some]).backward()  # type: ignore[no-untyped-call]
                optimizer.step()

    def _bag(self, text: str) -> tuple[list[int], list[float]]:
        """Numbers of the words, or of the characters of a word that the table lacks, and what each tells."""
        numbers: list[int] = []
        weights: list[float] = []
        for word in self._segment(text):
            parts = [word] if word in self._numbers else [part for part in word if part in self._numbers]
            numbers += [self._numbers[part] for part in parts]
            weights += [self._segment.information(word) / max(1, len(parts))] * len(parts)
        return numbers, weights

    def _error(self, some: list[int], bags: list[tuple[list[int], list[float]]]) -> torch.Tensor:
        words = torch.tensor([number for numbers, _ in bags for number in numbers])
        weights = torch.tensor([weight for _, of_text in bags for weight in of_text])
        starts = torch.tensor(np.cumsum([0, *(len(numbers) for numbers, _ in bags[:-1])]))
        means = functional.embedding_bag(words, self.vectors, starts, mode="sum", per_sample_weights=weights)
        means = functional.normalize(means, dim=1)
        wanted = self._wanted[some]
        away = 1 - (means * self._directions[some]).sum(1).mean()
        apart = ((means @ means.T - wanted @ wanted.T) ** 2).mean()
        used = torch.unique(words)
        moved = ((self.vectors[used] - self._start[used]) ** 2).sum(1).mean() / (self._start**2).sum(1).mean()
        return away + DISTANCES * apart + HELD * moved


def learn_table(target: Path, dictionary: Dictionary, corpus: Path, encode: SentenceEncoder, work: Path) -> None:
    """Write the table; a quarter of an hour of one processor's time for the network's vectors, kept in ``work``."""
    words, texts = vocabulary(dictionary), sentences(corpus)
    of_words = encoded(words, encode, work / "word-vectors.npz")
    of_sentences = encoded(texts, encode, work / "sentence-vectors.npz")
    torch.manual_seed(1)
    table = Table(words, of_words, of_sentences)
    table.learn(texts)
    write_whole(target, packed(words, table.vectors.detach().numpy()))


def packed(words: Sequence[str], vectors: np.ndarray) -> bytes:
    """As ``WordTable`` reads it; ``vectors``, shape (words, dimensions), in 8 bits."""
    order = sorted(range(len(words)), key=lambda number: words[number].encode())
    ordered = vectors[order]
    steps = np.maximum(np.abs(ordered).max(1), 1e-9) / 127
    written = io.BytesIO()
    np.savez(
        written,
        words=np.array([words[number].encode() for number in order]),
        vectors=np.round(ordered / steps[:, None]).astype(np.int8),
        steps=steps.astype(np.float16),
    )
    return written.getvalue()
