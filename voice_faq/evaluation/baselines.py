"""Plain ways to match, measured beside ours: each takes the best of all wordings by one likeness."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from rapidfuzz import fuzz, process

from voice_faq.faq.entries import Faq
from voice_faq.language.normalizing import normalize
from voice_faq.language.sounds import syllables
from voice_faq.language.words import Segmenter

Baseline = Callable[[str], tuple[str, float]]
"""A text's likeliest entry and the likeness, 0 and up."""

SATURATION: Final = 1.5  # k1 and b of Robertson and Zaragoza, "The probabilistic relevance framework", 2009
LENGTH_SHARE: Final = 0.75


def baselines(faq: Faq) -> dict[str, Baseline]:
    """By name."""
    cut = Segmenter()
    owners = [entry.id for entry in faq.entries for _ in entry.all_wordings]
    texts = [normalize(wording) for entry in faq.entries for wording in entry.all_wordings]

    def by_likeness(scorer: Callable[..., float], view: Callable[[str], str]) -> Baseline:
        views = [view(text) for text in texts]

        def best(text: str) -> tuple[str, float]:
            _, likeness, number = process.extractOne(view(normalize(text)), views, scorer=scorer)
            return owners[number], float(likeness)

        return best

    return {
        "rapidfuzz WRatio": by_likeness(fuzz.WRatio, lambda text: text),
        "jieba token set": by_likeness(fuzz.token_set_ratio, lambda text: " ".join(cut(text))),
        "pinyin token set": by_likeness(fuzz.token_set_ratio, lambda text: " ".join(syllables(text))),
        "character tf-idf": tf_idf(texts, owners),
        "BM25": bm25([cut(text) for text in texts], owners, lambda text: cut(normalize(text))),
    }


def tf_idf(texts: list[str], owners: list[str]) -> Baseline:
    """Cosines of characters and their pairs, weighed by how few of ``texts``, which belong to ``owners``, have them."""
    counts = [_characters(text) for text in texts]
    users = Counter(part for parts in counts for part in parts)
    rarity = {part: 1 + math.log((1 + len(texts)) / (1 + n)) for part, n in users.items()}
    unused = 1 + math.log(1 + len(texts))

    def vector(parts: Counter[str]) -> dict[str, float]:
        weights = {part: n * rarity.get(part, unused) for part, n in parts.items()}
        length = math.hypot(*weights.values()) or 1.0
        return {part: weight / length for part, weight in weights.items()}

    best_of = _summed([vector(parts) for parts in counts])

    def best(text: str) -> tuple[str, float]:
        number, likeness = best_of(vector(_characters(normalize(text))).items())
        return owners[number], likeness

    return best


def _summed(vectors: list[dict[str, float]]) -> Callable[[Iterable[tuple[str, float]]], tuple[int, float]]:
    """Finds which of ``vectors`` has the largest product with a few weighed parts, and the product."""
    having: dict[str, tuple[list[int], list[float]]] = {}
    for number, vector in enumerate(vectors):
        for part, weight in vector.items():
            numbers, weights = having.setdefault(part, ([], []))
            numbers.append(number)
            weights.append(weight)
    rows = {part: (np.array(numbers), np.array(weights)) for part, (numbers, weights) in having.items()}

    def best(parts: Iterable[tuple[str, float]]) -> tuple[int, float]:
        products = np.zeros(len(vectors))
        for part, weight in parts:
            if part in rows:
                numbers, weights = rows[part]
                products[numbers] += weight * weights
        number = int(products.argmax())
        return number, float(products[number])

    return best


def _characters(text: str) -> Counter[str]:
    return Counter([*text, *map("".join, itertools.pairwise(text))])


def bm25(documents: list[list[str]], owners: list[str], cut: Callable[[str], list[str]]) -> Baseline:
    """Okapi BM25 over ``documents``, which belong to ``owners``."""
    counts = [Counter(words) for words in documents]
    usual = sum(map(len, documents)) / len(documents)
    users = Counter(word for words in counts for word in words)
    rarity = {w: math.log(1 + (len(documents) - n + 0.5) / (n + 0.5)) for w, n in users.items()}

    def part_of(word: str, document: Counter[str]) -> float:
        slack = SATURATION * (1 - LENGTH_SHARE + LENGTH_SHARE * document.total() / usual)
        return rarity[word] * document[word] * (SATURATION + 1) / (document[word] + slack)

    best_of = _summed([{word: part_of(word, document) for word in document} for document in counts])

    def best(text: str) -> tuple[str, float]:
        number, likeness = best_of((word, 1.0) for word in cut(text))
        return owners[number], likeness

    return best
